"""PATCH (RFC 7644 §3.5.2): operations in any dialect, brought into the strict one and applied by scim2-models."""

from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any, ClassVar

from django.utils.translation import gettext_noop as _
from pydantic import ValidationError
from scim2_models import PatchOp, Path, SCIMException, ScimPolicy
from scim2_models.exceptions import InvalidPathException

from members.refusals import Refusal
from provisioning.scim.wire import refusals
from provisioning.scim.wire.attributes import Attributes, split_urn
from provisioning.scim.wire.filter_text import MAX_BYTES, MAX_DEPTH, MAX_PATH, MAX_TERMS, is_too_much
from provisioning.scim.wire.plain_patch import set_plainly
from provisioning.scim.wire.quoting import completed_path
from provisioning.scim.wire.sent import MAX_ENTRIES, Sent, loaded, says_nothing

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
# Limits of operations, paths and keys: far more than any mapping has.
MAX_OPERATIONS, MAX_PATHS, MAX_KEYS = 1000, 100, 10_000


class Patch(ABC):
    """The operations of one request, ready to be applied, and their parts that are not stored.

    A resource says what its values look like in `sent`, and how those of its attributes are written.
    """

    attributes: ClassVar[Attributes]
    sent: ClassVar[type[Sent]]
    # The declaration of the resource by scim2-models.
    model: ClassVar[Any]

    def __init__(self, body: dict[str, Any]) -> None:
        self.ignored: list[str] = []
        # Operations, in the order of the last one on each path.
        self._operations: dict[tuple[str, int], dict[str, Any]] = {}
        self._keys = self._filtered = self._entries = 0
        # The attributes that they write, also with the value that is there already.
        self.named: set[str] = set()
        folded = {key.casefold(): value for key, value in body.items()}
        operations = folded.get("operations")
        if not isinstance(operations, list):
            raise refusals.InvalidSyntax(problem=_("“Operations” must be a list of operations"))
        if len(operations) > MAX_OPERATIONS:
            raise refusals.InvalidSyntax(problem=_("there are more than %(most)s operations"), most=MAX_OPERATIONS)
        for operation in operations:
            self._read(operation)

    @property
    def operations(self) -> list[dict[str, Any]]:
        return list(self._operations.values())

    def apply(self, document: dict[str, Any]) -> dict[str, Any]:
        """The resource as it will be. All operations or none. Raises a ProtocolRefusal."""
        return set_plainly(self.model, document, self.operations) or self._apply_by_grammar(document)

    def _apply_by_grammar(self, document: dict[str, Any]) -> dict[str, Any]:
        resource = self.model.model_validate(document)
        try:
            patch = _patch_op(self.model).model_validate({"Operations": self.operations}, scim_policy=POLICY)
            patch.patch(resource, scim_policy=POLICY)
        except ValidationError as error:
            raise self._refusal(error.errors()[0].get("type", "")) from None
        except SCIMException as error:
            raise self._refusal(f"scim_{error.scim_type}") from None
        after: dict[str, Any] = resource.model_dump()
        return after

    def _refusal(self, problem: str) -> Refusal:
        paths = ", ".join(str(operation.get("path", "")) for operation in self.operations)[:200]
        kinds: dict[str, type[Refusal]] = {"scim_noTarget": refusals.NoTarget, "scim_mutability": refusals.ReadOnly}
        if kind := kinds.get(problem):
            return kind(path=paths)
        if problem == "scim_invalidPath":
            return refusals.InvalidPath(path=paths)
        if problem == "scim_invalidFilter":
            return refusals.InvalidBrackets(path=paths)
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
        path = self.attributes.without_core((path or "").strip())
        if self.attributes.is_core(path):
            path = ""
        op = op.casefold()
        if not path and op == "remove":
            raise refusals.NoTarget(path="")
        if not path and "value" in folded and says_nothing(value):
            return
        if op != "remove" and "value" not in folded and self.attributes.canonical(path) in self.sent.multiple:
            # Neither null nor an empty list, which would take all entries away.
            self.ignored.append(path)
        elif not path:
            self._write_pathless(op, value)
        elif self.attributes.is_extension(path):
            self._write_extension(op, value)
        else:
            self._at(op, path, value)

    def _write_extension(self, op: str, value: Any) -> None:
        if op != "remove":
            self._write_pathless(op, {self.attributes.extension: value})
            return
        for sub in self.attributes.stored[self.attributes.extension]:
            self._at(op, f"{self.attributes.extension}:{sub}", None)

    def _write_pathless(self, op: str, value: Any) -> None:
        """[Okta], [Entra] An object of attributes; each becomes an operation of its own."""
        value = loaded(value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict):
            raise refusals.WrongType(path="value", problem=_("an object of attributes"))
        # [Entra] with the flag puts value paths among the keys.
        for path in [key for key in value if "[" in key]:
            self._at(op, self.attributes.without_core(path.strip()), value[path])
        self._keys += len(value)
        if self._keys > MAX_KEYS:
            raise refusals.InvalidSyntax(problem=_("it has more than %(most)s attributes"), most=MAX_KEYS)
        sent = self.sent({key: inner for key, inner in value.items() if "[" not in key})
        self.ignored += sent.ignored
        for name, stored in sent.stored.items():
            if isinstance(stored, dict):
                separator = ":" if name == self.attributes.extension else "."
                for sub, inner in stored.items():
                    self._write(op, f"{name}{separator}{sub}", name, inner)
            else:
                self._write(op, name, name, stored)

    def _at(self, op: str, path: str, value: Any) -> None:
        """One operation with a path: well-formed, of a stored attribute, or ignored."""
        self._bound(path)
        path, parts, is_filtered = _parsed(path)
        urn, _ = split_urn(path)
        if urn and not self.attributes.is_extension(urn):
            self.ignored.append(path)
            return
        name = self.attributes.extension if urn else self.attributes.canonical(parts[0])
        sub = parts[-1] if urn or len(parts) > 1 else ""
        if name is None or (
            sub and name not in self.attributes.kept and self.attributes.canonical_sub(name, sub) is None
        ):
            self.ignored.append(path)
        elif name in self.attributes.kept:
            raise refusals.ReadOnly(path=path)
        else:
            self._write_at(op, path, name, sub, is_filtered=is_filtered, value=value)

    def _bound(self, path: str) -> None:
        """Bound the path. Raises PathTooLong. Paths with a filter cost the parser most, so their sum is bounded."""
        if is_too_much(path, self._filtered):
            limits = {"characters": MAX_PATH, "terms": MAX_TERMS, "depth": MAX_DEPTH, "bytes": MAX_BYTES}
            raise refusals.PathTooLong(path=path, **limits)
        self._filtered += len(path.encode()) if "[" in path else 0

    @abstractmethod
    def _write_at(self, op: str, path: str, name: str, sub: str, *, is_filtered: bool, value: Any) -> None:
        """An operation on a stored attribute, or on its part or some of its entries."""

    @abstractmethod
    def _write(self, op: str, path: str, name: str, value: Any) -> None:
        """A clean value of the attribute `name`, for `_append`."""

    def _append(self, operation: dict[str, Any]) -> None:
        """Add the operation, in the place of a former one on the same path; entries to remove add up.

        Raises InvalidSyntax, TooManyEntries.
        """
        is_of_entries = operation["op"] == "remove" and "value" in operation
        if is_of_entries:
            self._entries += len(operation["value"]) if isinstance(operation["value"], list) else 1
            if self._entries > MAX_ENTRIES:
                raise refusals.TooManyEntries(path=operation["path"], most=MAX_ENTRIES)
        key = (operation["path"], len(self._operations) if is_of_entries else 0)
        self._operations.pop(key, None)
        self._operations[key] = operation
        if len(self._operations) > MAX_PATHS:
            raise refusals.InvalidSyntax(problem=_("it changes more than %(most)s different values"), most=MAX_PATHS)


@cache
def _patch_op(model: Any) -> Any:
    """Kept here: pydantic forgets it with the garbage, and makes it anew in the middle of a request."""
    return PatchOp[model]


@lru_cache(1000)
def _parsed(path: str) -> tuple[str, tuple[str, ...], bool]:
    """The path as it is applied: its values stand in quotes, however they came; its names, and whether it has a filter.
    Raises InvalidPath.
    """
    for spelled in (path, completed_path(path)):
        with suppress(InvalidPathException, ValueError):
            parsed: Path[Any] = Path(spelled)
            if parsed.parts:
                return spelled, tuple(parsed.parts), parsed.value_filter is not None
    raise refusals.InvalidPath(path=path[:200])
