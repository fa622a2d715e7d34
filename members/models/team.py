from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import values
from members.actors import Actor
from members.keys import key_of
from members.models import audit
from members.models import team_refusals as refusals
from members.models.audit import Event
from members.models.member.member import Member
from members.models.member.row import new_scim_id
from members.models.organization import Organization


class TeamManager(models.Manager["Team"]):
    def create_team(self, organization: Organization, name: str, *, by: Actor) -> "Team":
        """Raises TeamNameTaken."""
        name = values.name(name, 100)
        with organization.locked():
            if organization.teams.filter(name_key=key_of(name)).exists():
                raise refusals.TeamNameTaken(name=name)
            team = self.create(organization=organization, name=name, name_key=key_of(name))
            audit.record(Event.TEAM_CREATED, organization, by=by, subject=name, team=team)
        return team


class Team(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="teams")
    # Identifier in SCIM and our URLs: opaque, stable, never used again.
    scim_id = models.CharField(max_length=36, unique=True, default=new_scim_id, editable=False)
    name = models.CharField(_("name"), max_length=100)
    name_key = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TeamManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name_key"], name="team_name")]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name

    def rename(self, name: str, *, by: Actor) -> None:
        """Raises TeamNameTaken."""
        name = values.name(name, 100)
        with self.organization.locked(self):
            before = self.name
            if before == name:
                return
            if self.organization.teams.filter(name_key=key_of(name)).exclude(pk=self.pk).exists():
                raise refusals.TeamNameTaken(name=name)
            self.name, self.name_key = name, key_of(name)
            self.save(update_fields=["name", "name_key"])
            changes = {"name": [before, name]}
            audit.record(Event.TEAM_RENAMED, self.organization, by=by, subject=name, changes=changes, team=self)

    def disband(self, *, by: Actor) -> None:
        """Delete the team; its members stay members of the organization."""
        with self.organization.locked():
            if self.organization.teams.filter(pk=self.pk).delete()[0]:
                audit.record(Event.TEAM_DELETED, self.organization, by=by, subject=self.name, team=self)

    def add(self, member: Member, *, by: Actor) -> None:
        with member.locked():
            if member.organization_id != self.organization_id:
                raise Member.DoesNotExist
            _, is_new = TeamMembership.objects.get_or_create(team=self, member=member)
            if is_new:
                audit.record(
                    Event.TEAM_MEMBER_ADDED, self.organization, by=by, member=member, team=self,
                    changes={"team": ["", self.name]},
                )  # fmt: skip

    def remove(self, member: Member, *, by: Actor) -> None:
        with member.locked():
            if TeamMembership.objects.filter(team=self, member=member).delete()[0]:
                audit.record(
                    Event.TEAM_MEMBER_REMOVED, self.organization, by=by, member=member, team=self,
                    changes={"team": [self.name, ""]},
                )  # fmt: skip


class TeamMembership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, db_index=False, related_name="memberships")
    member = models.ForeignKey(Member, models.CASCADE, related_name="team_memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "member"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.member_id}"
