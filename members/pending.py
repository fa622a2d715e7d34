"""Writes of one transaction that wait for each other, to go to the database as one statement (decision 21).

A verb writes rows, counters and lines whose content is known, and which nobody reads before the transaction ends. They
wait here in order. Any other statement of the transaction, and its end, sends them first: so a verb that reads what it
has written reads it, and pays a statement more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, DataError, IntegrityError, connection, connections, models

from members.prepared import Prepared
from members.statements import deletions, fetched, key_column, table_of
from members.write_statements import all_or_nothing, insertion, names_of, shift, together, update, values_of
from operations.flushing import FLUSH
from operations.postgresql.asking import Statement

# The judgement of a write, by the number of rows that it met; raises what the verb would have raised at once.
Check = Callable[[int], None]


class LockNeeded(Exception):
    """A change tried without the lock has to be done with it; nothing has happened."""


@dataclass
class Write:
    """One statement, which says by RETURNING, or as a SELECT, which rows it met."""

    # None: it only reads.
    model: type[models.Model] | None
    sql: str
    parameters: list[Any]
    check: Check | None = None
    # Number of rows that it must meet, where there is a check.
    needs: int = 1
    # Write that comes directly before this one.
    first: "Write | None" = None

    def write(self) -> "Write":
        return self


@dataclass
class _Row:
    """A row to be inserted, or columns of one that is there."""

    row: models.Model
    values: dict[str, Any]
    is_new: bool
    # Numbers to add to other columns.
    amounts: dict[str, int] = field(default_factory=dict)

    def write(self) -> Write:
        columns, values = tuple(self.values), [*self.values.values(), *self.amounts.values()]
        if self.is_new:
            return Write(self.model, insertion(self.model, columns), values)
        sql = update(self.model, columns, tuple(self.amounts))
        return Write(self.model, sql, [*values, self.row.pk], self._require)

    @property
    def model(self) -> type[models.Model]:
        return type(self.row)

    def _require(self, met: int) -> None:
        if not met:
            raise self.model.DoesNotExist  # type: ignore[attr-defined]  # every model has one


@dataclass
class _Shift:
    """Numbers to add to the columns of one row. A counter that is wrong does not go below 0."""

    model: type[models.Model]
    key: dict[str, Any]
    amounts: dict[str, int] = field(default_factory=dict)

    def write(self) -> Write | None:
        amounts = {name: amount for name, amount in self.amounts.items() if amount}
        if not amounts:
            return None
        sql = shift(self.model, tuple((name, amount > 0) for name, amount in amounts.items()), tuple(self.key))
        numbers = [number for amount in amounts.values() for number in ([amount] if amount > 0 else [-amount] * 2)]
        return Write(self.model, sql, [*numbers, *self.key.values()])


@dataclass
class Pending:
    waiting: dict[Any, _Row | _Shift | Write] = field(default_factory=dict)
    # Whether what breaks a constraint is done again otherwise.
    is_tried: bool = False

    @property
    def writes(self) -> bool:
        """Whether something waits that is not only to be looked at."""
        return any(not isinstance(one, Write) or one.model for one in self.waiting.values())

    def insert(self, row: models.Model) -> None:
        """Insert a row. One without a key gets it from the database, and `row.pk` stays None."""
        has_key = row.pk is not None
        values = values_of(row, names_of(type(row), with_key=has_key))
        self.waiting[_place(row) if has_key else object()] = _Row(row, values, is_new=True)
        row._state.adding, row._state.db = not has_key, DEFAULT_DB_ALIAS

    def insert_where_free(self, rows: Sequence[models.Model], check: Check) -> None:
        """Insert those rows, without keys, that no unique one stands in the way of."""
        names = names_of(type(rows[0]), with_key=False)
        values = [values_of(row, names) for row in rows]
        sql = insertion(type(rows[0]), tuple(values[0]), len(rows), "ON CONFLICT DO NOTHING")
        parameters = [value for one in values for value in one.values()]
        self.waiting[object()] = Write(type(rows[0]), sql, parameters, check, len(rows))

    def update(self, row: models.Model, names: Iterable[str], **amounts: int) -> None:
        """Write these columns with their present values, and add these numbers to others. A row that waits already is
        written once.
        """
        waiting = self.waiting.setdefault(_place(row), _Row(row, {}, is_new=False))
        assert isinstance(waiting, _Row)
        waiting.values |= values_of(row, names)
        for name, amount in amounts.items():
            waiting.amounts[name] = waiting.amounts.get(name, 0) + amount

    def shift(self, model: type[models.Model], key: Mapping[str, Any], **amounts: int) -> None:
        """Add numbers to columns of the row with this key. Several for one row become one."""
        waiting = self.waiting.setdefault((model, *key.values()), _Shift(model, dict(key)))
        assert isinstance(waiting, _Shift)
        for name, amount in amounts.items():
            waiting.amounts[name] = waiting.amounts.get(name, 0) + amount

    def delete(
        self, model: type[models.Model], expected: frozenset[type[models.Model]] | None = None, **value: Any
    ) -> None:
        """Delete the rows with this value in a column, and what is theirs, as Django's on_delete says.

        Of what is theirs, a change that is tried deletes the `expected`, and leaves rare rows to their constraints.
        """
        [(column, wanted)] = value.items()
        statements = deletions(model, column, expected if self.is_tried else None)
        self.send_those_of(*(touched for touched, _ in statements))
        for touched, sql in statements:
            self.add(touched, sql, [wanted])

    def delete_those(self, model: type[models.Model], keys: Prepared, *values: Any) -> None:
        """Delete the rows with these keys, which nothing else belongs to."""
        wanted, parameters = keys.statement(*values)
        sql = f"DELETE FROM {table_of(model)} WHERE {key_column(model)} IN ({wanted}) RETURNING 1"  # noqa: S608
        self.add(model, sql, parameters)

    def add(self, model: type[models.Model], sql: str, parameters: Sequence[Any], first: Write | None = None) -> None:
        """Any other statement, on rows of the model that nothing else that waits has to do with."""
        self.waiting[object()] = Write(model, sql, list(parameters), first=first)

    def require(self, sql: str, parameters: Sequence[Any], check: Check) -> None:
        """Look for rows, in the same moment as the writes are done."""
        self.waiting[object()] = Write(None, sql, list(parameters), check)

    def send(self) -> None:
        """Send what waits. Raises what the checks raise, in the order in which the writes came."""
        # A check may put off another write.
        while self.waiting:
            sent = self._taken()
            for write, met in zip(sent, _execute(sent), strict=True):
                if write.check:
                    write.check(met)

    def send_or_nothing(self, lock: Statement) -> None:
        """Take a lock, send what waits and commit, all in one round trip; PostgreSQL only. Others have the lock before
        it is on the disk, the caller goes on when it is.

        Raises LockNeeded if one of the checks would have to be asked.
        """
        sent = self._taken()
        sql = all_or_nothing(tuple(write.sql for write in sent), tuple(one.check and one.needs for one in sent))
        database: Any = connections[DEFAULT_DB_ALIAS]
        try:
            parameters = [value for write in sent for value in write.parameters]
            database.in_one_round_trip([lock, (sql, parameters)], [(FLUSH, [])])
        except (IntegrityError, DataError) as error:
            # Writes come before the look at their counts: those about a row that has gone can break a constraint.
            if not isinstance(error.__cause__, psycopg.errors.DivisionByZero | psycopg.IntegrityError):
                raise
            raise LockNeeded from None

    def _taken(self) -> list[Write]:
        """The writes that wait, in their order; then none does."""
        last = [write for one in self.waiting.values() if (write := one.write())]
        self.waiting = {}
        return [write for one in last for write in ((one.first, one) if one.first else (one,))]

    def send_those_of(self, *models: type[models.Model]) -> None:
        """Send what waits, if some of it is of these models: within one statement nobody sees what the others write."""
        if {one.model for one in self.waiting.values()} & {*models}:
            self.send()

    def forget(self) -> None:
        self.waiting = {}

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Send what waits before any other statement: a wrapper of the connection's execute."""
        if sql.startswith("ROLLBACK"):
            self.forget()
        self.send()
        return execute(sql, params, many, context)


def _execute(writes: list[Write]) -> Iterable[int]:
    """The number of rows that each met: one statement on PostgreSQL; on SQLite one after the other."""
    if len(writes) > 1 and connection.vendor == "postgresql":
        statements = tuple(write.sql for write in writes)
        [counts] = fetched(together(statements), [value for write in writes for value in write.parameters])
        yield from counts
        return
    for write in writes:
        yield len(fetched(write.sql, write.parameters))


def _place(row: models.Model) -> tuple[type[models.Model], Any]:
    return type(row), row.pk
