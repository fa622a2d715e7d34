"""Pages of groups; the database keeps their number, SQLite counts them."""

from typing import Any

from django.db.models import QuerySet

from members.models import Team, TeamCount
from provisioning.scim.groups.filterable import FILTERABLE
from provisioning.scim.groups.resource import COLUMNS
from provisioning.scim.groups.rows import Found
from provisioning.scim.wire.pages import Pages


def _columns(teams: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    return teams.values_list(*COLUMNS)


# The first is said before each filter, so that no list of users has the same.
PAGES: Pages[Found] = Pages(
    Team, FILTERABLE, _columns, "organization__team_count__teams", TeamCount.of, scope="Groups\n"
)
