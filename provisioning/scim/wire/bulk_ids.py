"""References in a Bulk to what it makes itself: “bulkId:…” in values, addresses and paths (RFC 7644 §3.7.2).

Only in attributes that are stored: what is ignored needs nobody to exist. They are found in each form in which
values and paths are read.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from provisioning.scim.wire.attributes import Attributes, split_urn
from provisioning.scim.wire.bulk import Entry
from provisioning.scim.wire.quoting import completed_path
from provisioning.scim.wire.sent import loaded, unpacked

_PREFIX = "bulkid:"
_IN_PATH = re.compile(r'"(bulkId:[^"\\]{1,256}+)"', re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<=/)bulkId:[^/]++(?=/?\Z)", re.IGNORECASE)
_IN_JSON = re.compile(r'(?<=["/])bulkId:[^"/\\]++(?=/?")', re.IGNORECASE)
_TOP = re.compile(r"[.\[]")


def references_of(entry: Entry) -> set[str]:
    """The bulkIds that it refers to."""
    found: set[str] = set()

    def note(name: str) -> str:
        found.add(name)
        return ""

    _replaced(entry, note)
    return found


def resolved(entry: Entry, ids: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Its id and its data, with the ids of what has been made."""
    return _replaced(entry, ids.__getitem__)


def _replaced(entry: Entry, id_of: Callable[[str], str]) -> tuple[str, dict[str, Any]]:
    assert entry.resource
    attributes, name = entry.resource.attributes, _name(entry.id)
    scim_id = id_of(name) if name else entry.id
    if entry.method == "PATCH":
        return scim_id, {
            key: [_operation(one, attributes, id_of) for one in value]
            if key.casefold() == "operations" and isinstance(value, list)
            else value
            for key, value in entry.data.items()
        }
    return scim_id, _resource(entry.data, attributes, id_of)


def _operation(sent: Any, attributes: Attributes, id_of: Callable[[str], str]) -> Any:
    if not isinstance(sent, dict):
        return sent
    path = next((value for key, value in sent.items() if key.casefold() == "path"), None)
    done = dict(sent)
    for key, value in sent.items():
        if key.casefold() == "path" and isinstance(path, str):
            done[key] = _path(path, attributes, id_of)
        elif key.casefold() == "value" and isinstance(path, str) and not _is_whole(path, attributes):
            done[key] = _value(value, id_of) if _is_stored(path, attributes) else value
        elif key.casefold() == "value":
            inner = unpacked(loaded(value))
            done[key] = _resource(inner, attributes, id_of) if isinstance(inner, dict) else value
    return done


def _is_whole(path: str, attributes: Attributes) -> bool:
    """Whether the path leads to the resource itself."""
    return not path.strip() or attributes.is_core(path.strip())


def _path(path: str, attributes: Attributes, id_of: Callable[[str], str]) -> str:
    if _PREFIX not in path.casefold() or not _is_stored(path, attributes):
        return path
    return _IN_PATH.sub(lambda match: f'"{id_of(_name(match[1]))}"', completed_path(path))


def _resource(sent: dict[str, Any], attributes: Attributes, id_of: Callable[[str], str]) -> dict[str, Any]:
    done = {}
    for key, value in sent.items():
        inner = unpacked(value)
        if attributes.is_core(key) and isinstance(inner, dict):
            done[key] = _resource(inner, attributes, id_of)
        else:
            done[_path(key, attributes, id_of)] = _value(value, id_of) if _is_stored(key, attributes) else value
    return done


def _is_stored(path: str, attributes: Attributes) -> bool:
    """Whether a path leads to what is stored: by its first attribute, or the extension."""
    plain = attributes.without_core(path.strip())
    urn, attribute = split_urn(plain)
    if urn or attributes.is_extension(plain):
        return attributes.is_extension(urn) or attributes.is_extension(plain)
    return attributes.canonical(_TOP.split(attribute, maxsplit=1)[0]) in attributes.stored


def _value(sent: Any, id_of: Callable[[str], str]) -> Any:
    if isinstance(sent, str):
        name = _name(sent)
        return id_of(name) if name else _text(sent, id_of)
    if isinstance(sent, list):
        return [_value(one, id_of) for one in sent]
    if isinstance(sent, dict):
        return {
            key: _address(one, id_of) if key.casefold() == "$ref" else _value(one, id_of) for key, one in sent.items()
        }
    return sent


def _text(sent: str, id_of: Callable[[str], str]) -> str:
    """A text; one that holds JSON may have references in it."""
    if _PREFIX not in sent.casefold() or loaded(sent) is sent:
        return sent
    return _IN_JSON.sub(lambda match: id_of(_name(match[0])), sent)


def _address(sent: Any, id_of: Callable[[str], str]) -> Any:
    """The value of a `$ref`, whose address ends with the reference, or is it."""
    if not isinstance(sent, str) or _name(sent):
        return _value(sent, id_of)
    return _IN_ADDRESS.sub(lambda match: id_of(_name(match[0])), sent)


def _name(text: str) -> str:
    """The bulkId of a reference; "" of any other text."""
    return text[len(_PREFIX) :] if text[: len(_PREFIX)].casefold() == _PREFIX else ""
