"""Groups as rows with their members, those of a whole page in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Coalesce

from members.models import TeamMembership
from members.statements import Rows
from provisioning.scim.groups.resource import GroupRow, People

# Members on one page: it ends before there would be more, and has one group at least.
MOST = 10_000


@dataclass
class Found:
    row: GroupRow
    people: People = None


def found_in(columns: tuple[Any, ...]) -> Found:
    """A group of COLUMNS, without its members."""
    return Found(GroupRow(*columns))


def people_of(team: int) -> list[tuple[str, str]]:
    """The members of one team, however many, oldest first."""
    return [(scim_id, name) for _, scim_id, name in _members([team], None)]


def with_people(found: Sequence[Found]) -> list[Found]:
    """The groups with their members, as many of them as one page can have: half of them, until they fit."""
    rows = _members([one.row.pk for one in found], MOST + 1 if len(found) > 1 else None)
    if len(rows) > MOST and len(found) > 1:
        return with_people(found[: len(found) // 2])
    by_team: dict[int, list[tuple[str, str]]] = {}
    for team, scim_id, name in rows:
        by_team.setdefault(team, []).append((scim_id, name))
    return [Found(one.row, by_team.get(one.row.pk, [])) for one in found]


def _members(teams: list[int], most: int | None) -> Rows:
    """Team, SCIM id and words for each, by team, oldest first."""
    those = TeamMembership.objects.filter(team_id__in=teams).order_by("team_id", "member_id")
    words = Coalesce("display", "member__account__name")
    return list(those.values_list("team_id", "member__scim_id", words)[:most])
