"""Faults of the database, as opposed to mistakes of ours: their kinds, and what each asks for.

A fault is answered 503 with a Retry-After, never 500. docs/decisions/0015 says which requests are repeated first.
"""

import sqlite3
import sys
from dataclasses import dataclass
from typing import Any

import psycopg
from django import db
from django.core.signals import got_request_exception
from django.http import HttpRequest


@dataclass(frozen=True)
class Kind:
    name: str
    # Retry-After in seconds.
    retry_after: int
    # Faults after which the connection is of no more use.
    ends_connection: bool = False
    # Faults that may be gone the next moment.
    passes: bool = False


LOST = Kind("connection_lost", 5, ends_connection=True, passes=True)
UNREACHABLE = Kind("unreachable", 5, ends_connection=True)
NO_CONNECTION_LEFT = Kind("no_connection_left", 5, ends_connection=True)
STALE_PLAN = Kind("stale_plan", 2, ends_connection=True, passes=True)
# After a failover the connection may lead to what is a replica now.
READ_ONLY = Kind("read_only", 30, ends_connection=True, passes=True)
OUT_OF_RESOURCES = Kind("out_of_resources", 60)
STORAGE = Kind("storage", 60, ends_connection=True)
DEADLOCK = Kind("deadlock", 2, passes=True)
NOT_SERIALIZABLE = Kind("not_serializable", 2, passes=True)
LOCK_TIMEOUT = Kind("lock_timeout", 2)
STATEMENT_TIMEOUT = Kind("statement_timeout", 10)

# The codes of PostgreSQL (its documentation, appendix A), whole or their class of two characters.
_BY_SQLSTATE = {
    "08": LOST,
    "25P03": LOST,  # idle in a transaction for too long
    "40003": LOST,
    "57P": LOST,  # ended by an administrator, by a crash, not yet ready, database dropped
    "26000": STALE_PLAN,  # prepared on another connection, behind a pooler
    "42P05": STALE_PLAN,
    "25006": READ_ONLY,
    "53": OUT_OF_RESOURCES,
    "53300": NO_CONNECTION_LEFT,
    "58": STORAGE,
    "40P01": DEADLOCK,
    "40001": NOT_SERIALIZABLE,
    "55P03": LOCK_TIMEOUT,
    "57014": STATEMENT_TIMEOUT,
}
_BY_SQLITE_CODE = {
    sqlite3.SQLITE_BUSY: LOCK_TIMEOUT,
    sqlite3.SQLITE_LOCKED: LOCK_TIMEOUT,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: STORAGE,
    sqlite3.SQLITE_FULL: STORAGE,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
    sqlite3.SQLITE_NOTADB: UNREACHABLE,
}
# Message of PostgreSQL about a prepared statement after a column has got another type.
_CACHED_PLAN = "cached plan must not change result type"


class Unreachable(psycopg.OperationalError):
    """No connection could be opened."""


class NoConnectionLeft(Unreachable):
    """The server has as many connections as it takes."""


@dataclass(frozen=True)
class Fault:
    kind: Kind
    cause: BaseException

    @property
    def words(self) -> str:
        """The first line of what the database said; the next ones may quote rows."""
        return next(iter(str(self.cause).splitlines()), "")[:300]


def fault_in(error: BaseException) -> Fault | None:
    """The fault that an exception comes from, or None: then it is a mistake of ours, or a rule of the database."""
    seen = 0
    found: BaseException | None = error
    while found is not None and seen < 10:
        kind = _kind(found)
        if kind:
            return Fault(kind, found)
        # Django's exception about a connection that has just gone has the reason as context only.
        found, seen = found.__cause__ or (found.__context__ if isinstance(found, db.Error) else None), seen + 1
    return None


def _kind(error: BaseException) -> Kind | None:
    if isinstance(error, sqlite3.Error):
        return _BY_SQLITE_CODE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, psycopg.Error):
        return _kind_on_postgresql(error)
    # Without a cause, of Django's own: the connection was closed under a transaction.
    is_closed = isinstance(error, db.InterfaceError) and error.__cause__ is None
    return LOST if is_closed else None


def _kind_on_postgresql(error: psycopg.Error) -> Kind | None:
    if isinstance(error, NoConnectionLeft):
        return NO_CONNECTION_LEFT
    if isinstance(error, Unreachable):
        return UNREACHABLE
    state = error.sqlstate
    if state is None:
        return LOST if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) else None
    if state == "0A000" and _CACHED_PLAN in str(error):
        return STALE_PLAN
    return _BY_SQLSTATE.get(state) or _BY_SQLSTATE.get(state[:3]) or _BY_SQLSTATE.get(state[:2])


# -- the fault of a request


def note(request: HttpRequest, error: BaseException | None) -> Fault | None:
    """Keep the fault of an exception for FrontDoor, which answers; None if it is no fault."""
    fault = fault_in(error) if error else None
    if fault:
        request.database_fault = fault  # type: ignore[attr-defined]
    return fault


def noted(request: HttpRequest) -> Fault | None:
    return getattr(request, "database_fault", None)


def _note_uncaught(request: HttpRequest | None = None, **_: Any) -> None:
    """Note the fault of an exception that Django is about to answer with 500, in any middleware."""

    if request is not None:
        note(request, sys.exception())


got_request_exception.connect(_note_uncaught)
