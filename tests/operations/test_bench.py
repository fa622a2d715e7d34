"""make bench, with figures so small that they say nothing: it starts, plays every part and prints its tables."""

import subprocess
import sys
from pathlib import Path

import pytest

# It has a PostgreSQL of its own.
pytestmark = [pytest.mark.once, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
TINY = "--members 30 60 --rounds 1 --seconds 0.1 --connections 2 --workers 1 --threads 1 --scale 0.001 --no-peers"
WORKS = "initial incremental off_and_on create_delete put filter_external_id next_page access"


def test_it_runs_from_end_to_end() -> None:
    parts = ["--only", "requests", "events", "scenarios", "pages"]
    command = [sys.executable, "-m", "bench.run", *TINY.split(), *parts, "--works"]
    done = subprocess.run([*command, *WORKS.split()], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    for work in WORKS.split():
        assert f"\n{work.replace('_', ' '):20}30 " in done.stdout
    said = (
        "Growth",
        "The price of an event",
        "Delivery of events",
        "Members page",
        "Memory of a worker",
        "organizations at 25",
        "noisy neighbour",
        "Initial cycle of 100",
    )
    assert [words for words in said if words not in done.stdout] == []
    assert "errors 0 of" in done.stdout
