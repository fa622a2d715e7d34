"""Days as a reader means them: in the reader's time zone."""

import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

# Beyond these a moment may not exist in every time zone, nor in every database.
FIRST, LAST = datetime.date(2000, 1, 1), datetime.date(2199, 12, 31)


class DayField(forms.DateField):
    """An optional day of a range, chosen in the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}),
            validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
            **kwargs,
        )


def start_of(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def end_of(day: datetime.date) -> datetime.datetime:
    """Where the next one starts."""
    return start_of(day + datetime.timedelta(days=1))
