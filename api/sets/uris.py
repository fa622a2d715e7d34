"""The names of an event in Security Event Tokens: our own, and that of the SCIM profile where it has one.

RFC 9967 says what has happened to a user or group; this table, which of our types are that. `notice` names the
attributes without their values: before and after are told under our own name, to those who ask.
"""

from typing import Any

from api.events.types import Subject
from api.models import Event
from members.fields import FIELDS
from members.models import Account
from provisioning.scim.users.resource import NULAB

OWN = "tag:nulab.com,2026:event/"
SCIM = "urn:ietf:params:scim:event:prov:"
SESSION_REVOKED = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

_CREATED = {"account.created", "account.restored", "member.added", "team.created"}
_DELETED = {"account.deleted", "member.removed", "team.deleted"}
_SWITCHED = {"account.deactivated": f"{SCIM}deactivate", "account.reactivated": f"{SCIM}activate"}
_PATCHED = {"account.changed", "member.role_changed", "team.renamed", "team.changed"}
_IN_TEAMS = {"team.member_added", "team.member_removed"}
# Attributes that each resource has from its beginning.
_ALWAYS = {Subject.MEMBER: ["userName", "name", "emails", "roles", "active"], Subject.TEAM: ["displayName"]}
_OF_TEAMS = {"name": "displayName", "external_id": "externalId"}
# Attributes as they are called at the top of a resource; that of an extension with its schema.
_OF_MEMBERS = {field.name: field.scim.partition(".")[0] for field in FIELDS} | {"unique_id": f"{NULAB}:uniqueId"}


def in_scim(event: Event) -> dict[str, dict[str, Any]]:
    """The event under the name of RFC 9967; nothing if SCIM does not know such a thing."""
    if event.type in _CREATED:
        return {f"{SCIM}create:notice": {"attributes": _ALWAYS[Subject(event.subject_type)]}}
    if event.type in _DELETED:
        return {f"{SCIM}delete": {}}
    if event.type in _SWITCHED:
        return {_SWITCHED[event.type]: {}}
    attributes = _changed(event)
    return {f"{SCIM}patch:notice": {"attributes": attributes}} if attributes else {}


def ends_sessions(event: Event) -> bool:
    """Whether all sessions of the person ended with it; a change of the type matters where it is from or to Nulab's."""
    if event.type == "account.type_changed":
        return Account.Type.NULAB in event.changes["type"]
    return event.type in ("account.deactivated", "account.deleted")


def _changed(event: Event) -> list[str]:
    """The attributes of the resource that are others now."""
    if event.type in _IN_TEAMS:
        return ["groups"]
    if event.type not in _PATCHED:
        return []
    names = _OF_TEAMS if event.subject_type == Subject.TEAM else _OF_MEMBERS
    return sorted({names[name] for name in event.changes if name in names})
