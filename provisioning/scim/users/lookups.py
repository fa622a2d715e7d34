"""Look-ups of users: always within one organization, at a cost that does not depend on its size.

The look-ups that an IdP does all day long are prepared and come with the caller; any other filter goes through the ORM.
"""

import re
from functools import partial

from django.db import connection

from members.keys import key_of, plain
from members.models import Member, Organization
from members.models.member import reading
from provisioning.models import Kind
from provisioning.scim.users.pages import PAGES
from provisioning.scim.users.resource import COLUMNS
from provisioning.scim.users.rows import MORE, Found, annotated, found_in
from provisioning.scim.wire.authentication import CALLER_COLUMNS, CALLERS
from provisioning.scim.wire.daily import Daily, Table
from provisioning.scim.wire.operations import Operation
from provisioning.scim.wire.pages import Page, as_meant
from provisioning.scim.wire.paging import is_asked_for
from provisioning.scim.wire.requests import Query
from provisioning.scim.wire.sought import Brought, Sought

_USERS = Table(Member, "members", COLUMNS, found_in, more=MORE, annotated=annotated)
_BY_ID = Daily(_USERS, "scim_id", str)
# Attribute in lower case -> its look-up.
_DAILY = {
    "username": Daily(_USERS, "user_name_key", key_of),
    "emails.value": Daily(_USERS, "email_key", key_of),
    'emails[type eq "work"].value': Daily(
        _USERS, "email_key", key_of, lambda one: one.row.email_type.upper() == "WORK"
    ),
    "externalid": Daily(_USERS, "external_id", plain),
    "id": _BY_ID,
}
_TO_BE_CHANGED = reading.beside(CALLERS, CALLER_COLUMNS)
_EQUALS = re.compile(
    r'(?<![\w.])([\w.]++|emails\[type eq "work"\]\.value)\s++eq\s++"([^"\\\x00-\x1f]{1,1000})"', re.IGNORECASE
)


def sought(operation: Operation) -> Sought | None:
    """The look-up that comes with the caller: a daily one, what a change asks of a user, or where the pages of a list
    have got to.
    """
    if operation.kind is Kind.READ:
        return Sought(_BY_ID.beside_callers, (operation.id,))
    if operation.kind is not Kind.SEARCH:
        return Sought(_TO_BE_CHANGED, (operation.id,)) if connection.vendor == "postgresql" else None
    daily, value = _daily(operation.query)
    return Sought(daily.beside_callers, (value,)) if daily else PAGES.sought(operation.query)


def _daily(query: Query, filter_text: str | None = None) -> tuple[Daily[Found] | None, str]:
    """The look-up that a filter is, and its value in the form that is compared."""
    equals = None if is_asked_for(query) else _EQUALS.fullmatch(query.filter if filter_text is None else filter_text)
    daily = _DAILY.get(equals[1].casefold()) if equals else None
    return (daily, daily.form(equals[2])) if equals and daily else (None, "")


def user(organization: Organization, operation: Operation) -> Found | None:
    brought = operation.brought if operation.kind is Kind.READ else None
    found = _BY_ID.found(_BY_ID.alone.rows(organization.pk, operation.id) if brought is None else brought)
    return found[0] if found else None


def found(organization: Organization, operation: Operation) -> Page[Found]:
    query = operation.query
    return as_meant(query, operation.brought, partial(_page, organization, query))


def _page(organization: Organization, query: Query, filter_text: str, brought: Brought) -> Page[Found]:
    """The users from the start (1 is the first) on, oldest first."""
    daily, value = _daily(query, filter_text)
    if daily is None:
        return PAGES.page(organization, query, filter_text, brought, lambda rows: [found_in(row) for row in rows])
    # Several may have the same externalId; everything else is somebody's alone.
    found = daily.found(daily.alone.rows(organization.pk, value) if brought is None else brought)
    return Page(len(found), found[query.start - 1 : query.start - 1 + query.count])
