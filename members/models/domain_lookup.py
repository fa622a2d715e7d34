"""The limit of an organization's DNS look-ups: an administrator chooses the server, and so how slowly it answers."""

import datetime

from django.db import models
from django.utils import timezone

from members.models.domain_refusals import TooManyLookups
from members.models.organization import Organization

WINDOW = datetime.timedelta(minutes=1)
MAX_LOOKUPS = 6


class DomainLookup(models.Model):
    """One within the last minute."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"

    @staticmethod
    def count_in(organization: Organization) -> None:
        """Count one look-up. Raises TooManyLookups. The row is written first, so that none of several slips through."""
        mine = DomainLookup.objects.filter(organization=organization)
        mine.filter(at__lt=timezone.now() - WINDOW).delete()
        row = DomainLookup.objects.create(organization=organization)
        if mine.count() > MAX_LOOKUPS:
            row.delete()
            raise TooManyLookups(most=MAX_LOOKUPS)
