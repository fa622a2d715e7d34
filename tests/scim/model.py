"""A small model of the endpoint in memory: what RFC 7643 and 7644 want of it, with the deviations of docs/scim.md.

It knows no database, no dialect and no HTTP. `tests/scim/test_any_sequence.py` holds the server against it.
"""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from tests.scim import CORE, NULAB, Body

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"

LANGUAGE, ZONE = "en", "UTC"
RANK = {"admin": "ADMIN", "administrator": "ADMIN", "user": "USER", "member": "USER", "guest": "GUEST"}
NAMES = ("displayName", "name.formatted", "name.familyName", "name.givenName")
LANGUAGES = ("preferredLanguage", "locale")


class Refused(Exception):
    """What may be answered in place of a change, by status."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(statuses)
        self.statuses = set(statuses)


@dataclass
class Person:
    """One user. Of languages and time zone None means that none was ever sent, "" that it was taken away."""

    user_name: str
    external_id: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(LANGUAGES))
    language: str = LANGUAGE
    zone: str | None = None
    # None follows userName.
    email: str | None = None
    email_type: str = "work"
    active: bool = True
    role: str = "GUEST"
    handle: str = ""
    is_chosen: bool = False

    @property
    def address(self) -> str:
        return (self.user_name if "@" in self.user_name else "") if self.email is None else self.email

    @property
    def addresses(self) -> set[str]:
        return {one.casefold() for one in (self.user_name, self.address) if one}

    @property
    def answered_tags(self) -> dict[str, str | None]:
        is_unsaid = all(tag is None for tag in self.tags.values())
        return dict.fromkeys(LANGUAGES, self.language) if is_unsaid else self.tags

    @property
    def answered_zone(self) -> str:
        return ZONE if self.zone is None else self.zone

    def have_sent_what_is_answered(self) -> None:
        """A PUT of what was read: nothing looks different, but from now on it is the client's."""
        self.email, self.tags, self.zone = self.address or None, self.answered_tags, self.answered_zone
        self.email_type = self.email_type if self.email else "work"

    def answer(self) -> Body:
        """The resource but for id and meta."""
        name = {path[5:]: self.names[path] for path in NAMES[1:] if self.names.get(path)}
        kind = {"type": self.email_type} if self.email_type else {}
        handles = {"nickName": self.handle, NULAB: {"uniqueId": self.handle}} if self.is_chosen else {}
        parts: dict[str, Any] = {
            "schemas": [CORE, NULAB] if self.is_chosen else [CORE], "externalId": self.external_id,
            "userName": self.user_name, "displayName": self.names.get("displayName"), "name": name,
            "emails": [{"value": self.address, **kind, "primary": True}] if self.address else None,
            **self.answered_tags, "timezone": self.answered_zone,
            "roles": [{"value": self.role, "primary": True}], **handles,
        }  # fmt: skip
        return {key: value for key, value in parts.items() if value} | {"active": self.active}


# A change is a dict of paths: userName, externalId, NAMES, LANGUAGES, timezone, active, role, nickName, uniqueId and
# email. None takes the value away.
Change = dict[str, Any]


@dataclass
class Group:
    name: str
    external_id: str | None = None
    members: set[str] = field(default_factory=set)

    def answer(self) -> Body:
        """The resource but for id and meta; of the members their ids."""
        kept = {"externalId": self.external_id} if self.external_id else {}
        return {"schemas": [GROUP], "displayName": self.name, **kept, "members": self.members}


