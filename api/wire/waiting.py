"""Waiting for something to happen, in a request: long polls."""

import time
from collections.abc import Callable
from threading import BoundedSemaphore

# Seconds that a request may wait at most, and between two of its looks.
MAX_WAIT, A_LOOK = 30, 0.25
# Requests of one process that wait at a time, of the four that it answers at a time: the others are answered at once.
_waiting = BoundedSemaphore(1)
# Header of an answer that is empty because too many wait already.
COME_BACK = {"Retry-After": "1"}


def wait_for(has_come: Callable[[], bool], seconds: float) -> bool:
    """Wait until it has come or the time is over; whether it could be waited for at all."""
    if not _waiting.acquire(blocking=False):
        return False
    try:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not has_come():
            time.sleep(min(A_LOOK, left))
    finally:
        _waiting.release()
    return True
