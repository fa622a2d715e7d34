"""Writes of one transaction that wait for each other, to go to the database as one statement (decision 21).

A verb writes rows, counters and lines whose content is known, and which nobody reads before the transaction ends. They
wait here in order. Any other statement of the transaction, and its end, sends them first: so a verb that reads what it
has written reads it, and pays a statement more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import psycopg
from django.db import connection, models

from members.statements import deletions, key_column, quoted, table_of

# Name, in the SQL of a write, of its `first`: what that has returned can be read there. PostgreSQL only.
PREVIOUS = "previous_write"
# The judgement of a write, by the number of rows that it met; raises what the verb would have raised at once.
Check = Callable[[int], None]


@dataclass
class Write:
    """One statement, which says by RETURNING, or as a SELECT, which rows it met."""

    # None: it only reads.
    model: type[models.Model] | None
    sql: str
    parameters: list[Any]
    check: Check | None = None
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
            return Write(self.model, _insertion(self.model, columns), values)
        sql = _update(self.model, columns, tuple(self.amounts))
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
        amounts = {quoted(name): amount for name, amount in self.amounts.items() if amount}
        if not amounts:
            return None
        sets = ", ".join(_sum(column, amount) for column, amount in amounts.items())
        numbers = [number for amount in amounts.values() for number in ([amount] if amount > 0 else [-amount] * 2)]
        where = " AND ".join(f"{quoted(name)} = %s" for name in self.key)
        sql = f"UPDATE {table_of(self.model)} SET {sets} WHERE {where} RETURNING 1"  # noqa: S608  names of our own
        return Write(self.model, sql, [*numbers, *self.key.values()])


@dataclass
class Pending:
    waiting: dict[Any, _Row | _Shift | Write] = field(default_factory=dict)

    def insert(self, row: models.Model) -> None:
        """Insert a row. One without a key gets it from the database, and `row.pk` stays None."""
        names = [one.name for one in row._meta.local_concrete_fields if row.pk is not None or not one.primary_key]
        self.waiting[object() if row.pk is None else _place(row)] = _Row(row, _values(row, names), is_new=True)
        row._state.adding, row._state.db = row.pk is None, connection.alias

    def insert_where_free(self, rows: Sequence[models.Model], check: Check) -> None:
        """Insert those rows, without keys, that no unique one stands in the way of."""
        names = [one.name for one in rows[0]._meta.local_concrete_fields if not one.primary_key]
        values = [_values(row, names) for row in rows]
        sql = _insertion(type(rows[0]), tuple(values[0]), len(rows), "ON CONFLICT DO NOTHING")
        self.add(type(rows[0]), sql, [value for one in values for value in one.values()], check)

    def update(self, row: models.Model, names: Iterable[str], **amounts: int) -> None:
        """Write these columns with their present values, and add these numbers to others. A row that waits already is
        written once.
        """
        waiting = self.waiting.setdefault(_place(row), _Row(row, {}, is_new=False))
        assert isinstance(waiting, _Row)
        waiting.values |= _values(row, names)
        for name, amount in amounts.items():
            waiting.amounts[name] = waiting.amounts.get(name, 0) + amount

    def shift(self, model: type[models.Model], key: Mapping[str, Any], **amounts: int) -> None:
        """Add numbers to columns of the row with this key. Several for one row become one."""
        waiting = self.waiting.setdefault((model, *key.values()), _Shift(model, dict(key)))
        assert isinstance(waiting, _Shift)
        for name, amount in amounts.items():
            waiting.amounts[name] = waiting.amounts.get(name, 0) + amount

    def delete(self, model: type[models.Model], **value: Any) -> None:
        """Delete the rows with this value in a column, and what is theirs, as Django's on_delete says."""
        [(column, wanted)] = value.items()
        statements = deletions(model, column)
        self.send_those_of(*(touched for touched, _ in statements))
        for touched, sql in statements:
            self.add(touched, sql, [wanted])

    def delete_those(self, rows: "models.QuerySet[Any]") -> None:
        """Delete these rows, which nothing else belongs to."""
        compiler = rows.order_by().values("pk").query.get_compiler(using=connection.alias)
        keys, parameters = compiler.as_sql()
        model = rows.model
        sql = f"DELETE FROM {table_of(model)} WHERE {key_column(model)} IN ({keys}) RETURNING 1"  # noqa: S608
        self.add(model, sql, parameters)

    def add(
        self, model: type[models.Model], sql: str, parameters: Sequence[Any], check: Check | None = None,
        first: Write | None = None,
    ) -> None:  # fmt: skip
        """Any other statement, on rows of the model that nothing else that waits has to do with."""
        self.waiting[object()] = Write(model, sql, list(parameters), check, first)

    def require(self, sql: str, parameters: Sequence[Any], check: Check) -> None:
        """Look for rows, in the same moment as the writes are done."""
        self.waiting[object()] = Write(None, sql, list(parameters), check)

    def send(self) -> None:
        """Send what waits. Raises what the checks raise, in the order in which the writes came."""
        # A check may put off another write.
        while self.waiting:
            last = [write for one in self.waiting.values() if (write := one.write())]
            sent = [write for one in last for write in ((one.first, one) if one.first else (one,))]
            self.waiting = {}
            for write, met in zip(sent, _execute(sent), strict=True):
                if write.check:
                    write.check(met)

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
        yield from _row(_together(statements), [value for write in writes for value in write.parameters])
        return
    with connection.cursor() as cursor:
        for write in writes:
            cursor.execute(write.sql, write.parameters)
            yield len(cursor.fetchall())


