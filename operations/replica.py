"""Lists read from a replica, where REPLICA_URL names one. docs/decisions/0027.

What is read is never older than MAX_LAG, nor than the last change that the reader's browser has made. Everything else
asks the primary: verbs and whatever stands in a transaction, sign-ins, sessions, tokens, the whole SCIM endpoint.
"""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, TypeVar

from django import db
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.http import HttpRequest, HttpResponseBase

from operations import metrics

logger = logging.getLogger(__name__)
ALIAS = "replica"
# Seconds by which a list may be behind.
MAX_LAG = 5.0
# Seconds for which a replica is left alone that did not answer, or not as the primary does.
PAUSE = 5.0
# Seconds for which a browser keeps the position of its last change. After MAX_LAG nobody needs it.
KEPT = 60
COOKIE = "__Host-written" if settings.IS_HTTPS else "written"
_LSN = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}", re.ASCII)
# Position that no replica will ever reach.
_NEVER = "FFFFFFFF/FFFFFFFF"
_REPLAYED = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn AND pg_last_wal_replay_lsn() >= %s"

Found = TypeVar("Found")
Page = Callable[Concatenate[Any, ...], HttpResponseBase]
_is_reading: ContextVar[bool] = ContextVar("reads_replica", default=False)
# Moment until which the replica is not asked; a hint of this process.
_set_aside_until = 0.0
# Position of the primary, and when it was asked for; at most MAX_LAG old.
_floor = ("", 0.0)


def alias() -> str:
    """The database that a read may be sent to at this moment."""
    # A transaction reads what it is about to change.
    return ALIAS if _is_reading.get() and not connection.in_atomic_block else DEFAULT_DB_ALIAS


class Router:
    """Django's router: where there is a replica, everything that has not been said to be a list goes to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return alias()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, database: str, app_label: str, **hints: Any) -> bool:
        return database == DEFAULT_DB_ALIAS


def read(ask: Callable[[], Found], since: str) -> Found:
    """Call a function that only reads: on the replica if it has come as far as `since`, else on the primary.

    It is called a second time, on the primary, if it fails on the replica: something may not have arrived there yet.
    """
    if ALIAS not in connections or not _can_serve(since):
        return ask()
    token = _is_reading.set(True)
    try:
        found = ask()
    except Exception as error:
        if isinstance(error, db.Error):
            _set_aside(error)
    else:
        metrics.list_reads.labels("replica").inc()
        return found
    finally:
        _is_reading.reset(token)
    return ask()


def list_page(view: Page) -> Page:
    """Decorates a page that shows a list and changes nothing; below the decorator that says who may open it."""

    @wraps(view)
    def page(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        return read(lambda: view(request, **kwargs), _written_by(request))

    return page


def position() -> str:
    """The primary's present position, which a reader has to see who knows of all that has happened until now."""
    if ALIAS not in connections:
        return ""
    with connection.cursor() as cursor:
        # Where the next record goes, not what has been written out: a commit need not wait for that.
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        return str(cursor.fetchone()[0])


class OwnChanges:
    """Middleware: a browser that has changed something holds the position after which its next lists are read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if ALIAS not in connections:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if getattr(connection, "may_have_written", False):
            secure = settings.IS_HTTPS
            response.set_cookie(COOKIE, _now(), max_age=KEPT, secure=secure, httponly=True, samesite="Lax")
        return response


def _now() -> str:
    try:
        return position()
    except db.Error:
        return _NEVER


def _written_by(request: HttpRequest) -> str:
    """The position after the reader's last change. What somebody made up delays nobody but themselves."""
    kept = request.COOKIES.get(COOKIE, "0/0")
    return kept if _LSN.fullmatch(kept) else _NEVER


def _can_serve(since: str) -> bool:
    if time.monotonic() < _set_aside_until:
        metrics.list_reads.labels("primary_replica_away").inc()
        return False
    floor = _lowest()
    try:
        has_come_so_far = _has_replayed(since, floor)
    except db.Error as error:
        _set_aside(error)
        return False
    if not has_come_so_far:
        metrics.list_reads.labels("primary_replica_behind").inc()
    return has_come_so_far


def _has_replayed(*positions: str) -> bool:
    global _set_aside_until
    if connections[ALIAS].connection is None:
        # Others do not wait for the connection, which may take its time.
        _set_aside_until = time.monotonic() + PAUSE
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(_REPLAYED, positions)
        [has_replayed] = cursor.fetchone()
    _set_aside_until = 0.0
    return bool(has_replayed)


def _lowest() -> str:
    """The position that the primary had at most MAX_LAG ago. No clock is compared with another machine's."""
    global _floor
    at, asked = _floor
    if not at or time.monotonic() - asked > MAX_LAG:
        asked = time.monotonic()
        at = position()
        _floor = (at, asked)
    return at


def _set_aside(error: db.Error) -> None:
    global _set_aside_until
    _set_aside_until = time.monotonic() + PAUSE
    connections[ALIAS].close()
    metrics.list_reads.labels("primary_replica_away").inc()
    first_line = next(iter(str(error).splitlines()), "")
    logger.warning("the replica is left alone for %d s: %s", PAUSE, first_line[:300])
