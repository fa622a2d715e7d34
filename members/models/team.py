"""Teams: their names, their ids in the IdP, who keeps them. Who is in one: team_people.py."""

from contextlib import AbstractContextManager
from functools import cache

from django.db import connection, models
from django.db.models.functions import Now
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
from members.models.team_moves import told
from members.models.team_people import PeopleVerbs
from members.models.work import pending
from members.statements import for_update, quoted, table_of


class TeamManager(models.Manager["Team"]):
    def create_team(
        self, organization: Organization, name: str, *, by: Actor, external_id: str | None = None
    ) -> "Team":
        """Raises TeamNameTaken."""
        name, external_id = values.name(name), values.text("externalId", external_id or "") or None
        now = timezone.now()
        with organization.locked():
            if organization.teams.filter(name_key=key_of(name)).exists():
                raise refusals.TeamNameTaken(name=name)
            team = self.create(
                organization=organization, name=name, name_key=key_of(name), external_id=external_id,
                is_kept_by_idp=by.is_identity_provider, created_at=now, modified_at=now,
            )  # fmt: skip
            audit.record(Event.TEAM_CREATED, organization, by=by, subject=name, team=team)
        return team


class Team(PeopleVerbs):
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="teams")
    # Identifier in SCIM and our URLs: opaque, stable, never used again.
    scim_id = models.CharField(max_length=36, unique=True, default=new_scim_id, editable=False)
    name = models.CharField(_("name"), max_length=values.MAX_NAME)
    name_key = models.CharField(max_length=values.MAX_NAME_KEY, editable=False)
    external_id = models.CharField(max_length=values.MAX_TEXT, null=True, blank=True)
    # Made or written by the IdP, which overwrites what is changed here.
    is_kept_by_idp = models.BooleanField(_("kept by the IdP"), default=False, db_default=False, editable=False)
    # How often something that SCIM shows of it has changed (decision 28).
    revision = models.BigIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = TeamManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name_key"], name="team_name")]
        indexes = [
            models.Index(fields=["organization", "id"], name="team_in_order"),
            models.Index(fields=["organization", "external_id", "id"], name="team_by_external_id"),
        ]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name

    # -- how a verb begins and ends

    def locked(self) -> AbstractContextManager[None]:
        """One transaction with the organization locked and this team read afresh. Raises DoesNotExist."""
        return self.organization.locked(self)

    def lock_rows(self) -> None:
        """Lock the organization, and read the team in the same statement: KEY SHARE reads it as it is by then.

        It hinders nobody who leaves, and counts the team as changed, without this organization's lock.
        """
        self._found = next(iter(Team.objects.raw(_lock(), [self.organization_id, self.scim_id])), None)

    def read_again(self) -> list[models.Model]:
        if self._found is None:
            raise Team.DoesNotExist
        self.__dict__ |= {field.attname: getattr(self._found, field.attname) for field in self._meta.concrete_fields}
        self._state.adding, self._state.db = False, connection.alias
        self._standing = {}
        return [self]

    def write(self, **fields: str | None) -> None:
        """Write these columns, none where people have come or gone, and count the change."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.modified_at = timezone.now()
        self.revision += 1
        pending().update(self, [*fields, "modified_at"], revision=1)

    def never_changed(self) -> None:
        """Whether the team is as it was created: all writes so far were part of the creation."""
        if self.modified_at != self.created_at:
            self.modified_at = self.created_at
            pending().update(self, ["modified_at"])

    # -- verbs

    def rename(self, name: str, *, by: Actor) -> None:
        """Raises TeamNameTaken."""
        name = values.name(name)
        with self.locked():
            before = self.name
            if before == name:
                return
            if self.organization.teams.filter(name_key=key_of(name)).exclude(pk=self.pk).exists():
                raise refusals.TeamNameTaken(name=name)
            self.write(name=name, name_key=key_of(name))
            audit.record(
                Event.TEAM_RENAMED, self.organization, by=by, subject=name, team=self, changes={"name": [before, name]}
            )

    def change_external_id(self, external_id: str | None, *, by: Actor) -> None:
        """Set or remove the id that the IdP knows it by."""
        external_id = values.text("externalId", external_id or "") or None
        with self.locked():
            before = self.external_id
            if before != external_id:
                self.write(external_id=external_id)
                changes = {"external_id": [before or "", external_id or ""]}
                audit.record(
                    Event.TEAM_CHANGED, self.organization, by=by, subject=self.name, team=self, changes=changes
                )

    def mark_kept(self, *, by: Actor) -> None:
        """Count it among those that the IdP keeps, after its first write. Nothing that SCIM shows has changed."""
        with self.locked():
            if not self.is_kept_by_idp:
                self.is_kept_by_idp = True
                pending().update(self, ["is_kept_by_idp"])
                audit.record(Event.TEAM_KEPT_BY_IDP, self.organization, by=by, subject=self.name, team=self)

    def disband(self, *, by: Actor) -> None:
        """Delete the team; its members stay members of the organization, without what its rules gave."""
        with self.locked():
            self._end_rules(by)
            people = list(TeamMembership.objects.filter(team=self).values_list("member_id", flat=True))
            audit.record(Event.TEAM_DELETED, self.organization, by=by, subject=self.name, team=self)
            pending().delete(Team, id=self.pk)
            told(self.organization, people, by=by)

    def _end_rules(self, by: Actor) -> None:
        from members.models.team_rules.rule import TeamRule

        TeamRule.take_out(list(self.rules.select_related("organization", "team")), by=by)


@cache
def _lock() -> str:
    columns = ", ".join(f"t.{quoted(str(field.column))}" for field in Team._meta.concrete_fields)
    return (
        f"SELECT {columns} FROM {table_of(Organization)} o JOIN {table_of(Team)} t ON t.organization_id = o.id "  # noqa: S608
        f"WHERE o.id = %s AND t.scim_id = %s{for_update('NO KEY UPDATE OF o')}{for_update('KEY SHARE OF t')}"
    )


class TeamMembership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, db_index=False, related_name="memberships")
    member = models.ForeignKey(Member, models.CASCADE, related_name="team_memberships")
    # The IdP's own words for the person, where it has sent other ones than the name.
    display = models.CharField(max_length=values.MAX_NAME, null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "member"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.team_id}: {self.member_id}"
