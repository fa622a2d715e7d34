"""The User resource: exactly what is stored, as /Schemas declares it and as it is rendered.

`User` is the declaration (scim2-models); `render` writes the same by hand, because a
pydantic dump costs thirty times as much.
"""

from collections.abc import Iterable
from operator import attrgetter
from typing import Annotated, Any, NamedTuple

from pydantic import Field
from scim2_models import URN, CaseExact, ComplexAttribute, Extension, Mutability, Required, Resource, Uniqueness

from members.fields import FIELDS
from members.models import Member, Role
from provisioning.scim.wire.rendering import instant, version_of

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
NULAB = "urn:ietf:params:scim:schemas:extension:nulab:2.0:User"


class Name(ComplexAttribute):
    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    value: Annotated[str | None, Uniqueness.server] = None
    type: str | None = Field(None, examples=["work"])
    primary: bool | None = Field(None, examples=["true"])


class UserRole(ComplexAttribute):
    value: str | None = Field(None, examples=list(Role.values))
    primary: bool | None = Field(None, examples=["true"])


class Group(ComplexAttribute):
    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    display: Annotated[str | None, Mutability.read_only] = None


class NulabUser(Extension):
    __schema__ = URN(NULAB)

    unique_id: Annotated[str | None, Uniqueness.server] = None


class User(Resource[NulabUser]):
    __schema__ = URN(CORE)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    nick_name: str | None = None
    preferred_language: str | None = Field(None, examples=["en-US", "ja-JP"])
    locale: str | None = Field(None, examples=["en-US", "ja-JP"])
    timezone: str | None = Field(None, examples=["Asia/Tokyo", "Europe/Berlin", "UTC"])
    active: bool | None = None
    emails: list[Email] | None = None
    roles: list[UserRole] | None = None
    groups: Annotated[list[Group] | None, Mutability.read_only] = None


class UserRow(NamedTuple):
    """The columns that make a User, in the order of COLUMNS, and two moments as they are rendered."""

    pk: int
    scim_id: str
    external_id: str | None
    role: str
    unique_id: str
    unique_id_is_chosen: bool
    user_name: str
    email: str
    display_name: str
    formatted_name: str
    given_name: str
    family_name: str
    name: str
    language: str
    time_zone: str
    preferred_language: str | None
    locale: str | None
    time_zone_as_sent: str | None
    email_type: str
    is_active: bool
    created: str
    modified: str


OF_ACCOUNT = {field.name for field in FIELDS if field.is_of_account} | {"is_active"}
_NAMES = UserRow._fields[: UserRow._fields.index("created")]
COLUMNS = [f"account__{name}" if name in OF_ACCOUNT else name for name in _NAMES]
# The member's come first.
_OF_MEMBER = attrgetter(*(name for name in _NAMES if name not in OF_ACCOUNT))
_OF_ACCOUNT = attrgetter(*(name for name in _NAMES if name in OF_ACCOUNT))


def row_of(member: Member) -> UserRow:
    """The same from a member at hand, after verbs have changed it."""
    moments = instant(member.created_at), instant(member.modified_at)
    return UserRow._make([*_OF_MEMBER(member), *_OF_ACCOUNT(member.account), *moments])


Teams = Iterable[tuple[str, str]]


def render(row: UserRow, teams: Teams, base: str) -> dict[str, Any]:
    """The resource as a dict; `teams` are pairs of id and name, `base` is the SCIM URL."""
    user = content_of(row, teams)
    user["meta"] = {
        "resourceType": "User",
        "created": row.created,
        "lastModified": row.modified,
        "location": f"{base}Users/{row.scim_id}",
        "version": version_of(user),
    }
    return user


def content_of(row: UserRow, teams: Teams) -> dict[str, Any]:
    """The same without `meta`."""
    user: dict[str, Any] = {"schemas": [CORE, NULAB] if row.unique_id_is_chosen else [CORE], "id": row.scim_id}
    if row.external_id is not None:
        user["externalId"] = row.external_id
    user["userName"] = row.user_name
    if row.display_name:
        user["displayName"] = row.display_name
    if name := _name(row):
        user["name"] = name
    if row.email:
        kind = {"type": row.email_type} if row.email_type else {}
        user["emails"] = [{"value": row.email, **kind, "primary": True}]
    user["active"] = row.is_active
    user |= _preferences(row)
    user["roles"] = [{"value": row.role, "primary": True}]
    if row.unique_id_is_chosen:
        user["nickName"] = row.unique_id
        user[NULAB] = {"uniqueId": row.unique_id}
    if groups := [{"value": scim_id, "display": name} for scim_id, name in teams]:
        user["groups"] = groups
    return user


def _name(row: UserRow) -> dict[str, str]:
    name = {}
    if row.formatted_name:
        name["formatted"] = row.formatted_name
    if row.family_name:
        name["familyName"] = row.family_name
    if row.given_name:
        name["givenName"] = row.given_name
    return name


def _preferences(row: UserRow) -> dict[str, str]:
    """Language and time zone as sent; where the IdP has never sent one, the site's value."""
    preferred, locale = row.preferred_language, row.locale
    if preferred is None and locale is None:
        preferred = locale = row.language
    found = {}
    if preferred:
        found["preferredLanguage"] = preferred
    if locale:
        found["locale"] = locale
    if zone := row.time_zone if row.time_zone_as_sent is None else row.time_zone_as_sent:
        found["timezone"] = zone
    return found
