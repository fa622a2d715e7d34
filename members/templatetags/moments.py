"""Moments on pages: a <time> with the whole as its title, so that nothing shortened is lost."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from members.console import moments

register = template.Library()
register.filter("zone", moments.zone_of)
register.filter("recorded", moments.recorded)


@register.filter
def day(moment: datetime | None) -> str:
    """The date; empty for None, as the other three are, so that `|default:` can speak."""
    return _time(moment, date_format(moments.local(moment), "DATE_FORMAT")) if moment else ""


@register.filter
def moment(moment: datetime | None) -> str:
    """Date and time."""
    return _time(moment, moments.exact(moment)) if moment else ""


@register.filter
def logged(moment: datetime | None) -> str:
    """Date and time in a log: with seconds and zone."""
    return _time(moment, moments.recorded(moment)) if moment else ""


@register.filter
def ago(moment: datetime | None) -> str:
    """“2 min ago”."""
    return _time(moment, _distance(moments.local(moment))) if moment else ""


def _time(moment: datetime, words: str) -> str:
    whole = moments.recorded(moment)
    return format_html('<time datetime="{}" title="{}">{}</time>', moments.local(moment).isoformat(), whole, words)


def _distance(local: datetime) -> str:
    now = timezone.localtime()
    passed = now - local
    if abs(passed) < timedelta(minutes=1):
        return gettext("Just now")
    if timedelta() <= passed < timedelta(hours=1):
        minutes = passed // timedelta(minutes=1)
        return ngettext("%(count)d min ago", "%(count)d min ago", minutes) % {"count": minutes}
    if timedelta() <= passed and now.date() == local.date():
        hours = passed // timedelta(hours=1)
        return ngettext("%(count)d h ago", "%(count)d h ago", hours) % {"count": hours}
    days = (now.date() - local.date()).days
    if days == 1:
        return gettext("Yesterday")
    if 1 < days < 7:
        return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    return date_format(local, "DATE_FORMAT")
