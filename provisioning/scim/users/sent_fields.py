"""The fields of a member that a write names, as the member page calls them. Empty values do not count."""

from collections.abc import Iterator
from typing import Any

from members.fields import FIELDS
from provisioning.scim.users.identities import attribute_of, operations_of

# Fields by attribute in lower case; nickName is another way to say uniqueId.
KEPT_AS = {field.scim.casefold(): field.kept_as for field in FIELDS if field.kept_as} | {"nickname": "unique_id"}


def sent_fields(body: dict[str, Any]) -> set[str]:
    named = {*_in_resource(body), *(name for operation in operations_of(body) for name in _in_operation(operation))}
    fields = {KEPT_AS[name] for name in named if name in KEPT_AS}
    # Without an e-mail of its own, a member's follows the sign-in name.
    return fields | ({"email"} if "user_name" in fields else set())


def _in_resource(resource: dict[str, Any]) -> Iterator[str]:
    for name, value in resource.items():
        if isinstance(value, dict) and name.casefold().startswith("urn:"):
            yield from _in_resource(value)
        elif value not in (None, "", [], {}):
            yield attribute_of(name)


def _in_operation(operation: dict[str, Any]) -> Iterator[str]:
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and path:
        # The extension itself may be the path, or the whole of the resource.
        yield from _in_resource({path: value})
    elif isinstance(value, dict):
        yield from _in_resource(value)
