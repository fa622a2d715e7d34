"""Look-ups of users: always within one organization, at a cost that does not depend on its size.

The look-ups that an IdP does all day long are prepared; any other filter goes through the ORM.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db.models import QuerySet

from members.keys import key_of, plain
from members.models import Headcount, Member, Organization, TeamMembership
from members.statements import Prepared, number, text
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.resource import COLUMNS, UserRow, render
from provisioning.scim.wire import refusals
from provisioning.scim.wire.filters import to_q
from provisioning.scim.wire.requests import Query


def _by(column: str, **more: Any) -> Prepared:
    def build() -> "QuerySet[Any, Any]":
        members = Member.objects.filter(organization_id=number(1), **{column: text("value")}, **more)
        return members.order_by("id").values_list(*COLUMNS)

    return Prepared(build, 1, "value")


_BY_ID = _by("scim_id")
# Attribute in lower case -> its prepared look-up, and the form in which values are compared.
_DAILY: dict[str, tuple[Prepared, Callable[[str], str]]] = {
    "username": (_by("user_name_key"), key_of),
    "emails.value": (_by("email_key"), key_of),
    'emails[type eq "work"].value': (_by("email_key", account__email_type__iexact="work"), key_of),
    "externalid": (_by("external_id"), plain),
    "id": (_BY_ID, str),
}
_EQUALS = re.compile(
    r'(?<![\w.])([\w.]++|emails\[type eq "work"\]\.value)\s++eq\s++"([^"\\\x00-\x1f]{1,1000})"', re.IGNORECASE
)

_TEAMS = Prepared(
    lambda: (
        TeamMembership.objects.filter(member_id=number(1))
        .order_by("team_id")
        .values_list("team__scim_id", "team__name")
    ),
    1,
)


def user(organization: Organization, scim_id: str) -> UserRow | None:
    row = _BY_ID.row(organization.pk, scim_id)
    return UserRow(*row) if row else None


def teams(member_id: int) -> list[tuple[str, str]]:
    """Id and name of each team of a member."""
    return [(scim_id, name) for scim_id, name in _TEAMS.rows(member_id)]


def found(organization: Organization, query: Query) -> tuple[int, list[UserRow]]:
    """The page of a filter. Read with its + as they stand where it finds nobody, or cannot be read, with blanks."""
    total, rows = 0, list[UserRow]()
    refusal = None
    try:
        total, rows = _page(organization, query.filter, query.start, query.count)
    except refusals.InvalidFilter as error:
        refusal = error
    if query.literal and not total:
        with suppress(refusals.InvalidFilter):
            return _page(organization, query.literal, query.start, query.count)
    if refusal:
        raise refusal
    return total, rows


def _page(organization: Organization, filter_text: str, start: int, count: int) -> tuple[int, list[UserRow]]:
    """The total, and the users from `start` (1 is the first) on, oldest first."""
    equals = _EQUALS.fullmatch(filter_text)
    if equals and (daily := _DAILY.get(equals[1].casefold())):
        statement, form = daily
        # Several may have the same externalId; everything else is somebody's alone.
        rows = [UserRow(*row) for row in statement.rows(organization.pk, form(equals[2]))]
        return len(rows), rows[start - 1 : start - 1 + count]
    return _any_page(organization, filter_text, start, count)


def _any_page(organization: Organization, filter_text: str, start: int, count: int) -> tuple[int, list[UserRow]]:
    members = Member.objects.filter(organization=organization)
    if filter_text:
        members = members.filter(to_q(filter_text, FILTERABLE))
    rows: list[UserRow] = []
    if count:
        # The page is chosen from the index alone; only its own rows are read whole.
        ids = members.order_by("id").values_list("id", flat=True)[start - 1 : start - 1 + count]
        chosen = Member.objects.filter(id__in=list(ids)).order_by("id")
        rows = [UserRow(*columns) for columns in chosen.values_list(*COLUMNS)]
    if not filter_text:
        return Headcount.objects.get(pk=organization.pk).members, rows
    if len(rows) < count and (rows or start == 1):
        return start - 1 + len(rows), rows
    return members.count(), rows


def rendered(rows: list[UserRow], base: str) -> list[dict[str, Any]]:
    """The resources of a page, with one statement for the teams of all of them."""
    if len(rows) == 1:
        return [render(rows[0], teams(rows[0].pk), base)]
    of_member: dict[int, list[tuple[str, str]]] = {}
    if rows:
        memberships = TeamMembership.objects.filter(member_id__in=[row.pk for row in rows]).order_by("team_id")
        for member_id, scim_id, name in memberships.values_list("member_id", "team__scim_id", "team__name"):
            of_member.setdefault(member_id, []).append((scim_id, name))
    return [render(row, of_member.get(row.pk, ()), base) for row in rows]
