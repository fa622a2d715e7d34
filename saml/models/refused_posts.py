"""Refused posts to the ACS, by network and minute: they limit the work that one network can cause.

Only refused ones count, so a company behind one address signs in as often as it likes. Beyond the limits those are let
through all the same who have just asked at the sign-in link: nobody locks colleagues out by posting rubbish.
"""

import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F
from django.utils import timezone

from members.pruning import delete_in_steps
from saml.models import refused_posts_refusals as refusals
from saml.models.request import SignInRequest

if TYPE_CHECKING:
    from members.models import Organization

# Refused posts of a network in a minute: without a signature that held; of any kind.
MAX_UNPROVEN, MAX_REFUSED = 30, 300
# Refused posts that a browser has free after each request of its own, beyond the first and the second limit.
TRIES, LAST_TRIES = 5, 1
KEPT_FOR = datetime.timedelta(hours=1)


class RefusedPosts(models.Model):
    network = models.CharField(max_length=50)
    minute = models.DateTimeField(db_index=True)
    # Refused posts with a signature that held, and without.
    proven = models.PositiveIntegerField(default=0)
    unproven = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "minute"], name="saml_refused_minute")]

    def __str__(self) -> str:
        return f"{self.network} {self.minute:%Y-%m-%d %H:%M}: {self.proven} + {self.unproven}"

    @staticmethod
    def require_few(network: str, organization: "Organization", browser: str) -> None:
        """Require that the network is within its limits. Raises TooManyRefused."""
        row = RefusedPosts.objects.filter(network=network, minute=_this_minute()).first()
        refused = row.proven + row.unproven if row else 0
        if row is None or (row.unproven < MAX_UNPROVEN and refused < MAX_REFUSED):
            return
        tries = TRIES if refused < MAX_REFUSED else LAST_TRIES
        if not SignInRequest.is_awaited(organization, browser, tries):
            raise refusals.TooManyRefused(most=MAX_UNPROVEN)

    @staticmethod
    def count(network: str, *, is_proven: bool) -> None:
        mine = {"network": network, "minute": _this_minute()}
        one_more = {"proven": F("proven") + 1} if is_proven else {"unproven": F("unproven") + 1}
        if not RefusedPosts.objects.filter(**mine).update(**one_more):
            RefusedPosts.objects.bulk_create([RefusedPosts(**mine)], ignore_conflicts=True)
            RefusedPosts.objects.filter(**mine).update(**one_more)

    @staticmethod
    def prune() -> int:
        return delete_in_steps(RefusedPosts.objects.filter(minute__lt=timezone.now() - KEPT_FOR))


def _this_minute() -> datetime.datetime:
    return timezone.now().replace(second=0, microsecond=0)
