"""The SQL of the writes that wait for each other (members/pending.py), and the values that it takes."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from members.statements import key_column, quoted, table_of
from operations.flushing import SOON

# Name, in the SQL of a write, of the one directly before it: what that has returned can be read there. PostgreSQL only.
PREVIOUS = "previous_write"


@lru_cache(1000)
def together(statements: tuple[str, ...]) -> str:
    """One statement of several, whose row says how many rows each met."""
    return _of_all(statements, ", ".join(map(_met, range(len(statements)))))


@lru_cache(1000)
def all_or_nothing(statements: tuple[str, ...], needed: tuple[int | None, ...]) -> str:
    """The same, which fails if one meets fewer rows than it needs. It divides by zero then: nothing else in plain SQL
    fails on purpose.
    """
    conditions = " AND ".join(f"{_met(place)} >= {needs}" for place, needs in enumerate(needed) if needs)
    return _of_all(statements, f"1 / CASE WHEN {conditions} THEN 1 ELSE 0 END, {SOON}")


def _of_all(statements: tuple[str, ...], figures: str) -> str:
    """One statement of several, with figures about the rows that they met.

    These are read, and so the statements done, in their order: two transactions wait for each other's rows in the same
    one. In one pass, as each subquery would be a fortieth of what a change of a member costs the database.
    """
    named = [sql.replace(PREVIOUS, f"w{place - 1}") for place, sql in enumerate(statements)]
    parts = ", ".join(f"w{place} AS ({sql})" for place, sql in enumerate(named))
    met = " UNION ALL ".join(f"SELECT {place} AS place FROM w{place}" for place in range(len(named)))  # noqa: S608
    return f"WITH {parts} SELECT {figures} FROM ({met}) met"  # noqa: S608


def _met(place: int) -> str:
    return f"count(*) FILTER (WHERE place = {place})"


def values_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """The values by their columns, as the database takes them."""
    fields, stored = _fields_of(type(row)), vars(row)
    found: dict[str, Any] = {}
    for name in names:
        one, column, attribute, kind = fields[name]
        value = stored[attribute]
        found[column] = value if value is None or type(value) is kind else _prepared(one, value)
    return found


def _prepared(one: Any, value: Any) -> Any:
    if isinstance(value, Enum):
        # The database would be asked what its type is.
        return value.value
    if type(one) is models.JSONField and one.encoder is None:
        return orjson.dumps(value).decode()
    return one.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


# Fields, and the type of those of their values that any database takes as they are; what PostgreSQL does besides.
_AS_THEY_ARE: dict[type, type] = {
    models.CharField: str, models.TextField: str, models.BooleanField: bool, models.BigAutoField: int,
    models.ForeignKey: int, models.OneToOneField: int, models.PositiveSmallIntegerField: int,
    models.PositiveIntegerField: int, models.BigIntegerField: int,
}  # fmt: skip
_ON_POSTGRESQL: dict[type, type] = {models.DateTimeField: datetime, models.GenericIPAddressField: str}


@cache
def _fields_of(model: type[models.Model]) -> dict[str, tuple[Any, str, str, type | None]]:
    """Each field by its names, with its column, its attribute and the type of what needs no preparing."""
    fields: Any = model._meta.local_concrete_fields
    kinds = _AS_THEY_ARE | (_ON_POSTGRESQL if connection.vendor == "postgresql" else {})
    known = [(one, one.column, one.attname, _kind_of(type(one), kinds)) for one in fields]
    return {name: one for one in known for name in (one[0].name, one[0].attname)}


def _kind_of(field: type, kinds: dict[type, type]) -> type | None:
    """The type for a class of fields or, if it only knows more look-ups, for the one that it is made of."""
    return next((kinds[one] for one in field.__mro__[:2] if one in kinds), None)


@cache
def names_of(model: type[models.Model], *, with_key: bool) -> list[str]:
    return [one.name for one in model._meta.local_concrete_fields if with_key or not one.primary_key]


@cache
def shift(model: type[models.Model], sums: tuple[tuple[str, bool], ...], key: tuple[str, ...]) -> str:
    """An UPDATE that adds numbers to columns of the row with this key, or takes them away."""
    sets = ", ".join(_sum(quoted(name), is_more=is_more) for name, is_more in sums)
    where = " AND ".join(f"{quoted(name)} = %s" for name in key)
    return f"UPDATE {table_of(model)} SET {sets} WHERE {where} RETURNING 1"  # noqa: S608  names of our own


def _sum(column: str, *, is_more: bool) -> str:
    after = f"{column} + %s" if is_more else f"CASE WHEN {column} > %s THEN {column} - %s ELSE 0 END"
    return f"{column} = {after}"


@cache
def insertion(model: type[models.Model], columns: tuple[str, ...], rows: int = 1, otherwise: str = "") -> str:
    names, marks = ", ".join(map(quoted, columns)), f"({', '.join(['%s'] * len(columns))})"
    return (
        f"INSERT INTO {table_of(model)} ({names}) VALUES {', '.join([marks] * rows)} {otherwise} "  # noqa: S608
        "RETURNING 1"
    )


@cache
def update(model: type[models.Model], columns: tuple[str, ...], counters: tuple[str, ...]) -> str:
    """An UPDATE of the row with a key, which gives values to columns and adds numbers to counters."""
    plain, added = (
        (f"{quoted(one)} = %s" for one in columns),
        (f"{quoted(one)} = {quoted(one)} + %s" for one in counters),
    )
    sets = ", ".join([*plain, *added])
    return f"UPDATE {table_of(model)} SET {sets} WHERE {key_column(model)} = %s RETURNING 1"  # noqa: S608  names of our own
