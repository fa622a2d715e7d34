"""Security Event Tokens that are fetched (RFC 8936): what is acknowledged does not come again, what is not does."""

import datetime
import threading
import time
from typing import Any

import pytest
from django.db import connection

from api.models import App, Delivery, Endpoint, Event, Feed
from api.models.endpoint import Method
from api.models.endpoint_refusals import PolledHasNoAddress
from api.webhooks.delivering import PATIENCE, deliver
from members.models import Member, Organization
from tests.api import Api, app_key, later
from tests.api.sets.receiver import verified
from tests.cast import OPERATOR, SUPPORT, managed
from tests.cast.post import Committed

A_DAY = datetime.timedelta(hours=24, minutes=1)


@pytest.fixture
def stream(aozora: Organization, hakata: Organization, mia: Member) -> Endpoint:
    return make()


def make(app: App = App.BACKLOG) -> Endpoint:
    return Endpoint.objects.make(
        app=app, method=Method.POLL, url="", contact="ops@backlog.example", with_changes=False, by=SUPPORT
    )[0]


def poll(api: Api, stream: Endpoint, **asked: Any) -> dict[str, Any]:
    """Claims of the tokens, by their ids."""
    answer = api.post(f"sets/{stream.pk}", {"returnImmediately": True, **asked})
    assert answer.status == 200, answer
    found = {name: verified(token) for name, token in answer["sets"].items()}
    assert all(claims["jti"] == name for name, claims in found.items())
    return found


def rename(member: Member, *names: str) -> None:
    for name in names:
        Member.objects.get(pk=member.pk).change_profile({"display_name": name}, by=OPERATOR)


def test_tokens_come_in_order_until_they_are_acknowledged(
    stream: Endpoint, backlog: Api, mia: Member, hakata: Organization
) -> None:
    make(App.CACOO)
    assert poll(backlog, stream) == {}
    rename(mia, "A", "B", "C")
    managed(hakata, "first")

    first = poll(backlog, stream)
    assert list(poll(backlog, stream)) == list(first), "nothing was acknowledged"
    [a, b, c] = [name for name in first if name.startswith(mia.organization.space_key)]
    [theirs] = [name for name in first if name.startswith(hakata.space_key)]
    assert {claims["aud"] for claims in first.values()} == {f"http://localhost:8000/api/v1/sets/{stream.pk}"}

    # One in the middle: the one before it comes again, and it does not.
    assert list(poll(backlog, stream, ack=[b, theirs, b, "x", f"{theirs}0", f"{a}-sessions"])) == [a, c]
    assert list(poll(backlog, stream, ack=[b])) == [a, c], "a second time is no second line of the log"
    assert list(poll(backlog, stream, ack=[a])) == [c]
    assert poll(backlog, stream, ack=[c]) == {}

    log = Delivery.objects.order_by("pk").values_list("number", "status", "error")
    assert [status for _, status, _ in log] == [202] * 4
    assert not stream.feeds.exclude(due_at=None).exists()
    assert stream.feeds.filter(acknowledged=[]).count() == 2, "nothing is kept of what is behind"
    rename(mia, "D")
    assert len(poll(backlog, stream)) == 1


def test_as_many_come_as_are_asked_for(stream: Endpoint, backlog: Api, mia: Member) -> None:
    rename(mia, "A")
    Member.objects.get(pk=mia.pk).deactivate(by=OPERATOR)
    seen: list[str] = []
    more = True
    while more:
        answer = backlog.post(f"sets/{stream.pk}", {"maxEvents": 1, "returnImmediately": True, "ack": seen[-1:]})
        more = answer["moreAvailable"]
        seen += answer["sets"]
    # A change, a deactivation and the end of its sessions.
    assert len(set(seen)) == len(seen) == 3
    assert seen[2] == f"{seen[1]}-sessions"
    assert backlog.post(f"sets/{stream.pk}", {"maxEvents": 0, "ack": seen[-1:]})["sets"] == {}
    assert Delivery.objects.count() == 2, "an event is taken with all of its tokens"
    assert poll(backlog, stream) == {}


