"""Statements that psycopg has prepared, asked of libpq at once: a cursor takes four times as long for a few rows."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, PipelineStatus, TransactionStatus

Rows = list[tuple[Any, ...]]
_encoded = lru_cache(1000)(str.encode)


class Asking:
    """Questions to one connection, outside of transactions; its thread waits for each answer."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._libpq = connection.pgconn
        # Types that have been met stay known; a cursor looks for them anew.
        self._adapting = Transformer(connection)

    def rows(self, sql: str, parameters: Sequence[Any]) -> Rows | None:
        """The rows, or None where a cursor has to do it, which counts, prepares and begins transactions.

        psycopg's list of what is prepared is the only one: after an ALTER, for instance, it lets go of all.
        """
        if not self._is_idle:
            return None
        values = self._adapting.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        prepared, key = self.connection._prepared._names, (_encoded(sql), self._adapting.types)
        name = prepared.get(key)
        if name is None:
            return None
        prepared.move_to_end(key)
        result = self._libpq.exec_prepared(name, values, self._adapting.formats)
        if result.status != ExecStatus.TUPLES_OK:
            raise self._error(result)
        self._adapting.set_pgresult(result)
        rows = self._adapting.load_rows(0, result.ntuples, tuple)
        self._adapting.set_pgresult(None)
        return rows

    @property
    def _is_idle(self) -> bool:
        return bool(
            self.connection.autocommit
            and self._libpq.transaction_status == TransactionStatus.IDLE
            and self._libpq.pipeline_status == PipelineStatus.OFF
        )

    def _error(self, result: Any) -> psycopg.Error:
        """The exception that a cursor would raise; of a connection that has gone there is no code."""
        error = error_from_result(result)
        if error.sqlstate is None and self._libpq.status == ConnStatus.BAD:
            return psycopg.OperationalError(str(error))
        return error
