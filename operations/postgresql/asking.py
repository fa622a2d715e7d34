"""Statements that psycopg has prepared, asked of libpq at once: a cursor takes four times as long for a few rows."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus, TransactionStatus

Rows = list[tuple[Any, ...]]
# SQL and its parameters.
Statement = tuple[str, Sequence[Any]]
_encoded = lru_cache(1000)(str.encode)


class Asking:
    """Questions to one connection, outside of transactions; its thread waits for each answer."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._libpq = connection.pgconn
        # Types that have been met stay known; a cursor looks for them anew.
        self._adapting = Transformer(connection)

    def rows(self, sql: str, parameters: Sequence[Any]) -> Rows | None:
        """The rows, or None where a cursor has to do it, which counts, prepares and begins transactions."""
        prepared = self._prepared(sql, parameters) if self._is_idle else None
        if prepared is None:
            return None
        result = self._libpq.exec_prepared(*prepared)
        if result.status != ExecStatus.TUPLES_OK:
            raise _error(result)
        self._adapting.set_pgresult(result)
        rows = self._adapting.load_rows(0, result.ntuples, tuple)
        self._adapting.set_pgresult(None)
        return rows

    def outcomes(self, *transactions: Sequence[Statement]) -> list[psycopg.Error | None] | None:
        """The fault of each transaction, None of one that is committed; or None where cursors have to do them.

        All are sent before the first answer is read, and all answers are read.
        """
        if not self._is_idle:
            return None
        asked = [[self._question(*statement) for statement in statements] for statements in transactions]
        if not all(map(all, asked)):
            return None
        try:
            answers = self._in_a_pipeline(asked)
        except BaseException:
            # An answer that is still on its way would be taken for the answer to the next question.
            self.connection.close()
            raise
        faults = [[one for one in results if one.status == ExecStatus.FATAL_ERROR] for results in answers]
        return [_error(found[0]) if found else None for found in faults]

    def _in_a_pipeline(self, asked: list[list[Any]]) -> list[list[Any]]:
        self._libpq.enter_pipeline_mode()
        for questions in asked:
            for send_it, *question in questions:
                send_it(*question)
            self._libpq.pipeline_sync()
        answers: list[list[Any]] = self.connection.wait(_answers(self._libpq, len(asked)))
        self._libpq.exit_pipeline_mode()
        return answers

    def _question(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any] | None:
        """The call that sends a statement, with its arguments; None where a cursor has to prepare the statement."""
        if prepared := self._prepared(sql, parameters):
            return self._libpq.send_query_prepared, *prepared
        if self.connection.prepare_threshold is not None:
            return None
        values = self._adapting.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        return self._libpq.send_query_params, _encoded(sql), values, self._adapting.types, self._adapting.formats

    def _prepared(self, sql: str, parameters: Sequence[Any]) -> tuple[bytes, Sequence[Any], Any] | None:
        """The name of a statement that is prepared, its values, and their formats.

        psycopg's list of what is prepared is the only one: after an ALTER, for instance, it lets go of all.
        """
        values = self._adapting.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        prepared, key = self.connection._prepared._names, (_encoded(sql), self._adapting.types)
        name = prepared.get(key)
        if name is None:
            return None
        prepared.move_to_end(key)
        return name, values, self._adapting.formats

    @property
    def _is_idle(self) -> bool:
        return bool(
            self.connection.autocommit
            and self._libpq.transaction_status == TransactionStatus.IDLE
            and self._libpq.pipeline_status == PipelineStatus.OFF
        )


def _error(result: Any) -> psycopg.Error:
    """The exception that a cursor would raise.

    One without a code is libpq's own: the connection has gone, whether libpq counts it as bad already or not.
    """
    error = error_from_result(result)
    return psycopg.OperationalError(str(error)) if error.sqlstate is None else error


def _answers(libpq: Any, number: int) -> Any:
    """The results of so many transactions, at the end of each that of its commit, for psycopg to wait for."""
    yield from send(libpq)
    transactions: list[list[Any]] = []
    for _ in range(number):
        results: list[Any] = []
        while not results or results[-1].status != ExecStatus.PIPELINE_SYNC:
            if libpq.status == ConnStatus.BAD:
                # After garbage libpq has no answer any more, and does not say so.
                raise psycopg.OperationalError("the connection is lost")
            found = yield from fetch_many(libpq)
            for one in found:
                if one.status == ExecStatus.FATAL_ERROR and (error := _error(one)).sqlstate is None:
                    # The rest of the answers would be waited for in vain.
                    raise error
            results += found
        transactions.append(results)
    return transactions
