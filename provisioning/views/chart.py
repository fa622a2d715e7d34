"""Requests per hour over the last day, as numbers that an SVG is written with."""

import datetime
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone

from members.models import Organization

HOURS = 24
HEIGHT, SLOT, BAR = 120, 30, 26
# Of a flood the median is taken of its end.
SAMPLE = 101


@dataclass(frozen=True)
class Bar:
    hour: datetime.datetime
    succeeded: int
    refused: int
    x: int
    succeeded_y: int
    succeeded_height: int
    refused_y: int
    refused_height: int


@dataclass(frozen=True)
class Chart:
    bars: list[Bar]
    succeeded: int
    refused: int
    median_ms: int | None
    busiest: int

    width, height, half, bar_width = HOURS * SLOT, HEIGHT, HEIGHT // 2, BAR

    @property
    def ticks(self) -> list[datetime.datetime]:
        return [bar.hour for bar in self.bars[::6]]


def requests_per_hour(organization: Organization) -> Chart:
    this_hour = timezone.localtime().replace(minute=0, second=0, microsecond=0)
    start = this_hour - datetime.timedelta(hours=HOURS - 1)
    rows = organization.sync_activity.filter(at__gte=start)
    refused = Q(status__gte=400)
    counted = rows.annotate(hour=TruncHour("at")).values("hour").order_by("hour")
    by_hour = {
        row["hour"].astimezone(datetime.UTC): (row["succeeded"], row["refused"])
        for row in counted.annotate(succeeded=Count("pk", filter=~refused), refused=Count("pk", filter=refused))
    }
    hours = [start + datetime.timedelta(hours=number) for number in range(HOURS)]
    figures = [by_hour.get(hour.astimezone(datetime.UTC), (0, 0)) for hour in hours]
    busiest = max(sum(pair) for pair in figures)
    durations = rows.order_by("-at").values_list("duration_ms", flat=True)[:SAMPLE]
    return Chart(
        bars=[
            _bar(number, hour, *pair, busiest) for number, (hour, pair) in enumerate(zip(hours, figures, strict=True))
        ],
        succeeded=sum(pair[0] for pair in figures),
        refused=sum(pair[1] for pair in figures),
        median_ms=round(median(durations)) if durations else None,
        busiest=busiest,
    )


def _bar(number: int, hour: datetime.datetime, succeeded: int, refused: int, busiest: int) -> Bar:
    good, bad = _height(succeeded, busiest), _height(refused, busiest)
    # A hairline between the two, so that they differ by more than colour.
    gap = 2 if good and bad else 0
    good = min(good, HEIGHT - bad - gap)
    return Bar(
        hour=hour,
        succeeded=succeeded,
        refused=refused,
        x=number * SLOT + (SLOT - BAR) // 2,
        succeeded_y=HEIGHT - good,
        succeeded_height=good,
        refused_y=HEIGHT - good - gap - bad,
        refused_height=bad,
    )


def _height(count: int, busiest: int) -> int:
    """At least three pixels for what is not nothing."""
    return max(3, count * HEIGHT // busiest) if count else 0
