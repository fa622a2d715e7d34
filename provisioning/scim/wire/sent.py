"""A resource as it was sent, and the shapes in which its values may come.

Each deviation stands with where it was seen. Sources: [Entra] Microsoft's “Known issues
for application provisioning” and “Develop a SCIM endpoint” pages; [OneLogin] OneLogin's
SCIM provisioning pages.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import orjson
from django.utils.translation import gettext_noop as _

from members.keys import plain
from provisioning.scim.wire import refusals
from provisioning.scim.wire.attributes import Attributes, split_urn
from provisioning.scim.wire.depth import is_too_deep

# Limits: far more than any directory has of one person.
MAX_ATTRIBUTES, MAX_ENTRIES = 1000, 100
# Parts of an entry of any multi-valued attribute (RFC 7643 §2.4).
ENTRY = {"value", "type", "primary", "display", "$ref"}


class Sent(ABC):
    """A resource as sent: `stored` holds what we keep, in our spelling; `ignored` names the rest.

    A stored None means that the client said so: null, or what is empty in another way. An empty list stands for
    entries without a value, which say nothing.
    """

    attributes: ClassVar[Attributes]
    multiple: ClassVar[tuple[str, ...]] = ()

    def __init__(self, sent: dict[str, Any]) -> None:
        self.stored: dict[str, Any] = {}
        self.ignored: list[str] = []
        self._take_all(sent)

    def _take_all(self, sent: dict[str, Any]) -> None:
        if len(sent) > MAX_ATTRIBUTES:
            raise refusals.InvalidSyntax(problem=_("it has more than %(most)s attributes"), most=MAX_ATTRIBUTES)
        for key, value in sent.items():
            self._take(key, value)

    def _take(self, key: str, value: Any) -> None:
        # [Entra] without the flag sends "name.givenName" and URN-qualified keys in pathless operations.
        path = self.attributes.without_core(key)
        urn, attribute = split_urn(path)
        if self.attributes.is_extension(path) or self.attributes.is_core(path):
            self._take_schema(self.attributes.canonical(path) or "", value)
        elif self.attributes.is_extension(urn):
            self._take_schema(self.attributes.extension, {attribute: value})
        elif urn:
            self._ignore(path, value)
        else:
            self._take_attribute(path, value)

    def _take_schema(self, urn: str, value: Any) -> None:
        value = unpacked(value)
        if says_nothing(value):
            return
        if not isinstance(value, dict):
            raise refusals.WrongType(path=urn or self.attributes.core, problem=_("an object"))
        if not urn:
            self._take_all(value)
            return
        for key, inner in value.items():
            if known := self.attributes.canonical_sub(urn, key):
                self.stored.setdefault(urn, {})[known] = text(f"{urn}:{known}", inner)
            else:
                self.ignored.append(f"{urn}:{key}")

    def _take_attribute(self, path: str, value: Any) -> None:
        name, _, sub = path.partition(".")
        known = self.attributes.canonical(name)
        if known in self.attributes.kept:
            return
        if known is None or (sub and self.attributes.canonical_sub(known, sub) is None):
            self._ignore(path, value)
        elif sub and known not in self.multiple:
            self._take_parts(known, {self.attributes.canonical_sub(known, sub): text(path, value)})
        elif sub:
            self._take_attribute(known, {sub: value})
        elif self.attributes.stored[known] and known not in self.multiple:
            self._take_parts(known, self._value(known, value))
        else:
            self.stored[known] = self._value(known, value)

    def _take_parts(self, known: str, parts: Any) -> None:
        """Take "name" and "name.givenName" together, in either order; null beside a part says nothing about it."""
        former = self.stored.get(known)
        self.stored[known] = {**(former or {}), **(parts or {})} if former or parts else parts

    @abstractmethod
    def _value(self, name: str, value: Any) -> Any:
        """The value of a stored attribute that has one of the right type. Raises WrongType."""

    def _ignore(self, path: str, value: Any) -> None:
        """Name what was not stored; the attributes of an extension one by one."""
        if isinstance(value, dict) and path.casefold().startswith("urn:"):
            self.ignored.extend(f"{path}:{key}" for key in value)
        else:
            self.ignored.append(path)


def is_empty(value: Any) -> bool:
    """Whether the value is null, a text that shows nothing, or made of such alone: one state (RFC 7643 §2.5), never a
    wrong type.
    """
    if isinstance(value, str):
        return not plain(value)
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    if isinstance(value, list):
        return all(map(is_empty, value))
    return value is None


def says_nothing(value: Any) -> bool:
    """Whether the value names no attribute: an object of nothing but empty values takes these away."""
    inside = unpacked(value)
    return is_empty(inside) and not (isinstance(inside, dict) and inside)


def unpacked(value: Any) -> Any:
    """[Entra] sends the value of a single-valued attribute as a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def single(value: Any) -> Any:
    """The value of a single-valued attribute, which may come as an entry; one without a value says nothing.

    [Entra] Microsoft's library for .NET sends `{"$ref": null, "value": "Mia"}`.
    """
    inside = unpacked(value)
    if not isinstance(inside, dict) or not inside:
        return inside
    folded = {key.casefold(): inner for key, inner in inside.items()}
    return folded.get("value") if folded.keys() <= ENTRY else inside


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
    """The value as text or null. A number is taken for externalId only, where [OneLogin] sends its ids."""
    value = single(value)
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
    if isinstance(value, str) and (word := value.strip().casefold()) in ("true", "false"):
        return word == "true"
    raise refusals.WrongType(path=path, problem=_("true or false"))


def entries_of(name: str, value: Any) -> list[dict[str, Any]]:
    """A multi-valued attribute as a list of objects: one object, bare strings and nulls are seen too."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = loaded(value)
    listed = value if isinstance(value, list) else [value]
    if len(listed) > MAX_ENTRIES:
        raise refusals.TooManyEntries(path=name, most=MAX_ENTRIES)
    said = [entry for entry in listed if not is_empty(entry)]
    entries = [{"value": entry} if isinstance(entry, str) else entry for entry in said]
    if not all(isinstance(entry, dict) for entry in entries):
        raise refusals.WrongType(path=name, problem=_("a list of objects"))
    return entries
