"""Counts of reads that were answered though their line of the sync activity could not be written.

The count waits in the memory of the process until the database takes lines again.
"""

import datetime
import logging
from collections import Counter
from threading import Lock

from django.db import DatabaseError, models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Organization
from members.pruning import delete_in_steps
from operations import metrics
from provisioning.models.activity import LONG

logger = logging.getLogger(__name__)
_waiting: Counter[tuple[int, datetime.date]] = Counter()
_lock = Lock()


class UnrecordedCalls(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, db_index=False, related_name="unrecorded_calls")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "day"], name="unrecorded_calls_by_day")]
        verbose_name = _("requests that could not be recorded")
        verbose_name_plural = _("requests that could not be recorded")

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}: {self.calls}"

    @staticmethod
    def count(organization_id: int) -> None:
        metrics.unrecorded.inc()
        with _lock:
            _waiting[organization_id, timezone.now().date()] += 1

    @staticmethod
    def write_down() -> None:
        """Write the counts; they are kept for the next time if they still cannot be written."""
        with _lock:
            waiting = dict(_waiting)
            _waiting.clear()
        try:
            with transaction.atomic():
                there = set(
                    Organization.objects.filter(pk__in={one for one, _ in waiting}).values_list("pk", flat=True)
                )
                for (organization_id, day), calls in sorted(waiting.items()):
                    # Of one that has gone meanwhile there is nobody to be told.
                    if organization_id in there:
                        UnrecordedCalls._add(organization_id, day, calls)
        except DatabaseError:
            logger.warning("%s unrecorded SCIM calls could not be written down yet", sum(waiting.values()))
            with _lock:
                _waiting.update(waiting)

    @staticmethod
    def _add(organization_id: int, day: datetime.date, calls: int) -> None:
        mine = {"organization_id": organization_id, "day": day}
        UnrecordedCalls.objects.bulk_create([UnrecordedCalls(**mine)], ignore_conflicts=True)
        UnrecordedCalls.objects.filter(**mine).update(calls=F("calls") + calls)

    @staticmethod
    def prune() -> int:
        return delete_in_steps(UnrecordedCalls.objects.filter(day__lt=timezone.now() - LONG))


def is_waiting() -> bool:
    return bool(_waiting)
