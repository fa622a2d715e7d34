"""The spellings of identity providers, brought into the one shape that the mapping reads.

Each deviation stands with where it was seen. Sources: [Entra] Microsoft's “Known issues
for application provisioning” and “Develop a SCIM endpoint” pages; [Okta] Okta's SCIM 2.0
protocol reference; [OneLogin] OneLogin's SCIM provisioning pages; [RFC] RFC 7643, 7644.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

from members.keys import key_of
from members.models import Role
from members.values_refusals import InvalidRole
from provisioning.scim.users.attributes import USER
from provisioning.scim.wire import refusals
from provisioning.scim.wire.sent import Sent, boolean, entries_of, is_empty, loaded, single, text, unpacked

MULTIPLE = ("emails", "roles")
TEXTS = ("userName", "externalId", "displayName", "nickName", "preferredLanguage", "locale", "timezone")
ROLE_NAMES = {role.value.casefold(): role for role in Role} | {
    "administrator": Role.ADMIN,
    "member": Role.USER,
    "guest": Role.GUEST,
}
ROLE_IN_WORDS = ("display", "displayname")
RANK = list(Role)


class SentUser(Sent):
    """A User as it was sent."""

    attributes = USER
    multiple = MULTIPLE

    def _value(self, name: str, value: Any) -> Any:
        if name in self.multiple:
            return None if value is None or value == [] else self._entries(name, value)
        if name == "name" and isinstance(value := unpacked(value), dict) and value:
            # Empty parts are those that it names, no others.
            return self._name(value)
        value = single(value)
        if is_empty(value):
            # The one that is required: refused in words of its own, which null in a PATCH is as well.
            return "" if name == "userName" and value is not None else None
        if name == "active":
            return boolean(name, value)
        if name in TEXTS:
            return text(name, value)
        return self._name(value)

    def _entries(self, name: str, value: Any) -> list[dict[str, Any]]:
        """The entries with a value. A role without one is named as ignored if no other stands beside it."""
        entries = entries_of(name, value)
        clean = roles_of(entries) if name == "roles" else [clean_entry(name, entry) for entry in entries]
        for entry in entries:
            unknown = (
                sub for sub in entry if USER.canonical_sub(name, sub) is None and not names_role(name, sub, clean)
            )
            self.ignored.extend(f"{name}.{sub}" for sub in unknown)
        if name == "roles":
            clean = [entry for entry in clean if entry.get("value")]
            self.ignored.extend([name] if entries and not clean else [])
        return with_one_primary(clean)

    def _name(self, value: Any) -> dict[str, str | None]:
        if not isinstance(value, dict):
            raise refusals.WrongType(path="name", problem=_("an object"))
        name: dict[str, str | None] = {}
        for sub, inner in value.items():
            if known := USER.canonical_sub("name", sub):
                name[known] = text(f"name.{known}", inner)
            else:
                self.ignored.append(f"name.{sub}")
        return name


def with_one_primary(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries, of which the first one that is primary and has a value stays so: RFC 7643 §2.4 allows one."""
    primary = next((entry for entry in entries if entry.get("primary") and entry.get("value")), None)
    return [entry if entry is primary or not entry.get("primary") else entry | {"primary": False} for entry in entries]


def clean_entry(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """One e-mail address or role, with our spelling and right types; without what is empty."""
    clean: dict[str, Any] = {}
    for sub, value in entry.items():
        known = USER.canonical_sub(name, sub)
        if is_empty(value):
            continue
        if known == "primary":
            clean[known] = boolean(f"{name}.primary", value)
        elif known == "type" or (known == "value" and name != "roles"):
            clean[known] = text(f"{name}.{known}", value)
    return clean


def roles_of(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The roles that entries name, none for one without a value. Raises InvalidRole.

    An unknown one is passed over where a primary known one stands beside it: that one counts anyway.
    """
    roles: list[dict[str, Any]] = []
    unknown: InvalidRole | None = None
    for entry in entries:
        clean = clean_entry("roles", entry)
        try:
            role = role_of(entry)
        except InvalidRole as refusal:
            unknown = unknown or refusal
            continue
        roles.append(clean | {"value": role.value} if role else clean)
    if unknown and not any(entry.get("primary") and entry.get("value") for entry in roles):
        raise unknown
    return roles


def role_of(entry: dict[str, Any]) -> Role | None:
    """The role that an entry names; None where it names none at all. Raises InvalidRole.

    [Entra] With AppRoleAssignmentsComplex the value is an object in a string whose displayName is
    the role; its value is whatever the tenant's administrator typed for the app role.
    """
    lowered = {key.casefold(): value for key, value in entry.items()}
    inside = loaded(unpacked(lowered.get("value")))
    if isinstance(inside, dict):
        folded = {key.casefold(): value for key, value in inside.items()}
        words = [folded.get("displayname"), folded.get("value")]
    else:
        words = [inside, *(lowered.get(sub) for sub in ROLE_IN_WORDS)]
    for name in words:
        if isinstance(name, str) and (role := role_named(name)):
            return role
    said = [name for name in words if not is_empty(name)]
    if said:
        raise InvalidRole(value=str(said[0])[:100])
    return None


def role_named(name: str) -> Role | None:
    """The role by its value or its name, in any letter case; else None."""
    return ROLE_NAMES.get(key_of(name))


def names_role(name: str, sub: str, roles: list[dict[str, Any]]) -> bool:
    """Whether a sub-attribute that is not stored has been read all the same: the role's name."""
    return USER.is_read(name, sub) and any(role.get("value") for role in roles)


def chosen_role(entries: list[dict[str, Any]]) -> Role | None:
    """The role of the primary entry, else the highest one; None of an empty list."""
    filled = [entry for entry in entries if entry.get("value")]
    roles = [Role(entry["value"]) for entry in filled if entry.get("primary")]
    roles = roles or sorted((Role(entry["value"]) for entry in filled), key=RANK.index)
    return roles[0] if roles else None


def chosen_email(entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The entry of the primary address, else the work one, else one without a type ([OneLogin] sends those)."""
    filled = [entry for entry in entries if entry.get("value")]
    for is_wanted in (
        lambda entry: entry.get("primary"),
        lambda entry: str(entry.get("type", "")).casefold() == "work",
        lambda entry: not entry.get("type"),
    ):
        for entry in filled:
            if is_wanted(entry):
                return entry
    return None


def unused_emails(entries: list[dict[str, Any]], kept: dict[str, Any] | None) -> list[str]:
    """The addresses that were sent beside the one that is kept, for the sync activity."""
    address = kept and kept["value"]
    others = [entry for entry in entries if entry.get("value") and entry["value"] != address]
    return [f'emails[type eq "{entry.get("type", "")}"]' for entry in others]
