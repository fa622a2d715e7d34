"""Rows that wait for each other: how long, how many, and that none is lost when the server ends."""

import subprocess
import sys
import threading

import pytest

from operations import gathering
from operations.gathering import MOST, WAIT, Gathered


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What is written by a process that serves."""
    monkeypatch.setattr(gathering, "_is_server", True)
    monkeypatch.setattr(Gathered, "_start", lambda self: None)
    return []


def test_outside_of_a_server_each_row_is_written_at_once() -> None:
    written: list[list[int]] = []
    rows = Gathered(written.append)

    rows.put(1)
    rows.put(2)

    assert (written, rows.waiting) == ([[1], [2]], [])


def test_rows_wait_for_each_other_until_there_are_many_or_one_is_urgent(kept: list[list[int]]) -> None:
    rows = Gathered(kept.append)

    for number in range(MOST - 1):
        rows.put(number)
    assert (kept, len(rows.waiting)) == ([], MOST - 1)
    rows.put(MOST - 1)
    rows.put(7)
    rows.put(8, is_urgent=True)

    assert (kept, rows.waiting) == ([[*range(MOST)], [7, 8]], [])


def test_a_row_waits_until_it_is_written_and_is_tried_once(kept: list[list[int]]) -> None:
    seen: list[list[int]] = []

    def write(rows: list[int]) -> None:
        seen.append(list(gathered.waiting))
        gathered._rows.append(9)  # Another thread's, which comes meanwhile.
        raise OSError("no space")

    gathered = Gathered(write)
    gathered.put(1)
    with pytest.raises(OSError, match="no space"):
        gathered.flush()

    assert (seen, gathered.waiting) == ([[1]], [9])


def test_a_thread_writes_them_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_is_server", True)
    alive, there = threading.Event(), threading.Event()
    main = type("Main", (), {"is_alive": lambda self: not alive.is_set(), "join": lambda self, wait: alive.wait(wait)})
    monkeypatch.setattr(gathering, "main_thread", main)
    written: list[list[int]] = []

    def write(some: list[int]) -> None:
        written.append(some)
        there.set()

    rows = Gathered(write)

    rows.put(1)
    rows.put(2)
    assert there.wait(100 * WAIT)
    alive.set()
    assert rows._thread
    rows._thread.join(100 * WAIT)

    assert [one for some in written for one in some] == [1, 2]
    assert not rows._thread.is_alive()


def test_none_is_lost_when_the_process_ends() -> None:
    program = (
        "from operations import gathering\n"
        "gathering.begin()\n"
        "rows = gathering.Gathered(lambda some: print(some, flush=True))\n"
        "rows.put(1)\n"
        "rows.put(2)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[1, 2]\n"
