"""Requests over time, as numbers that an SVG is written with."""

import datetime
from dataclasses import dataclass
from statistics import median

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Organization
from members.texts import Text
from provisioning.models.hours import HOUR, hour_of, succeeded_and_refused

WIDTH, HEIGHT = 720, 120
# Calls that the median is taken of: of a flood its end.
SAMPLE = 101


@dataclass(frozen=True)
class Window:
    """The time that the chart shows, in bars of some hours; every `tick`th has a label."""

    name: str
    label: Text
    title: Text
    said: Text
    bars: int
    hours: int
    tick: int
    tick_format: str


WINDOWS = [
    Window("24h", _("24 h"), _("Requests per hour"), _("last 24 hours"), 24, 1, 6, "TIME_FORMAT"),
    Window("7d", _("7 days"), _("Requests per 6 hours"), _("last 7 days"), 28, 6, 8, "MONTH_DAY_FORMAT"),
    Window("30d", _("30 days"), _("Requests per day"), _("last 30 days"), 30, 24, 6, "MONTH_DAY_FORMAT"),
]


def window_named(name: str | None) -> Window:
    return next((window for window in WINDOWS if window.name == name), WINDOWS[0])


@dataclass(frozen=True)
class Bar:
    begin: datetime.datetime
    succeeded: int
    refused: int
    x: int
    succeeded_y: int
    succeeded_height: int
    refused_y: int
    refused_height: int


@dataclass(frozen=True)
class Chart:
    window: Window
    bars: list[Bar]
    succeeded: int
    refused: int
    median_ms: int | None
    busiest: int

    windows, width, height, half = WINDOWS, WIDTH, HEIGHT, HEIGHT // 2

    @property
    def bar_width(self) -> int:
        slot = WIDTH // self.window.bars
        return slot - max(2, slot // 8)

    @property
    def ticks(self) -> list[datetime.datetime]:
        return [bar.begin for bar in self.bars[:: self.window.tick]]


def requests_over(organization: Organization, window: Window) -> Chart:
    end = hour_of(timezone.now()) + HOUR
    start = end - window.bars * window.hours * HOUR
    figures = [[0, 0] for _bar in range(window.bars)]
    for hour, succeeded, refused in succeeded_and_refused(organization, start):
        place = figures[min((hour - start) // (window.hours * HOUR), window.bars - 1)]
        place[0] += succeeded
        place[1] += refused
    busiest = max(sum(pair) for pair in figures)
    recent = organization.sync_activity.filter(at__gte=start).order_by("-at")
    durations = recent.values_list("duration_ms", flat=True)[:SAMPLE]
    return Chart(
        window=window,
        bars=[
            _bar(number, start + number * window.hours * HOUR, good, bad, busiest, WIDTH // window.bars)
            for number, (good, bad) in enumerate(figures)
        ],
        succeeded=sum(good for good, _bad in figures),
        refused=sum(bad for _good, bad in figures),
        median_ms=round(median(durations)) if durations else None,
        busiest=busiest,
    )


def _bar(number: int, begin: datetime.datetime, succeeded: int, refused: int, busiest: int, slot: int) -> Bar:
    good, bad = _height(succeeded, busiest), _height(refused, busiest)
    # A hairline between the two, so that they differ by more than colour.
    gap = 2 if good and bad else 0
    good = min(good, HEIGHT - bad - gap)
    return Bar(
        begin=begin,
        succeeded=succeeded,
        refused=refused,
        x=number * slot + max(2, slot // 8) // 2,
        succeeded_y=HEIGHT - good,
        succeeded_height=good,
        refused_y=HEIGHT - good - gap - bad,
        refused_height=bad,
    )


def _height(count: int, busiest: int) -> int:
    """The height of a bar: at least three pixels if it is not empty."""
    return max(3, count * HEIGHT // busiest) if count else 0
