"""Of which tokens the administrators are reminded."""

import datetime
from collections.abc import Iterator

from members.reminders import Expiring, reminder_source
from provisioning.models import ScimToken


@reminder_source(30, 7, 1, story="token_expires", page="provisioning")
def expiring_tokens(before: datetime.datetime) -> Iterator[Expiring]:
    live = ScimToken.objects.live().filter(expires_at__lte=before, organization__is_sandbox=False)
    for token in live.select_related("organization", "issuer__account").order_by("expires_at").iterator():
        assert token.expires_at
        yield Expiring(token.organization, f"scim-token:{token.pk}", token.expires_at, {"token": token})
