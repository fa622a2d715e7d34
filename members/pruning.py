"""Rows that have been kept long enough, deleted in steps, however many there are.

One DELETE of a million rows holds their locks for minutes, keeps every dead row of the database alive meanwhile, and
leaves nothing done if it is interrupted. docs/decisions/0025 says why the tables are not partitioned instead.
"""

from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

# Rows of a step, which takes some ten milliseconds.
A_STEP = 1000


def delete_in_steps(rows: "QuerySet[Any, Any]", along: str = "pk") -> int:
    """Delete these rows, each step in a transaction of its own; returns how many were deleted.

    `along` is the column by which the rows are walked through: the primary key, or one that has an index for them.
    """
    deleted, ordered, begin = 0, rows.order_by(along), None
    while True:
        ahead = ordered if begin is None else ordered.filter(**{f"{along}__gte": begin})
        # The next step begins where this one ends: it would come past all that is deleted already otherwise.
        end = list(ahead.values_list(along, flat=True)[A_STEP - 1 : A_STEP])
        deleted += rows.filter(pk__in=ahead.values("pk")[:A_STEP]).delete()[0]
        if not end:
            return deleted
        begin = end[0]


def delete_of_each(owner: str, rows: "QuerySet[Any, Any]", along: str) -> int:
    """Delete these rows of one owner after the other, for a table whose index on `along` begins with the owner."""
    owners: Any = rows.model._meta.get_field(owner).related_model
    keys = owners._base_manager.order_by("pk").values_list("pk", flat=True)
    return sum(delete_in_steps(rows.filter(**{owner: key}), along) for key in keys)


def vacuum(*models: type[Model]) -> None:
    """Let PostgreSQL know again which blocks of these tables everybody may see: it counts in their indexes alone then.

    Rows that are changed in place, as most are, and tidied by the next reader do not count for autovacuum.
    """
    # A test that runs in a transaction can have none.
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        # To give back room at the end of a table, it would keep everybody out for a moment.
        cursor.execute(f"VACUUM (TRUNCATE false) {tables}")
