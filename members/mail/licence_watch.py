"""Mails to administrators, once when licences have run out and once when they will at the present pace."""

import datetime
from math import ceil

from django.db import models, transaction
from django.utils import timezone

from members import mail
from members.models import Subscription
from members.models.licence import LicenceDay

# Days that the pace is taken from; days before the end at which it is mailed, and above which it is over.
LOOKED_BACK = datetime.timedelta(days=14)
SOON, NO_LONGER_SOON = 14, 28


class State(models.TextChoices):
    """States, from good to bad."""

    ROOM = ""
    SOON = "soon"
    OUT = "out"


def watch_licences() -> int:
    """Look at every subscription and note the day's figure; returns how many mails are due."""
    living = Subscription.objects.filter(ended_at=None, bought__gt=0, organization__is_sandbox=False)
    return sum(_tell(subscription) for subscription in living.select_related("organization").order_by("pk").iterator())


def _tell(subscription: Subscription) -> bool:
    days = _days_left(subscription)
    now, told = _state(subscription, days), State(subscription.told)
    if now is told:
        return False
    with transaction.atomic():
        # One statement: of two processes that look at once, one changes the row.
        mine = Subscription.objects.filter(pk=subscription.pk, told=told)
        is_worse = list(State).index(now) > list(State).index(told)
        if not mine.update(told=now) or not is_worse:
            return False
        link = mail.address_of("licences", subscription.organization)
        mail.to_administrators(subscription.organization, "licences", subscription=subscription, days=days, link=link)
    return True


def _state(subscription: Subscription, days: int | None) -> State:
    if not subscription.free:
        return State.OUT
    limit = SOON if subscription.told == State.ROOM else NO_LONGER_SOON
    return State.SOON if days is not None and days <= limit else State.ROOM


def _days_left(subscription: Subscription) -> int | None:
    """Days until none is free at the pace of the last two weeks; None if use does not grow."""
    today = timezone.now().date()
    day = LicenceDay(subscription=subscription, day=today, used=subscription.used)
    LicenceDay.objects.bulk_create([day], ignore_conflicts=True)
    LicenceDay.objects.filter(subscription=subscription, day__lt=today - LOOKED_BACK).delete()
    first = subscription.days.order_by("day")[0]
    grown, passed = subscription.used - first.used, (today - first.day).days
    return ceil(subscription.free * passed / grown) if grown > 0 and passed else None
