"""The beginning of every verb: `organization.locked(rows)`, or `changing()` without an organization to lock.

Either is one transaction. What is locked is held until it ends, the rows are read afresh, and a failure undoes the
objects at hand along with the database. What was done in it is one list of changes (decision 19).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from django.db import models, transaction

from members.models.change import Change
from members.openings import AFTER_CHANGE

if TYPE_CHECKING:
    from members.models.organization import Organization


@runtime_checkable
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
    # The objects as they were read, to be so again after a failure.
    kept: list[tuple[models.Model, dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def holds(self, row: models.Model) -> bool:
        """Whether this very object was read under the lock."""
        return any(row is one for one in self.rows)

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

    def take_over(self, inner: "Work") -> None:
        self.locked |= inner.locked
        self.changes += inner.changes
        self.kept += inner.kept


_current: ContextVar[Work | None] = ContextVar("work", default=None)


def current() -> Work | None:
    return _current.get()


@contextmanager
def changing(*organizations: "Organization", rows: Sequence[models.Model] = ()) -> Iterator[None]:
    """One transaction with these organizations locked, in their order, and these rows read afresh.

    Within another it is part of that one: undone by itself where somebody goes on after its failure. Around rows that
    are held already it costs nothing and is not undone by itself. Raises the DoesNotExist of a row that has gone.
    """
    outer = _current.get()
    if outer and rows and all(map(outer.holds, rows)):
        yield
        return
    work = Work(set(outer.locked), [*outer.rows]) if outer else Work()
    try:
        with transaction.atomic(), _in_force(work):
            for organization in sorted(organizations, key=lambda one: one.pk):
                _lock(organization, work)
            for row in rows:
                work.read(row)
            yield
            if outer is None:
                _tell(work)
    except BaseException:
        work.undo()
        raise
    if outer:
        outer.take_over(work)


@contextmanager
def _in_force(work: Work) -> Iterator[None]:
    token = _current.set(work)
    try:
        yield
    finally:
        _current.reset(token)


def _lock(organization: "Organization", work: Work) -> None:
    """NO KEY, because rows that merely refer to the organization need not wait."""
    if organization.pk not in work.locked:
        type(organization).objects.select_for_update(no_key=True).only("pk").get(pk=organization.pk)
        work.locked.add(organization.pk)


def _read_again(row: models.Model) -> "list[models.Model]":
    if isinstance(row, ReadsItself):
        return row.read_again()
    organization = row._state.fields_cache.get("organization")
    row.refresh_from_db()
    if organization:
        # The object that is locked, rather than another one of the same row.
        row._state.fields_cache["organization"] = organization
    return [row]


def _tell(work: Work) -> None:
    """Tell the apps above of each change, including those that are made in answer to another."""
    for change in work.changes:
        AFTER_CHANGE.ask(change)
