"""Opening connections to PostgreSQL: a bounded wait, and no crowd before a closed door."""

import random
import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

import psycopg

from operations.faults import NoConnectionLeft, Unreachable

# Seconds to wait: as long as a restart takes, or a connection to be given back.
WAIT = 2.0
PAUSE = 0.05
# Seconds to wait behind the one request that tries: a closed port refuses at once, a silent host lets it hang.
WAIT_BEHIND = 0.25
Connection = TypeVar("Connection")


class Gate:
    """While the database is away, one request at a time knocks; the others hear soon that nobody answers."""

    def __init__(self) -> None:
        self._is_away = False
        self._knocking = Lock()

    def open(self, connect: Callable[[], Connection]) -> Connection:
        if not self._is_away:
            return self._open_within(WAIT, connect)
        if not self._knocking.acquire(timeout=WAIT_BEHIND):
            raise Unreachable("another request is waiting for a connection")
        try:
            # The request before may have found it open.
            opened = self._open_within(0, connect)
        finally:
            self._knocking.release()
        self._is_away = False
        return opened

    def _open_within(self, seconds: float, connect: Callable[[], Connection]) -> Connection:
        give_up = time.monotonic() + seconds
        while True:
            try:
                return connect()
            except psycopg.OperationalError as error:
                if time.monotonic() >= give_up:
                    self._is_away = True
                    raise _reason(error)(str(error)) from error
            time.sleep(PAUSE * random.uniform(0.5, 1.5))  # noqa: S311 - so that not all come back together


def _reason(error: psycopg.OperationalError) -> type[Unreachable]:
    """The class of a failed connection, by its words: without a connection there is no code."""
    words = str(error)
    is_full = any(said in words for said in ("too many", "connection slots", "no more connections allowed"))
    return NoConnectionLeft if is_full else Unreachable


gate = Gate()
