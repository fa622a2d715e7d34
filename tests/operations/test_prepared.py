"""Statements stay prepared when a transaction is rolled back, as each refusal of a write is."""

from typing import Any

import pytest
from django.db import DataError, connection

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="statements of a server")


@pytest.mark.django_db
@pytest.mark.parametrize("has_failed", [False, True])
def test_statements_stay_prepared_after_a_rollback(has_failed: bool) -> None:
    other: Any = connection.copy()
    try:
        for _ in range(4):
            prepared(other)
        before = prepared(other)
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("CREATE TABLE of_a_moment ()")
            if has_failed:
                with pytest.raises(DataError):
                    cursor.execute("SELECT 1 / 0")
        other.rollback()
        other.set_autocommit(True)

        assert before == prepared(other) > 0
        with other.cursor() as cursor:
            cursor.execute("SELECT to_regclass('of_a_moment')")
            assert cursor.fetchone() == (None,)
    finally:
        other.close()


def prepared(database: Any) -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        [count] = cursor.fetchone()
    return int(count)
