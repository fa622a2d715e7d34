"""Users as rows with their teams, all of a page in one statement."""

from typing import Any, NamedTuple

from django.db.models import F, OuterRef

from members.models import TeamMembership
from members.statements import Listed
from provisioning.scim.users.resource import Teams, UserRow


class Found(NamedTuple):
    row: UserRow
    teams: Teams


def found_in(columns: tuple[Any, ...]) -> Found:
    """A user of COLUMNS and `teams_of`."""
    return Found(UserRow(*columns[:-1]), _teams_in(columns[-1]))


def teams_of(member: str) -> Listed:
    """The teams as a column; `member` names the column with the member's key."""
    memberships = TeamMembership.objects.filter(member_id=OuterRef(member)).order_by()
    return Listed(memberships.values(a=F("team_id"), b=F("team__scim_id"), c=F("team__name")))


def _teams_in(listed: list[list[Any]]) -> Teams:
    """The teams, oldest first."""
    return [(scim_id, name) for _, scim_id, name in sorted(listed)] if listed else []
