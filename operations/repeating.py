"""Requests that may be answered a second time after a fault of the database."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.http import HttpRequest, RawPostDataException, UnreadablePostError

from operations.faults import Fault
from operations.handler import Request

Found = TypeVar("Found")
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def begin() -> None:
    """Note that this request has written nothing yet. Not on SQLite, whose faults do not pass by repeating."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    if hasattr(database, "may_have_written"):
        database.may_have_written = False


def again(request: HttpRequest, environ: dict[str, Any], fault: Fault) -> HttpRequest | None:
    """The request as it came, if a second answer can do no harm and may be a better one; else None.

    `environ` is a copy from before the first answer, which may have left its marks.
    """
    is_harmless = request.method in SAFE or not getattr(connection, "may_have_written", True)
    if not fault.kind.passes or not is_harmless:
        return None
    try:
        body = request.body
    except (RawPostDataException, RequestDataTooBig, UnreadablePostError):
        return None  # An upload that has been read from the wire is gone.
    environ.update({"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))})
    return Request(environ)


def twice(ask: Callable[[], Found]) -> Found:
    """Call a function that only reads, twice if need be, for probes: a connection lost while idle is no outage."""
    try:
        return ask()
    except Error:
        connection.close()
    try:
        return ask()
    except Error:
        connection.close()
        raise
