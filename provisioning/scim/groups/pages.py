"""Pages of groups. They are counted at a walk's first page: there are thousands where members are a million."""

from typing import Any

from django.db.models import QuerySet

from members.models import Organization, Team
from provisioning.scim.groups.filterable import FILTERABLE
from provisioning.scim.groups.resource import COLUMNS
from provisioning.scim.groups.rows import Found
from provisioning.scim.wire.pages import Pages


def _columns(teams: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    return teams.values_list(*COLUMNS)


def _total(organization: Organization, _: object) -> int:
    return organization.teams.count()


# The first is said before each filter, so that no list of users has the same.
PAGES: Pages[Found] = Pages(Team, FILTERABLE, _columns, _total, scope="Groups\n")
