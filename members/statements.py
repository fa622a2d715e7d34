"""Statements that run many times a second, compiled once.

Building SQL from a queryset costs more than running it. What is written here is still
the ORM's: a queryset gives the SQL, the columns and their conversion; only its values
are exchanged from call to call.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.base import ModelState
from django.db.models.deletion import CASCADE, SET_NULL, get_candidate_relations_to_delete

Rows = list[tuple[Any, ...]]
One = TypeVar("One", bound=models.Model)


def text(name: str) -> str:
    """A placeholder for a text in the queryset of a Prepared."""
    return f"\x01{name}\x01"


def number(place: int) -> int:
    """A placeholder for a number in the queryset of a Prepared; `place` tells several apart."""
    return -7_310_000_000 - place


# Number made of a row.
_PRINT = "hashtextextended(%s::text, 0)"


class Prepared:
    """A `values_list` queryset compiled at its first use, then run with other values.

    `build` makes it, with text() and number() where values will stand; `names` are those, in
    the order in which `rows` takes the values.
    """

    def __init__(self, build: Callable[[], "models.QuerySet[Any, Any]"], *names: str | int) -> None:
        self.build, self.names = build, names
        self._compiled: tuple[str, list[Any], list[tuple[int, int]], dict[int, Any]] | None = None
        self._columns: list[str] = []

    def statement(self, *values: Any) -> tuple[str, list[Any]]:
        """The SQL and its parameters."""
        sql, fixed, places, _ = self._compiled or self._compile()
        parameters = fixed.copy()
        for place, value in places:
            parameters[place] = values[value]
        return sql, parameters

    def rows(self, *values: Any) -> Rows:
        sql, parameters = self.statement(*values)
        _, _, _, converters = self._compiled or self._compile()
        found = fetched(sql, parameters)
        return [_converted(row, converters) for row in found] if converters else found

    def row(self, *values: Any) -> tuple[Any, ...] | None:
        found = self.rows(*values)
        return tuple(found[0]) if found else None

    def converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The row as Python has it; further columns behind its own stay as they are."""
        _, _, _, converters = self._compiled or self._compile()
        return _converted(row, converters)

    @property
    def columns(self) -> list[str]:
        """The names of the columns, quoted."""
        if not self._compiled:
            self._compile()
        return self._columns

    def _compile(self) -> tuple[str, list[Any], list[tuple[int, int]], dict[int, Any]]:
        compiler = self.build().query.get_compiler(using="default")
        sql, parameters = compiler.as_sql()
        stands_for = {text(n) if isinstance(n, str) else number(n): place for place, n in enumerate(self.names)}
        places = [(place, stands_for[value]) for place, value in enumerate(parameters) if value in stands_for]
        assert {value for _, value in places} == set(range(len(self.names))), "a value has no place in the statement"
        converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
        self._columns = [quoted(name) for _, _, name in compiler.select]
        self._compiled = (sql, list(parameters), places, converters)
        return self._compiled


class Printed:
    """A row that is read with a print of its last columns, one number, by which a later statement sees whether they are
    as they were. PostgreSQL only.

    `last` reads these columns alone, and takes the same values.
    """

    def __init__(self, whole: Prepared, last: Prepared) -> None:
        self.whole, self.last = whole, last
        self._sql = ""

    def row(self, *values: Any) -> tuple[Any, ...] | None:
        """The row, behind it the print."""
        sql, parameters = self.whole.statement(*values)
        # Without OFFSET each subquery would be run for the row and again for the print.
        self._sql = self._sql or f"SELECT {self.columns} FROM ({sql} OFFSET 0) facts"  # noqa: S608
        found = fetched(self._sql, parameters)
        return self.whole.converted(found[0]) if found else None

    @property
    def columns(self) -> str:
        """The columns of `facts`, and the print."""
        last = ", ".join(f"facts.{name}" for name in self.whole.columns[-len(self.last.columns) :])
        return f"facts.*, {_PRINT % f'({last})'}"

    def unchanged(self, print_: int, *values: Any) -> tuple[str, list[Any]]:
        """A statement that finds a row if there is the one with this print."""
        sql, parameters = self.last.statement(*values)
        return f"SELECT 1 FROM ({sql}) facts WHERE {_PRINT % 'facts'} = %s", [*parameters, print_]  # noqa: S608


