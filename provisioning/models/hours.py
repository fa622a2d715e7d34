"""Requests counted hour by hour as they come, so that a picture of a month reads no requests."""

import datetime
from functools import cache
from typing import Any

from django.db import connection, models, transaction
from django.db.models import CharField, Count, Q, QuerySet, Sum
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Organization
from members.pruning import delete_in_steps

HOUR = datetime.timedelta(hours=1)
# Days that the longest chart goes back, and the hour that is cut off there.
KEPT_FOR = datetime.timedelta(days=31)
# Time after which no request of an hour can still be writing its line.
SETTLED_AFTER = datetime.timedelta(minutes=5)


class Outcome(models.IntegerChoices):
    """Outcomes, each a row, so that a read never waits for a write that is being committed."""

    READ = 0, _("Read")
    WRITTEN = 1, _("Changed")
    REFUSED = 2, _("Refused")


class ActivityHour(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, db_index=False, related_name="activity_hours")
    hour = models.DateTimeField()
    outcome = models.PositiveSmallIntegerField(choices=Outcome)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "hour", "outcome"], name="activity_hour")]
        verbose_name = _("requests of an hour")
        verbose_name_plural = _("requests of an hour")

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00} {self.get_outcome_display()}: {self.calls}"

    @staticmethod
    def count(organization_id: int, at: datetime.datetime, outcome: Outcome) -> None:
        with connection.cursor() as cursor:
            cursor.execute(counting(), [organization_id, hour_of(at), outcome])

    @staticmethod
    def prune() -> int:
        return delete_in_steps(ActivityHour.objects.filter(hour__lt=timezone.now() - KEPT_FOR))


def hour_of(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(datetime.UTC).replace(minute=0, second=0, microsecond=0)


@cache
def counting() -> str:
    """The statement that counts one more request; takes organization, hour and outcome."""
    table = connection.ops.quote_name(ActivityHour._meta.db_table)
    return (
        f"INSERT INTO {table} (organization_id, hour, outcome, calls) VALUES (%s, %s, %s, 1) "  # noqa: S608
        f"ON CONFLICT (organization_id, hour, outcome) DO UPDATE SET calls = {table}.calls + 1"
    )


def succeeded_and_refused(
    organization: Organization, since: datetime.datetime
) -> list[tuple[datetime.datetime, int, int]]:
    is_refused = Q(outcome=Outcome.REFUSED)
    hours = ActivityHour.objects.filter(organization=organization, hour__gte=since).values("hour").order_by()
    counted = hours.annotate(
        succeeded=Sum("calls", filter=~is_refused, default=0), refused=Sum("calls", filter=is_refused, default=0)
    )
    return list(counted.values_list("hour", "succeeded", "refused"))


def recount(organization_id: int, calls: "QuerySet[Any]", hours: "QuerySet[Any]") -> int:
    """Count the hours that are over anew from the requests, a day at a time; returns how many.

    For requests that a former release has written without counting them.
    """
    end, found = hour_of(timezone.now() - SETTLED_AFTER), 0
    day = end - KEPT_FOR
    own, calls = hours.filter(organization_id=organization_id), calls.filter(organization_id=organization_id)
    while day < end:
        until = min(day + 24 * HOUR, end)
        rows = [
            hours.model(organization_id=organization_id, hour=hour, outcome=outcome, calls=number)
            for hour, *numbers in _counted(calls.filter(at__gte=day, at__lt=until))
            for outcome, number in zip((Outcome.READ, Outcome.REFUSED), numbers, strict=True)
            if number
        ]
        _replace(own.filter(hour__gte=day, hour__lt=until), rows)
        day, found = until, found + len(rows)
    return found


def _counted(calls: "QuerySet[Any]") -> list[tuple[datetime.datetime, int, int]]:
    """The counts of each hour by outcome, from the index alone. Both databases write moments as 2026-11-24 12:…."""
    refused = Q(status__gte=400)
    rows = calls.annotate(text=Substr(Cast("at", CharField()), 1, 13)).values("text").order_by()
    counts = rows.annotate(good=Count("status", filter=~refused), bad=Count("status", filter=refused))
    return [
        (datetime.datetime.fromisoformat(f"{hour}:00+00:00"), good, bad)
        for hour, good, bad in counts.values_list("text", "good", "bad")
    ]


def _replace(hours: "QuerySet[Any]", rows: list[Any]) -> None:
    with transaction.atomic():
        hours.delete()
        hours.model._default_manager.bulk_create(rows)
