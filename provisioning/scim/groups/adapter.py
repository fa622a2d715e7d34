"""The adapter between teams and Groups: translates both ways and decides nothing."""

from collections.abc import Collection, Iterable
from typing import Any

from members.actors import Actor
from members.models import Member, Organization, Team
from members.models.work import hold
from provisioning.scim.groups import refusals
from provisioning.scim.groups.filterable import OF_MEMBER
from provisioning.scim.groups.resource import GroupRow, row_of, version
from provisioning.scim.groups.wanted import Settled, Wanted
from provisioning.scim.wire.filters import to_q

# Names in a line of the sync activity, and ids in a refusal; of more, how many there are.
MAX_NAMES, MAX_IDS = 20, 5


class GroupAdapter:
    """A team as a SCIM Group. Writes go through the verbs; `changes` and `ignored` tell what came of one."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.changes: dict[str, list[Any]] = {}
        self.ignored: list[str] = []

    @property
    def row(self) -> GroupRow:
        return row_of(self.team)

    @property
    def version(self) -> str:
        return version(self.row)

    @classmethod
    def create(cls, organization: Organization, wanted: Wanted, *, by: Actor) -> "GroupAdapter":
        """POST. Called while the organization is locked. Raises the refusals of the verbs."""
        _require_name(wanted)
        team = Team.objects.create_team(organization, wanted.name or "", by=by, external_id=wanted.external_id)
        hold(team)
        adapter = cls(team)
        adapter.changes = {"name": [None, team.name]}
        if team.external_id is not None:
            adapter.changes["external_id"] = [None, team.external_id]
        adapter._move(wanted, by)
        adapter.ignored = wanted.ignored
        # Members from the beginning belong to the creation.
        team.never_changed()
        return adapter

    def replace(self, wanted: Wanted, *, by: Actor) -> None:
        """PUT. displayName is required; an absent externalId or list of members stays."""
        _require_name(wanted)
        self.patch(wanted, by=by)

    def patch(self, wanted: Wanted, *, by: Actor) -> None:
        """PATCH: all steps or none, in one go with the mark that the IdP keeps this team. Called while it is held."""
        team, before = self.team, (self.team.name, self.team.external_id)
        if wanted.name is not None:
            team.rename(wanted.name, by=by)
        if wanted.external_id is not None or wanted.forget_external_id:
            team.change_external_id(wanted.external_id, by=by)
        after = (team.name, team.external_id)
        for field, *sides in zip(("name", "external_id"), before, after, strict=True):
            if sides[0] != sides[1]:
                self.changes[field] = sides
        self._move(wanted, by)
        team.mark_kept(by=by)
        self.ignored = wanted.ignored

    def _move(self, wanted: Wanted, by: Actor) -> None:
        """The people who come and go by all steps together; nobody who does both."""
        if not wanted.steps:
            return
        settled = Settled.of(wanted.steps, self._chosen)
        people = self.team.people_called(storable(settled.named))
        self._require_all([one for one, comes in settled.named.items() if comes and one not in people])
        coming = [people[one] for one, comes in settled.named.items() if comes]
        leaving = [people[one] for one, comes in settled.named.items() if not comes and one in people]
        if not settled.others_stay:
            leaving = self.team.people_beside(coming)
        self._tell("members_removed", self.team.remove(*leaving, by=by))
        self._tell("members_added", self.team.add(*coming, by=by, displays=wanted.displays))

    def _chosen(self, brackets: str, ids: Collection[str] | None) -> Iterable[str]:
        """The members whom brackets choose: of these ids, or of those who are in the team."""
        chosen = self.team.organization.members.filter(to_q(brackets, OF_MEMBER))
        those = (
            chosen.filter(team_memberships__team=self.team) if ids is None else chosen.filter(scim_id__in=storable(ids))
        )
        return those.order_by("pk").values_list("scim_id", flat=True)

    def _require_all(self, unknown: list[str]) -> None:
        """Require that there is nobody unknown. Raises GroupInGroup, NoSuchMembers."""
        if not unknown:
            return
        groups = self.team.organization.teams.filter(scim_id__in=storable(unknown[:MAX_IDS]))
        if inner := list(groups.values_list("scim_id", flat=True)):
            raise refusals.GroupInGroup(ids=", ".join(inner))
        named = ", ".join(f"“{one[:60]}”" for one in unknown[:MAX_IDS])
        more = f", … +{len(unknown) - MAX_IDS}" if len(unknown) > MAX_IDS else ""
        raise refusals.NoSuchMembers(ids=named + more)

    def _tell(self, field: str, moved: list[Member]) -> None:
        names = [member.account.name for member in moved[:MAX_NAMES]]
        if len(moved) > MAX_NAMES:
            names.append(f"… +{len(moved) - MAX_NAMES}")
        if names:
            self.changes[field] = [None, names]


def storable(ids: Iterable[str]) -> list[str]:
    """The ids that somebody can have: PostgreSQL cannot be asked for NUL."""
    return [one for one in ids if "\x00" not in one]


def _require_name(wanted: Wanted) -> None:
    if not wanted.name or not wanted.name.strip():
        raise refusals.GroupNameMissing
