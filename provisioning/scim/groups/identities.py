"""Names and ids by which a call about a group is found again, as they were sent and as they are stored."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.groups.resource import GroupRow
from provisioning.scim.wire.sent import loaded, unpacked

NAMES = ("displayname", "externalid", "id")
# Limits of the search: more than any identity provider sends of a group itself.
MAX_FILTER, MAX_OPERATIONS = 2000, 50
_IN_PATH = re.compile(r"/Groups/([^/?]{1,200})")
_IN_FILTER = re.compile(r'\b(?:displayName|externalId|id|value)\s{1,3}eq\s{1,3}"([^"]{1,320})"', re.IGNORECASE)


def identities(path: str, filter_text: Any, body: Any) -> list[str]:
    """The sent values of attributes that identify a group, or a member in a filter, and no others."""
    found = [unquote(match[1]) for match in [_IN_PATH.search(path)] if match and match[1] != ".search"]
    if isinstance(filter_text, str):
        found += _IN_FILTER.findall(filter_text[:MAX_FILTER])
    if isinstance(body, dict):
        found += _in_resource(body)
        for operation in _operations(body):
            found += _in_operation(operation)
    return found


def known(row: GroupRow) -> list[str]:
    return [row.scim_id, row.name, row.external_id or ""]


def _in_resource(resource: dict[str, Any]) -> Iterator[str]:
    for name, value in resource.items():
        if GROUP.without_core(name[:200]).casefold() in NAMES and isinstance(value, str):
            yield value


def _operations(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    sent: Any = next((value for key, value in body.items() if key.casefold() == "operations"), [])
    for one in sent[:MAX_OPERATIONS] if isinstance(sent, list) else []:
        if isinstance(one, dict):
            folded = {key.casefold(): value for key, value in one.items()}
            yield folded | {"value": unpacked(loaded(folded.get("value")))}


def _in_operation(operation: dict[str, Any]) -> Iterator[str]:
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and path.strip():
        yield from _in_resource({path.strip(): value})
    elif isinstance(value, dict):
        yield from _in_resource(value)
