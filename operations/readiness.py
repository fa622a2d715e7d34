"""The checks of /readyz: whether this process can do its work."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong

from django import db
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from operations import repeating

ANSWERS_WITHIN = 1.0
# Reading the migrations takes a while, once.
MIGRATIONS_WITHIN = 5.0
# A thread with a connection of its own: one that hangs does not hang a request, nor does a full server look like
# one that is away to those who have their connections.
_prober = ThreadPoolExecutor(1, thread_name_prefix="readiness")
_checks: dict[str, Callable[[], str]] = {}
_migrated = False


def check(name: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Decorates a check, which returns "" or what is wrong, in words that strangers may read."""

    def register(asked: Callable[[], str]) -> Callable[[], str]:
        _checks[name] = asked
        return asked

    return register


def problems() -> dict[str, str]:
    """The problem, or "", by name of the check."""
    return {name: asked() for name, asked in _checks.items()}


@check("database")
def _database() -> str:
    return _probed(_ask, ANSWERS_WITHIN, "does not answer")


@check("migrations")
def _migrations() -> str:
    return "" if _migrated else _probed(is_migrated, MIGRATIONS_WITHIN, "not all are applied")


def _probed(probe: Callable[[], bool], seconds: float, problem: str) -> str:
    asked = _prober.submit(probe)
    try:
        return "" if asked.result(seconds) else problem
    except TooLong:
        asked.cancel()
        return problem


def _ask() -> bool:
    try:
        return repeating.twice(_select)
    except db.Error:
        return False
    finally:
        # Close the connection, as at the end of a request: SQLite opens its file anew each time.
        connection.close_if_unusable_or_obsolete()


def _select() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return True


def is_migrated() -> bool:
    """Whether all migrations have run. A yes is remembered: the code of a process does not change."""
    global _migrated
    try:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except db.Error:
        connection.close()
    return _migrated
