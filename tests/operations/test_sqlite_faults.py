"""The same manners on SQLite: a file that somebody else has locked is waited for, and not for long."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from members.models import Organization
from operations.faults import LOCK_TIMEOUT, READ_ONLY, UNREACHABLE, Kind, fault_in
from tests.cast.server import Server
from tests.scim import Idp, user

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own")


def test_a_locked_file_is_a_503_in_time_and_writes_nothing(server: Server, aozora: Organization) -> None:
    wire = Idp(aozora, url=server.url)
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        answer = wire.post(user("late@aozora.example"))
        seconds = time.monotonic() - began
        somebody.execute("ROLLBACK")

    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert 1.5 < seconds < 8
    assert wire.post(user("late@aozora.example")).status == 201


def written(address: str) -> Exception | None:
    """What SQLite says to another writer."""
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as second:
            second.execute("INSERT INTO t VALUES (1)")
    except sqlite3.Error as error:
        return error
    return None


@pytest.mark.parametrize(
    ("query", "kind"), [("?mode=rw", LOCK_TIMEOUT), ("?mode=ro", READ_ONLY), ("-missing?mode=rw", UNREACHABLE)]
)
def test_what_sqlite_says_is_told_apart(tmp_path: Path, query: str, kind: Kind) -> None:
    path = tmp_path / "database"
    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.execute("CREATE TABLE t (x CHECK (x > 1))")
        first.execute("BEGIN IMMEDIATE")
        error = written(f"file:{path}{query}")

    assert error
    fault = fault_in(error)
    assert fault
    assert fault.kind is kind


def test_a_rule_of_the_database_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "database"
    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.execute("CREATE TABLE t (x CHECK (x > 1))")

    error = written(f"file:{path}?mode=rw")

    assert isinstance(error, sqlite3.IntegrityError)
    assert fault_in(error) is None