def test_nobody_else_reads_a_stream(
    stream: Endpoint, backlog: Api, personal: Api, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(mia, "A")
    cacoo = Api(app_key(App.CACOO)[1])
    webhooks, _ = Endpoint.objects.make(
        app=App.BACKLOG, url="https://backlog.example/hook", contact="ops@backlog.example", with_changes=False,
        by=SUPPORT,
    )  # fmt: skip
    for api, key in [
        (cacoo, stream.pk),
        (backlog, webhooks.pk),
        (backlog, 10**12),
        (backlog, 10**30),
        (backlog, "x"),
        (backlog, "²"),
    ]:
        answer = api.post(f"sets/{key}", {"ack": [f"{mia.organization.space_key}-1"]})
        assert (answer.status, answer["code"]) == (404, "no_such_stream")
    assert (answer := personal.post(f"sets/{stream.pk}", {})).status == 403, answer
    assert len(poll(backlog, stream)) == 1, "what others acknowledge is theirs"


def test_what_is_refused_waits_and_is_given_up_after_a_day(
    stream: Endpoint, backlog: Api, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(mia, "A", "B")
    [a, b] = poll(backlog, stream)
    error = {"err": "invalid_key", "description": "Unknown\nkey", "of_its_own": 1}

    assert poll(backlog, stream, setErrs={a: error}) == {}, "its organization waits"
    stream.refresh_from_db()
    assert (bool(stream.failing_since), stream.last_error) == (True, "invalid_key – Unknown key")
    assert poll(backlog, stream, ack=[b]) == {}
    refused, taken = Delivery.objects.order_by("pk")
    assert (refused.status, refused.error, refused.is_taken) == (400, "invalid_key – Unknown key", False)
    assert taken.is_taken
    stream.refresh_from_db()
    assert stream.failing_since is None, "something was taken since"

    Feed.objects.retry_at_once()
    assert list(poll(backlog, stream)) == [a]
    later(monkeypatch, A_DAY)
    assert poll(backlog, stream, setErrs={a: error}) == {}
    assert Delivery.objects.latest("pk").is_given_up
    assert not Feed.objects.exclude(due_at=None).exists()


def test_an_app_that_fetches_nothing_is_paused_after_a_day_and_goes_on_where_it_stopped(
    stream: Endpoint, backlog: Api, mia: Member, committed: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(mia, "A")
    [name] = poll(backlog, stream)
    later(monkeypatch, PATIENCE)
    deliver()
    later(monkeypatch, A_DAY)
    [told] = committed(deliver)

    stream.refresh_from_db()
    assert (stream.paused_because, stream.last_error) == ("failed", "The app has fetched or acknowledged nothing.")
    assert told.to == ["ops@backlog.example"]
    assert f"/api/v1/sets/{stream.pk}" in told.body
    answer = backlog.post(f"sets/{stream.pk}", {"ack": [name]})
    assert (answer.status, answer["code"]) == (409, "stream_is_paused")

    stream.resume(by=SUPPORT)
    assert list(poll(backlog, stream)) == [name]
    assert poll(backlog, stream, ack=[name]) == {}
    assert deliver() == 0
    stream.refresh_from_db()
    assert stream.failing_since is None


def test_what_support_staff_send_again_comes_until_it_is_acknowledged(
    stream: Endpoint, backlog: Api, mia: Member
) -> None:
    Member.objects.get(pk=mia.pk).deactivate(by=OPERATOR)
    both = list(poll(backlog, stream))
    assert poll(backlog, stream, ack=both) == {}
    Delivery.objects.get().send_again(by=SUPPORT)

    assert list(poll(backlog, stream, ack=both[:1])) == both[1:], "half of it is there"
    assert poll(backlog, stream, ack=both[1:]) == {}
    assert [one.is_again for one in Delivery.objects.order_by("pk")] == [False, True]

    Delivery.objects.get(is_again=False).send_again(by=SUPPORT)
    Event.objects.all().delete()
    assert poll(backlog, stream, ack=both) == {}
    assert not Delivery.objects.wanted_again(stream).exists(), "nothing is waited for that is not kept any more"


def test_it_waits_for_what_happens_next(
    stream: Endpoint, backlog: Api, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.wire.waiting.time.sleep", lambda _seconds: rename(mia, "A"))
    answer = backlog.post(f"sets/{stream.pk}", {})
    assert len(answer["sets"]) == 1
    assert "retry-after" not in answer.headers


def test_a_key_that_is_revoked_while_it_waits_reads_nothing(
    stream: Endpoint, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = app_key()

    def revoke(_seconds: float) -> None:
        key.revoke(by=OPERATOR)
        rename(mia, "A")

    monkeypatch.setattr("api.wire.waiting.time.sleep", revoke)
    assert Api(secret).post(f"sets/{stream.pk}", {}).status == 401


@pytest.mark.parametrize(
    "asked",
    [
        {"maxEvents": -1}, {"maxEvents": "1"}, {"returnImmediately": 1}, {"ack": "x"}, {"ack": [1]}, {"ack": [None]},
        {"setErrs": []}, {"setErrs": {"x": "y"}}, {"setErrs": {"x": {}}}, {"max": 1}, [],
    ],
)  # fmt: skip
def test_what_is_not_as_described_is_refused(stream: Endpoint, backlog: Api, asked: Any) -> None:
    assert backlog.post(f"sets/{stream.pk}", asked).status == 400


def test_ids_that_no_database_takes_are_ignored(stream: Endpoint, backlog: Api, mia: Member) -> None:
    rename(mia, "A")
    key = mia.organization.space_key
    odd = [f"{key}-{'9' * 30}", f"{key}-²", f"{key}-", "-1", "-", "", f"{key}-999999"]
    assert len(poll(backlog, stream, ack=odd[:-2], setErrs={f"{name}\u0000": {"err": "x"} for name in odd})) == 1
    assert backlog.post(f"sets/{stream.pk}", {"ack": ["\u0000-1"]}).status == 400


def test_a_stream_has_no_address_of_the_apps(stream: Endpoint) -> None:
    with pytest.raises(PolledHasNoAddress):
        stream.change(url="https://backlog.example/sets", contact="ops@backlog.example", with_changes=False, by=SUPPORT)


@pytest.mark.django_db(transaction=True)
def test_two_pollers_at_once_lose_nothing_and_nothing_is_kept(aozora: Organization, mia: Member) -> None:
    stream, secret = make(), app_key()[1]
    rename(mia, *map(str, range(12)))
    seen: list[list[str]] = [[], []]

    def fetch(mine: list[str], ours: int) -> None:
        """Acknowledge a half, as a worker of two does, until nothing comes for a while."""
        empty = 0
        while empty < 4:
            answer = Api(secret).post(f"sets/{stream.pk}", {"maxEvents": 3, "returnImmediately": True, "ack": mine})
            new = [name for name in answer["sets"] if int(name.rpartition("-")[2]) % 2 == ours]
            mine += [name for name in new if name not in mine]
            empty = 0 if new else empty + 1
            time.sleep(0.02)
        connection.close()

    workers = [threading.Thread(target=fetch, args=(seen[ours], ours)) for ours in (0, 1)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)

    poll(Api(secret), stream, ack=seen[0] + seen[1])
    assert len(seen[0]) == len(seen[1]) == 6
    feed = Feed.objects.get(endpoint=stream, organization=aozora)
    assert (feed.due_at, feed.acknowledged) == (None, [])
    numbers = sorted(Delivery.objects.values_list("number", flat=True))
    assert numbers == sorted(set(numbers)), "each is recorded once"
    assert len(numbers) == 12
