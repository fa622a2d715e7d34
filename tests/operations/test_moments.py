"""Moments that PostgreSQL gives are what psycopg's own loader makes of them."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from operations.postgresql.base import Moments

pytestmark = pytest.mark.skipif(connection.vendor == "sqlite", reason="psycopg's loaders")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["2026-11-28 21:57:38.123456+00", "2026-01-02 03:04:05.1+09", "0001-01-01 00:00:00+00"]
)
def test_a_moment_is_read_quickly_and_rightly(text: str) -> None:
    with connection.cursor() as cursor:
        assert cursor.connection.adapters.get_loader(psycopg.postgres.types["timestamptz"].oid, 0) is Moments
        cursor.execute("SELECT %s::timestamptz", [text])
        [[found]] = cursor.fetchall()

    assert found == datetime.fromisoformat(text)
    assert found.tzinfo is UTC


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["infinity", "0044-03-15 00:00:00+00 BC", "12026-11-28 21:57:38+00"])
def test_what_python_has_no_moment_for_is_refused_as_ever(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        with pytest.raises(psycopg.DataError):
            psycopg.Cursor.fetchall(cursor.cursor)
