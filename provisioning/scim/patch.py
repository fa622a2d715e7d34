"""PATCH (RFC 7644 §3.5.2): operations in any dialect, brought into the strict one and applied by scim2-models."""

import re
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext_noop as _
from pydantic import ValidationError
from scim2_models import PatchOp, Path, SCIMException, ScimPolicy
from scim2_models.exceptions import InvalidPathException

from members.refusals import Refusal
from provisioning.scim import refusals
from provisioning.scim.attributes import EXTENSION, KEPT, canonical, canonical_sub, split_urn, without_core
from provisioning.scim.dialects import (
    MOST_ENTRIES,
    MULTIPLE,
    Resource,
    chosen_email,
    clean_entry,
    is_empty,
    loaded,
    text,
    unpacked,
    unused_emails,
)
from provisioning.scim.filter_text import MOST_BYTES, MOST_DEPTH, MOST_PATH, MOST_TERMS, is_too_much
from provisioning.scim.quoting import completed_path
from provisioning.scim.resource import CORE, NULAB, User

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
_TYPE = re.compile(r"\btype\b", re.IGNORECASE)
# Written and read again and again, the last word counts; so many different values make no sense.
MOST_OPERATIONS, MOST_PATHS, MOST_KEYS = 1000, 100, 10_000
# Everybody is one or the other: removing it leaves the value.
LASTING = ("active",)


