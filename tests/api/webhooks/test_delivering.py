"""Events reach each endpoint in order; what is not taken is tried again; nobody's trouble is another's."""

import datetime
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from typing import Any

import pytest
from django.utils import timezone

from api.models import App, Delivery, Endpoint, Event, EventCounter, Feed
from api.models import endpoint as endpoints
from api.webhooks import delivering
from api.webhooks.delivering import POLL, SOON, Courier, deliver, deliver_feed, notice_news
from api.webhooks.posting import Line
from members.models import Member, Organization
from tests.api import later
from tests.api.webhooks.receiver import Receiver, receiving
from tests.cast import OPERATOR, SUPPORT, managed
from tests.cast.post import Committed

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving() as receiver:
        settings.WEBHOOKS_ON_THIS_MACHINE = [receiver.url]
        yield receiver


@pytest.fixture
def endpoint(receiver: Receiver, aozora: Organization, hakata: Organization, mia: Member) -> Endpoint:
    return make(receiver)


def make(receiver: Receiver, app: App = App.BACKLOG, with_changes: bool = False) -> Endpoint:
    endpoint, receiver.secret = Endpoint.objects.make(
        app=app, url=f"{receiver.url}/events", contact="ops@backlog.example", with_changes=with_changes, by=SUPPORT
    )
    return endpoint


def rename(member: Member, name: str) -> None:
    Member.objects.get(pk=member.pk).change_profile({"display_name": name}, by=OPERATOR)


def newest(organization: Organization) -> int:
    return EventCounter.objects.get(pk=organization.pk).last


def claimed(endpoint: Endpoint, organization: Organization) -> Feed:
    """The organization's feed; the neighbour's comes with it, which has nothing to tell."""
    notice_news()
    [feed] = [one for one in Feed.objects.claim(endpoint, 10) if one.organization == organization]
    return feed


def test_what_happens_from_now_on_is_told_once_and_in_order(
    endpoint: Endpoint, receiver: Receiver, aozora: Organization, hakata: Organization, mia: Member
) -> None:
    begin = newest(aozora)
    for name in ("A", "B", "C"):
        rename(mia, name)
    managed(hakata, "first")

    assert deliver() == 4
    assert deliver() == 0

    assert receiver.numbers(aozora.space_key) == [begin + 1, begin + 2, begin + 3]
    assert receiver.numbers(hakata.space_key) == [newest(hakata)]
    assert receiver.events[0]["type"] in ("account.changed", "account.created")
    assert {one.status for one in endpoint.deliveries.all()} == {200}
    assert receiver.connections < 4, "the connection is kept"
    assert receiver.headers[-1]["webhook-id"] in {one["data"]["id"] for one in receiver.events}
    assert "changes" not in receiver.events[0]["data"]
    assert not Feed.objects.exclude(due_at=None).exists()
    assert not EventCounter.objects.filter(has_news=True).exists()


def test_before_and_after_on_request(receiver: Receiver, aozora: Organization, mia: Member) -> None:
    make(receiver, with_changes=True)
    rename(mia, "Mia M.")
    deliver()
    assert receiver.events[0]["data"]["changes"]["name"]["after"] == "Mia M."


def test_a_receiver_that_is_away_for_an_hour_catches_up(
    endpoint: Endpoint, receiver: Receiver, aozora: Organization, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = newest(aozora)
    receiver.status = 503
    rename(mia, "A")
    for _ in range(14):
        deliver()
        later(monkeypatch, datetime.timedelta(minutes=5))
        rename(mia, f"At {timezone.now()}")
    assert receiver.events == []
    tries = Delivery.objects.count()
    assert tries == len(receiver.came) == 14
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.last_error) == (14, "HTTP 503")
    assert endpoint.away_until is not None
    assert endpoint.away_until - timezone.now() <= endpoints.MAX_PAUSE

    receiver.status = 202
    assert deliver() == 15

    assert receiver.numbers(aozora.space_key) == [*range(begin + 1, newest(aozora) + 1)]
    endpoint.refresh_from_db()
    assert [endpoint.failures, endpoint.failing_since, endpoint.away_until] == [0, None, None]


