"""Look-ups of users: always within one organization, at a cost that does not depend on its size.

The look-ups that an IdP does all day long are prepared and come with the caller; any other filter goes through the ORM.
"""

import re
from functools import partial

from django.db import connection
from django.db.models import Case, F, When

from members.keys import key_of, plain
from members.models import Member, Organization
from members.models.address import SITE
from members.models.member import before_creation, reading
from provisioning.models import Kind
from provisioning.scim.users.pages import PAGES
from provisioning.scim.users.resource import COLUMNS
from provisioning.scim.users.rows import MORE, Found, annotated, found_in
from provisioning.scim.wire.authentication import CALLER_COLUMNS, CALLERS, beside_callers
from provisioning.scim.wire.caller import PREFERENCES, Caller, Defaults
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
_TO_BE_CREATED = beside_callers(
    lambda callers: callers.annotate(
        scope=Case(When(organization__is_sandbox=True, then=F("organization")), default=SITE)
    ),
    [*before_creation.columns("organization", "scope"), *PREFERENCES],
    "user name", "email", "handle",
)  # fmt: skip
_EQUALS = re.compile(
    r'(?<![\w.])([\w.]++|emails\[type eq "work"\]\.value)\s++eq\s++"([^"\\\x00-\x1f]{1,1000})"', re.IGNORECASE
)


def sought(operation: Operation) -> Sought | None:
    """The look-up that comes with the caller: a daily one, what a change asks of a user or a creation of the
    organization, or where the pages of a list have got to.
    """
    if operation.kind is Kind.READ:
        return Sought(_BY_ID.beside_callers, (operation.id,))
    if operation.kind is Kind.CREATE:
        return Sought(_TO_BE_CREATED, _keys(operation)) if connection.vendor == "postgresql" else None
    if operation.kind is not Kind.SEARCH:
        return Sought(_TO_BE_CHANGED, (operation.id,)) if connection.vendor == "postgresql" else None
    daily, value = _daily(operation.query)
    return Sought(daily.beside_callers, (value,)) if daily else PAGES.sought(operation.query)


def ahead(operation: Operation) -> before_creation.Ahead | None:
    """The keys about which a creation has asked with its caller, and the answer."""
    if not operation.sought or not operation.brought:
        return None
    return operation.sought.values, operation.brought[0][: -len(PREFERENCES)]


def defaults(caller: Caller, operation: Operation) -> Defaults:
    """The defaults of a creation, which may have come with its caller."""
    return Defaults.of(*operation.brought[0][-len(PREFERENCES) :]) if operation.brought else caller.defaults


def _keys(operation: Operation) -> before_creation.Keys:
    """The keys of a new user as far as they are seen before the body is read. If it means others, these are asked."""
    emails = operation.body.get("emails")
    email = emails[0] if isinstance(emails, list) and emails else None
    sent = (operation.body.get("userName"), email.get("value") if isinstance(email, dict) else None)
    user_name, address = (text if isinstance(text, str) else "" for text in sent)
    return before_creation.keys(user_name, address)


def _daily(query: Query, filter_text: str | None = None) -> tuple[Daily[Found] | None, str]:
    """The look-up that a filter is, and its value in the form that is compared."""
    equals = None if is_asked_for(query) else _EQUALS.fullmatch(query.filter if filter_text is None else filter_text)
    daily = _DAILY.get(equals[1].casefold()) if equals else None
    value = daily.form(equals[2]) if equals and daily else ""
    # A value of blanks alone is nobody's; the column of whom has none is empty, too.
    return (daily, value) if value else (None, "")


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
