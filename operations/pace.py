"""How fast a caller may come: a limit, counted by the database's clock, so that all processes on all hosts share it.

A caller's account is one number: the moment until which what it has sent would last at the rate (GCRA, the generic cell
rate algorithm). A table keeps it as `until`, in seconds since 1970, beside the columns that name the caller.
"""

from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import Any

from django.db.models import FloatField, Func


@dataclass(frozen=True)
class Limit:
    # Requests a second in the long run; 0 is no limit.
    rate: float
    # Requests that may come at once after a pause.
    burst: int

    @property
    def is_set(self) -> bool:
        return self.rate > 0

    @property
    def ahead(self) -> float:
        """Seconds that a caller may be ahead of its rate and still be answered."""
        return (max(self.burst, 1) - 1) / self.rate

    def cost(self, requests: int = 1) -> float:
        """Seconds that these requests last; never more than a burst, so that none has to wait for longer than one."""
        return min(requests, max(self.burst, 1)) / self.rate

    def wait(self, ahead: float | None, uncounted: int = 0) -> int:
        """Whole seconds until a caller who is so far ahead is answered again; 0 is now. `uncounted` requests are not in
        what it is ahead.
        """
        if not self.is_set or (ahead is None and not uncounted):
            return 0
        return max(0, ceil(max(ahead or 0.0, 0.0) + uncounted / self.rate - self.ahead))


class Clock(Func):
    """The database's own time in seconds since 1970: hosts need not agree about theirs."""

    output_field = FloatField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[str | int, ...]]:
        return clock(connection.vendor), ()


def clock(vendor: str) -> str:
    if vendor == "postgresql":
        return "extract(epoch from clock_timestamp())::float8"
    return "((julianday('now') - 2440587.5) * 86400.0)"


@cache
def counting(table: str, columns: tuple[str, ...], vendor: str, *, condition: str = "") -> str:
    """The statement that counts requests; takes the values of the columns and twice the cost.

    Counted only of those who meet the condition.
    """
    names, now = ", ".join(columns), clock(vendor)
    values = f"SELECT {', '.join(['%s'] * len(columns))}, {now} + %s WHERE true"
    latest = "greatest" if vendor == "postgresql" else "max"
    return (
        f"INSERT INTO {table} ({names}, until) {values} ON CONFLICT ({names}) "
        f"DO UPDATE SET until = {latest}({table}.until, {now}) + %s {condition} RETURNING 1"
    )


@cache
def counting_many(table: str, columns: tuple[str, ...], requests: str) -> str:
    """The statement for PostgreSQL that counts the requests of many callers; takes the cost of one.

    `requests` is a SELECT of the columns and of the number of requests, in the order of the columns.
    """
    names, now = ", ".join(columns), clock("postgresql")
    return (
        f"INSERT INTO {table} ({names}, until) "  # noqa: S608  names of our own
        f"SELECT {names}, {now} + number * %s::float8 FROM ({requests}) requests "
        f"ON CONFLICT ({names}) DO UPDATE SET until = EXCLUDED.until + greatest({table}.until - {now}, 0)"
    )
