"""GET …/events: in order, none left out, waiting if asked, to the end of what is kept."""

import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from api.models import App, Event, EventCounter
from api.models.event import KEPT_FOR
from members.models import Member, Organization, Team
from tests.api import Api, app_key
from tests.cast import OPERATOR


def address(organization: Organization, query: str = "") -> str:
    return f"organizations/{organization.space_key}/events?{query}"


def test_a_reader_goes_on_from_number_to_number(backlog: Api, aozora: Organization, mia: Member) -> None:
    begin = backlog.get(address(aozora)).body
    assert begin == {"items": [], "next": EventCounter.objects.get(pk=aozora.pk).last}
    for name in ("A", "B", "C"):
        mia.change_profile({"display_name": name}, by=OPERATOR)
    sales = Team.objects.create_team(aozora, "Sales", by=OPERATOR)
    sales.add(mia, by=OPERATOR)

    first = backlog.get(address(aozora, f"after={begin['next']}&limit=2&include=changes")).body
    second = backlog.get(address(aozora, f"after={first['next']}")).body

    number = begin["next"] + 1
    assert first["items"][0] == {
        "type": "account.changed",
        "timestamp": first["items"][0]["timestamp"],
        "data": {
            "id": f"{aozora.space_key}-{number}",
            "number": number,
            "organization": aozora.space_key,
            "subject": {"type": "member", "id": mia.scim_id},
            "changes": first["items"][0]["data"]["changes"],
        },
    }
    assert first["items"][1]["data"]["changes"]["name"] == {"before": "A", "after": "B"}
    assert [one["data"]["number"] for one in first["items"] + second["items"]] == [*range(number, number + 5)]
    assert second["items"][-1]["data"]["team"] == {"id": sales.scim_id}
    assert "changes" not in second["items"][0]["data"]
    assert second["next"] == number + 4
    assert backlog.get(address(aozora, f"after={number + 4}")).body == {"items": [], "next": number + 4}


def test_a_place_from_which_nobody_can_go_on_is_said(backlog: Api, aozora: Organization, mia: Member) -> None:
    newest = backlog.get(address(aozora)).body["next"]

    ahead = backlog.get(address(aozora, f"after={newest + 1}"))
    assert (ahead.status, ahead["code"], ahead["field"]) == (409, "no_such_event", "after")
    Event.objects.filter(organization=aozora, number__lt=newest).update(at=timezone.now() - KEPT_FOR)
    Event.prune()
    gone = backlog.get(address(aozora, f"after={newest - 2}"))
    assert (gone.status, gone["code"]) == (410, "events_are_gone")
    assert str(newest) in gone["detail"]
    assert len(backlog.get(address(aozora, f"after={newest - 1}")).body["items"]) == 1
    Event.objects.update(at=timezone.now() - KEPT_FOR)
    Event.prune()
    assert backlog.get(address(aozora, f"after={newest - 1}")).status == 410
    assert backlog.get(address(aozora, f"after={newest}")).body["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=x",
        "after=1.0",
        "wait=%D9%A3",
        f"after={2**63}",
        "wait=31",
        "limit=0",
        "include=all",
        "afte=1",
    ],
)
def test_what_cannot_be_asked_is_refused(backlog: Api, aozora: Organization, query: str) -> None:
    assert backlog.get(address(aozora, query)).status == 400


def test_nobody_reads_what_another_organization_or_scope_may(
    personal: Api, aozora: Organization, hakata: Organization
) -> None:
    assert personal.get(address(aozora)).status == 200
    assert personal.get(address(hakata)).status == 404
    assert Api(app_key(App.CACOO, "members.read")[1]).get(address(aozora)).status == 403


def test_a_page_costs_two_statements(backlog: Api, aozora: Organization, django_assert_num_queries: Any) -> None:
    """One more waits for the disk, where that has to be asked."""
    backlog.get(address(aozora))
    with django_assert_num_queries(3 if connection.vendor == "postgresql" else 2):
        assert len(backlog.get(address(aozora, "after=0")).body["items"]) > 3


@pytest.mark.django_db(transaction=True)
def test_a_reader_waits_for_the_next_event(backlog: Api, aozora: Organization, mia: Member) -> None:
    newest = backlog.get(address(aozora)).body["next"]
    found: list[Any] = []

    def read() -> None:
        found.append(backlog.get(address(aozora, f"after={newest}&wait=20")).body)
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.3)
    # No more than one waits in a process.
    other = backlog.get(address(aozora, f"after={newest}&wait=20"))
    assert (other.body["items"], other.headers["retry-after"]) == ([], "1")
    mia.change_profile({"display_name": "Mia M."}, by=OPERATOR)
    reader.join(10)

    assert [one["data"]["number"] for one in found[0]["items"]] == [newest + 1]


def test_waiting_ends(backlog: Api, aozora: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = backlog.get(address(aozora)).body["next"]
    now = [0.0]
    monkeypatch.setattr("api.wire.waiting.time.monotonic", lambda: now[0])
    monkeypatch.setattr("api.wire.waiting.time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))

    answer = backlog.get(address(aozora, f"after={newest}&wait=30"))

    assert (answer.body, now[0]) == ({"items": [], "next": newest}, 30)
    assert "retry-after" not in answer.headers


def test_a_key_that_is_revoked_meanwhile_reads_nothing(
    aozora: Organization, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = app_key()
    newest = EventCounter.objects.get(pk=aozora.pk).last

    def revoke_and_change(_seconds: float) -> None:
        key.revoke(by=OPERATOR)
        mia.change_profile({"display_name": "Mia M."}, by=OPERATOR)

    monkeypatch.setattr("api.wire.waiting.time.sleep", revoke_and_change)

    assert Api(secret).get(address(aozora, f"after={newest}&wait=5")).status == 401
