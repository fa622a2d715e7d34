"""Lines of reads that wait for each other in a server (decision 36): what is seen at once, and what a moment later."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection

from members.models import Member, Pace
from operations import gathering, metrics
from provisioning.models import ActivityHour, SyncActivity, UnrecordedCalls, limit, reads, unrecorded
from tests.scim import Idp, replace


@pytest.fixture(autouse=True)
def _in_a_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As in a process that serves, but that no thread writes."""
    monkeypatch.setattr(gathering, "_is_server", True)
    monkeypatch.setattr(gathering.Gathered, "_start", lambda self: None)
    yield
    reads._gathered.waiting.clear()


def counted(idp: Idp) -> list[tuple[int, int]]:
    hours = ActivityHour.objects.filter(organization=idp.organization).order_by("outcome")
    return [(row.outcome, row.calls) for row in hours]


def called(idp: Idp, mia: Member) -> list[str]:
    """The X-Request-Ids of reads, two of which are refused."""
    answers = [idp.read(mia.scim_id), idp.find('userName eq "nobody"'), idp.read("nobody"), idp.get("/Nothing")]
    assert [answer.status for answer in answers] == [200, 200, 404, 404]
    return [answer.headers["x-request-id"] for answer in answers]


def test_reads_are_written_together_and_are_what_each_alone_would_be(
    idp: Idp, next_door: Idp, mia: Member, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SCIM_RATE = 0.01
    ids = called(idp, mia)
    next_door.get()
    assert not SyncActivity.objects.exists()
    assert (reads.waiting(idp.organization.pk), reads.waiting(next_door.organization.pk)) == (4, 1)

    reads._gathered.flush()
    assert reads.waiting(idp.organization.pk) == 0
    together = list(idp.organization.sync_activity.order_by("pk"))
    hours, ahead = counted(idp), Pace.objects.get(holder=idp.organization.pk).until
    monkeypatch.setattr(gathering, "_is_server", False)
    called(idp, mia)
    alone = list(idp.organization.sync_activity.order_by("pk"))[4:]

    assert [line.request_id for line in together] == ids
    assert hours == [(0, 2), (2, 2)]
    assert counted(idp) == [(0, 4), (2, 4)]
    assert next_door.organization.sync_activity.count() == 1
    assert counted(next_door) == [(0, 1)]
    passing = {"id", "at", "request_id", "duration_ms", "_state"}
    for one, other in zip(together, alone, strict=True):
        assert {name: value for name, value in vars(one).items() if name not in passing} == {
            name: value for name, value in vars(other).items() if name not in passing
        }
    # Four requests at one in a hundred seconds, each time.
    assert ahead - time.time() == pytest.approx(400, abs=60)
    assert Pace.objects.get(holder=idp.organization.pk).until - ahead == pytest.approx(400)


def test_changes_and_where_the_next_page_begins_are_written_at_once(idp: Idp, mia: Member) -> None:
    idp.patch(mia.scim_id, replace("displayName", "Mia"))
    idp.get("/Users?count=1")

    assert list(SyncActivity.objects.values_list("kind", flat=True).order_by("pk")) == ["patch"]
    assert reads.waiting(idp.organization.pk) == 1
    assert idp.organization.scim_tokens.filter(walks__start=2).exists()


def test_a_page_is_answered_though_where_it_ends_cannot_be_kept(
    idp: Idp, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(values: Any) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(reads, "_keep", refuse)

    first, second = idp.get("/Users?count=1"), idp.get("/Users?startIndex=2&count=1")

    assert (first.status, second.status) == (200, 200)
    assert first["Resources"] != second["Resources"]
    assert (reads.waiting(idp.organization.pk), UnrecordedCalls.objects.count()) == (2, 0)


def test_what_waits_counts_for_the_limit_and_is_never_much(idp: Idp, settings: Any, mia: Member) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 0.001, 20

    statuses = []
    for _ in range(22):
        statuses.append(idp.read(mia.scim_id).status)
        assert reads.waiting(idp.organization.pk) < 2  # A tenth of the burst.

    assert statuses == [200] * 20 + [429] * 2


def test_the_limit_knows_what_waits(idp: Idp, settings: Any, mia: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 0.001, 5
    monkeypatch.setattr(limit, "most_uncounted", lambda: 100)

    assert [idp.read(mia.scim_id).status for _ in range(7)] == [200] * 5 + [429] * 2
    assert reads.waiting(idp.organization.pk) == 5


@pytest.mark.django_db(transaction=True)
def test_a_row_that_the_database_does_not_take_is_counted_and_costs_the_others_nothing(idp: Idp) -> None:
    before = metrics.unrecorded._value.get()
    for path in ("/Schemas", "/ResourceTypes", "/Users?count=0"):
        idp.get(path)
    _, gone, _ = reads._gathered.waiting
    gone["organization_id"] = 10**9  # Deleted since it was let in.

    reads._gathered.flush()

    assert [line.path for line in SyncActivity.objects.order_by("pk")] == ["/Schemas", "/Users?count=0"]
    assert metrics.unrecorded._value.get() - before == 1
    idp.get()
    reads._gathered.flush()
    assert not unrecorded.is_waiting()
    assert not UnrecordedCalls.objects.exists()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="nothing ends its connections")
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_meanwhile_loses_no_line(idp: Idp) -> None:
    idp.get("/Schemas")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [backend] = cursor.fetchone()
    ended = connection.copy()
    with ended.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    ended.close()

    reads._gathered.flush()

    assert idp.organization.sync_activity.count() == 1
