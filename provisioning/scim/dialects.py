"""What identity providers send, brought into the one shape that the mapping reads.

Each deviation stands with where it was seen. Sources: [Entra] Microsoft's “Known issues
for application provisioning” and “Develop a SCIM endpoint” pages; [Okta] Okta's SCIM 2.0
protocol reference; [OneLogin] OneLogin's SCIM provisioning pages; [RFC] RFC 7643, 7644.
"""

from typing import Any

import orjson
from django.utils.translation import gettext_noop as _

from members.keys import key_of
from members.models import Role
from members.refusals import InvalidRole
from provisioning.scim import refusals
from provisioning.scim.attributes import EXTENSION, KEPT, STORED, canonical, canonical_sub, split_urn, without_core
from provisioning.scim.depth import is_too_deep
from provisioning.scim.resource import CORE, NULAB

MULTIPLE = ("emails", "roles")
TEXTS = ("userName", "externalId", "displayName", "nickName", "preferredLanguage", "locale", "timezone")
ROLE_NAMES = {role.value.casefold(): role for role in Role} | {
    "administrator": Role.ADMIN,
    "member": Role.USER,
    "guest": Role.GUEST,
}
ROLE_IN_WORDS = ("display", "displayname")
RANK = list(Role)
# Far more than any directory has of one person.
MOST_ATTRIBUTES, MOST_ENTRIES = 1000, 100


class Resource:
    """A resource as sent: `stored` holds what we keep, in our spelling; `ignored` names the rest.

    A stored None means that the client said so: null, or what is empty in another way. An empty list stands for
    entries without a value, which say nothing.
    """

    def __init__(self, sent: dict[str, Any]) -> None:
        self.stored: dict[str, Any] = {}
        self.ignored: list[str] = []
        self._take_all(sent)

    def _take_all(self, sent: dict[str, Any]) -> None:
        if len(sent) > MOST_ATTRIBUTES:
            raise refusals.InvalidSyntax(problem=_("it has more than %(most)s attributes"), most=MOST_ATTRIBUTES)
        for key, value in sent.items():
            self._take(key, value)

    def _take(self, key: str, value: Any) -> None:
        # [Entra] without the flag sends "name.givenName" and URN-qualified keys in pathless operations.
        path = without_core(key)
        urn, attribute = split_urn(path)
        if path.casefold() in (CORE.casefold(), NULAB.casefold()):
            self._take_schema(canonical(path) or "", value)
        elif urn.casefold() == NULAB.casefold():
            self._take_schema(NULAB, {attribute: value})
        elif urn:
            self._ignore(path, value)
        else:
            self._take_attribute(path, value)

    def _take_schema(self, urn: str, value: Any) -> None:
        value = unpacked("", value)
        if is_empty(value):
            return
        if not isinstance(value, dict):
            raise refusals.WrongType(path=urn or CORE, problem=_("an object"))
        if not urn:
            self._take_all(value)
            return
        for key, inner in value.items():
            if canonical_sub(NULAB, key):
                self.stored.setdefault(NULAB, {})[EXTENSION] = text(f"{NULAB}:{EXTENSION}", inner)
            else:
                self.ignored.append(f"{NULAB}:{key}")

    def _take_attribute(self, path: str, value: Any) -> None:
        name, _, sub = path.partition(".")
        known = canonical(name)
        if known in KEPT:
            return
        if known is None or (sub and canonical_sub(known, sub) is None):
            self._ignore(path, value)
        elif sub and known == "name":
            # "name": null beside "name.givenName" says nothing about the parts.
            self.stored["name"] = (self.stored.get("name") or {}) | {canonical_sub(known, sub): text(path, value)}
        elif sub:
            self._take_attribute(known, {sub: value})
        else:
            self.stored[known] = self._value(known, value)

    def _value(self, name: str, value: Any) -> Any:
        if name in MULTIPLE:
            return None if value is None or value == [] else self._entries(name, value)
        value = unpacked(name, value)
        if is_empty(value):
            # The one that is required: refused in words of its own, which null in a PATCH is as well.
            return "" if name == "userName" and value is not None else None
        if name == "active":
            return boolean(name, value)
        if name in TEXTS:
            return text(name, value)
        return self._name(value)

    def _entries(self, name: str, value: Any) -> list[dict[str, Any]]:
        """What they say; a role without a value says nothing, and is named where no other stands beside it."""
        entries = entries_of(name, value)
        clean = roles_of(entries) if name == "roles" else [clean_entry(name, entry) for entry in entries]
        for entry in entries:
            unknown = (sub for sub in entry if canonical_sub(name, sub) is None and not names_role(name, sub, clean))
            self.ignored.extend(f"{name}.{sub}" for sub in unknown)
        if name == "roles":
            clean = [entry for entry in clean if entry.get("value")]
            self.ignored.extend([name] if entries and not clean else [])
        return clean

    def _name(self, value: Any) -> dict[str, str | None]:
        if not isinstance(value, dict):
            raise refusals.WrongType(path="name", problem=_("an object"))
        name: dict[str, str | None] = {}
        for sub, inner in value.items():
            if known := canonical_sub("name", sub):
                name[known] = text(f"name.{known}", inner)
            else:
                self.ignored.append(f"name.{sub}")
        return name

    def _ignore(self, path: str, value: Any) -> None:
        """Name what was not stored; the attributes of an extension one by one."""
        if isinstance(value, dict) and path.casefold().startswith("urn:"):
            self.ignored.extend(f"{path}:{key}" for key in value)
        else:
            self.ignored.append(path)


