"""News for the apps: a row for each change that a reader of the API can notice (docs/decisions/0033)."""

import datetime
from typing import ClassVar

from django.db import connection, models, transaction
from django.utils import timezone

from members.models import Organization
from members.pruning import delete_in_steps

KEPT_FOR = datetime.timedelta(days=30)


class EventCounterManager(models.Manager["EventCounter"]):
    def news(self, most: int) -> dict[int, int]:
        """Organizations with events that delivery has not looked at, and the number of their newest."""
        return dict(self.filter(has_news=True).values_list("pk", "last")[:most])

    def note_as_seen(self, news: dict[int, int]) -> None:
        """Where a counter is just being raised nothing is noted and nobody waits: there will be more news."""
        with transaction.atomic():
            rows = self.filter(pk__in=news).order_by("pk")
            skips = connection.features.has_select_for_update_skip_locked
            seen = [row.pk for row in rows.select_for_update(skip_locked=skips) if row.last == news[row.pk]]
            self.filter(pk__in=seen).update(has_news=False)


class EventCounter(models.Model):
    """The number of an organization's newest event.

    Its lock, taken by the last statement of a transaction and held until the commit, is why the numbers have no gaps
    and are in the order of commits.
    """

    # Without a constraint in the database, which would be asked for each event.
    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, db_constraint=False, related_name="event_counter"
    )
    last = models.BigIntegerField(default=0)
    # Whether there are events that delivery has not looked at.
    has_news = models.BooleanField(default=False)

    objects: ClassVar[EventCounterManager] = EventCounterManager()

    class Meta:
        indexes = [
            models.Index(fields=["organization"], condition=models.Q(has_news=True), name="events_to_look_at"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.last}"


class Event(models.Model):
    """One change, thin: what kind, of what, when; and for those who ask, before and after."""

    pk = models.CompositePrimaryKey("organization", "number")
    organization = models.ForeignKey(
        Organization, models.CASCADE, db_constraint=False, db_index=False, related_name="events"
    )
    number = models.BigIntegerField()
    at = models.DateTimeField()
    type = models.CharField(max_length=40)
    # Kind of the thing that was changed, and the id by which the API gives it.
    subject_type = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=255)
    # Team of an event about somebody's place in one.
    team_id = models.CharField(max_length=36)
    # {"field": [before, after]}
    changes = models.JSONField()
    # One value for all events of a transaction; "" of events that the release before has written, as with the next.
    txn = models.CharField(max_length=32, default="", db_default="")
    # Kind of who began it, as CAEP calls it: admin, user, policy or system.
    initiator = models.CharField(max_length=6, default="", db_default="")

    class Meta:
        indexes = [
            # For what the apps were told of one member.
            models.Index(fields=["organization", "subject_id", "number"], name="events_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}/{self.number} {self.type}"

    @staticmethod
    def prune() -> int:
        """Delete what is older, one organization after the other, up to its first event that is kept."""
        begin, deleted = timezone.now() - KEPT_FOR, 0
        for key, last in EventCounter.objects.order_by("pk").values_list("pk", "last"):
            events = Event.objects.filter(organization_id=key)
            kept = events.filter(at__gte=begin).order_by("number").values_list("number", flat=True).first()
            deleted += delete_in_steps(events.filter(number__lt=kept or last + 1), along="number")
        return deleted
