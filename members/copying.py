"""Many new rows at once: COPY on PostgreSQL, a few large INSERTs elsewhere."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, models

# Types of values that the driver takes as they are, whatever the field.
PLAIN = frozenset({str, int, bool, datetime.datetime, type(None)})


def insert_all(rows: "Sequence[models.Model]") -> None:
    """Insert rows of one model. Each has its key afterwards, as if it had been saved alone."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._default_manager.bulk_create(rows)
        return
    _give_keys(model, rows)
    _copy(model, rows)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _give_keys(model: type[models.Model], rows: "Sequence[models.Model]") -> None:
    """Take the keys of new rows from the table's own sequence, since COPY answers none."""
    key = model._meta.pk
    keyless = [row for row in rows if row.pk is None]
    if keyless:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [model._meta.db_table, key.column, len(keyless)],
            )
            for row, (number,) in zip(keyless, cursor.fetchall(), strict=True):
                row.pk = number


def _copy(model: type[models.Model], rows: "Sequence[models.Model]") -> None:
    fields, quote = model._meta.local_concrete_fields, connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    writers = [(field.attname, _conversion(field)) for field in fields]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = vars(row)
            copy.write_row([convert(values[name]) for name, convert in writers])


def _conversion(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    """The conversion of a field's value for the database; plain values, most of all, are what they are."""
    if isinstance(field, models.JSONField):
        return lambda value: field.get_db_prep_save(value, connection)
    return lambda value: value if type(value) in PLAIN else field.get_db_prep_save(value, connection)
