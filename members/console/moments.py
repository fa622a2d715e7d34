"""Days and moments in words: one form of each in each language, in the reader's time zone."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format


def local(moment: datetime) -> datetime:
    """The moment in the reader's time zone; as it is where the calendar ends before.

    Certificates that are good for ever end with the year 9999 (RFC 5280, 4.1.2.5), which is over in Japan by then.
    """
    try:
        return timezone.localtime(moment)
    except OverflowError:
        return moment


def exact(moment: datetime) -> str:
    """Date and time, to the minute."""
    return date_format(local(moment), "DATETIME_FORMAT")


def recorded(moment: datetime) -> str:
    """Date and time as records have them: to the second, with the zone."""
    return f"{date_format(local(moment), 'RECORD_FORMAT')} {zone_of(moment)}"


def zone_of(moment: datetime) -> str:
    """The reader's zone at that moment: JST, CEST, or UTC-03 where it has no letters of its own."""
    name = local(moment).tzname() or ""
    return name if name.isalpha() else f"UTC{name}"