@lru_cache(1000)
def _together(statements: tuple[str, ...]) -> str:
    named = [sql.replace(PREVIOUS, f"w{place - 1}") for place, sql in enumerate(statements)]
    parts = ", ".join(f"w{place} AS ({sql})" for place, sql in enumerate(named))
    # Counted, and so done, in this order: two transactions wait for each other's rows in the same one.
    counts = ", ".join(f"(SELECT count(*) FROM w{place})" for place in range(len(statements)))  # noqa: S608
    return f"WITH {parts} SELECT {counts}"


def _row(sql: str, parameters: list[Any]) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        if connection.queries_logged:
            cursor.execute(sql, parameters)
            return tuple(cursor.fetchone())
        # Each %s of a long statement would be looked for every time.
        raw: Any = psycopg.RawCursor(connection.connection)
        with connection.make_cursor(raw) as numbered:
            numbered.execute(_numbered(sql), parameters)
            return tuple(numbered.fetchone())


@lru_cache(1000)
def _numbered(sql: str) -> str:
    """The statement with $1, $2… for each %s."""
    first, *rest = sql.split("%s")
    return first + "".join(f"${number}{part}" for number, part in enumerate(rest, 1))


def _place(row: models.Model) -> tuple[type[models.Model], Any]:
    return type(row), row.pk


def _values(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    fields: list[Any] = [row._meta.get_field(name) for name in names]
    return {one.column: one.get_db_prep_save(getattr(row, one.attname), connection) for one in fields}


def _sum(column: str, amount: int) -> str:
    after = f"{column} + %s" if amount > 0 else f"CASE WHEN {column} > %s THEN {column} - %s ELSE 0 END"
    return f"{column} = {after}"


@cache
def _insertion(model: type[models.Model], columns: tuple[str, ...], rows: int = 1, otherwise: str = "") -> str:
    names, marks = ", ".join(map(quoted, columns)), f"({', '.join(['%s'] * len(columns))})"
    return (
        f"INSERT INTO {table_of(model)} ({names}) VALUES {', '.join([marks] * rows)} {otherwise} "  # noqa: S608
        "RETURNING 1"
    )


@cache
def _update(model: type[models.Model], columns: tuple[str, ...], counters: tuple[str, ...]) -> str:
    plain, added = (
        (f"{quoted(one)} = %s" for one in columns),
        (f"{quoted(one)} = {quoted(one)} + %s" for one in counters),
    )
    sets = ", ".join([*plain, *added])
    return f"UPDATE {table_of(model)} SET {sets} WHERE {key_column(model)} = %s RETURNING 1"  # noqa: S608  names of our own
