"""Pages of users; nobody counts the members of an organization."""

from typing import Any

from django.db.models import QuerySet

from members.models import Headcount, Member, Organization
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.resource import COLUMNS
from provisioning.scim.users.rows import Found, teams_of
from provisioning.scim.wire.pages import Pages


def _with_teams(members: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    return members.annotate(teams=teams_of("pk")).values_list(*COLUMNS, "teams")  # type: ignore[no-any-return]


def _total(organization: Organization) -> int:
    return Headcount.objects.get(pk=organization.pk).members


PAGES: Pages[Found] = Pages(Member, FILTERABLE, _with_teams, "organization__headcount__members", _total)
