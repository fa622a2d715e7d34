"""The limit of an organization's requests: for each its own, shared by all processes, told in SCIM's form."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Member, Organization, Pace
from operations.pace import Limit
from provisioning.models import RefusedBurst, RefusedDeparture
from provisioning.models.hours import Outcome
from provisioning.monitoring.health import Health, verdict
from tests.cast.console import text
from tests.cast.organizations import real_organization
from tests.cast.server import Server
from tests.scim import Answer, Idp, is_scim_error, replace, user

# One in a hundred seconds: slower than any machine, so that nothing comes back while a test looks.
RATE, BURST = 0.01, 5


@pytest.fixture(autouse=True)
def _limit(settings: Any) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = RATE, BURST


def used_up(idp: Idp) -> Answer:
    """The answer to the first request beyond the limit."""
    for number in range(100):
        answer = idp.get("/Users?count=0")
        if answer.status != 200:
            assert number >= BURST - 1  # One that created somebody may have come before.
            return answer
    raise AssertionError("There is no limit.")


def rest(idp: Idp, seconds: float = 3600) -> None:
    """As if so much time had passed."""
    Pace.objects.filter(holder=idp.organization.pk).update(until=F("until") - seconds)


def test_after_a_burst_a_client_is_told_when_to_come_again(idp: Idp) -> None:
    answer = used_up(idp)

    assert is_scim_error(answer, 429)
    seconds = answer.headers["retry-after"]
    assert 50 < int(seconds) <= 100
    assert answer.detail == (
        "More requests came than an organization may send: 0.01 a second, and 5 at once. "
        f"Send this one again in {seconds} s, as Retry-After says."
    )
    rest(idp, -1000)
    assert 1050 < int(idp.get("/Users").headers["retry-after"]) <= 1100
    rest(idp)
    assert idp.get("/Users").status == 200


def test_the_limit_is_the_organizations_at_every_address(idp: Idp, next_door: Idp, play_idp: Idp, mia: Member) -> None:
    assert used_up(idp).status == 429

    for method, path in (("POST", "/Users"), ("PATCH", f"/Users/{mia.scim_id}"), ("GET", "/Schemas"), ("GET", "/no")):
        assert is_scim_error(idp.call(method, path, {} if method != "GET" else None), 429), path
    assert Idp(idp.organization).get("/Users").status == 429, "another token of it"
    assert Idp(idp.organization, secret="guessed").get("/Users").status == 401
    assert next_door.get("/Users").status == 200
    assert used_up(play_idp).status == 429, "a sandbox has one, too"
    assert next_door.get("/Users").status == 200


def test_a_burst_is_one_line_that_counts_it(idp: Idp, desk: Client) -> None:
    used_up(idp)
    for _ in range(3):
        idp.get("/Users/x")
    lines = idp.organization.sync_activity.filter(status=429)

    [line] = lines
    assert (line.reason, line.figures["requests"], line.is_lasting) == ("too_many_requests", 4, True)
    assert idp.organization.activity_hours.get(outcome=Outcome.REFUSED).calls == 1
    page = text(desk.get(reverse("activity", args=[idp.organization.space_key])))
    assert "Those refused in this burst: 4." in page

    RefusedBurst.objects.all().delete()
    idp.get("/Users")
    assert [one.figures["requests"] for one in lines.order_by("pk")] == [4, 1]


def test_what_came_too_fast_says_nothing_of_anybody_nor_of_the_connection(idp: Idp) -> None:
    kenji = idp.create("kenji")["id"]
    used_up(idp)

    for _ in range(10):
        assert idp.patch(kenji, replace("active", False)).status == 429
        assert idp.delete(kenji).status == 429
        RefusedBurst.objects.all().delete()

    assert not RefusedDeparture.objects.exists()
    assert verdict(idp.organization).health is Health.RUNNING
    rest(idp)
    assert idp.delete(kenji).status == 204


def test_a_refused_request_costs_two_statements_and_is_not_counted_itself(idp: Idp) -> None:
    used_up(idp)
    before = Pace.objects.get(holder=idp.organization.pk).until
    with CaptureQueriesContext(connection) as queries:
        assert idp.get("/Users").status == 429

    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == (2 if connection.vendor == "postgresql" else 3)
    assert Pace.objects.get(holder=idp.organization.pk).until == before


def test_without_a_limit_nothing_is_counted(idp: Idp, settings: Any) -> None:
    settings.SCIM_RATE = 0

    assert {idp.get("/Users").status for _ in range(2 * BURST)} == {200}
    assert not Pace.objects.exists()


@pytest.mark.django_db
def test_any_door_takes_from_a_limit_of_its_own() -> None:
    limit = Limit(rate=RATE, burst=3)

    assert [Pace.take("key", limit, 7) > 0 for _ in range(4)] == [False, False, False, True]
    assert Pace.take("key", limit, 8, requests=2) == 0
    assert Pace.take("other", limit, 7, requests=1000) == 0, "never more than a burst"
    assert Pace.take("other", limit, 7) > 0
    assert Pace.take("key", Limit(rate=0, burst=1), 7) == 0
    Pace.objects.filter(holder=7).update(until=time.time() - 2 * 24 * 3600)
    call_command("prune")
    assert [(one.door, one.holder) for one in Pace.objects.all()] == [("key", 8)]


# -- real processes


@pytest.fixture
def limited(transactional_db: None, tmp_path: Path, collected_static_files: None) -> Iterator[Server]:
    """A server of its own whose processes share the limit."""
    workers = 4 if connection.vendor == "postgresql" else 1
    server = Server(tmp_path / "log", workers=workers, SCIM_RATE="5", SCIM_BURST="20")
    server.wait_until_ready()
    yield server
    server.stop()


@pytest.mark.slow
def test_twenty_at_their_pace_beside_one_at_full_speed(limited: Server, aozora: Organization) -> None:
    def ready(slug: str) -> Organization:
        return real_organization(slug, slug, f"boss@{slug}.example")

    fast = Idp(aozora, url=limited.url)
    paced = [Idp(ready(f"paced{number}"), url=limited.url) for number in range(20)]
    ended, statuses = threading.Event(), list[int]()

    def hurry() -> None:
        while not ended.is_set():
            statuses.append(fast.get("/Users?count=1").status)

    def walk(idp: Idp) -> set[int]:
        found = set()
        while not ended.wait(1):
            found.add(idp.post(user(f"x@{idp.organization.slug}.example")).status)
        return found

    with ThreadPoolExecutor(32) as pool:
        begun = time.monotonic()
        fast_ones, paced_ones = [pool.submit(hurry) for _ in range(8)], [pool.submit(walk, idp) for idp in paced]
        while time.monotonic() - begun < 3 or (statuses.count(429) < 20 and time.monotonic() - begun < 60):
            time.sleep(0.5)
        ended.set()
        for one in fast_ones:
            one.result()
        took = time.monotonic() - begun
        assert set().union(*(one.result() for one in paced_ones)) <= {201, 409}

    answered = Counter(statuses)
    assert set(answered) == {200, 429}
    # As many more as were being answered at once, and as waited in each of four processes to be counted.
    assert 20 <= answered[200] <= 20 + 5 * took + 8 + 4 * 2
    assert aozora.sync_activity.filter(status=429).count() == 1
    assert aozora.sync_activity.get(status=429).figures["requests"] == answered[429]
    limited.stop()
    assert aozora.sync_activity.filter(status=200).count() == answered[200]
