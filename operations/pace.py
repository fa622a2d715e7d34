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

    def wait(self, ahead: float | None) -> int:
        """Whole seconds until a caller who is so far ahead is answered again; 0 is now."""
        return max(0, ceil(ahead - self.ahead)) if self.is_set and ahead is not None else 0


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
def counting(table: str, columns: tuple[str, ...], vendor: str, *, after: str = "", condition: str = "") -> str:
    """The statement that counts requests; takes the values of the columns and twice the cost.

    Counted only if the part `after` of one statement has given a row; only those who meet the condition.
    """
    names, now = ", ".join(columns), clock(vendor)
    values = f"SELECT {', '.join(['%s'] * len(columns))}, {now} + %s {f'FROM {after}' if after else ''} WHERE true"
    latest = "greatest" if vendor == "postgresql" else "max"
    return (
        f"INSERT INTO {table} ({names}, until) {values} ON CONFLICT ({names}) "
        f"DO UPDATE SET until = {latest}({table}.until, {now}) + %s {condition} RETURNING 1"
    )
