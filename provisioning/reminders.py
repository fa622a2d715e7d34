"""The tokens of which administrators are reminded."""

import datetime
from collections.abc import Iterator

from members.mail.reminders import Expiring, Reminder
from members.openings import REMINDERS
from provisioning.models import ScimToken


@REMINDERS.register
def tokens() -> Reminder:
    return Reminder(days=(30, 7, 1), story="token_expires", page="provisioning", expiring=expiring_tokens)


def expiring_tokens(before: datetime.datetime) -> Iterator[Expiring]:
    live = ScimToken.objects.live().filter(expires_at__lte=before, organization__is_sandbox=False)
    for token in live.select_related("organization", "issuer__account").order_by("expires_at").iterator():
        assert token.expires_at
        yield Expiring(token.organization, f"scim-token:{token.pk}", token.expires_at, {"token": token})
