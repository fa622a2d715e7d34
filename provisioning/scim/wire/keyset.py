"""The expressions by which a page begins at a key."""

from typing import Any

from django.db.models import BigIntegerField, BooleanField, Func, QuerySet, Subquery, Value


class Behind(Func):
    """Whether a pair of columns is greater than a pair of values."""

    output_field = BooleanField()
    sign = ">"

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[str | int, ...]]:
        compiled = [compiler.compile(one) for one in self.get_source_expressions()]
        texts = [sql for sql, _ in compiled]
        return f"({{}}, {{}}) {self.sign} ({{}}, {{}})".format(*texts), tuple(
            value for _, values in compiled for value in values
        )


class Before(Behind):
    """Whether it is less."""

    sign = "<"


class Unseen(Func):
    """A number that the planner does not look at: it would find that few come behind, and plan each page anew."""

    output_field = BigIntegerField()
    template = "(SELECT %(expressions)s)"

    def __init__(self, value: int) -> None:
        super().__init__(Value(value))


class KeyAt(Subquery):
    """The key of the row that so many come before; their number is a parameter: one statement serves all jumps."""

    def __init__(self, keys: "QuerySet[Any, Any]", before: int) -> None:
        super().__init__(keys)
        self.before = before

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = super().as_sql(compiler, connection, template="(%(subquery)s LIMIT 1 OFFSET %%s)")
        return sql, (*parameters, self.before)
