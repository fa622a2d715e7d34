"""Commits that do not wait for the disk, and waiting for it: PostgreSQL. docs/decisions/0037.

What is committed so is seen by all at once, and its locks are free; a crash of the database within half a second may
take it back, with everything that was committed later. On SQLite each commit waits.
"""

from django.db import connection

# Column of a SELECT in a transaction, whose commit will not wait.
SOON = "set_config('synchronous_commit', 'off', true)"
# Transaction of its own that waits for the disk: nothing that others have committed before is lost after it. It has to
# write something, which is read by nobody.
FLUSH = "SELECT pg_logical_emit_message(true, '', '')"


def flush() -> None:
    """Wait until all that has been read so far is on the disk. For what is told to somebody who remembers it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(FLUSH)


def commit_soon() -> None:
    """Have the present transaction not wait for the disk."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {SOON}")
