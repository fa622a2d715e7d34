"""Django's PostgreSQL, which waits for a connection with patience, and knows whether anything has been written."""

from collections.abc import Callable
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base

from operations.connecting import gate


class DatabaseWrapper(base.DatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whether a commit has been begun since somebody set this to False. One that broke has perhaps happened.
        self.may_have_written = False
        self.execute_wrappers.append(self._watch)

    def get_new_connection(self, conn_params: Any) -> Any:
        if self.alias != DEFAULT_DB_ALIAS:
            return super().get_new_connection(conn_params)  # For a replica nobody waits: the primary answers.
        return gate.open(lambda: super(DatabaseWrapper, self).get_new_connection(conn_params))

    def _watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        # Outside of a transaction each statement is its own; inside, nothing stays before the commit.
        if not self.in_atomic_block and not sql.startswith("SELECT"):
            self.may_have_written = True
        return execute(sql, params, many, context)

    def _commit(self) -> None:
        self.may_have_written = True
        super()._commit()  # type: ignore[misc]
