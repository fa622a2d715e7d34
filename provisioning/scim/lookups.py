"""How users are found: always within one organization, at a cost that its size does not change."""

from typing import Any

from django.db.models import Q

from members.models import Headcount, Member, Organization, TeamMembership
from provisioning.scim.filters import to_q
from provisioning.scim.resource import COLUMNS, UserRow, render

PAGE, PAGE_MOST = 100, 1000


def user(organization: Organization, scim_id: str) -> UserRow | None:
    columns = organization.members.filter(scim_id=scim_id).values_list(*COLUMNS).first()
    return UserRow(*columns) if columns else None


def page(organization: Organization, filter_text: str, start: int, count: int) -> tuple[int, list[UserRow]]:
    """How many there are, and those from `start` (1 is the first) on, oldest first."""
    members = Member.objects.filter(organization=organization)
    condition = to_q(filter_text) if filter_text else Q()
    # The page is chosen from the index alone; only its own rows are read whole.
    ids = members.filter(condition).order_by("id").values("id")[start - 1 : start - 1 + count]
    rows = [
        UserRow(*columns)
        for columns in Member.objects.filter(id__in=list(_ids(ids))).order_by("id").values_list(*COLUMNS)
    ] if count else []  # fmt: skip
    if not filter_text:
        return Headcount.objects.get(pk=organization.pk).members, rows
    if len(rows) < count and (rows or start == 1):
        return start - 1 + len(rows), rows
    return members.filter(condition).count(), rows


def _ids(chosen: Any) -> Any:
    return chosen.values_list("id", flat=True)


def rendered(rows: list[UserRow], base: str) -> list[dict[str, Any]]:
    """The resources of a page, with one statement for the teams of all of them."""
    teams: dict[int, list[tuple[str, str]]] = {}
    memberships = TeamMembership.objects.filter(member_id__in=[row.pk for row in rows]).order_by("team_id")
    for member_id, scim_id, name in memberships.values_list("member_id", "team__scim_id", "team__name"):
        teams.setdefault(member_id, []).append((scim_id, name))
    return [render(row, teams.get(row.pk, ()), base) for row in rows]
