"""Deleting what is old: exactly that, in steps, and nobody waits for it."""

import datetime
import io
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, pairwise
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from members import pruning
from members.models import AuditEvent, Organization, Session
from provisioning.models import Kind, SyncActivity

A_STEP = 3
# Each step: one of each, outside and within its transaction.
LOOK_AHEAD, DELETION = "OFFSET", "DELETE FROM"
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "A_STEP", A_STEP)


@pytest.fixture
def calls(aozora: Organization, hakata: Organization) -> dict[bool, set[int]]:
    """The keys of calls that are due and of those that are not, of both kinds, in no order; some of one moment."""
    now = timezone.now()
    ages = [(days, lasting) for days in (0, 29, 31, 31, 31, 31, 300, 390, 397, 397, 500) for lasting in (True, False)]
    rows = [(organization, *age) for organization in (aozora, hakata) for age in ages * 2]
    random.Random(11).shuffle(rows)
    SyncActivity.objects.bulk_create(call(whose, now - days * DAY, is_lasting=kept) for whose, days, kept in rows)
    due: dict[bool, set[int]] = {True: set(), False: set()}
    for row in SyncActivity.objects.all():
        due[(now - row.at).days >= (397 if row.is_lasting else 31)].add(row.pk)
    return due


def call(organization: Organization, at: datetime.datetime, *, is_lasting: bool) -> SyncActivity:
    return SyncActivity(
        organization=organization, at=at, request_id="r", token_prefix="p", kind=Kind.SEARCH, method="GET",
        path="/Users", status=200, duration_ms=1, is_lasting=is_lasting,
    )  # fmt: skip


def left() -> set[int]:
    return set(SyncActivity.objects.values_list("pk", flat=True))


@contextmanager
def before_each(part: str, act: Callable[[int], object]) -> Iterator[None]:
    """Call `act` with its number before each statement of this connection that has this part."""
    numbers = count(1)

    def wrapper(execute: Any, sql: str, *rest: Any) -> Any:
        if part in sql:
            act(next(numbers))
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield


def elsewhere(act: Callable[[], Any]) -> Any:
    """The result of another connection, which waits for no lock longer than a moment."""

    def run() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET lock_timeout = 500" if connection.vendor == "postgresql" else "PRAGMA busy_timeout = 500"
                )
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(30)


@pytest.mark.django_db
def test_exactly_what_is_due_goes_a_step_at_a_time(calls: dict[bool, set[int]]) -> None:
    sizes: list[int] = []
    with before_each(DELETION, lambda _number: sizes.append(len(left()))):
        assert SyncActivity.prune() == len(calls[True])

    assert left() == calls[False]
    sizes.append(len(left()))
    assert max(before - after for before, after in pairwise(sizes)) == A_STEP
    assert SyncActivity.prune() == 0
    assert left() == calls[False]


@pytest.mark.django_db(transaction=True)
def test_what_was_deleted_before_an_interruption_stays_deleted_and_the_rest_goes_the_next_time(
    calls: dict[bool, set[int]],
) -> None:
    def interrupt(number: int) -> None:
        if number == 3:
            raise KeyboardInterrupt

    with before_each(DELETION, interrupt), pytest.raises(KeyboardInterrupt):
        call_command("prune")
    assert len(left()) == len(calls[True]) + len(calls[False]) - 2 * A_STEP

    call_command("prune")
    assert left() == calls[False]


@pytest.mark.django_db(transaction=True)
def test_a_writer_beside_it_waits_for_nothing(aozora: Organization, calls: dict[bool, set[int]]) -> None:
    seen: list[int] = []

    def write(number: int) -> None:
        def insert_and_change() -> int:
            call(aozora, timezone.now(), is_lasting=True).save()
            # Lines that are due, but not yet deleted; no lock is on them.
            SyncActivity.objects.filter(pk__in=calls[True]).update(duration_ms=number)
            return SyncActivity.objects.count()

        seen.append(elsewhere(insert_and_change))

    before = len(left())
    with before_each(LOOK_AHEAD, write):
        deleted = SyncActivity.prune()

    assert len(seen) > deleted / A_STEP
    # Each step could be seen when the next one began.
    assert seen[1] == before + 2 - A_STEP
    assert left() >= calls[False]
    assert not left() & calls[True]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("old", [2, 7])
def test_a_row_that_is_renewed_meanwhile_is_kept(old: int) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("One writer at a time: nothing can happen within a step.")
    for number in range(old):
        Session.objects.create(session_key=f"s{number}", session_data="", expire_date=timezone.now() - DAY)

    def prune() -> int:
        try:
            return Session.prune()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Session.objects.filter(session_key="s1").update(expire_date=timezone.now() + DAY)
            pruned = pool.submit(prune)
            wait_for_a_lock()
        assert pruned.result(30) == old - 1

    assert [session.session_key for session in Session.objects.all()] == ["s1"]


def wait_for_a_lock() -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.02)")
    pytest.fail("nobody waits")


@pytest.mark.django_db
def test_events_of_every_organization_go_and_the_command_says_how_many(
    aozora: Organization, hakata: Organization
) -> None:
    old = [*aozora.audit.all()[:2], *hakata.audit.all()[:1]]
    AuditEvent.objects.filter(pk__in=[event.pk for event in old]).update(at=timezone.now() - 397 * DAY)
    kept = AuditEvent.objects.count() - 3

    said = io.StringIO()
    call_command("prune", stdout=said)

    assert AuditEvent.objects.count() == kept
    assert "audit events: 3" in said.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="a vacuum of it shows nothing")
def test_blocks_of_members_are_known_to_be_visible_afterwards(aozora: Organization) -> None:
    assert aozora.members.update(modified_at=timezone.now())

    call_command("prune")

    with connection.cursor() as cursor:
        cursor.execute("SELECT relpages, relallvisible FROM pg_class WHERE relname = 'members_member'")
        there, visible = cursor.fetchone()
    assert there == visible > 0