def is_empty(value: Any) -> bool:
    """Whether it says nothing: null, blank, or made of such alone. One state (RFC 7643 §2.5), never a wrong type."""
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    if isinstance(value, list):
        return all(map(is_empty, value))
    return value is None or (isinstance(value, str) and not value.strip())


def unpacked(name: str, value: Any) -> Any:
    """[Entra] sends the value of a single-valued attribute as a list of one."""
    is_single = not STORED.get(name) or name == "name"
    return value[0] if is_single and isinstance(value, list) and len(value) == 1 else value


def loaded(value: Any) -> Any:
    """[Entra] An object or a list may come as JSON inside a string; one nested too deep stays the text that it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            inside = orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
        return value if is_too_deep(inside) else inside
    return value


def text(path: str, value: Any) -> str | None:
    """Text or null. A number is taken as externalId, where [OneLogin] sends its own ids, and nowhere else."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if is_empty(value):
        return None
    if isinstance(value, str):
        return value
    if path == "externalId" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise refusals.WrongType(path=path, problem=_("text"))


def boolean(path: str, value: Any) -> bool:
    """[Entra] sends "True" and "False", without the flag that mends it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    raise refusals.WrongType(path=path, problem=_("true or false"))


def entries_of(name: str, value: Any) -> list[dict[str, Any]]:
    """A multi-valued attribute as a list of objects: one object, bare strings and nulls are seen too."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = loaded(value)
    listed = value if isinstance(value, list) else [value]
    if len(listed) > MOST_ENTRIES:
        raise refusals.TooManyEntries(path=name, most=MOST_ENTRIES)
    said = [entry for entry in listed if isinstance(entry, list) or not is_empty(entry)]
    entries = [{"value": entry} if isinstance(entry, str) else entry for entry in said]
    if not all(isinstance(entry, dict) for entry in entries):
        raise refusals.WrongType(path=name, problem=_("a list of objects"))
    return entries


def clean_entry(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """One e-mail address or role, with our spelling and right types; without what is empty."""
    clean: dict[str, Any] = {}
    for sub, value in entry.items():
        known = canonical_sub(name, sub)
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
    inside = loaded(lowered.get("value"))
    if isinstance(inside, dict):
        folded = {key.casefold(): value for key, value in inside.items()}
        spoken = [folded.get("displayname"), folded.get("value")]
    else:
        spoken = [lowered.get("value"), *(lowered.get(sub) for sub in ROLE_IN_WORDS)]
    for name in spoken:
        if isinstance(name, str) and (role := role_named(name)):
            return role
    said = [name for name in spoken if not is_empty(name)]
    if said:
        raise InvalidRole(value=str(said[0])[:100])
    return None


def role_named(name: str) -> Role | None:
    """By its value or its name, in any letter case."""
    return ROLE_NAMES.get(key_of(name))


def names_role(name: str, sub: str, roles: list[dict[str, Any]]) -> bool:
    """Whether a sub-attribute that is not stored has been read all the same: the role's name."""
    return name == "roles" and sub.casefold() in ROLE_IN_WORDS and any(role.get("value") for role in roles)


def chosen_role(entries: list[dict[str, Any]]) -> Role | None:
    """The primary entry wins, else the highest role; None of an empty list."""
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
