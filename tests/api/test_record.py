"""The record of keys and endpoints: all that is done to them, who did it, and where support staff look it up."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from api.models import App, AppKey, AppRecord, Delivery, Endpoint
from api.models.endpoint import PausedBecause
from members.models import Account, Member, Organization
from tests.api import app_key
from tests.cast import OPERATOR, SUPPORT, signed_in
from tests.cast.console import text

pytestmark = pytest.mark.django_db
ENDPOINT = {"app": "cacoo", "url": "https://cacoo.example/hook", "contact": "ops@cacoo.example"}


def endpoint_of_cacoo(*, with_changes: bool = False) -> Endpoint:
    url, contact = ENDPOINT["url"], ENDPOINT["contact"]
    return Endpoint.objects.make(app=App.CACOO, url=url, contact=contact, with_changes=with_changes, by=SUPPORT)[0]


def act(desk: Client, model: str, action: str, row: Any) -> str:
    """The page after the action, in words."""
    form = {"action": action, "_selected_action": [row.pk]}
    return text(desk.post(reverse(f"admin:api_{model}_changelist"), form, follow=True))


def history(desk: Client, thing: AppKey | Endpoint) -> str:
    page = reverse(f"admin:api_{thing._meta.model_name}_history", args=[thing.pk])
    return text(desk.get(page, follow=True))


def test_what_is_done_to_a_key_is_recorded(support_desk: Client, hana: Account) -> None:
    other, _ = app_key(App.BACKLOG)
    form = {"app": "cacoo", "name": "Production", "scopes": ["access", "members.read"]}
    support_desk.post(reverse("admin:api_appkey_add"), form)
    key = AppKey.objects.get(app=App.CACOO)
    act(support_desk, "appkey", "revoke", key)

    revoked, made = AppRecord.objects.filter(thing=f"appkey:{key.pk}")
    assert [made.event, revoked.event] == ["key.made", "key.revoked"]
    assert {made.person, revoked.person} == {str(hana)}
    assert all(row.ip_address and row.request_id for row in (made, revoked))
    page = history(support_desk, key)
    for words in ("API key made", "API key revoked", str(key), "Read members", str(hana)):
        assert words in page
    assert str(other) not in page
    assert key.hash not in page


def test_what_is_done_to_an_endpoint_is_recorded(support_desk: Client, hana: Account, aozora: Organization) -> None:
    support_desk.post(reverse("admin:api_endpoint_add"), ENDPOINT)
    endpoint = Endpoint.objects.get()
    page = reverse("admin:api_endpoint_change", args=[endpoint.pk])
    support_desk.post(page, ENDPOINT | {"url": "https://cacoo.example/new", "with_changes": "on"})
    support_desk.post(page, ENDPOINT | {"url": "https://cacoo.example/new", "with_changes": "on"})
    for action in ("roll_secret", "pause", "resume"):
        act(support_desk, "endpoint", action, endpoint)
    aozora.rename(name="Aozora Studio", slug=aozora.slug, by=OPERATOR)
    event = aozora.events.latest("number")
    delivery = Delivery.objects.create(
        endpoint=endpoint, organization=aozora, number=event.number, type=event.type, subject_id=event.subject_id,
        happened_at=event.at, took_ms=3, status=500,
    )  # fmt: skip
    act(support_desk, "delivery", "send_again", delivery)

    rows = AppRecord.objects.filter(thing=f"endpoint:{endpoint.pk}").order_by("pk")
    assert [row.event.partition(".")[2] for row in rows] == [
        "made", "changed", "secret_rolled", "paused", "resumed", "sent_again",
    ]  # fmt: skip
    assert {row.person for row in rows} == {str(hana)}
    words = history(support_desk, endpoint)
    for part in (
        "address: https://cacoo.example/hook → https://cacoo.example/new",
        "with before and after: no → yes",
        "paused because: By support staff",
        f"{event.type} ({event.number})",
        aozora.space_key,
    ):
        assert part in words


def test_delivery_that_pauses_an_endpoint_itself_is_recorded_once() -> None:
    endpoint = endpoint_of_cacoo()
    for _ in range(2):
        Endpoint.objects.get(pk=endpoint.pk).stop(PausedBecause.GONE)

    [row] = AppRecord.objects.filter(event="endpoint.paused")
    assert (row.person, row.changes) == ("manage.py deliver_events", {"paused_because": ["", "gone"]})


def test_what_cannot_be_done_says_what_to_do_instead(support_desk: Client, aozora: Organization) -> None:
    endpoint = endpoint_of_cacoo()
    gone = Delivery.objects.create(
        endpoint=endpoint, organization=aozora, number=10**6, type="account.changed", subject_id="x",
        happened_at=endpoint.made_at, took_ms=3, status=500,
    )  # fmt: skip

    assert "no longer kept" in act(support_desk, "delivery", "send_again", gone)
    assert "not paused" in act(support_desk, "endpoint", "resume", endpoint)
    endpoint.pause(by=SUPPORT)
    assert "already been paused. Resume it" in act(support_desk, "endpoint", "pause", endpoint)
    assert "Resume it first." in act(support_desk, "delivery", "send_again", gone)
    assert not Delivery.objects.filter(is_wanted_again=True).exists()


def test_an_organization_sees_what_the_apps_may_know_and_nobody_of_the_staff(aiko: Member, hana: Account) -> None:
    page, desk = reverse("told", args=[aiko.organization.space_key]), signed_in(Client(), aiko)
    assert "What the apps may know" not in text(desk.get(page))
    app_key(App.BACKLOG, "access", "members.read")
    app_key(App.CACOO, "teams.read")[0].revoke(by=SUPPORT)
    endpoint = endpoint_of_cacoo(with_changes=True)

    shown = text(desk.get(page))
    assert "Read members" in shown
    assert "Read teams" not in shown
    assert "with the values before and after" in shown
    assert hana.name not in shown
    endpoint.pause(by=SUPPORT)
    assert "because it is paused" in text(desk.get(page))
