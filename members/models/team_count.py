"""The number of an organization's teams, so that nobody counts a quarter of a million of them (decision 38)."""

from django.db import models

from members.models.organization import Organization


class TeamCount(models.Model):
    """Written by the database alone, PostgreSQL: migration 36. SQLite has no rows here, and counts.

    A row of its own: who leaves an organization locks its headcount before its teams.
    """

    organization = models.OneToOneField(Organization, models.CASCADE, primary_key=True, related_name="team_count")
    teams = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.teams}"

    @staticmethod
    def of(organization: Organization) -> int:
        kept = TeamCount.objects.filter(pk=organization.pk).values_list("teams", flat=True).first()
        return organization.teams.count() if kept is None else kept