class Directory:
    """The users and groups of one organization, oldest first."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}

    def answer(self, scim_id: str) -> Body:
        """The user with its groups, but for id and meta."""
        groups = {(other, one.name) for other, one in self.groups.items() if scim_id in one.members}
        return self.people[scim_id].answer() | ({"groups": groups} if groups else {})

    def group(self, name: str | None, former: Group | None = None, scim_id: str = "") -> Group:
        """A new group or a changed one. Refused are a name that another one has, and none at all."""
        if not name:
            raise Refused(400)
        if any(one.name.casefold() == name.casefold() for other, one in self.groups.items() if other != scim_id):
            raise Refused(409)
        return Group(name) if former is None else replace(former, name=name)

    def create(self, change: Change) -> Person:
        if not change.get("userName"):
            raise Refused(400)
        person = Person(change["userName"])
        self._write(person, {path: value for path, value in change.items() if value not in (None, "")}, None)
        return person

    def replace(self, scim_id: str, change: Change) -> Person:
        """PUT: what is absent keeps its value, but names are replaced together and the e-mail follows again."""
        if not change.get("userName"):
            raise Refused(400)
        said = {path: value for path, value in change.items() if value not in (None, "")}
        if said.keys() & {*NAMES}:
            said = dict.fromkeys(NAMES) | said
        person = deepcopy(self.people[scim_id])
        if "email" not in said:
            person = replace(person, email=None, email_type="work")
        return self._keep(scim_id, person, said)

    def patch(self, scim_id: str, change: Change) -> Person:
        if "userName" in change and not change["userName"]:
            raise Refused(400)
        return self._keep(scim_id, deepcopy(self.people[scim_id]), change)

    def _keep(self, scim_id: str, person: Person, change: Change) -> Person:
        self._write(person, change, scim_id)
        self.people[scim_id] = person
        return person

    def _write(self, person: Person, change: Change, scim_id: str | None) -> None:
        """Write the change into the person, or refuse it. Reasons are gathered: which is told first is left open."""
        others = [one for other, one in self.people.items() if other != scim_id]
        reasons: set[int] = set()
        had_address = bool(person.address)
        for path, value in change.items():
            if path == "role":
                self._take_role(person, value, reasons)
            elif path == "email":
                self._take_email(person, value, had_address)
            elif path in NAMES:
                person.names[path] = value or ""
            elif path in LANGUAGES:
                person.tags[path] = value or ""
            elif path not in ("nickName", "uniqueId"):
                self._take(person, path, value)
        spoken = [LANGUAGES_SPOKEN.get(person.tags[path] or "") for path in LANGUAGES]
        if change.keys() & {*LANGUAGES}:
            person.language = next(filter(None, spoken), person.language)
        self._take_handle(person, change, others, reasons)
        if any(person.addresses & one.addresses for one in others):
            reasons.add(409)
        if reasons:
            raise Refused(*reasons)

    def _take(self, person: Person, path: str, value: Any) -> None:
        match path:
            case "userName":
                person.user_name = value
            case "externalId":
                person.external_id = value or None
            case "timezone":
                person.zone = value or ""
            case "active" if value in (True, False):
                person.active = value

    def _take_role(self, person: Person, value: str | None, reasons: set[int]) -> None:
        if not value:
            person.role = "GUEST"
        elif role := RANK.get(value.casefold()):
            person.role = role
        else:
            reasons.add(400)

    def _take_email(self, person: Person, value: str | None, had_address: bool) -> None:
        if value:
            person.email, person.email_type = value, "work"
        elif had_address:
            person.email, person.email_type = None, ""

    def _take_handle(self, person: Person, change: Change, others: Iterable[Person], reasons: set[int]) -> None:
        """The Unique ID: uniqueId must be had, nickName is a wish; without either the handle stays, unseen."""
        must, wish = change.get("uniqueId"), change.get("nickName")
        wanted = must or wish
        if not wanted:
            person.is_chosen = person.is_chosen and not change.keys() & {"uniqueId", "nickName"}
            return
        is_free = wanted.casefold() not in {one.handle.casefold() for one in others}
        is_valid = len(wanted) >= 2
        if is_free and is_valid:
            person.handle, person.is_chosen = wanted, True
        elif must:
            reasons.add(409 if is_valid else 400)

    def delete(self, scim_id: str) -> None:
        del self.people[scim_id]
        for group in self.groups.values():
            group.members.discard(scim_id)


# The tags that the tests send, and the Language that each names.
LANGUAGES_SPOKEN = {"ja-JP": "ja", "en-GB": "en", "fr": None}
