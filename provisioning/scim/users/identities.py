"""Addresses and ids by which a call is found again, as they were sent and as they are stored."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from provisioning.scim.users.attributes import EXTENSION, USER
from provisioning.scim.users.resource import UserRow
from provisioning.scim.wire.attributes import split_urn
from provisioning.scim.wire.sent import loaded, unpacked

NAMES = {name.casefold() for name in ("userName", "externalId", "id", "emails", "nickName", EXTENSION)}
# Limits of the search: more than any identity provider sends.
MAX_FILTER, MAX_ENTRIES = 2000, 50
_SUB = re.compile(r"[.\[]")
_IN_PATH = re.compile(r"/Users/([^/?]{1,200})")
_IN_FILTER = re.compile(
    r"\b(?:userName|externalId|id|nickName|uniqueId|emails(?:\[[^\]]{0,60}\])?(?:\.value)?)"
    r'\s{1,3}\w\w\s{1,3}"?([^"\s()]{1,320})',
    re.IGNORECASE,
)


def identities(path: str, filter_text: Any, body: Any) -> list[str]:
    """The sent values of attributes that identify somebody, and no others: a secret must not be kept."""
    found = [unquote(match[1]) for match in [_IN_PATH.search(path)] if match and match[1] != ".search"]
    if isinstance(filter_text, str):
        found += _IN_FILTER.findall(filter_text[:MAX_FILTER])
    if isinstance(body, dict):
        found += _in_resource(body)
        for operation in operations_of(body):
            found += _in_operation(operation)
    return found


def known(row: UserRow) -> list[str]:
    """The stored addresses and ids."""
    return [row.scim_id, row.user_name, row.email or "", row.external_id or "", row.unique_id]


def _in_resource(resource: dict[str, Any]) -> Iterator[str]:
    for name, value in resource.items():
        if isinstance(value, dict) and name.casefold().startswith("urn:"):
            yield from _in_resource(value)
        elif attribute_of(name) in NAMES:
            yield from _texts(value)


def operations_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The operations of a PATCH, with their keys in lower case and their values as they are read."""
    sent: Any = next((value for key, value in body.items() if key.casefold() == "operations"), [])
    listed = sent[:MAX_ENTRIES] if isinstance(sent, list) else []
    return [_read(one) for one in listed if isinstance(one, dict)]


def _read(operation: dict[str, Any]) -> dict[str, Any]:
    folded = {key.casefold(): value for key, value in operation.items()}
    return folded | {"value": unpacked(loaded(folded.get("value")))}


def _in_operation(operation: dict[str, Any]) -> Iterator[str]:
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and attribute_of(path) in NAMES:
        yield from _texts(value)
    elif not path and isinstance(value, dict):
        yield from _in_resource(value)


def attribute_of(path: str) -> str:
    return _attribute_of(path[:200])


@lru_cache(1000)
def _attribute_of(path: str) -> str:
    return _SUB.split(split_urn(USER.without_core(path.strip()))[1], maxsplit=1)[0].casefold()


def _texts(value: Any) -> Iterator[str]:
    """The texts of a value: itself, or the values of its entries."""
    if isinstance(value, str):
        yield value
    for entry in value[:MAX_ENTRIES] if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            yield from (inner for key, inner in entry.items() if key.casefold() == "value" and isinstance(inner, str))
