"""Rows that many requests leave, written together a moment later: decision 36.

Only where a server answers requests (nulab_org/wsgi.py); a command or a test writes each row at once.
"""

import logging
from collections.abc import Callable
from threading import Lock, Thread, main_thread
from typing import Generic, TypeVar

from django.db import connections

logger = logging.getLogger(__name__)
Row = TypeVar("Row")

# Seconds that a row waits at most, and the number of waiting rows at which whoever brings the next one writes all.
WAIT = 0.25
MOST = 50
_is_server = False


def begin() -> None:
    """Let rows wait in this process from now on."""
    global _is_server
    _is_server = True


class Gathered(Generic[Row]):
    """The rows of one kind that wait; `write` takes some of them, in the order in which they have come."""

    def __init__(self, write: Callable[[list[Row]], None]) -> None:
        self._write = write
        # A row leaves it when it is written, so that `waiting` misses none. Both ends are safe without a lock.
        self._rows: list[Row] = []
        self._writing = Lock()
        self._starting = Lock()
        self._thread: Thread | None = None

    @property
    def waiting(self) -> list[Row]:
        """The rows that nobody can see in the database yet."""
        return self._rows

    def put(self, row: Row, *, is_urgent: bool = False) -> None:
        """Keep the row until it is written; an urgent one is written before this returns."""
        self._rows.append(row)
        if is_urgent or not _is_server or len(self._rows) >= MOST or not main_thread().is_alive():
            self.flush()
        elif self._thread is None or not self._thread.is_alive():
            self._start()

    def flush(self) -> None:
        """Write all that wait. Who comes while others are written waits for that: so memory and database are spared."""
        with self._writing:
            rows = self._rows[:]
            try:
                if rows:
                    self._write(rows)
            finally:
                del self._rows[: len(rows)]

    def _start(self) -> None:
        """Start the thread, in the process that answers: a fork has none of its parent's."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                # The interpreter waits for it when the server ends, because it is no daemon.
                self._thread = Thread(target=self._run, name="gathering", daemon=False)
                self._thread.start()

    def _run(self) -> None:
        while main_thread().is_alive():
            main_thread().join(WAIT)
            try:
                self.flush()
            except Exception:
                logger.exception("Rows that had been gathered are lost")
        connections.close_all()
