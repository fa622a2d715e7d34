"""What is told to somebody who remembers it is on the disk, though its commit did not wait (decision 37)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from api.models import App, Endpoint, Feed
from api.models.endpoint import Method
from members.models import Member, Organization
from operations.flushing import commit_soon, flush
from tests.api import Api
from tests.cast import OPERATOR, SUPPORT

pytestmark = [
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's commits wait for the disk"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.once,
]


@pytest.fixture(autouse=True)
def waiting_commits() -> None:
    """Commits that wait, which the server of the tests has turned off."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")


def position(what: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_current_wal_{what}_lsn() - '0/0'::pg_lsn")
        return int(cursor.fetchone()[0])


def is_safe_after(act: Callable[[], Any]) -> bool:
    before = position("insert")
    act()
    return position("flush") >= before


def rename(member: Member, name: str) -> None:
    with transaction.atomic():
        commit_soon()
        member.change_profile({"display_name": name}, by=OPERATOR)


def test_nobody_is_told_what_a_crash_could_take_back(
    mia: Member, backlog: Api, aozora: Organization, hakata: Organization
) -> None:
    Endpoint.objects.make(
        app=App.BACKLOG, method=Method.POLL, url="", contact="a@b.example", by=SUPPORT, with_changes=False
    )
    feed = Feed.objects.get(organization=aozora)
    events = f"organizations/{aozora.space_key}/events"
    # The first call notes that the key is in use, which waits for the disk.
    backlog.get(events)
    tellers: list[Callable[[], Any]] = [
        flush,
        lambda: feed.to_tell(10),
        lambda: backlog.get(events),
        lambda: backlog.get(f"{events}?after={feed.position}"),
        lambda: backlog.get(f"organizations/{aozora.space_key}/members"),
        lambda: backlog.get(f"organizations/{aozora.space_key}/members?changed_since=2026-01-01T00:00:00Z"),
    ]

    for place, teller in enumerate(tellers):
        rename(mia, f"Mia {place}")
        assert is_safe_after(teller), place
