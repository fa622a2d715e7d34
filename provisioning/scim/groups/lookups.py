"""Look-ups of groups: always within one organization, and without their members unless they are asked for."""

import re
from functools import partial

from members.keys import key_of, plain
from members.models import Organization, Team
from members.prepared import Prepared, number, text
from members.statements import Rows
from provisioning.models import Kind
from provisioning.scim.groups.pages import PAGES
from provisioning.scim.groups.resource import COLUMNS
from provisioning.scim.groups.rows import Found, found_in, with_people
from provisioning.scim.wire.daily import Daily, Table
from provisioning.scim.wire.operations import Operation
from provisioning.scim.wire.pages import Page, as_meant
from provisioning.scim.wire.paging import is_asked_for
from provisioning.scim.wire.requests import Query
from provisioning.scim.wire.sought import Brought, Sought

_GROUPS = Table(Team, "teams", COLUMNS, found_in)
_BY_ID = Daily(_GROUPS, "scim_id", str)
# Attribute in lower case -> its look-up.
_DAILY = {
    "displayname": Daily(_GROUPS, "name_key", key_of),
    "externalid": Daily(_GROUPS, "external_id", plain),
    "id": _BY_ID,
}
_EQUALS = re.compile(r'(?<!\w)(\w++)\s++eq\s++"([^"\\\x00-\x1f]{1,1000})"')
# The groups of one member, whose keys are few: PostgreSQL would rather look at each group of the organization.
_OF_MEMBER = Prepared(
    lambda: (
        Team.objects.filter(organization_id=number(1), memberships__member__scim_id=text("member"))
        .order_by()
        .values_list(*COLUMNS)
    ),
    1,
    "member",
)
_HAS_MEMBER = re.compile(
    r'members(?:\.value)?+(?:\s++eq\s++"([^"\\\x00-\x1f]{1,1000})"|\[value\s++eq\s++"([^"\\\x00-\x1f]{1,1000})"\])',
    re.IGNORECASE,
)


def sought(operation: Operation) -> Sought | None:
    """The look-up that comes with the caller: a daily one, or where the pages of a list have got to."""
    if operation.kind is Kind.READ:
        return Sought(_BY_ID.beside_callers, (operation.id,))
    daily, value = _daily(operation.query)
    return Sought(daily.beside_callers, (value,)) if daily else PAGES.sought(operation.query)


def group(organization: Organization, operation: Operation) -> Found | None:
    brought = operation.brought
    found = _BY_ID.found(_BY_ID.alone.rows(organization.pk, operation.id) if brought is None else brought)
    return found[0] if found else None


def found(organization: Organization, operation: Operation) -> Page[Found]:
    query = operation.query
    return as_meant(query, operation.brought, partial(_page, organization, query))


def _page(organization: Organization, query: Query, filter_text: str, brought: Brought) -> Page[Found]:
    """The groups from the start (1 is the first) on, oldest first."""

    def load(rows: Rows) -> list[Found]:
        return _loaded(query, [found_in(row) for row in rows])

    daily, value = _daily(query, filter_text)
    member = None if is_asked_for(query) else _HAS_MEMBER.fullmatch(filter_text)
    if member:
        return _cut(query, _BY_ID.found(_OF_MEMBER.rows(organization.pk, (member[1] or member[2]).strip())))
    if daily is None:
        return PAGES.page(organization, query, filter_text, brought, load)
    # Several may have the same externalId; everything else is one group's alone.
    return _cut(query, daily.found(daily.alone.rows(organization.pk, value) if brought is None else brought))


def _cut(query: Query, found: list[Found]) -> Page[Found]:
    return Page(len(found), _loaded(query, found[query.start - 1 : query.start - 1 + query.count]))


def _loaded(query: Query, found: list[Found]) -> list[Found]:
    return with_people(found) if found and query.projection.shows("members") else found


def _daily(query: Query, filter_text: str | None = None) -> tuple[Daily[Found] | None, str]:
    """The look-up that a filter is, and its value in the form that is compared."""
    equals = None if is_asked_for(query) else _EQUALS.fullmatch(query.filter if filter_text is None else filter_text)
    daily = _DAILY.get(equals[1].casefold()) if equals else None
    value = daily.form(equals[2]) if equals and daily else ""
    # A value of blanks alone is nobody's; the column of whom has none is empty, too.
    return (daily, value) if value else (None, "")