def test_after_news_the_next_look_is_soon(mia: Member) -> None:
    """Without an endpoint, so that nothing is posted in a thread."""
    notice_news()
    with ThreadPoolExecutor(1) as pool:
        courier, pauses = Courier(pool, Signal()), []
        for name in ("", "A", "B", "", "", "", "", ""):
            if name:
                rename(mia, name)
            courier.go()
            pauses.append(courier.next_look)

    assert pauses == [POLL, SOON, SOON, *(min(SOON * 2**turn, POLL) for turn in range(1, 6))]


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="an option of Linux")
def test_a_receiver_that_sends_its_answer_in_pieces_is_no_slower(settings: Any) -> None:
    """Its body waits for the acknowledgement of its head, which takes 40 ms where nobody hurries. The fastest of many
    counts, so that it does not matter what else the machine does; TCP hurries by itself at the beginning.
    """
    with receiving(in_pieces=True) as receiver:
        settings.WEBHOOKS_ON_THIS_MACHINE = [receiver.url]
        line, seconds = Line(f"{receiver.url}/events"), []
        for _ in range(40):
            begin = time.monotonic()
            line.post(b"{}", {})
            seconds.append(time.monotonic() - begin)
        line.close()

    assert min(seconds[20:]) < 0.03


def test_one_that_is_away_is_left_alone_for_a_while(endpoint: Endpoint, receiver: Receiver, mia: Member) -> None:
    receiver.status = 503
    rename(mia, "A")
    deliver()
    deliver()
    assert len(receiver.came) == 1


