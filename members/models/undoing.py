"""A failed transaction undoes the rows in the database; this undoes the objects at hand."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import models


@contextmanager
def undone_on_failure(*rows: models.Model) -> Iterator[None]:
    """Whoever shows a refused change again shows what is true, not what was tried."""
    kept = [(row, dict(vars(row)), dict(row._state.fields_cache)) for row in rows]
    try:
        yield
    except BaseException:
        for row, columns, related in kept:
            vars(row).clear()
            vars(row).update(columns)
            row._state.fields_cache = related
        raise
