"""The present transaction: rows that it holds, changes, writes on their way."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.db import models

from members.models.change import Change
from members.pending import LockNeeded, Pending

if TYPE_CHECKING:
    from members.models.organization import Organization


class ReadsItself(Protocol):
    """A row that locks and reads more than itself."""

    def read_again(self) -> "list[models.Model]":
        """Read afresh under the organization's lock; returns the objects to undo on failure. Raises DoesNotExist."""


@dataclass
class Work:
    """The rows that the present transaction has locked, and the changes in it."""

    locked: set[int] = field(default_factory=set)
    rows: list[models.Model] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    # Writes on their way; those of a transaction within another are its own again when it begins and ends.
    pending: Pending = field(default_factory=Pending)
    # Whether no lock is held: one is taken with the writes, if all is as it was read then.
    is_tried: bool = False
    # Somebody may have caught the LockNeeded.
    is_lock_needed: bool = False
    # Whether what is read now may be read without the lock.
    is_guarded: bool = False
    # Steps to be taken once no lock is needed any more.
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    # The objects as they were read, to be so again after a failure.
    kept: list[tuple[models.Model, dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def holds(self, row: models.Model) -> bool:
        """Whether this very object was read under the lock."""
        return id(row) in map(id, self.rows)

    def is_begun_for(self, organizations: "Sequence[Organization]") -> bool:
        """Whether these, one at least, are locked already, and nothing has been changed yet."""
        wanted = {one.pk for one in organizations}
        return bool(wanted) and wanted <= self.locked and not self.changes

    @property
    def is_idle(self) -> bool:
        """Whether nothing was to be changed so far, and nobody waits for it."""
        return self.is_tried and not self.changes and not self.pending.writes

    def read(self, row: models.Model) -> None:
        self.kept += [(one, dict(vars(one)), dict(one._state.fields_cache)) for one in _read_again(row)]
        self.rows.append(row)

    def undo(self) -> None:
        """Put the objects back as they were read, so that a page after a refusal shows what is stored."""
        for row, columns, related in reversed(self.kept):
            vars(row).clear()
            vars(row).update(columns)
            row._state.fields_cache = related

    def changed(self, row: models.Model) -> dict[str, list[Any]]:
        """Before and after of the row's fields over all of its changes; without what is as it was."""
        fields: dict[str, list[Any]] = {}
        for change in self.changes:
            if change.member is row:
                for name, (before, after) in (change.fields | change.derived).items():
                    fields[name] = [fields[name][0] if name in fields else before, after]
        return {name: sides for name, sides in fields.items() if sides[0] != sides[1]}

    def need_lock(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """A wrapper of the connection's execute: what is read without the lock could be another thing under it."""
        if self.is_guarded:
            return execute(*statement)
        self.is_lock_needed = True
        raise LockNeeded

    def take_over(self, inner: "Work") -> None:
        self.locked |= inner.locked
        self.changes += inner.changes
        self.kept += inner.kept


_current: ContextVar[Work | None] = ContextVar("work", default=None)


def current() -> Work | None:
    return _current.get()


def pending() -> Pending:
    """The writes of the present transaction that wait."""
    work = _current.get()
    assert work, "A change begins with organization.locked() or changing()."
    return work.pending


def hold(row: models.Model) -> None:
    """Count a row that is new in the present transaction among those that it has read under its lock."""
    work = _current.get()
    assert work, "A change begins with organization.locked() or changing()."
    work.rows.append(row)


@contextmanager
def guarded() -> Iterator[None]:
    """Reading of what the writes depend on: where it is no longer true when they are sent, a constraint or a check of
    theirs says so. It needs no lock.
    """
    work = _current.get()
    assert work, "A change begins with organization.locked() or changing()."
    work.is_guarded = True
    try:
        yield
    finally:
        work.is_guarded = False


def is_tried() -> bool:
    """Whether the present change holds no lock."""
    work = _current.get()
    return bool(work and work.is_tried)


@contextmanager
def in_force(work: Work) -> Iterator[None]:
    token = _current.set(work)
    try:
        yield
    finally:
        _current.reset(token)


def _read_again(row: models.Model) -> "list[models.Model]":
    if hasattr(row, "read_again"):
        return cast("ReadsItself", row).read_again()
    organization = row._state.fields_cache.get("organization")
    row.refresh_from_db()
    if organization:
        # The object that is locked, rather than another one of the same row.
        row._state.fields_cache["organization"] = organization
    return [row]
