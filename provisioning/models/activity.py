"""Sync activity: every SCIM call, with what changed, what was ignored, and why it was refused."""

import datetime
from contextlib import nullcontext
from typing import Any

from django.contrib.postgres.indexes import HashIndex
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import values
from members.models import Organization, Pace
from members.models.member.refusals import KeptOut
from members.models.work import current
from members.pending import Pending
from members.pruning import delete_in_steps, delete_of_each
from members.refusals import Refusal
from provisioning.models import limit
from provisioning.models.hours import ActivityHour, Outcome, counting, hour_of
from provisioning.models.words import WordsField

SHORT = datetime.timedelta(days=30)
LONG = datetime.timedelta(days=396)


class Kind(models.TextChoices):
    CREATE = "create", _("Create")
    REPLACE = "replace", _("Replace")
    PATCH = "patch", _("Change")
    DELETE = "delete", _("Delete")
    READ = "read", _("Read")
    SEARCH = "search", _("Search")
    DISCOVER = "discover", _("Discovery")
    OTHER = "other", _("Other")


WRITES = (Kind.CREATE, Kind.REPLACE, Kind.PATCH, Kind.DELETE)


def outcome_of(kind: str, status: int) -> Outcome:
    if status >= 400:
        return Outcome.REFUSED
    return Outcome.WRITTEN if kind in WRITES else Outcome.READ


class SyncActivity(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="sync_activity")
    at = models.DateTimeField(default=timezone.now)
    # The X-Request-Id of the answer.
    request_id = models.CharField(max_length=32)
    token_prefix = models.CharField(max_length=16)
    kind = models.CharField(max_length=8, choices=Kind)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    status = models.PositiveSmallIntegerField()
    duration_ms = models.PositiveIntegerField()
    # The SCIM id and the name of the member or team it was about, as far as known.
    subject_id = models.CharField(max_length=36, blank=True)
    subject = models.CharField(max_length=values.MAX_FULL_NAME, blank=True)
    # {"field": [before, after]}
    changes = models.JSONField(default=dict)
    # Attribute paths that were accepted and not stored, and values that could not be used.
    ignored = models.JSONField(default=list)
    # Code and figures of a refusal or of KeptOut; `detail` is the sentence that the IdP got.
    reason = models.CharField(max_length=40, blank=True)
    figures = models.JSONField(default=dict)
    detail = models.TextField(blank=True)
    # The request's body with every secret masked; only of writes.
    body = models.TextField(blank=True)
    # Words of the known addresses and ids: provisioning/scim/users/identities.py
    search = WordsField(blank=True, db_default="", editable=False)
    # Changes and refusals are kept for 13 months, the rest for 30 days.
    is_lasting = models.BooleanField()

    class Meta:
        # Each line pays for its indexes; docs/scale.md says how much, and which page needs which.
        indexes = [
            # The list, the verdict, and the end of what is kept; with the status, hours are counted without the rows.
            models.Index(fields=["organization", "-at", "status"], name="activity_by_time"),
            models.Index(fields=["organization", "-at"], name="activity_refused", condition=Q(status__gte=400)),
            # Index of the overview's calls, however many reads have come since.
            models.Index(fields=["organization", "-at"], name="activity_lasting", condition=Q(is_lasting=True)),
            models.Index(fields=["at"], name="activity_to_prune", condition=Q(is_lasting=False)),
            # A hash: ids are long, in no order, and looked for whole.
            HashIndex(fields=["request_id"], name="activity_of_request"),
        ]
        verbose_name = _("sync activity")
        verbose_name_plural = _("sync activity")

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"

    def save(self, **options: Any) -> None:
        """Save; a new line is counted in its hour."""
        with transaction.atomic():
            if self._state.adding:
                ActivityHour.count(self.organization_id, self.at, self.outcome)
            super().save(**options)

    def log(self, *, is_counted: bool = False) -> None:
        """Insert the line without reading its key back, and count it; with the change that it is about, if any.

        `is_counted`: the limit has been told of it already.
        """
        if work := current():
            self._put_off(work.pending, is_counted)
            return
        pending = Pending()
        self._put_off(pending, is_counted)
        # PostgreSQL sends it as one statement.
        with nullcontext() if connection.vendor == "postgresql" else transaction.atomic():
            pending.send()

    def _put_off(self, pending: Pending, is_counted: bool) -> None:
        pending.insert(self)
        pending.add(ActivityHour, f"{counting()} RETURNING 1", [self.organization_id, hour_of(self.at), self.outcome])
        # The last one, as its row is the organization's, whatever the outcome.
        if not is_counted and (counted := limit.counting(self.organization_id)):
            pending.add(Pace, *counted)

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self.kind, self.status)

    @property
    def is_refused(self) -> bool:
        return self.status >= 400

    @property
    def is_about_team(self) -> bool:
        return self.path.casefold().startswith("/groups")

    @property
    def is_kept_out(self) -> bool:
        """Whether all was done but the activation of somebody whom an administrator has locked."""
        return not self.is_refused and self.reason == KeptOut.code

    @property
    def refusal(self) -> Refusal | None:
        """The refusal as it was raised, if it has a code."""
        return Refusal.recall(self.reason, self.figures) if self.reason else None

    @property
    def explanation(self) -> str:
        """The cause in the reader's language; without a code the sentence that the IdP got."""
        return str(self.refusal or self.detail)

    @property
    def event(self) -> str:
        """The result in a word, for a badge."""
        if self.is_refused:
            return "refused"
        if self.is_kept_out:
            return "kept out"
        if self.kind == Kind.CREATE:
            return "created"
        if self.kind == Kind.DELETE:
            return "deleted"
        active: Any = self.changes.get("active")
        if active:
            return "reactivated" if active[1] else "deactivated"
        return "changed" if self.changes else "unchanged" if self.kind in (Kind.PATCH, Kind.REPLACE) else "read"

    @staticmethod
    def prune() -> int:
        now = timezone.now()
        passing = SyncActivity.objects.filter(is_lasting=False, at__lt=now - SHORT)
        old = SyncActivity.objects.filter(at__lt=now - LONG)
        return delete_in_steps(passing, along="at") + delete_of_each("organization", old, along="at")


class BadTokenCount(models.Model):
    """Calls with a bad token, counted by address and minute: a guessing flood must not fill the disk."""

    organization = models.ForeignKey(Organization, models.CASCADE, db_index=False, related_name="bad_token_counts")
    address = models.GenericIPAddressField()
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "address", "minute"], name="bad_token_minute")]
        verbose_name = _("calls with a bad token")
        verbose_name_plural = _("calls with a bad token")

    def __str__(self) -> str:
        return f"{self.address} {self.minute:%Y-%m-%d %H:%M}: {self.calls}"

    @staticmethod
    def count(organization_id: int, address: str) -> None:
        minute = timezone.now().replace(second=0, microsecond=0)
        mine = {"organization_id": organization_id, "address": address, "minute": minute}
        if not BadTokenCount.objects.filter(**mine).update(calls=F("calls") + 1):
            row = BadTokenCount(**mine, calls=0)
            BadTokenCount.objects.bulk_create([row], ignore_conflicts=True)
            BadTokenCount.objects.filter(**mine).update(calls=F("calls") + 1)

    @staticmethod
    def prune() -> int:
        return delete_in_steps(BadTokenCount.objects.filter(minute__lt=timezone.now() - SHORT))