class Joined(Prepared):
    """The rows of one Prepared, whose columns are `called` so, and behind each the row that a Printed finds for it,
    with the print; all but that is NULL if there is none.

    The statement of the second one names columns of the first as found.NAME.
    """

    def __init__(self, first: Prepared, called: Sequence[str], second: Printed) -> None:
        super().__init__(first.build, *first.names, *second.whole.names)
        self.first, self.called, self.second = first, called, second

    def _compile(self) -> tuple[str, list[Any], list[tuple[int, int]], dict[int, Any]]:
        sql, fixed, places, converters = self.first._compile()
        more, more_fixed, more_places, more_converters = self.second.whole._compile()
        self._compiled = (
            f"SELECT found.*, {self.second.columns} FROM ({sql}) found ({', '.join(self.called)}) "  # noqa: S608
            f"LEFT JOIN LATERAL ({more} OFFSET 0) facts ON TRUE",
            fixed + more_fixed,
            [*places, *((len(fixed) + place, len(self.first.names) + value) for place, value in more_places)],
            converters | {len(self.called) + place: steps for place, steps in more_converters.items()},
        )
        return self._compiled


def fetched(sql: str, parameters: Sequence[Any]) -> Rows:
    """All rows of a SELECT. On PostgreSQL its placeholders are numbered once."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        found: Rows = database.rows(sql, parameters)
        return found
    with database.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def made(model: type[One], columns: Iterable[str], values: Iterable[Any]) -> One:
    """A row as it was read, at a third of what `from_db` costs: without signals and defaults."""
    row = model.__new__(model)
    vars(row).update(zip(columns, values, strict=True))
    row._state = ModelState()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


def new(model: type[One], **values: Any) -> One:
    """A row that is not stored yet, with these values and the defaults of the others, without signals: at a third of
    what calling its class costs.
    """
    row = model.__new__(model)
    row._state = ModelState()
    columns = vars(row)
    for name, attribute, default in _columns_of(model):
        if name is not None and name in values:
            related = values.pop(name)
            columns[attribute], row._state.fields_cache[name] = related.pk, related
        else:
            columns[attribute] = values.pop(attribute) if attribute in values else default()
    assert not values, f"{model.__name__} has no such columns: {', '.join(values)}"
    return row


@cache
def _columns_of(model: type[models.Model]) -> list[tuple[str | None, str, Callable[[], Any]]]:
    """For each column the name of its relation, its attribute and its default."""
    fields: Any = model._meta.concrete_fields
    return [(one.name if one.is_relation else None, one.attname, one.get_default) for one in fields]


def _converted(row: tuple[Any, ...], converters: dict[int, Any]) -> tuple[Any, ...]:
    """With the connection at hand: the one that compiled may belong to another thread."""
    values = list(row)
    for place, (steps, expression) in converters.items():
        for step in steps:
            values[place] = step(values[place], expression, connection)
    return tuple(values)


class _ListField(models.Field):  # type: ignore[type-arg]  # not subscriptable when it runs
    """The type of Listed."""

    def from_db_value(self, value: str | None, *_: Any) -> list[list[Any]]:
        found: list[list[Any]] = orjson.loads(value) if value else []
        return found


class Listed(models.Subquery):
    """The rows of a queryset of `values(a=…, b=…)`, as a list of lists in one column of another statement."""

    output_field = _ListField()

    def __init__(self, rows: "models.QuerySet[Any, Any]") -> None:
        super().__init__(rows)
        names = (*rows.query.annotation_select,)
        self.columns = ", ".join(f"listed.{name}" for name in names)

    def as_sql(self, compiler: Any, connection: Any, template: str | None = None, **more: Any) -> tuple[str, Any]:
        is_postgresql = connection.vendor == "postgresql"
        one = f"{'json_build_array' if is_postgresql else 'json_array'}({self.columns})"
        # As text, which is read faster than psycopg reads JSON.
        of_all = f"json_agg({one})::text" if is_postgresql else f"json_group_array({one})"
        template = f"(SELECT {of_all} FROM (%(subquery)s) listed)"  # noqa: S608
        return super().as_sql(compiler, connection, template=template, **more)


class RowVersions(models.Func):
    """The places of joined rows and the transactions that wrote them, as one text: another one after any change of
    them. Each row is named by a column. PostgreSQL only.
    """

    output_field = models.TextField()

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # type: ignore[override]  # no template of anybody's
        columns: list[Any] = self.source_expressions
        tables = [quoted(column.alias) for column in columns]
        return f"({', '.join(f'{table}.ctid, {table}.xmin' for table in tables)})::text", []


class NextKey(models.Expression):
    """A key for a new row of a model. On SQLite the transaction holds the only lock, so that nobody else gets it."""

    output_field = models.BigIntegerField()

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        self.model = model

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        table = self.model._meta.db_table
        if connection.vendor == "postgresql":
            return "nextval(pg_get_serial_sequence(%s, 'id'))", [table]
        return "coalesce((SELECT seq FROM sqlite_sequence WHERE name = %s), 0) + 1", [table]


def insert(row: models.Model, after: str = "", more: Sequence[Any] = ()) -> None:
    """Insert a row without reading its key back: `row.pk` stays None.

    `after` is a statement with these values that is done with it or not at all.
    """
    sql, fields = insertion(type(row))
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        if not after:
            cursor.execute(sql, values)
        elif connection.vendor == "postgresql":
            # One round trip and one commit for both.
            cursor.execute(f"WITH line AS ({sql}) {after}", [*values, *more])
        else:
            with transaction.atomic():
                cursor.execute(sql, values)
                cursor.execute(after, more)


@cache
def insertion(model: type[models.Model]) -> tuple[str, "list[models.Field[Any, Any]]"]:
    """The INSERT of a row without its key, and the fields whose values it takes."""
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    columns, marks = ", ".join(quoted(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {table_of(model)} ({columns}) VALUES ({marks})", fields  # noqa: S608  names of our own


def chosen(column: str, values: Collection[Any]) -> tuple[str, Any]:
    """The condition that a column has one of these values, however many, and the one parameter that it takes."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", list(values)
    return f"{column} IN (SELECT value FROM json_each(%s))", orjson.dumps(list(values)).decode()  # noqa: S608


