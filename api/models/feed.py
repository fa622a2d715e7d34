"""How far an endpoint has got in the events of each organization, and what was sent to it."""

import datetime
from collections.abc import Collection
from typing import Any, ClassVar

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from api.models import endpoint_refusals as refusals
from api.models.app_record import AppEvent, AppRecord
from api.models.endpoint import MAX_ERROR, TRIED_FOR, Endpoint, pause_after
from api.models.event import KEPT_FOR, Event, EventCounter
from members.actors import Actor
from members.models import Organization
from members.pruning import delete_in_steps
from operations.flushing import commit_soon, flush

# Time of a claim, renewed with each event: if the process dies, another one goes on afterwards.
CLAIMED_FOR = datetime.timedelta(seconds=20)


class Overtaken(Exception):
    """Another process has gone on with the feed, because this one took too long."""


class FeedManager(models.Manager["Feed"]):
    def begin(self, endpoint: Endpoint) -> None:
        """Leave out all events that there are. In an organization without any it begins with the first."""
        counters = EventCounter.objects.values_list("organization_id", "last")
        self.bulk_create(
            (Feed(endpoint=endpoint, organization_id=key, position=last) for key, last in counters), batch_size=1000
        )

    def wake(self, organization_ids: Collection[int]) -> None:
        """Make the feeds of these organizations due, of all endpoints.

        Locked first, because one that is just coming to rest must be seen resting, or else see the events itself.
        """
        known = set(self.filter(organization_id__in=organization_ids).values_list("endpoint_id", "organization_id"))
        endpoints = Endpoint.objects.values_list("pk", flat=True)
        new = {(endpoint, key) for endpoint in endpoints for key in organization_ids} - known
        if new:
            rows = (Feed(endpoint_id=endpoint, organization_id=key) for endpoint, key in sorted(new))
            self.bulk_create(rows, ignore_conflicts=True)
        with transaction.atomic():
            feeds = self.filter(organization_id__in=organization_ids).order_by("pk")
            resting = [feed.pk for feed in feeds.select_for_update() if feed.due_at is None]
            self.filter(pk__in=resting).update(due_at=timezone.now())

    def due(self) -> "models.QuerySet[Feed]":
        return self.filter(due_at__lte=timezone.now())

    def claim(self, endpoint: Endpoint, most: int) -> "list[Feed]":
        """The feeds that have waited longest, for this process only."""
        # Asked first without a transaction: on SQLite every transaction takes the lock of the writers.
        if most <= 0 or not self.due().filter(endpoint=endpoint).exists():
            return []
        with transaction.atomic():
            rows = self.due().filter(endpoint=endpoint).order_by("due_at", "pk")
            rows = rows.select_related("endpoint", "organization")
            skips = connection.features.has_select_for_update_skip_locked
            found = list(rows.select_for_update(skip_locked=skips, of=("self",))[:most])
            self.filter(pk__in=[feed.pk for feed in found]).update(due_at=timezone.now() + CLAIMED_FOR)
        return found

    def retry_at_once(self) -> None:
        self.exclude(due_at=None).update(due_at=timezone.now(), failures=0)


class Feed(models.Model):
    """The events of one organization on their way to one endpoint, one after the other."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="feeds")
    organization = models.ForeignKey(Organization, models.CASCADE, db_constraint=False, related_name="+")
    # Number of the last event that was taken, or given up.
    position = models.BigIntegerField(default=0)
    # Time of the next look, or end of a claim; None at rest, when everything has been taken.
    due_at = models.DateTimeField(null=True)
    # Failures in a row of the event that is next.
    failures = models.PositiveIntegerField(default=0)
    # Ids of tokens that a polling app has acknowledged while one before them is not; None or [] is none.
    acknowledged = models.JSONField(null=True)

    objects: ClassVar[FeedManager] = FeedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["endpoint", "organization"], name="one_feed_each")]
        indexes = [
            models.Index(fields=["endpoint", "due_at"], condition=models.Q(due_at__isnull=False), name="feeds_due"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id}/{self.organization_id}: {self.position}"

    def ahead(self, most: int, newest: int | None = None) -> list[Event]:
        """The next events, up to the number `newest`."""
        events = Event.objects.filter(organization_id=self.organization_id, number__gt=self.position)
        if newest is not None:
            events = events.filter(number__lte=newest)
        return list(events.order_by("number")[:most])

    def to_tell(self, most: int) -> list[Event]:
        """The next events, which no crash takes back any more."""
        events = self.ahead(most)
        if events:
            flush()
        return events

    def record_taken(self, event: Event, delivery: "Delivery") -> None:
        """Raises Overtaken.

        Does not wait for the disk, which would cost more than the post: after a crash of the database, what was taken
        in its last half second is sent once more.
        """
        with transaction.atomic():
            commit_soon()
            self._go_on(event)
            delivery.save(force_insert=True)

    def record_away(self, delivery: "Delivery") -> None:
        """Note that the event was not taken because nothing is: the endpoint says when it is tried again."""
        with transaction.atomic():
            delivery.save(force_insert=True)
            self.give_back()

    def record_refused(self, event: Event, delivery: "Delivery") -> None:
        """Note that the event was not taken: tried again after a pause, given up after a day. Raises Overtaken."""
        self.failures += 1
        delivery.is_given_up = is_too_old(event, self.endpoint)
        with transaction.atomic():
            delivery.save(force_insert=True)
            if delivery.is_given_up:
                self._go_on(event)
                return
            self._save(due_at=timezone.now() + pause_after(self.failures), failures=self.failures)

    def record_answered(self, position: int, acknowledged: list[str], *, has_failed: bool) -> None:
        """Note what a polling app has said: go on to a position, with some behind it acknowledged. The row is locked.

        Raises Overtaken.
        """
        due_at, failures = self.due_at, self.failures
        if has_failed:
            failures += 1
            due_at = timezone.now() + pause_after(failures)
        elif position > self.position or not failures:
            # Of one that waits after a refusal the pause goes on.
            due_at, failures = timezone.now(), 0
        if self._newest() <= position:
            due_at = None
        self._save(position=position, acknowledged=acknowledged, due_at=due_at, failures=failures)

    def give_back(self) -> None:
        """End the claim; whoever is next may go on at once."""
        self._save(due_at=timezone.now())

    def rest(self) -> bool:
        """Whether nothing is left to be told: all is taken, or not kept any more. Looked at with the row locked, for
        the sake of wake().
        """
        with transaction.atomic():
            mine = Feed.objects.select_for_update().filter(pk=self.pk, position=self.position)
            if not mine.exists():
                raise Overtaken
            is_done = not self.ahead(1)
            if is_done:
                self._save(due_at=None)
        return is_done

    def _newest(self) -> int:
        """Number of the organization's newest event."""
        return EventCounter.objects.filter(pk=self.organization_id).values_list("last", flat=True).first() or 0

    def _go_on(self, event: Event) -> None:
        self._save(position=event.number, due_at=timezone.now() + CLAIMED_FOR, failures=0)
        self.position, self.failures = event.number, 0

    def _save(self, **columns: object) -> None:
        if not Feed.objects.filter(pk=self.pk, position=self.position).update(**columns):
            raise Overtaken


