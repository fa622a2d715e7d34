"""The verdict on the synchronization, the same for pages, mails, the admin and metrics.

It costs four short statements at most, however much has been synchronized.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Domain, Organization, Product, Subscription
from members.refusals import Refusal
from provisioning.models import BadTokenCount, ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.settings_refusals import NeedsDomain, NeedsSaml, NotEnabled, PassHasEnded
from provisioning.monitoring.causes import by_frequency
from provisioning.scim.wire.refusals import BadToken, TooManyRequests
from saml.models import SamlSettings

QUIET_AFTER = datetime.timedelta(hours=24)
# Limits of failing: the share of refused calls among those of the last hour, or the last few all refused.
LOOKED_AT, AN_HOUR, SHARE = 50, datetime.timedelta(hours=1), 0.4
FEWEST, LAST_FEW, FEWEST_OF_LAST = 5, 10, 3
NOT_SET_UP, NO_LIVE_TOKEN, NO_REQUEST_YET = "not_set_up", "no_live_token", "no_request_yet"
# Refusals by a closed door, which say nothing once it is open, and of what came too fast, which is sent again.
UNTELLING = {NotEnabled.code, PassHasEnded.code, TooManyRequests.code}


class Health(models.TextChoices):
    """The states, in the order in which they are checked, but for the last."""

    CLOSED = "closed", _("Closed")
    FAILING = "failing", _("Failing")
    QUIET = "quiet", _("Quiet")
    RUNNING = "running", _("Running")


@dataclass(frozen=True)
class Verdict:
    """`cause` is a refusal's code, or one of the words above; its figures belong to it."""

    organization: Organization
    health: Health
    cause: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    # Numbers of a failing synchronization: calls looked at, refused, and refused for this cause.
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def refusal(self) -> Refusal | None:
        return Refusal.recall(self.cause, self.figures)

    @property
    def is_switched_off(self) -> bool:
        """Whether provisioning is off or not set up yet, so that nobody expects a request."""
        return self.cause in (NOT_SET_UP, NotEnabled.code)


def verdict(organization: Organization) -> Verdict:
    door = _door(organization)
    tokens = list(_telling_tokens(organization))
    if closed := _why_closed(organization, door, tokens):
        return Verdict(organization, Health.CLOSED, closed)
    newest = list(organization.sync_activity.order_by("-at", "-pk").only(*TOLD)[:LOOKED_AT])
    return (
        _dead_token(organization, tokens, newest)
        or _quiet(organization, newest, door["enabled_at"])
        or _failing(organization, newest)
        or Verdict(organization, Health.RUNNING, "" if newest else NO_REQUEST_YET)
    )


TOLD = ("organization", "at", "status", "reason", "figures", "detail")


def _door(organization: Organization) -> Mapping[str, Any]:
    """The facts that decide whether the door is open, but the tokens, in one statement."""
    own = {"organization": OuterRef("pk")}
    return ProvisioningSettings.objects.filter(pk=organization.pk).annotate(
        has_pass=Exists(Subscription.objects.filter(**own, product=Product.PASS, ended_at=None)),
        has_domain=Exists(Domain.objects.filter(**own, verified_at__isnull=False)),
        has_saml=Exists(SamlSettings.objects.filter(**own, enabled_at__isnull=False)),
        had_token=Exists(ScimToken.objects.filter(**own)),
    ).values("enabled_at", "has_pass", "has_domain", "has_saml", "had_token").first() or {
        "enabled_at": None,
        "had_token": False,
    }


def _telling_tokens(organization: Organization) -> "models.QuerySet[ScimToken]":
    """The live tokens, and the dead ones that are still used."""
    live = Q(pk__in=ScimToken.objects.live().filter(organization=organization).values("pk"))
    return organization.scim_tokens.filter(live | Q(last_refused_at__gt=timezone.now() - AN_HOUR))


def _why_closed(organization: Organization, door: Mapping[str, Any], tokens: list[ScimToken]) -> str:
    if not door["enabled_at"]:
        return NotEnabled.code if door["had_token"] else NOT_SET_UP
    if not organization.is_sandbox:
        for is_met, refusal in (("has_pass", PassHasEnded), ("has_domain", NeedsDomain), ("has_saml", NeedsSaml)):
            if not door[is_met]:
                return refusal.code
    return "" if any(token.is_live for token in tokens) else NO_LIVE_TOKEN


def _dead_token(organization: Organization, tokens: list[ScimToken], newest: list[SyncActivity]) -> Verdict | None:
    """The verdict if the IdP sends a token that is revoked or has expired, and nothing else since."""
    for token in tokens:
        since_then = newest and token.last_refused_at and newest[0].at > token.last_refused_at
        if not token.is_live and not since_then:
            return Verdict(organization, Health.FAILING, BadToken.code, {"token": token.called})
    return None


def _quiet(organization: Organization, newest: list[SyncActivity], enabled_at: datetime.datetime) -> Verdict | None:
    if timezone.now() - (newest[0].at if newest else enabled_at) <= QUIET_AFTER:
        return None
    return Verdict(organization, Health.QUIET, figures={"bad_calls": bad_calls(organization)})


def _failing(organization: Organization, newest: list[SyncActivity]) -> Verdict | None:
    telling = [call for call in newest if call.reason not in UNTELLING]
    if not is_failing(telling):
        return None
    refused = [call for call in telling if call.is_refused]
    causes = by_frequency(refusal for call in refused if (refusal := call.refusal))
    if not causes:  # All calls of a former release.
        return Verdict(organization, Health.FAILING)
    cause, times = causes[0]
    counts = {"all": len(telling), "refused": len(refused), "times": times}
    refusal = cause.refusal
    return Verdict(organization, Health.FAILING, cause.code, refusal.figures if refusal else {}, counts)


def is_failing(newest: list[SyncActivity]) -> bool:
    lately = [call for call in newest if timezone.now() - call.at < AN_HOUR]
    if len(lately) >= FEWEST and sum(call.is_refused for call in lately) > SHARE * len(lately):
        return True
    last_few = newest[:LAST_FEW]
    return len(last_few) >= FEWEST_OF_LAST and all(call.is_refused for call in last_few)


def bad_calls(organization: Organization) -> int:
    """The number of calls with an unknown token in the last day."""
    day = timezone.now() - datetime.timedelta(days=1)
    counts = BadTokenCount.objects.filter(organization=organization, minute__gte=day)
    return counts.aggregate(calls=Sum("calls"))["calls"] or 0
