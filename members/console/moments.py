"""Days and moments in words: one form of each in each language, in the reader's time zone."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format


def exact(moment: datetime) -> str:
    """Date and time, to the minute."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def recorded(moment: datetime) -> str:
    """Date and time as records have them: to the second, with the zone."""
    return f"{date_format(timezone.localtime(moment), 'RECORD_FORMAT')} {zone_of(moment)}"


def zone_of(moment: datetime) -> str:
    """The reader's zone at that moment: JST, CEST, or UTC-03 where it has no letters of its own."""
    name = timezone.localtime(moment).tzname() or ""
    return name if name.isalpha() else f"UTC{name}"
