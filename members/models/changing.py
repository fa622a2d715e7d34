"""The beginning of every verb: `organization.locked(rows)`, or `changing()` without an organization to lock.

Either is one transaction. What is locked is held until it ends, the rows are read afresh, and a failure undoes the
objects at hand along with the database. What was done in it is one list of changes (decision 19), and what it writes
waits to be one statement (decision 21).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from django.db import connection, models, transaction

from members.models.change import Change
from members.openings import AFTER_CHANGE, BEFORE_COMMIT
from members.pending import LockNeeded, Pending, Statement
from members.statements import fetched, for_update, key_column, table_of

if TYPE_CHECKING:
    from members.models.organization import Organization


class ReadsItself(Protocol):
    """A row that locks and reads more than itself."""

    def read_again(self) -> "list[models.Model]":
        """Read afresh under the organization's lock; returns the objects to undo on failure. Raises DoesNotExist."""


class LocksItself(Protocol):
    """A row whose lock is its organization's, too."""

    organization_id: int

    def lock_rows(self) -> None:
        """Lock the organization and what is to be locked after it, in one statement."""

    def read_unlocked(self) -> tuple[Statement, Statement]:
        """Read without a lock; returns what locks, and what finds a row while nothing of it has changed."""


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
        return any(row is one for one in self.rows)

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
_tries: ContextVar[bool] = ContextVar("tries", default=False)


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
def changing(*organizations: "Organization", rows: Sequence[models.Model] = ()) -> Iterator[None]:
    """One transaction with these organizations locked, in their order, and these rows read afresh.

    Within another it is part of that one: undone by itself where somebody goes on after its failure. Around rows that
    are held already it costs nothing and is not undone by itself. Raises the DoesNotExist of a row that has gone.
    """
    outer = _current.get()
    if outer and rows and all(map(outer.holds, rows)):
        yield
        return
    if outer and outer.is_tried:
        if rows or not outer.is_begun_for(organizations):
            raise LockNeeded
        yield
        return
    if outer is None and _tries.get() and _can_be_tried(organizations, rows):
        with _tried(organizations, rows):
            yield
        return
    if outer and not rows and outer.is_begun_for(organizations):
        # Nothing to undo but all of it: a failure in here ends the outer transaction, whoever catches it.
        with transaction.atomic(savepoint=False):
            yield
        return
    work = Work(set(outer.locked), [*outer.rows], pending=outer.pending) if outer else Work()
    try:
        with transaction.atomic(), _in_force(work), _watched(work, outer):
            _lock(organizations, rows, work)
            for row in rows:
                work.read(row)
            yield
            if outer is None:
                _tell(work)
            work.pending.send()
    except BaseException:
        work.pending.forget()
        work.undo()
        raise
    if outer:
        outer.take_over(work)


@contextmanager
def trying() -> Iterator[None]:
    """A change of one row, or of one organization without a row, that is computed before anybody has to wait for it:
    lock, the look whether the row is as it was read, writes and commit are one round trip at its end (decision 37).

    What changes nothing is done with the reading, as any read is. Raises LockNeeded where the row is another, where a
    verb asks the database for more, and at once where nothing can be tried.
    """
    if not _can_try():
        raise LockNeeded
    token = _tries.set(True)
    try:
        yield
    finally:
        _tries.reset(token)


def _can_try() -> bool:
    return connection.vendor == "postgresql" and not connection.in_atomic_block


def _can_be_tried(organizations: "Sequence[Organization]", rows: Sequence[models.Model]) -> bool:
    return hasattr(rows[0], "read_unlocked") if len(rows) == 1 else not rows and len(organizations) == 1


@contextmanager
def _tried(organizations: "Sequence[Organization]", rows: Sequence[models.Model]) -> Iterator[None]:
    work = Work(is_tried=True, pending=Pending(is_tried=True))
    with _in_force(work):
        lock = _read_unlocked(cast("LocksItself", rows[0]), work) if rows else _lock_of(organizations[0], work)
        try:
            with connection.execute_wrapper(work.need_lock):
                yield
                _tell(work)
        except transaction.TransactionManagementError:
            # SELECT FOR UPDATE, which Django refuses before it is sent.
            raise LockNeeded from None
        if work.is_lock_needed:
            raise LockNeeded
        if not work.is_idle:
            work.pending.send_or_nothing(lock)
    for step in work.afterwards:
        step()


def _read_unlocked(row: LocksItself, work: Work) -> Statement:
    """Read a row without a lock; returns what locks. What finds the row unchanged comes first among the writes."""
    lock, unchanged = row.read_unlocked()
    work.pending.require(*unchanged, lambda met: None)
    work.locked.add(row.organization_id)
    work.rows.append(cast("models.Model", row))
    return lock


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
def attempted(*rows: models.Model) -> Iterator[None]:
    """A part of the present transaction that is undone by itself if it fails, in the database and in these objects,
    which are held.
    """
    outer = _current.get()
    assert outer, "A change begins with organization.locked() or changing()."
    if outer.is_tried:
        raise LockNeeded
    work = Work(set(outer.locked), [*outer.rows], pending=outer.pending)
    work.kept = [(row, dict(vars(row)), dict(row._state.fields_cache)) for row in rows]
    try:
        with transaction.atomic(), _in_force(work):
            yield
            work.pending.send()
    except BaseException:
        work.pending.forget()
        work.undo()
        raise
    outer.take_over(work)


@contextmanager
def _in_force(work: Work) -> Iterator[None]:
    token = _current.set(work)
    try:
        yield
    finally:
        _current.reset(token)


def _watched(work: Work, outer: Work | None) -> AbstractContextManager[None]:
    return nullcontext() if outer else connection.execute_wrapper(work.pending.watch)


def _lock(organizations: "Sequence[Organization]", rows: Sequence[models.Model], work: Work) -> None:
    """NO KEY, because rows that merely refer to the organization need not wait."""
    # By their names: asking a protocol costs as much as the rest of this.
    lockers = [cast("LocksItself", row) for row in rows if hasattr(row, "lock_rows")]
    for row in lockers:
        row.lock_rows()
        work.locked.add(row.organization_id)
    for organization in sorted(organizations, key=lambda one: one.pk):
        if organization.pk not in work.locked and not fetched(*_lock_of(organization, work)):
            raise type(organization).DoesNotExist


def _lock_of(organization: "Organization", work: Work) -> Statement:
    """The statement that locks an organization, which counts as locked from now on."""
    work.locked.add(organization.pk)
    model = type(organization)
    sql = f"SELECT 1 FROM {table_of(model)} WHERE {key_column(model)} = %s{for_update()}"  # noqa: S608
    return sql, [organization.pk]


def _read_again(row: models.Model) -> "list[models.Model]":
    if hasattr(row, "read_again"):
        return cast("ReadsItself", row).read_again()
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
    if work.changes:
        BEFORE_COMMIT.ask(work.changes)
