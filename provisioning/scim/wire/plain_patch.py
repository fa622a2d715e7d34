"""PATCHes of every day need no grammar of paths: values set in a rendered resource as scim2-models would set them.

Building its models and walking their paths costs more than the change. A test holds the two to each other.
"""

import re
from collections.abc import Iterable
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

Document = dict[str, Any]
_OF_ENTRY = re.compile(r'(?<!\w)(\w++)\[type eq "([^"\\]++)"\]\.(\w++)', re.ASCII)


def set_plainly(model: Any, document: Document, operations: Iterable[Document]) -> Document | None:
    """The resource as it will be, or None if an operation is of another kind."""
    after, types = {**document}, _types(model)
    for operation in operations:
        if operation["op"] != "replace" or not _set(after, types, operation["path"], operation["value"]):
            return None
    return after


def _set(after: Document, types: Document, path: str, value: Any) -> bool:
    """Set an attribute, or the part of one. Whether it could be done."""
    kind = types.get(path)
    if isinstance(kind, list):
        return _set_only_entry(after, kind[0], path, value)
    if kind is not None:
        return _put(after, path, kind, value)
    name, _, part = path.rpartition(":" if path.startswith("urn:") else ".")
    parts = types.get(name)
    if isinstance(parts, dict):
        after[name] = {**after.get(name, {})}
        return _put(after[name], part, parts.get(part), value)
    return _set_in_entry(after, types, path, value)


def _put(holder: Document, name: str, kind: Any, value: Any) -> bool:
    """Put a text or a truth; the empty text, which takes a value away, is no such."""
    if type(value) is not kind or value == "":
        return False
    holder[name] = value
    return True


def _set_only_entry(after: Document, parts: Document, path: str, value: Any) -> bool:
    """Replace all entries by one."""
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict) or "value" not in value[0]:
        return False
    entry: Document = {}
    after[path] = [entry]
    return all(_put(entry, part, parts.get(part), inner) for part, inner in value[0].items())


def _set_in_entry(after: Document, types: Document, path: str, value: Any) -> bool:
    """Set a part of the entry of a type, if it is the only entry that there is."""
    found = _OF_ENTRY.fullmatch(path)
    kind = types.get(found[1]) if found else None
    entries: Any = after.get(found[1], ()) if found else ()
    if not found or not isinstance(kind, list) or len(entries) != 1 or entries[0].get("type") != found[2]:
        return False
    entry = {**entries[0]}
    after[found[1]] = [entry]
    return _put(entry, found[3], kind[0].get(found[3]), value)


@cache
def _types(model: Any) -> Document:
    """Type by attribute: that of its values if they are texts or truths; those of the parts of a complex one, in a list
    if it may have several entries.
    """
    types: Document = {}
    for field in model.model_fields.values():
        declared = next((one for one in get_args(field.annotation) if one is not NoneType), None)
        is_multiple = get_origin(declared) is list
        kind = get_args(declared)[0] if is_multiple else declared
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            types[field.serialization_alias] = [_types(kind)] if is_multiple else _types(kind)
        elif kind in (str, bool) and not is_multiple:
            types[field.serialization_alias] = kind
    return types
