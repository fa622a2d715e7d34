"""Lists from a replica that is not as it should be. A real one: test_several_machines.py.

The replica here is the test's own database, said to have come as far as is wanted, or not.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from operations import replica
from tests.cast import managed, signed_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no replicas"),
]


@pytest.fixture
def configured(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """A function that makes the replica: its options, and whether it has come far enough."""

    def configure(*, has_replayed: bool | None = True, **changes: Any) -> None:
        primary = connections.settings["default"]
        options = {**primary["OPTIONS"], **changes.pop("OPTIONS", {})}
        connections.settings["replica"] = {**primary, **changes, "OPTIONS": options}
        wrapper: Any = connections["replica"]
        # Django lets a test use the databases only that its settings name.
        wrapper.ensure_connection = lambda: wrapper.connection or _opened(wrapper)
        if has_replayed is not None:
            monkeypatch.setattr(replica, "_has_replayed", lambda *positions: has_replayed)

    # A page that is made a second time repeats its queries.
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if not path.startswith("zeal")]
    settings.DATABASE_ROUTERS = ["operations.replica.Router"]
    monkeypatch.setattr(replica, "_set_aside_until", 0.0)
    monkeypatch.setattr(replica, "_floor", ("", 0.0))
    yield configure
    connections["replica"].close()
    del connections["replica"], connections.settings["replica"]


def _opened(wrapper: Any) -> Any:
    with wrapper.wrap_database_errors:
        wrapper.connect()
    return wrapper.connection


@pytest.fixture
def asked(configured: Any) -> Iterator[list[str]]:
    """The statements that the replica got."""
    configured()
    statements: list[str] = []

    def watch(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connections["replica"].execute_wrapper(watch):
        yield statements


def lists(organization: Organization) -> list[str]:
    key = [organization.space_key]
    return [reverse(name, args=key) for name in ("members", "audit-log", "activity")]


def test_lists_and_their_files_ask_the_replica_and_nothing_else_does(
    aiko: Member, asked: list[str], aozora: Organization
) -> None:
    managed(aozora, "haruka")
    client = signed_in(Client(), aiko)
    for path in lists(aozora):
        asked.clear()
        assert client.get(path).status_code == 200
        assert asked, path
        # Who reads, and whether they may, has been asked of the primary.
        assert not [sql for sql in asked if "members_session" in sql], path
    for path in lists(aozora):
        asked.clear()
        file = client.post(f"{path}/export")
        assert b"".join(file.streaming_content).count(b"\n") >= 1  # type: ignore[attr-defined]
        assert asked, path
        assert not [sql for sql in asked if not sql.startswith("SELECT")], path
    asked.clear()
    assert client.get(reverse("member", args=[aozora.space_key, aiko.scim_id])).status_code == 200
    assert asked == []


def test_what_a_transaction_reads_comes_from_the_primary(asked: list[str], aozora: Organization) -> None:
    def verb() -> int:
        with transaction.atomic():
            return Member.objects.count()

    replica.read(verb, "0/0")
    assert asked == []
    replica.read(Member.objects.count, "0/0")
    assert asked != []


def test_what_the_replica_has_not_heard_of_is_asked_of_the_primary(asked: list[str]) -> None:
    def find() -> str:
        if replica.alias() == replica.ALIAS:
            raise Organization.DoesNotExist
        return "found"

    assert replica.read(find, "0/0") == "found"


@pytest.mark.parametrize(
    "replica_is",
    [
        # Tables that the replica has not heard of yet, as after a migration.
        {"OPTIONS": {"options": "-c search_path=pg_catalog"}},
        {"HOST": "/nowhere", "has_replayed": None},
        # A primary: it replays nothing.
        {"has_replayed": None},
    ],
    ids=["without_the_tables", "away", "no_replica"],
)
def test_a_replica_that_is_of_no_use_is_not_noticed(
    aiko: Member, aozora: Organization, configured: Any, caplog: pytest.LogCaptureFixture, replica_is: dict[str, Any]
) -> None:
    configured(**replica_is)
    client = signed_in(Client(), aiko)

    with caplog.at_level(logging.WARNING):
        pages = [client.get(path) for path in lists(aozora)]
        file = client.post(reverse("members-export", args=[aozora.space_key]))
        rows = b"".join(file.streaming_content)  # type: ignore[attr-defined]

    assert [page.status_code for page in pages] == [200] * 3
    assert b"aiko.tanaka" in pages[0].content
    assert b"aiko.tanaka" in rows
    # Once; then it is left alone for a while.
    said = [record for record in caplog.records if record.name == "operations.replica"]
    assert len(said) == (0 if replica_is == {"has_replayed": None} else 1)


def test_a_position_that_somebody_made_up_sends_nobody_else_to_the_primary(
    aiko: Member, aozora: Organization, configured: Any
) -> None:
    configured(has_replayed=None)
    client = signed_in(Client(), aiko)
    for made_up in ("", "x", "0/0; DROP", "FFFFFFFFF/0", "0/0\x00", "FFFFFFFF/FFFFFFFF"):
        client.cookies[replica.COOKIE] = made_up
        assert client.get(lists(aozora)[1]).status_code == 200, made_up
        assert replica._set_aside_until == 0.0, made_up


def test_a_change_leaves_its_position_with_the_browser_that_made_it(
    aiko: Member, aozora: Organization, asked: list[str]
) -> None:
    client = signed_in(Client(), aiko)
    assert replica.COOKIE not in client.get(lists(aozora)[1]).cookies
    kept = client.post(f"{lists(aozora)[1]}/export").cookies[replica.COOKIE]

    assert "/" in kept.value
    assert (kept["httponly"], kept["samesite"], kept["max-age"]) == (True, "Lax", 60)
