"""The limit of a key, asked with the statement that finds it, and counted several requests at a time.

A count is a write, and a question is none: so each process counts after so many requests of a key only. As many may get
through beyond the burst, and are made up for afterwards.
"""

from collections import Counter
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from api.wire import refusals
from members.models import Pace
from operations.pace import Limit

AT_A_TIME = 20
# Names of the limits: of the apps' keys, and of personal access tokens.
APPS, PEOPLE = "api-app", "api-own"

_uncounted: Counter[tuple[str, int]] = Counter()
_lock = Lock()


def ahead(door: str) -> "QuerySet[Any, Any]":
    """The seconds by which a key of an outer statement is ahead of its limit."""
    return Pace.ahead(door, "pk")


def require_pace(door: str, key: int, ahead: float | None) -> None:
    """Count one request of the key. Raises KeyTooFast, which is not counted."""
    limit = Limit(settings.API_RATE, settings.API_BURST)
    if not limit.is_set:
        return
    if seconds := limit.wait(ahead):
        raise refusals.KeyTooFast(rate=limit.rate, burst=limit.burst, seconds=seconds)
    if _is_full(door, key):
        # Several at once, as one that costs as much.
        sql, values = Pace.count(door, Limit(limit.rate / AT_A_TIME, limit.burst), key)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)


def _is_full(door: str, key: int) -> bool:
    with _lock:
        _uncounted[door, key] += 1
        if _uncounted[door, key] < AT_A_TIME:
            return False
        del _uncounted[door, key]
    return True