def test_an_event_that_is_refused_holds_up_its_organization_only_and_a_day_at_most(
    endpoint: Endpoint, receiver: Receiver, aozora: Organization, hakata: Organization, mia: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    rename(mia, "A")
    bad = newest(aozora)
    rename(mia, "B")
    receiver.status = lambda event: 422 if event["data"]["number"] == bad else 200
    begin = timezone.now()

    while timezone.now() < begin + 23 * HOUR:
        deliver()
        later(monkeypatch, HOUR)
        managed(hakata, f"m{timezone.now():%d%H}")
    assert receiver.numbers(aozora.space_key) == []
    assert len(receiver.numbers(hakata.space_key)) > 20
    later(monkeypatch, 2 * HOUR)
    deliver()

    assert receiver.numbers(aozora.space_key) == [bad + 1]
    [given_up] = Delivery.objects.filter(is_given_up=True)
    assert (given_up.number, given_up.status, given_up.error) == (bad, 422, "HTTP 422")
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None


def test_an_endpoint_that_takes_nothing_for_a_day_is_paused_and_mailed(
    endpoint: Endpoint, receiver: Receiver, aozora: Organization, mia: Member, committed: Committed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    receiver.status = 500
    rename(mia, "A")
    first = newest(aozora)
    deliver()
    later(monkeypatch, 25 * HOUR)
    receiver.status = 503
    rename(mia, "B")
    [sent] = committed(deliver)

    endpoint.refresh_from_db()
    assert endpoint.paused_because == "failed"
    assert sent.to == ["ops@backlog.example"]
    assert sent.subject == "Backlog is no longer told what changes"
    assert "Reason: It took nothing for a day\n" in sent.body
    receiver.status = 200
    later(monkeypatch, HOUR)
    assert deliver() == 0
    endpoint.resume(by=SUPPORT)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since, endpoint.away_until) == (0, None, None)
    assert deliver() == 2
    assert receiver.numbers(aozora.space_key) == [first, first + 1]


def test_one_that_is_gone_is_paused_at_once(endpoint: Endpoint, receiver: Receiver, mia: Member) -> None:
    receiver.status = 410
    rename(mia, "A")
    deliver()
    endpoint.refresh_from_db()
    assert endpoint.paused_because == "gone"
    receiver.status = 200
    endpoint.resume(by=SUPPORT)
    assert deliver() == 1


def test_both_secrets_sign_for_a_day(
    endpoint: Endpoint, receiver: Receiver, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = receiver.secret
    new = endpoint.roll_secret(by=SUPPORT)
    for secret in (former, new):
        receiver.secret = secret
        rename(mia, secret[:9])
        assert deliver() == 1
    assert len(receiver.headers[-1]["webhook-signature"].split()) == 2
    later(monkeypatch, 25 * HOUR)
    endpoint.refresh_from_db()
    assert endpoint.secrets() == [new]
    assert new not in endpoint.sealed


def test_one_that_is_paused_is_left_alone_also_in_the_middle_of_a_turn(
    endpoint: Endpoint, receiver: Receiver, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "A_TURN_SECONDS", 0)
    rename(mia, "A")
    feed = claimed(endpoint, mia.organization)

    assert deliver_feed(feed, Signal()) == 0
    endpoint.pause(by=SUPPORT)
    assert deliver() == 0
    endpoint.resume(by=SUPPORT)
    monkeypatch.undo()
    assert deliver() == 1, "others may go on with it at once"


def test_a_feed_whose_turn_is_over_goes_on_at_the_next(
    endpoint: Endpoint, receiver: Receiver, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "A_TURN", 2)
    for name in ("A", "B", "C"):
        rename(mia, name)
    feed = claimed(endpoint, mia.organization)

    assert deliver_feed(feed, Signal()) == 2
    assert deliver() == 1


def test_events_that_are_not_kept_any_more_are_not_waited_for(
    endpoint: Endpoint, receiver: Receiver, mia: Member
) -> None:
    rename(mia, "A")
    notice_news()
    Event.objects.all().delete()

    assert deliver() == 0
    assert not Feed.objects.due().exists()
    rename(mia, "B")
    assert deliver() == 1
    assert receiver.numbers(mia.organization.space_key) == [newest(mia.organization)]


def test_support_may_send_again(endpoint: Endpoint, receiver: Receiver, mia: Member) -> None:
    rename(mia, "A")
    deliver()
    [delivery] = endpoint.deliveries.all()

    delivery.send_again(by=SUPPORT)
    deliver()

    again = endpoint.deliveries.get(is_again=True)
    assert (again.status, again.number) == (200, delivery.number)
    assert receiver.headers[0]["webhook-id"] == receiver.headers[1]["webhook-id"]
    assert len(receiver.came) == 2
    deliver()
    assert len(receiver.came) == 2


def test_a_secret_that_cannot_be_read_is_said(endpoint: Endpoint, receiver: Receiver, mia: Member) -> None:
    Endpoint.objects.update(sealed="sealed otherwise")
    rename(mia, "A")
    deliver()
    assert receiver.came == []
    assert "another SECRET_KEY" in endpoint.deliveries.get().error


def test_of_two_processes_one_goes_on(endpoint: Endpoint, receiver: Receiver, mia: Member) -> None:
    deliver()
    rename(mia, "A")
    notice_news()
    [slow] = Feed.objects.claim(endpoint, 10)
    assert Feed.objects.claim(endpoint, 10) == []
    Feed.objects.update(due_at=timezone.now())
    assert deliver() == 1
    assert deliver_feed(slow, Signal()) == 0
    assert [one["data"]["id"] for one in receiver.events] == [receiver.events[0]["data"]["id"]] * len(receiver.events)
    assert Feed.objects.get(pk=slow.pk).due_at is None


def test_news_during_the_last_look_is_not_lost(endpoint: Endpoint, receiver: Receiver, mia: Member) -> None:
    deliver()
    rename(mia, "A")
    notice_news()
    [feed] = Feed.objects.claim(endpoint, 10)
    [event] = feed.ahead(10)
    feed.record_taken(event, Delivery(endpoint=endpoint, organization=feed.organization, number=event.number, type="",
                                      subject_id="", happened_at=event.at, took_ms=1, status=200))  # fmt: skip
    rename(mia, "B")
    notice_news()
    assert not feed.rest()
    feed.give_back()
    assert deliver() == 1
