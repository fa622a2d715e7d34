"""The beginning of every verb: `organization.locked(rows)`, or `changing()` without an organization to lock.

Either is one transaction. What is locked is held until it ends, the rows are read afresh, and a failure undoes the
objects at hand along with the database. What was done in it is one list of changes (decision 19), and what it writes
waits to be one statement (decision 21).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

from members.models.work import Work, current, in_force
from members.openings import AFTER_CHANGE, BEFORE_COMMIT
from members.pending import LockNeeded, Pending
from members.statements import fetched, for_update, key_column, table_of
from operations.postgresql.asking import Statement

if TYPE_CHECKING:
    from members.models.organization import Organization

_tries: ContextVar[bool] = ContextVar("tries", default=False)
# Around what is held already.
_HELD = nullcontext()


class LocksItself(Protocol):
    """A row whose lock is its organization's, too."""

    organization_id: int

    def lock_rows(self) -> None:
        """Lock the organization and what is to be locked after it, in one statement."""

    def read_unlocked(self) -> tuple[Statement, Callable[[], Statement]]:
        """Read without a lock; returns what locks, and what makes a statement that finds a row while nothing of it has
        changed that was asked by then.
        """


def changing(*organizations: "Organization", rows: Sequence[models.Model] = ()) -> AbstractContextManager[None]:
    """One transaction with these organizations locked, in their order, and these rows read afresh.

    Within another it is part of that one: undone by itself where somebody goes on after its failure. Around rows that
    are held already it costs nothing and is not undone by itself. Raises the DoesNotExist of a row that has gone.
    """
    outer = current()
    if outer and rows and all(map(outer.holds, rows)):
        return _HELD
    if outer and outer.is_tried:
        if rows or not outer.is_begun_for(organizations):
            raise LockNeeded
        return _HELD
    if outer is None and _tries.get() and _can_be_tried(organizations, rows):
        return _tried(organizations, rows)
    if outer and not rows and outer.is_begun_for(organizations):
        # Nothing to undo but all of it: a failure in here ends the outer transaction, whoever catches it.
        return transaction.atomic(savepoint=False)
    return _locked(organizations, rows, outer)


@contextmanager
def _locked(
    organizations: "Sequence[Organization]", rows: Sequence[models.Model], outer: Work | None
) -> Iterator[None]:
    work = Work(set(outer.locked), [*outer.rows], pending=outer.pending) if outer else Work()
    try:
        with transaction.atomic(), in_force(work), _watched(work, outer):
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
    database = connections[DEFAULT_DB_ALIAS]
    return database.vendor == "postgresql" and not database.in_atomic_block


def _can_be_tried(organizations: "Sequence[Organization]", rows: Sequence[models.Model]) -> bool:
    return hasattr(rows[0], "read_unlocked") if len(rows) == 1 else not rows and len(organizations) == 1


@contextmanager
def _tried(organizations: "Sequence[Organization]", rows: Sequence[models.Model]) -> Iterator[None]:
    work = Work(is_tried=True, pending=Pending(is_tried=True))
    with in_force(work):
        lock, as_it_was = _read_unlocked(rows, work) if rows else (_lock_of(organizations[0], work), None)
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
            if as_it_was:
                work.pending.require(*as_it_was(), lambda met: None)
            work.pending.send_or_nothing(lock)
    for step in work.afterwards:
        step()


def _read_unlocked(rows: Sequence[models.Model], work: Work) -> tuple[Statement, Callable[[], Statement]]:
    """Read a row without a lock; returns what `read_unlocked` does."""
    row = cast("LocksItself", rows[0])
    lock, as_it_was = row.read_unlocked()
    work.locked.add(row.organization_id)
    work.rows += rows
    return lock, as_it_was


@contextmanager
def attempted(*rows: models.Model) -> Iterator[None]:
    """A part of the present transaction that is undone by itself if it fails, in the database and in these objects,
    which are held.
    """
    outer = current()
    assert outer, "A change begins with organization.locked() or changing()."
    if outer.is_tried:
        raise LockNeeded
    work = Work(set(outer.locked), [*outer.rows], pending=outer.pending)
    work.kept = [(row, dict(vars(row)), dict(row._state.fields_cache)) for row in rows]
    try:
        with transaction.atomic(), in_force(work):
            yield
            work.pending.send()
    except BaseException:
        work.pending.forget()
        work.undo()
        raise
    outer.take_over(work)


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


def _tell(work: Work) -> None:
    """Tell the apps above of each change, including those that are made in answer to another."""
    for change in work.changes:
        AFTER_CHANGE.ask(change)
    if work.changes:
        BEFORE_COMMIT.ask(work.changes)
