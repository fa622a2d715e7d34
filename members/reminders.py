"""What is about to expire, told to the administrators by mail: `manage.py remind`.

An app that owns something with an end registers a source when it starts, as with the guards.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from members import mail
from members.models import Organization, SentReminder


@dataclass(frozen=True)
class Expiring:
    """Something that is live today and ends; `thing` names it on the whole site, such as “scim-token:17”."""

    organization: Organization
    thing: str
    expires_at: datetime.datetime
    # For templates/mail/STORY.txt, beside `organization`, `expires_at` and the address `link`.
    context: dict[str, Any] = field(default_factory=dict)


Source = Callable[[datetime.datetime], Iterable[Expiring]]


@dataclass(frozen=True)
class _Registered:
    days: tuple[int, ...]
    story: str
    page: str
    source: Source


_registered: list[_Registered] = []


def reminder_source(*days: int, story: str, page: str) -> Callable[[Source], Source]:
    """Asked for what is live and expires before a moment; a mail goes out once for each of these numbers of days.

    `page`, which takes the space key, is where it is mended.
    """

    def register(source: Source) -> Source:
        _registered.append(_Registered(tuple(sorted(days)), story, page, source))
        return source

    return register


def remind() -> int:
    """Send what is due and has not been sent, and say how many. A day that was skipped is made up for."""
    now = timezone.now()
    return sum(
        _remind(kind, expiring, now)
        for kind in _registered
        for expiring in kind.source(now + datetime.timedelta(days=kind.days[-1]))
    )


def _remind(kind: _Registered, expiring: Expiring, now: datetime.datetime) -> bool:
    # Only the nearest one: whoever was not told 30 days before needs no mail about it 7 days before.
    days = next(days for days in kind.days if expiring.expires_at <= now + datetime.timedelta(days=days))
    with transaction.atomic():
        _, is_new = SentReminder.objects.get_or_create(
            organization=expiring.organization, thing=expiring.thing, expires_at=expiring.expires_at, days=days
        )
        if is_new:
            mail.to_administrators(
                expiring.organization, kind.story, expires_at=expiring.expires_at,
                link=mail.address_of(kind.page, expiring.organization), **expiring.context,
            )  # fmt: skip
    return is_new
