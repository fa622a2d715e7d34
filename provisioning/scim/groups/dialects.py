"""The spellings of identity providers of a Group.

Each deviation stands with where it was seen. Source: [Entra] Microsoft's “Known issues for application provisioning”
and “Develop a SCIM endpoint” pages.
"""

from typing import Any

from django.utils.translation import gettext_noop as _

from members import values
from members.refusals import InvalidValue
from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.groups.refusals import GroupInGroup
from provisioning.scim.groups.wanted import Named, Wanted
from provisioning.scim.wire import refusals
from provisioning.scim.wire.sent import Sent, is_empty, loaded, single, text

KNOWN = ("value", "$ref", "display", "type")
GROUPS = "/Groups/"


class SentGroup(Sent):
    """A Group as it was sent; its `members` are ids with the client's words for them."""

    attributes = GROUP
    multiple = ("members",)

    def _value(self, name: str, value: Any) -> Any:
        if name == "members":
            return None if value is None or value == [] else self._members(value)
        value = single(value)
        if is_empty(value):
            # The one that is required: refused in words of its own.
            return "" if name == "displayName" else None
        return text(name, value)

    def _members(self, value: Any) -> list[Named]:
        entries = entries_of(value)
        unknown = {sub for entry in entries for sub in entry if sub.casefold() not in KNOWN}
        self.ignored.extend(f"members.{sub}" for sub in sorted(unknown))
        named = {id_of(entry): words_of(entry) for entry in entries}
        if "" in named:
            self.ignored.append("members.value")
        return [Named(scim_id, words) for scim_id, words in named.items() if scim_id]


def from_resource(body: dict[str, Any], *, replaces: bool) -> Wanted:
    """The wish of POST and PUT. displayName is required; an absent externalId or list of members stays."""
    sent = SentGroup(body)
    wanted = Wanted(name=sent.stored.get("displayName") or "", external_id=sent.stored.get("externalId"))
    wanted.ignored = sent.ignored
    wanted.name_what_was_tidied()
    members = sent.stored.get("members", [])
    # Entries without an id say nothing; null and [] say that there is nobody.
    if members or members is None:
        wanted.step(comes=True, members=members or [], alone=replaces)
    return wanted


def entries_of(value: Any) -> list[dict[str, Any]]:
    """The members as objects: one object, bare ids and JSON inside a string are seen too. As many as a body holds."""
    value = loaded(value)
    listed = value if isinstance(value, list) else [value]
    said = [entry for entry in listed if not is_empty(entry)]
    entries = [{"value": entry} if isinstance(entry, str) else entry for entry in said]
    if not all(isinstance(entry, dict) for entry in entries):
        raise refusals.WrongType(path="members", problem=_("a list of objects"))
    # [Entra] without the flag may put several ids under one "value".
    return [one for entry in entries for one in _one_by_one(entry)]


def _one_by_one(entry: dict[str, Any]) -> list[dict[str, Any]]:
    name = next((key for key in entry if key.casefold() == "value"), "")
    inner = entry.get(name)
    if isinstance(inner, list):
        return entries_of(inner)
    return entries_of(inner) if isinstance(inner, dict) else [entry]


def id_of(entry: dict[str, Any]) -> str:
    """The id of a member, from its address where it stands in that alone; "" where there is none.

    Raises GroupInGroup, WrongType.
    """
    folded = {key.casefold(): value for key, value in entry.items()}
    address = str(folded.get("$ref") or "")
    value = text("members.value", folded.get("value")) or ""
    scim_id = (value or address.rstrip("/").rpartition("/")[2]).strip()
    if scim_id and (str(folded.get("type")).casefold() == "group" or GROUPS in address):
        raise GroupInGroup(ids=scim_id[:60])
    return scim_id


def words_of(entry: dict[str, Any]) -> str:
    """The client's words for a member as they can be stored; "" where there are none. They must not stop a group."""
    words = next((value for key, value in entry.items() if key.casefold() == "display"), None)
    try:
        return values.text("display", words) if isinstance(words, str) else ""
    except InvalidValue:
        return ""
