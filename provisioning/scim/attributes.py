"""The attributes that are stored, by any spelling: names are compared without case (RFC 7643 §2.1)."""

from provisioning.scim.resource import CORE, NULAB

EXTENSION = "uniqueId"

# Attribute -> its sub-attributes; none for a simple one.
STORED: dict[str, tuple[str, ...]] = {
    "externalId": (),
    "userName": (),
    "displayName": (),
    "name": ("formatted", "familyName", "givenName"),
    "nickName": (),
    "preferredLanguage": (),
    "locale": (),
    "timezone": (),
    "active": (),
    "emails": ("value", "type", "primary"),
    "roles": ("value", "primary"),
    NULAB: ("uniqueId",),
}
# Ours to write: silently left alone inside a resource, refused as the path of a PATCH.
KEPT = ("schemas", "id", "meta", "groups")

_BY_KEY = {name.casefold(): name for name in (*STORED, *KEPT)}
_SUB_BY_KEY = {name: {sub.casefold(): sub for sub in subs} for name, subs in STORED.items()}


def canonical(name: str) -> str | None:
    """As this site writes it, or None if it is not stored."""
    return _BY_KEY.get(name.casefold())


def canonical_sub(name: str, sub: str) -> str | None:
    return _SUB_BY_KEY[name].get(sub.casefold()) if name in _SUB_BY_KEY else None


def without_core(path: str) -> str:
    """The core schema's URN may qualify any path and says nothing (RFC 7644 §3.10)."""
    return path[len(CORE) + 1 :] if path.casefold().startswith(CORE.casefold() + ":") else path


def split_urn(path: str) -> tuple[str, str]:
    """("urn:…:2.0:User", "manager.value") of a qualified path; ("", path) of any other.

    The attribute follows the last colon outside of a value filter.
    """
    if not path.casefold().startswith("urn:"):
        return "", path
    head, bracket, tail = path.partition("[")
    urn, _, attribute = head.rpartition(":")
    return urn, attribute + bracket + tail
