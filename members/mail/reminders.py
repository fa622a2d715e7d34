"""Mails about things that are about to expire, to administrators or to their owner: `manage.py remind`.

An app that owns something with an end answers to the opening REMINDERS.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from members import mail
from members.models import Account, Organization, SentReminder
from members.openings import REMINDERS


@dataclass(frozen=True)
class Expiring:
    """A thing that expires; `thing` names it on the whole site, such as “scim-token:17”."""

    organization: Organization
    thing: str
    expires_at: datetime.datetime
    # For templates/mail/STORY.txt, beside `organization`, `expires_at` and the address `link`.
    context: dict[str, Any] = field(default_factory=dict)
    # The one who is reminded, of a thing that is somebody's own; otherwise the administrators are.
    owner: Account | None = None


@dataclass(frozen=True)
class Reminder:
    """The rule for a kind of thing: one mail at each of these numbers of days before the end."""

    days: tuple[int, ...]
    story: str
    # URL name of the page where it is replaced; takes the space key, unless the thing has an owner.
    page: str
    # Function of a moment: the things that are live and expire before it.
    expiring: Callable[[datetime.datetime], Iterable[Expiring]]


def remind() -> int:
    """Send what is due and has not been sent, and say how many. A day that was skipped is made up for."""
    now = timezone.now()
    return sum(
        _remind(kind, expiring, now)
        for kind in REMINDERS.ask()
        for expiring in kind.expiring(now + datetime.timedelta(days=max(kind.days)))
    )


def _remind(kind: Reminder, expiring: Expiring, now: datetime.datetime) -> bool:
    # Nearest reminder only: 7 days before the end nobody needs the one of 30 days.
    days = next(days for days in sorted(kind.days) if expiring.expires_at <= now + datetime.timedelta(days=days))
    with transaction.atomic():
        _, is_new = SentReminder.objects.get_or_create(
            organization=expiring.organization, thing=expiring.thing, expires_at=expiring.expires_at, days=days
        )
        if is_new:
            _tell(kind, expiring)
    return is_new


def _tell(kind: Reminder, expiring: Expiring) -> None:
    organization, context = expiring.organization, {"expires_at": expiring.expires_at, **expiring.context}
    if expiring.owner:
        link = mail.own_page(kind.page)
        mail.to_owner(expiring.owner, kind.story, organization=organization, link=link, **context)
    else:
        mail.to_administrators(organization, kind.story, link=mail.address_of(kind.page, organization), **context)
