"""Statements that run many times a second, and what they are made of."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.base import ModelState
from django.db.models.deletion import CASCADE, SET_NULL, get_candidate_relations_to_delete

Rows = list[tuple[Any, ...]]
One = TypeVar("One", bound=models.Model)


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
    defaults, made_anew, relations = _columns_of(model)
    for name in relations.keys() & values.keys():
        related = values.pop(name)
        values[relations[name]], row._state.fields_cache[name] = related.pk, related
    unknown = values.keys() - defaults.keys()
    assert not unknown, f"{model.__name__} has no such columns: {', '.join(unknown)}"
    vars(row).update(defaults, **{name: make() for name, make in made_anew.items() if name not in values})
    vars(row).update(values)
    return row


@cache
def _columns_of(model: type[models.Model]) -> tuple[dict[str, Any], dict[str, Callable[[], Any]], dict[str, str]]:
    """The default of each column, those that are made anew for each row, and the columns of the relations."""
    fields: Any = model._meta.concrete_fields
    made_anew = {one.attname: one.default for one in fields if one.has_default() and callable(one.default)}
    defaults = {one.attname: None if one.attname in made_anew else one.get_default() for one in fields}
    return defaults, made_anew, {one.name: one.attname for one in fields if one.is_relation}


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


@cache
def keyless_insertion(model: type[models.Model]) -> tuple[str, "list[models.Field[Any, Any]]"]:
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
