"""The personal access tokens of which their owners are reminded."""

import datetime
from collections.abc import Iterator

from api.models import PersonalToken
from members.mail.reminders import Expiring, Reminder
from members.openings import REMINDERS


@REMINDERS.register
def personal_tokens() -> Reminder:
    return Reminder(days=(30, 7, 1), story="personal_token_expires", page="profile", expiring=expiring_tokens)


def expiring_tokens(before: datetime.datetime) -> Iterator[Expiring]:
    live = PersonalToken.objects.live().filter(
        PersonalToken.opens(), expires_at__lte=before, member__organization__is_sandbox=False
    )
    for token in live.select_related("member__organization", "member__account").order_by("expires_at").iterator():
        if token.expires_soon:
            place = token.member
            thing = f"personal-token:{token.pk}"
            yield Expiring(place.organization, thing, token.expires_at, {"token": token}, owner=place.account)
