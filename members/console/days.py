"""Days as a reader means them: in the reader's time zone."""

import datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Beyond these a moment may not exist in every time zone, nor in every database.
FIRST, LAST = datetime.date(2000, 1, 1), datetime.date(2199, 12, 31)
# Format that is shown, then those of pages and spreadsheets; none can be mistaken for another.
FORMS = ["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%b %d, %Y"]


class DayField(forms.DateField):
    """An optional day of a range.

    A text, because a browser's calendar has the browser's language, not the site's.
    """

    default_error_messages = {"invalid": _("Enter a date such as 2026-03-31.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            input_formats=FORMS,
            widget=forms.DateInput(attrs={"placeholder": _("YYYY-MM-DD"), "autocomplete": "off"}, format=FORMS[0]),
            validators=[MinValueValidator(FIRST), MaxValueValidator(LAST)],
            **kwargs,
        )


def start_of(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def end_of(day: datetime.date) -> datetime.datetime:
    """The first moment of the day after."""
    return start_of(day + datetime.timedelta(days=1))
