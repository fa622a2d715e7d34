"""Querysets that are asked many times a second, compiled once.

Building SQL from a queryset costs more than running it. What is written here is still the ORM's: a queryset gives the
SQL, the columns and their conversion; only its values are exchanged from call to call.
"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.db import connection, models

from members.statements import Rows, fetched, quoted


def text(name: str) -> str:
    """A placeholder for a text in the queryset of a Prepared."""
    return f"\x01{name}\x01"


def number(place: int) -> int:
    """A placeholder for a number in the queryset of a Prepared; `place` tells several apart."""
    return -7_310_000_000 - place


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


class AsItWas(Prepared):
    """A look whether a row of a Prepared is as it was read: finds a row if so. PostgreSQL only.

    It takes the values of the Prepared, and those of its columns.
    """

    def __init__(self, row: Prepared) -> None:
        super().__init__(row.build, *row.names)
        self.row_read = row

    def _compile(self) -> tuple[str, list[Any], list[tuple[int, int]], dict[int, Any]]:
        sql, fixed, places, _ = self.row_read._compile()
        columns = self.row_read.columns
        same = " AND ".join(f"facts.{name} IS NOT DISTINCT FROM %s" for name in columns)
        read = [(len(fixed) + place, len(self.names) + place) for place in range(len(columns))]
        sql = f"SELECT 1 FROM ({sql}) facts WHERE {same}"  # noqa: S608  names of our own
        self._compiled = (sql, [*fixed, *columns], [*places, *read], {})
        return self._compiled


class Joined(Prepared):
    """The rows of one Prepared, whose columns are `called` so, and behind each the row that another finds for it; NULL
    if there is none.

    The statement of the second one names columns of the first as found.NAME.
    """

    def __init__(self, first: Prepared, called: Sequence[str], second: Prepared) -> None:
        super().__init__(first.build, *first.names, *second.names)
        self.first, self.called, self.second = first, called, second

    def _compile(self) -> tuple[str, list[Any], list[tuple[int, int]], dict[int, Any]]:
        sql, fixed, places, converters = self.first._compile()
        more, more_fixed, more_places, more_converters = self.second._compile()
        self._compiled = (
            f"SELECT found.*, facts.* FROM ({sql}) found ({', '.join(self.called)}) "  # noqa: S608
            f"LEFT JOIN LATERAL ({more}) facts ON TRUE",
            fixed + more_fixed,
            [*places, *((len(fixed) + place, len(self.first.names) + value) for place, value in more_places)],
            converters | {len(self.called) + place: steps for place, steps in more_converters.items()},
        )
        return self._compiled


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

    output_field: "models.Field[Any, Any]" = _ListField()

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


class AsText(Listed):
    """The same as the text that the database makes of it, to be compared with."""

    output_field = models.TextField()


class RowVersions(models.Func):
    """The places of joined rows and the transactions that wrote them, as one text: another one after any change of
    them. Each row is named by a column. PostgreSQL only.
    """

    output_field = models.TextField()

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # type: ignore[override]  # no template of anybody's
        columns: list[Any] = self.source_expressions
        tables = [quoted(column.alias) for column in columns]
        return f"({', '.join(f'{table}.ctid, {table}.xmin' for table in tables)})::text", []
