"""Administrators hear once that licences have run out, and once that they will at the present pace."""

import datetime
from math import ceil

from django.db import models, transaction
from django.utils import timezone

from members import mail
from members.models import Subscription
from members.models.licence import LicenceDay

# The pace is that of so many days; so many days before the end it is told, and taken back only well after that.
LOOKED_BACK = datetime.timedelta(days=14)
SOON, NO_LONGER_SOON = 14, 28


class Told(models.TextChoices):
    """From good to bad."""

    ROOM = ""
    SOON = "soon"
    OUT = "out"


def watch_licences() -> int:
    """Look at every subscription, and note the day's figure; says how many mails are due."""
    living = Subscription.objects.filter(ended_at=None, bought__gt=0, organization__is_sandbox=False)
    return sum(_tell(subscription) for subscription in living.select_related("organization").order_by("pk").iterator())


def _tell(subscription: Subscription) -> bool:
    days = _days_left(subscription)
    now, told = _state(subscription, days), Told(subscription.told)
    if now is told:
        return False
    with transaction.atomic():
        # Of two that look at once one changes it.
        mine = Subscription.objects.filter(pk=subscription.pk, told=told)
        is_worse = list(Told).index(now) > list(Told).index(told)
        if not mine.update(told=now) or not is_worse:
            return False
        link = mail.address_of("licences", subscription.organization)
        mail.to_administrators(subscription.organization, "licences", subscription=subscription, days=days, link=link)
    return True


def _state(subscription: Subscription, days: int | None) -> Told:
    if not subscription.free:
        return Told.OUT
    limit = SOON if subscription.told == Told.ROOM else NO_LONGER_SOON
    return Told.SOON if days is not None and days <= limit else Told.ROOM


def _days_left(subscription: Subscription) -> int | None:
    """Until none is free, if it goes on as in the last two weeks; None where it does not become more."""
    today = timezone.now().date()
    day = LicenceDay(subscription=subscription, day=today, used=subscription.used)
    LicenceDay.objects.bulk_create([day], ignore_conflicts=True)
    LicenceDay.objects.filter(subscription=subscription, day__lt=today - LOOKED_BACK).delete()
    first = subscription.days.order_by("day")[0]
    grown, passed = subscription.used - first.used, (today - first.day).days
    return ceil(subscription.free * passed / grown) if grown > 0 and passed else None
