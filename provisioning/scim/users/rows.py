"""Users as rows with their teams, all of a page in one statement."""

from typing import Any, NamedTuple

from django.db.models import F, OuterRef, QuerySet

from members.models import TeamMembership
from members.prepared import Listed
from provisioning.scim.users.resource import COLUMNS, Teams, UserRow
from provisioning.scim.wire.rendering import Instant

# Columns of `annotated`, behind those of COLUMNS.
MORE = ["created", "modified", "teams"]


class Found(NamedTuple):
    row: UserRow
    teams: Teams


def found_in(columns: tuple[Any, ...]) -> Found:
    """A user of COLUMNS and MORE."""
    return Found(UserRow._make(columns[:-1]), _teams_in(columns[-1]))


def annotated(members: "QuerySet[Any, Any]", key: str = "pk") -> "QuerySet[Any, Any]":
    """The rows with MORE; `key` names the column with the member's key."""
    way = key.removesuffix("pk")
    moments = {"created": Instant(f"{way}created_at"), "modified": Instant(f"{way}modified_at")}
    return members.annotate(**moments, teams=_teams_of(key))  # type: ignore[no-any-return]


def users_in(members: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    """All columns of the users that these members are."""
    return annotated(members).values_list(*COLUMNS, *MORE)


def _teams_of(key: str) -> Listed:
    memberships = TeamMembership.objects.filter(member_id=OuterRef(key)).order_by()
    return Listed(memberships.values(a=F("team_id"), b=F("team__scim_id"), c=F("team__name")))


def _teams_in(listed: list[list[Any]]) -> Teams:
    """The teams, oldest first."""
    return [(scim_id, name) for _, scim_id, name in sorted(listed)] if listed else []