class Patch:
    """The operations of one request, ready to be applied, and what of them is not stored."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.ignored: list[str] = []
        # In the order of the last word on each path.
        self._operations: dict[tuple[str, int], dict[str, Any]] = {}
        self._keys = self._filtered = self._entries = 0
        # The attributes that they write, also with the value that is there already.
        self.named: set[str] = set()
        folded = {key.casefold(): value for key, value in body.items()}
        operations = folded.get("operations")
        if not isinstance(operations, list):
            raise refusals.InvalidSyntax(problem=_("“Operations” must be a list of operations"))
        if len(operations) > MOST_OPERATIONS:
            raise refusals.InvalidSyntax(problem=_("there are more than %(most)s operations"), most=MOST_OPERATIONS)
        for operation in operations:
            self._read(operation)

    @property
    def operations(self) -> list[dict[str, Any]]:
        return list(self._operations.values())

    def apply(self, user: dict[str, Any]) -> User:
        """The resource as it will be. All operations or none. Raises a ProtocolRefusal."""
        resource = User.model_validate(user)
        if not self._operations:
            return resource
        try:
            patch = PatchOp[User].model_validate({"Operations": self.operations}, scim_policy=POLICY)
            patch.patch(resource, scim_policy=POLICY)
        except ValidationError as error:
            raise self._refusal(error.errors()[0].get("type", "")) from None
        except SCIMException as error:
            raise self._refusal(f"scim_{error.scim_type}") from None
        return resource

    def _refusal(self, problem: str) -> Refusal:
        paths = ", ".join(str(operation.get("path", "")) for operation in self.operations)[:200]
        kinds: dict[str, type[Refusal]] = {"scim_noTarget": refusals.NoTarget, "scim_mutability": refusals.ReadOnly}
        if kind := kinds.get(problem):
            return kind(path=paths)
        if problem in ("scim_invalidPath", "scim_invalidFilter"):
            return refusals.InvalidPath(path=paths)
        return refusals.WrongType(path=paths, problem=_("a value that fits the attribute"))

    def _read(self, operation: Any) -> None:
        if not isinstance(operation, dict):
            raise refusals.InvalidSyntax(problem=_("each operation must be an object"))
        folded = {key.casefold(): value for key, value in operation.items()}
        op, path, value = folded.get("op"), folded.get("path"), folded.get("value")
        if not isinstance(op, str) or op.casefold() not in ("add", "replace", "remove"):
            raise refusals.InvalidSyntax(problem=_("“op” must be add, replace or remove"))
        if path is not None and not isinstance(path, str):
            raise refusals.InvalidPath(path=str(path)[:200])
        path = without_core((path or "").strip())
        if path.casefold() == CORE.casefold():
            path = ""
        if not path and op.casefold() == "remove":
            raise refusals.NoTarget(path="")
        if not path and "value" in folded and is_empty(value):
            return
        if not path:
            self._write_pathless(op.casefold(), value)
        elif path.casefold() == NULAB.casefold():
            self._write_extension(op.casefold(), value)
        else:
            self._at(op.casefold(), path, value)

    def _write_extension(self, op: str, value: Any) -> None:
        if op == "remove":
            self._at(op, f"{NULAB}:{EXTENSION}", None)
        else:
            self._write_pathless(op, {NULAB: value})

    def _write_pathless(self, op: str, value: Any) -> None:
        """[Okta], [Entra] An object of attributes; each becomes an operation of its own."""
        value = loaded(value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            raise refusals.WrongType(path="value", problem=_("an object of attributes"))
        # [Entra] with the flag puts value paths among the keys.
        for path in [key for key in value if "[" in key]:
            self._at(op, without_core(path.strip()), value[path])
        self._keys += len(value)
        if self._keys > MOST_KEYS:
            raise refusals.InvalidSyntax(problem=_("it has more than %(most)s attributes"), most=MOST_KEYS)
        sent = Resource({key: inner for key, inner in value.items() if "[" not in key})
        self.ignored += sent.ignored
        for name, stored in sent.stored.items():
            if name in ("name", NULAB) and stored is not None:
                separator = "." if name == "name" else ":"
                for sub, inner in stored.items():
                    self._write(op, f"{name}{separator}{sub}", name, inner)
            else:
                self._write(op, name, name, stored)

    def _at(self, op: str, path: str, value: Any) -> None:
        """One operation with a path: well-formed, of a stored attribute, or ignored."""
        self._bound(path)
        path, parsed = _parsed(path)
        parts = parsed.parts
        urn, _ = split_urn(path)
        if urn and urn.casefold() != NULAB.casefold():
            self.ignored.append(path)
            return
        name = NULAB if urn else canonical(parts[0])
        sub = parts[-1] if urn or len(parts) > 1 else ""
        if name is None or (sub and name not in KEPT and canonical_sub(name, sub) is None):
            self.ignored.append(path)
        elif name in KEPT:
            raise refusals.ReadOnly(path=path)
        elif name in MULTIPLE and (sub.casefold() == "primary" or (name, sub.casefold()) == ("roles", "type")):
            # One address and one role are kept: they are the primary ones.
            self.ignored.append(path)
        elif parsed.value_filter is None and not sub:
            self._write_whole(op, name, value)
        elif name in MULTIPLE and op != "remove" and (name == "roles" or not _TYPE.search(path)):
            # There is one role and one address: whichever entry is meant, also one that is not there, it is that.
            self._write_whole(op, name, {"value": value} if sub and (name == "roles" or not is_empty(value)) else value)
        else:
            self._write(op, self._spelled(path, name, sub), name, self._sub_value(name, sub, value, path))

    def _bound(self, path: str) -> None:
        """Raises PathTooLong. Those with a filter cost the parser most, so they are bounded together, too."""
        if is_too_much(path, self._filtered):
            limits = {"characters": MOST_PATH, "terms": MOST_TERMS, "depth": MOST_DEPTH, "bytes": MOST_BYTES}
            raise refusals.PathTooLong(path=path, **limits)
        self._filtered += len(path.encode()) if "[" in path else 0

    def _write_whole(self, op: str, name: str, value: Any) -> None:
        sent = Resource({name: loaded(value) if name == "name" else value})
        self.ignored += sent.ignored
        self._write_attribute(op, name, sent.stored.get(name))

    def _spelled(self, path: str, name: str, sub: str) -> str:
        if name == NULAB:
            return f"{NULAB}:{EXTENSION}"
        return path if "[" in path or " " in path else f"{name}.{canonical_sub(name, sub)}"

    def _sub_value(self, name: str, sub: str, value: Any, path: str) -> Any:
        value = unpacked("", value)
        if is_empty(value):
            return None
        known = canonical_sub(name, sub) if sub else ""
        if known:
            return text(path, value)
        if isinstance(value, str) and name in MULTIPLE:
            return {"value": value}
        if isinstance(value, dict):
            return clean_entry(name, value)
        raise refusals.WrongType(path=path, problem=_("an object"))

    def _write_attribute(self, op: str, name: str, value: Any) -> None:
        """A whole attribute. A complex one is written part by part, so that the other parts stay."""
        if name == "name" and op != "remove" and value is not None:
            for sub, inner in value.items():
                self._write(op, f"name.{sub}", name, inner)
        else:
            self._write(op, name, name, value)

    def _write(self, op: str, path: str, name: str, value: Any) -> None:
        # Only null and an empty list take every entry away; entries without a value say nothing (dialects.py).
        if path in MULTIPLE and (value == [] or (op == "add" and value is None)):
            return
        is_removal = op == "remove" or value is None
        if is_removal and name == "userName":
            raise refusals.CannotBeRemoved(path="userName")
        if is_removal and name in LASTING:
            # Names no value: what is there must not be taken for what the client has said.
            self.ignored.append(path)
            return
        self.named.add(name)
        if is_removal:
            # [Entra] removes the entries that it names, not all of them.
            entries = {"value": value} if op == "remove" and path in MULTIPLE and value else {}
            self._append({"op": "remove", "path": path, **entries})
        elif path == "emails" and chosen_email(value) is None:
            # Another address, of a type that is not kept, must not take the place of the one that is.
            self.ignored += unused_emails(value, None)
        else:
            # [Entra] adds roles and e-mail addresses where it means to set them, and adding a value to a
            # single-valued attribute sets it (RFC 7644 §3.5.2.1): the same as replacing.
            self._append({"op": "replace", "path": path, "value": value})

    def _append(self, operation: dict[str, Any]) -> None:
        """In the place of a former one on the same path; entries that are taken out add up.

        Raises InvalidSyntax, TooManyEntries.
        """
        is_of_entries = operation["op"] == "remove" and "value" in operation
        if is_of_entries:
            self._entries += len(operation["value"]) if isinstance(operation["value"], list) else 1
            if self._entries > MOST_ENTRIES:
                raise refusals.TooManyEntries(path=operation["path"], most=MOST_ENTRIES)
        key = (operation["path"], len(self._operations) if is_of_entries else 0)
        self._operations.pop(key, None)
        self._operations[key] = operation
        if len(self._operations) > MOST_PATHS:
            raise refusals.InvalidSyntax(problem=_("it changes more than %(most)s different values"), most=MOST_PATHS)


def _parsed(path: str) -> tuple[str, Path[Any]]:
    """The path as it is applied: its values stand in quotes, however they came. Raises InvalidPath."""
    for spelled in (path, completed_path(path)):
        with suppress(InvalidPathException, ValueError):
            parsed: Path[Any] = Path(spelled)
            if parsed.parts:
                return spelled, parsed
    raise refusals.InvalidPath(path=path[:200])