def is_too_old(event: Event, endpoint: Endpoint) -> bool:
    """Whether an event has been tried for long enough, since it happened or the endpoint was resumed."""
    return timezone.now() - max(event.at, endpoint.resumed_at) >= TRIED_FOR


class DeliveryManager(models.Manager["Delivery"]):
    def wanted_again(self, endpoint: Endpoint) -> "models.QuerySet[Delivery]":
        return self.filter(endpoint=endpoint, is_wanted_again=True).select_related("endpoint", "organization")


class Delivery(models.Model):
    """One try to tell an endpoint of one event: the log of an endpoint, and the evidence for an organization."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, db_index=False, related_name="deliveries")
    organization = models.ForeignKey(
        Organization, models.CASCADE, db_constraint=False, db_index=False, related_name="deliveries"
    )
    number = models.BigIntegerField(_("number"))
    type = models.CharField(_("event"), max_length=40)
    subject_id = models.CharField(max_length=255)
    happened_at = models.DateTimeField(_("happened"))
    at = models.DateTimeField(_("sent"), default=timezone.now)
    took_ms = models.PositiveIntegerField(_("took (ms)"))
    # Status of the answer; None if there was none. The error says why it was not taken, whatever the status.
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    error = models.CharField(_("error"), max_length=MAX_ERROR, blank=True)
    is_given_up = models.BooleanField(_("given up"), default=False)
    # By support staff, on top of the regular ones.
    is_again = models.BooleanField(_("sent again"), default=False)
    # Support staff want one more.
    is_wanted_again = models.BooleanField(default=False, editable=False)

    objects: ClassVar[DeliveryManager] = DeliveryManager()
    MAX_ERROR: ClassVar[int] = MAX_ERROR

    class Meta:
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="deliveries_of_endpoint"),
            models.Index(fields=["organization", "-id"], name="deliveries_of_organization"),
            models.Index(fields=["organization", "subject_id", "-id"], name="deliveries_by_subject"),
            models.Index(fields=["at"], name="deliveries_by_time"),
            models.Index(fields=["endpoint"], condition=models.Q(is_wanted_again=True), name="deliveries_wanted"),
        ]
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return f"{self.type} ({self.number})"

    @classmethod
    def of(cls, event: Event, endpoint: Endpoint, organization: Organization, **outcome: Any) -> "Delivery":
        """One of an event, not yet saved."""
        return cls(
            endpoint=endpoint, organization=organization, number=event.number, type=event.type,
            subject_id=event.subject_id, happened_at=event.at, **outcome,
        )  # fmt: skip

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300 and not self.error

    def event(self) -> Event | None:
        return Event.objects.filter(organization_id=self.organization_id, number=self.number).first()

    def send_again(self, *, by: Actor) -> None:
        """Have the event posted once more, whatever became of it, beside those that are next.

        Raises EndpointIsPaused, EventIsGone.
        """
        if self.endpoint.paused_at:
            raise refusals.EndpointIsPaused
        if not self.event():
            raise refusals.EventIsGone
        with transaction.atomic():
            Delivery.objects.filter(pk=self.pk).update(is_wanted_again=True)
            AppRecord.objects.note(
                AppEvent.SENT_AGAIN, self.endpoint, by=by, delivery=["", str(self)],
                organization=["", self.organization.space_key],
            )  # fmt: skip

    def take_up(self) -> bool:
        """Whether this process is the one that sends it again."""
        return bool(Delivery.objects.filter(pk=self.pk, is_wanted_again=True).update(is_wanted_again=False))

    @staticmethod
    def prune() -> int:
        return delete_in_steps(Delivery.objects.filter(at__lt=timezone.now() - KEPT_FOR), along="at")