def for_update(strength: str = "NO KEY UPDATE") -> str:
    """The end of a SELECT that locks its rows. On SQLite a transaction has the database for itself."""
    return f" FOR {strength}" if connection.vendor == "postgresql" else ""


@cache
def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@cache
def table_of(model: type[models.Model]) -> str:
    return quoted(model._meta.db_table)


@cache
def key_column(model: type[models.Model]) -> str:
    key: Any = model._meta.pk
    return quoted(key.column)


@cache
def deletions(
    model: type[models.Model], column: str, expected: frozenset[type[models.Model]] | None = None
) -> tuple[tuple[type[models.Model], str], ...]:
    """The statements that delete the rows with a value in a column, before them what on_delete names; each takes it.
    Beside each its model.

    CASCADE and SET_NULL are what on_delete may say; what is protected must have gone before. With `expected` there are
    none for other models whose constraint breaks if there is a row.
    """
    condition = f"{quoted(column)} = %s"
    is_key = quoted(column) == key_column(model)
    return tuple(_deletions(model, condition, "= %s" if is_key else _keys(model, condition), expected))


def _deletions(
    model: type[models.Model], condition: str, keys: str, expected: Collection[type[models.Model]] | None
) -> Iterator[tuple[type[models.Model], str]]:
    relations: Any = get_candidate_relations_to_delete(model._meta)
    for relation in relations:
        child, its_key = relation.related_model, quoted(relation.field.column)
        of_these = f"{its_key} {keys}"
        if expected is not None and child not in expected and relation.field.db_constraint:
            continue
        if relation.field.remote_field.on_delete is CASCADE:
            yield from _deletions(child, of_these, _keys(child, of_these), expected)
        elif relation.field.remote_field.on_delete is SET_NULL:
            yield child, f"UPDATE {table_of(child)} SET {its_key} = NULL WHERE {of_these} RETURNING 1"  # noqa: S608
    yield model, f"DELETE FROM {table_of(model)} WHERE {condition} RETURNING 1"  # noqa: S608  names of our own


def _keys(model: type[models.Model], condition: str) -> str:
    return f"IN (SELECT {key_column(model)} FROM {table_of(model)} WHERE {condition})"  # noqa: S608
