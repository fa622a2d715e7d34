"""Prepared statements asked of libpq: the rows and the faults of a cursor, and a cursor wherever one is needed."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from django import db
from django.db import connection

from operations import faults

pytestmark = [pytest.mark.skipif(connection.vendor == "sqlite", reason="libpq"), pytest.mark.django_db]
SQL = "SELECT %s::text, %s::int / %s, NULL::text, true, '2026-11-28 21:57:38.5+09'::timestamptz, %s::bigint[]"
VALUES = ["né", 6, 2, [1, 2]]
ROW = ("né", 3, None, True, datetime(2026, 11, 28, 12, 57, 38, 500_000, UTC), [1, 2])


@pytest.fixture
def own() -> Iterator[Any]:
    """A connection outside of the test's transaction, on which SQL is prepared."""
    own: Any = connection.copy()
    try:
        for _ in range(4):
            assert own.rows(SQL, VALUES) == [ROW]
        yield own
    finally:
        own.close()


def is_by_cursor(own: Any, sql: str = SQL) -> bool:
    """Whether the same answer comes by a cursor."""
    with patch.object(own, "make_cursor", wraps=own.make_cursor) as made:
        assert own.rows(sql, VALUES) == [ROW]
    return made.called


def test_what_is_prepared_is_asked_without_a_cursor(own: Any) -> None:
    assert not is_by_cursor(own)
    assert own.rows(SQL, ["", 0, 1, []]) == [("", 0, None, True, ROW[4], [])]
    assert is_by_cursor(own, SQL + " AS other")


def test_a_cursor_asks_where_somebody_watches_or_a_transaction_is_open(own: Any) -> None:
    with own.execute_wrapper(lambda execute, *asked: execute(*asked)):
        assert is_by_cursor(own)
    own.force_debug_cursor = True
    assert own.rows(SQL, VALUES) == [ROW]
    assert len(own.queries) == 1
    own.force_debug_cursor = False
    own.set_autocommit(False)
    assert own.rows(SQL, VALUES) == [ROW]
    assert own.connection.info.transaction_status.name == "INTRANS"
    own.rollback()
    own.set_autocommit(True)


def test_what_psycopg_lets_go_of_is_prepared_again(own: Any) -> None:
    with own.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert is_by_cursor(own)
    assert [is_by_cursor(own) for _ in range(3)][-1] is False


def test_what_the_database_says_is_raised_as_by_a_cursor(own: Any) -> None:
    with pytest.raises(db.DataError, match="division by zero"):
        own.rows(SQL, ["", 1, 0, []])
    assert not is_by_cursor(own)


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_connection_that_has_gone_is_a_fault(own: Any, is_noticed: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [own.connection.info.backend_pid])
    if is_noticed:
        own.connection.close()

    with pytest.raises(db.Error) as raised:
        own.rows(SQL, VALUES)

    fault = faults.fault_in(raised.value)
    assert fault
    assert fault.kind is faults.LOST


def test_a_connection_without_words_is_lost(own: Any) -> None:
    """A failure of the network: libpq has no code for it."""
    sock = socket.socket(fileno=os.dup(own.connection.pgconn.socket))
    sock.shutdown(socket.SHUT_RDWR)
    sock.close()

    with pytest.raises(db.OperationalError) as raised:
        own.rows(SQL, VALUES)

    fault = faults.fault_in(raised.value)
    assert fault
    assert fault.kind is faults.LOST
