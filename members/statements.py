"""Statements that run many times a second, compiled once.

Building SQL from a queryset costs more than running it. What is written here is still
the ORM's: a queryset gives the SQL, the columns and their conversion; only its values
are exchanged from call to call.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models, transaction

Rows = list[tuple[Any, ...]]


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

    def rows(self, *values: Any) -> Rows:
        sql, fixed, places, converters = self._compiled or self._compile()
        parameters = fixed.copy()
        for place, value in places:
            parameters[place] = values[value]
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            found = cursor.fetchall()
        return [_converted(row, converters) for row in found] if converters else found

    def row(self, *values: Any) -> tuple[Any, ...] | None:
        found = self.rows(*values)
        return tuple(found[0]) if found else None

    def _compile(self) -> tuple[str, list[Any], list[tuple[int, int]], dict[int, Any]]:
        compiler = self.build().query.get_compiler(using="default")
        sql, parameters = compiler.as_sql()
        stands_for = {text(n) if isinstance(n, str) else number(n): place for place, n in enumerate(self.names)}
        places = [(place, stands_for[value]) for place, value in enumerate(parameters) if value in stands_for]
        assert {value for _, value in places} == set(range(len(self.names))), "a value has no place in the statement"
        converters = compiler.get_converters([expression for expression, _, _ in compiler.select])
        self._compiled = (sql, list(parameters), places, converters)
        return self._compiled


def _converted(row: tuple[Any, ...], converters: dict[int, Any]) -> tuple[Any, ...]:
    """With the connection at hand: the one that compiled may belong to another thread."""
    values = list(row)
    for place, (steps, expression) in converters.items():
        for step in steps:
            values[place] = step(values[place], expression, connection)
    return tuple(values)


def insert(row: models.Model, after: str = "", more: Sequence[Any] = ()) -> None:
    """Insert a row without reading its key back: `row.pk` stays None.

    `after` is a statement with these values that is done with it or not at all.
    """
    sql, fields = _insertion(type(row))
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
def _insertion(model: type[models.Model]) -> tuple[str, "list[models.Field[Any, Any]]"]:
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    table, marks = quote(model._meta.db_table), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks})", fields  # noqa: S608 - names of our own tables
