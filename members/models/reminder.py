"""The reminders that have been sent, so that each is sent once however often the job runs."""

import datetime

from django.db import models
from django.utils import timezone

from members.models.organization import Organization
from members.pruning import delete_in_steps

# Time that a row is kept: longer than any reminder needs, for questions whether a mail went out.
KEPT_FOR = datetime.timedelta(days=90)


class SentReminder(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="sent_reminders")
    thing = models.CharField(max_length=100)
    # Something that was prolonged is reminded of anew.
    expires_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thing", "expires_at", "days"], name="reminded_once")]

    def __str__(self) -> str:
        return f"{self.thing}: {self.days}"

    @staticmethod
    def prune() -> int:
        return delete_in_steps(SentReminder.objects.filter(expires_at__lt=timezone.now() - KEPT_FOR))
