"""Prepared statements asked of libpq: the rows and the faults of a cursor, and a cursor wherever one is needed."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock, patch

import psycopg
import pytest
from django import db
from django.db import connection
from psycopg.pq import ExecStatus

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


def is_lost(error: BaseException) -> bool:
    fault = faults.fault_in(error)
    return fault is not None and fault.kind is faults.LOST


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

    assert is_lost(raised.value)


def cut(own: Any) -> None:
    """A failure of the network: libpq has no code for it."""
    sock = socket.socket(fileno=os.dup(own.connection.pgconn.socket))
    sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def test_a_connection_without_words_is_lost(own: Any) -> None:
    cut(own)

    with pytest.raises(db.OperationalError) as raised:
        own.rows(SQL, VALUES)

    assert is_lost(raised.value)


def test_an_error_of_libpq_itself_is_a_lost_connection_though_it_counts_as_good(own: Any) -> None:
    """So it is for a moment where the server went while a statement was being sent."""
    libpq = own.connection.pgconn
    broken = Mock(
        transaction_status=libpq.transaction_status, pipeline_status=libpq.pipeline_status, status=libpq.status,
        exec_prepared=Mock(return_value=libpq.make_empty_result(ExecStatus.FATAL_ERROR)),
    )  # fmt: skip
    with patch.object(own._asked, "_libpq", broken), pytest.raises(db.OperationalError) as raised:
        own.rows(SQL, VALUES)

    assert is_lost(raised.value)


INSERT, DIVIDE, END = "INSERT INTO written VALUES (%s, %s)", "SELECT 1 / %s", "SELECT pg_terminate_backend(%s)"
TABLES = """CREATE TEMPORARY TABLE written
    (id int PRIMARY KEY, of int REFERENCES written DEFERRABLE INITIALLY DEFERRED)"""


@pytest.fixture
def writing(own: Any) -> Iterator[Any]:
    """A connection on which transactions of these statements are prepared, Django's own as far as it goes."""
    with own.cursor() as cursor:
        cursor.execute(TABLES)
    with patch("django.db.transaction.get_connection", return_value=own):
        for number in range(1, 4):
            own.in_one_round_trip([(INSERT, [number, None]), (DIVIDE, [1])], [(INSERT, [number + 10, number])])
        yield own


def written(own: Any) -> list[int]:
    with own.cursor() as cursor:
        cursor.execute("SELECT id FROM written WHERE id > 20 ORDER BY id")
        return [number for (number,) in cursor.fetchall()]


def is_sent_at_once(own: Any, *transactions: Any) -> bool:
    """Whether no cursor is needed for them."""
    with patch.object(own, "make_cursor", wraps=own.make_cursor) as made:
        own.in_one_round_trip(*transactions)
    return not made.called


def test_transactions_of_what_is_prepared_are_sent_at_once(writing: Any) -> None:
    assert is_sent_at_once(writing, [(INSERT, [21, None]), (INSERT, [22, 21])], [(INSERT, [23, 22])])
    # More than the network takes without waiting.
    long = ["x" * 5_000_000]
    assert [is_sent_at_once(writing, [("SELECT %s::text", long)] * 2) for _ in range(3)] == [False, False, True]
    assert written(writing) == [21, 22, 23]
    assert not is_by_cursor(writing)


def test_what_is_not_prepared_is_sent_at_once_only_where_nothing_ever_is(writing: Any) -> None:
    other = [(INSERT + " RETURNING 1", [21, None])], [(DIVIDE, [1])]
    assert not is_sent_at_once(writing, *other)
    writing.connection.prepare_threshold = None
    assert is_sent_at_once(writing, [(INSERT + " RETURNING of", [22, None])], [(DIVIDE, [1])])
    assert written(writing) == [21, 22]


@pytest.mark.parametrize("is_watched", [False, True])
def test_a_transaction_that_fails_is_undone_by_itself(writing: Any, is_watched: bool) -> None:
    """As by a cursor; whether something has been committed stays known."""
    writing.force_debug_cursor = is_watched
    fine = [(INSERT, [21, None]), (DIVIDE, [1])]
    for wrong, error, cause in (
        ([(INSERT, [31, None]), (DIVIDE, [0])], db.DataError, psycopg.errors.DivisionByZero),
        ([(DIVIDE, [0]), (INSERT, [31, None])], db.DataError, psycopg.errors.DivisionByZero),
        ([(INSERT, [1, None]), (DIVIDE, [1])], db.IntegrityError, psycopg.errors.UniqueViolation),
        # At the commit.
        ([(INSERT, [31, 99]), (DIVIDE, [1])], db.IntegrityError, psycopg.errors.ForeignKeyViolation),
    ):
        with pytest.raises(error) as raised:
            writing.in_one_round_trip(wrong)
        assert isinstance(raised.value.__cause__, cause)
        assert not writing.may_have_written

        with pytest.raises(error) as raised:
            writing.in_one_round_trip(fine, wrong)
        assert isinstance(raised.value.__cause__, cause)
        assert writing.may_have_written
        assert written(writing) == [21]
        with writing.cursor() as cursor:
            cursor.execute("DELETE FROM written WHERE id = 21")
    writing.force_debug_cursor = False
    assert is_sent_at_once(writing, fine)


@pytest.mark.parametrize("when", ["before", "meanwhile", "cut"])
def test_a_commit_whose_connection_goes_may_have_happened(writing: Any, when: str) -> None:
    own_id = writing.connection.info.backend_pid
    for _ in range(3):
        writing.in_one_round_trip([(END, [0])])
    if when == "before":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [own_id])
    elif when == "cut":
        cut(writing)

    with pytest.raises(db.OperationalError) as raised:
        writing.in_one_round_trip([(INSERT, [21, None]), (END, [own_id])], [(DIVIDE, [1])])

    assert is_lost(raised.value)
    assert writing.may_have_written
    assert writing.connection.closed
