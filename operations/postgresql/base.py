"""Django's PostgreSQL, which waits for a connection with patience, and knows whether anything has been written."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import BaseTzLoader

from operations.connecting import gate
from operations.postgresql.asking import Asking, Rows, Statement
from operations.postgresql.numbering import numbered

_OPEN = (psycopg.pq.TransactionStatus.INTRANS, psycopg.pq.TransactionStatus.INERROR)


class Moments(BaseTzLoader):
    """The loader of moments, which are ISO 8601 in UTC here; psycopg's, for all others, takes four times as long."""

    timezone = UTC

    def load(self, data: Any) -> Any:
        try:
            found = datetime.fromisoformat(bytes(data).decode())
        except ValueError:
            return super().load(data)
        return found if found.tzinfo is UTC else found.astimezone(UTC)


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whether a commit has been begun since somebody set this to False. One that broke has perhaps happened.
        self.may_have_written = False
        self.execute_wrappers.append(self._watch)
        self._asking: Asking | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        if self.alias != DEFAULT_DB_ALIAS:
            return self._opened(conn_params)  # For a replica nobody waits: the primary answers.
        return gate.open(lambda: self._opened(conn_params))

    def _opened(self, conn_params: Any) -> Any:
        opened = super().get_new_connection(conn_params)
        if self.timezone is UTC:
            opened.adapters.register_loader("timestamptz", Moments)
        if opened.prepare_threshold is not None and not settings.IS_PREPARING_ASKED_FOR and _is_pooled(opened):
            # The name of a statement may mean another one on the connection that comes next.
            opened.prepare_threshold = None
        return opened

    def rows(self, sql: str, parameters: Sequence[Any]) -> Rows:
        """All rows of a statement."""
        if self.connection is None:
            self.ensure_connection()
        # Watchers of statements, which a transaction has, are told of those of a cursor only.
        if sql.startswith("SELECT") and len(self.execute_wrappers) == 1 and not self.queries_logged:
            with self.wrap_database_errors:
                found = self._asked.rows(numbered(sql), parameters)
            if found is not None:
                return found
        with self._executed(sql, parameters) as cursor:
            return list(cursor.fetchall())

    def _executed(self, sql: str, parameters: Sequence[Any]) -> Any:
        """The cursor by which a statement has been executed."""
        raw: Any = None if self.queries_logged else psycopg.RawCursor(self.connection)
        cursor = self.make_cursor(raw) if raw else self.cursor()
        cursor.execute(numbered(sql) if raw else sql, parameters)
        return cursor

    @property
    def _asked(self) -> Asking:
        """The one for the present connection."""
        if self._asking is None or self._asking.connection is not self.connection:
            self._asking = Asking(self.connection)
        return self._asking

    def in_one_round_trip(self, *transactions: Sequence[Statement]) -> None:
        """Transactions that follow each other, all sent before the first answer; what they find is not read.

        Each statement sees what was committed before its own beginning. Where one transaction fails, those behind it
        may have been done: they have to be harmless. Statements that are to be prepared first take more round trips.
        """
        self.ensure_connection()
        self.may_have_written, is_committed = True, False
        try:
            with self.wrap_database_errors:
                outcomes = None if self.queries_logged else self._asked.outcomes(*map(_numbered, transactions))
                for place, statements in enumerate(transactions):
                    if outcomes is None:
                        self._by_cursors(statements)
                    elif fault := outcomes[place]:
                        raise fault
                    is_committed = True
        except DatabaseError:
            # The server has said no, and so to all of a transaction.
            self.may_have_written = is_committed or self.connection is None or self.connection.closed
            raise

    def _by_cursors(self, statements: Sequence[Statement]) -> None:
        with transaction.atomic(self.alias):
            for statement in statements:
                self._executed(*statement).close()

    def _watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        # Outside of a transaction each statement is its own; inside, nothing stays before the commit.
        if not self.in_atomic_block and not sql.startswith("SELECT"):
            self.may_have_written = True
        return execute(sql, params, many, context)

    def _commit(self) -> None:
        self.may_have_written = True
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        """Roll back and go on with the prepared statements.

        psycopg forgets them all, as some could be about tables of the transaction. PostgreSQL plans such ones anew
        itself; planning all of them after each refusal costs it as much as ten changes.
        """
        connection = self.connection
        if connection and connection.pgconn.transaction_status in _OPEN:
            connection.pgconn.exec_(b"ROLLBACK")
        # For whatever has come in between, a broken connection.
        super()._rollback()  # type: ignore[misc]


def _numbered(statements: Sequence[Statement]) -> list[Statement]:
    return [(numbered(sql), parameters) for sql, parameters in statements]


def _is_pooled(opened: Any) -> bool:
    """Whether another process answers than the one that said hello: PgBouncer gives a number of its own."""
    [answers] = opened.execute("SELECT pg_backend_pid()").fetchone()
    opened.rollback()
    return bool(answers != opened.info.backend_pid)
