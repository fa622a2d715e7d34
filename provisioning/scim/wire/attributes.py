"""Names of attributes in any spelling: they are compared without case (RFC 7643 §2.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

META = ("resourceType", "created", "lastModified", "location", "version")


@dataclass(frozen=True)
class Attributes:
    """The attributes of one resource: those that are stored, and those that this site sets."""

    core: str
    # Attribute -> its sub-attributes, none for a simple one; an extension stands under its URN.
    stored: Mapping[str, tuple[str, ...]]
    extension: str = ""
    # Attributes set by this site, with their parts: ignored inside a resource, refused as the path of a PATCH.
    kept: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"schemas": (), "id": (), "meta": META})
    # Sub-attributes that are read without being stored.
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Sub-attributes of stored attributes that this site sets.
    shown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def canonical(self, name: str) -> str | None:
        """The name as this site writes it, or None if it is not stored."""
        return self._by_key.get(name.casefold())

    def canonical_sub(self, name: str, sub: str) -> str | None:
        return self._subs_by_key[name].get(sub.casefold()) if name in self.stored else None

    def is_read(self, name: str, sub: str) -> bool:
        return sub.casefold() in self.read.get(name, ())

    def without_core(self, path: str) -> str:
        """The core schema's URN may qualify any path and says nothing (RFC 7644 §3.10)."""
        is_qualified = ":" in path and path.casefold().startswith(self.core.casefold() + ":")
        return path[len(self.core) + 1 :] if is_qualified else path

    def is_core(self, urn: str) -> bool:
        return ":" in urn and urn.casefold() == self.core.casefold()

    def is_extension(self, urn: str) -> bool:
        return ":" in urn and urn.casefold() == self.extension.casefold()

    def projected(self, written: str) -> str:
        """The name of a projection in our spelling: "name.givenName", "urn:….attribute" for the extension."""
        path = self.without_core(written)
        if self.is_extension(path):
            return self.extension
        urn, attribute = split_urn(path)
        if self.is_extension(urn) and (known := self.canonical_sub(self.extension, attribute)):
            return f"{self.extension}.{known}"
        top, _, sub = path.partition(".")
        name = self.canonical(top) or top
        subs = {one.casefold(): one for one in self.shown.get(name, ())} | self._subs_by_key.get(name, {})
        return f"{name}.{subs.get(sub.casefold(), sub)}" if sub else name

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {name.casefold(): name for name in (*self.stored, *self.kept)}

    @cached_property
    def _subs_by_key(self) -> dict[str, dict[str, str]]:
        everything = {**self.kept, **self.stored}
        return {name: {sub.casefold(): sub for sub in subs} for name, subs in everything.items()}


def split_urn(path: str) -> tuple[str, str]:
    """("urn:…:2.0:User", "manager.value") of a qualified path; ("", path) of any other.

    The attribute follows the last colon outside of a value filter.
    """
    if ":" not in path or not path.casefold().startswith("urn:"):
        return "", path
    head, bracket, tail = path.partition("[")
    urn, _, attribute = head.rpartition(":")
    return urn, attribute + bracket + tail
