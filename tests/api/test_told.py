"""What the apps were told: for the organization, on the page of a member, and for support."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from api.models import App, Delivery, Endpoint
from members.models import Member, Organization, Team
from tests.cast import OPERATOR, SUPPORT, signed_in


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    return Endpoint.objects.make(
        app=App.BACKLOG, url="https://backlog.example/hook", contact="dev@backlog.example", with_changes=False,
        by=SUPPORT,
    )[0]  # fmt: skip


def delivered(endpoint: Endpoint, member: Member, **more: Any) -> Delivery:
    return Delivery.objects.create(
        endpoint=endpoint, organization=member.organization, number=7, happened_at=timezone.now(), took_ms=3,
        **({"type": "account.deactivated", "subject_id": member.scim_id, "status": 200} | more),
    )  # fmt: skip


def test_an_organization_sees_its_own_deliveries(
    client: Client, aozora: Organization, hakata: Organization, aiko: Member, mia: Member, kenji: Member,
    endpoint: Endpoint,
) -> None:  # fmt: skip
    browser = signed_in(client, aiko)
    page = f"/spaces/{aozora.space_key}/told"
    assert "Nothing yet" in browser.get(page).content.decode()
    delivered(endpoint, mia)
    delivered(endpoint, kenji, status=422, is_given_up=True)
    foreign = hakata.members.select_related("organization", "account").first()
    assert foreign
    delivered(endpoint, foreign)

    listed = browser.get(page).content.decode()
    assert all(part in listed for part in ("Account deactivated", "Backlog", mia.account.name, "received", "given up"))
    assert foreign.account.name not in listed
    team = Team.objects.create_team(aozora, "Platform", by=OPERATOR)
    delivered(endpoint, mia, type="team.created", subject_id=team.scim_id)
    delivered(endpoint, mia, type="provisioning.enabled", subject_id=aozora.space_key)
    listed = browser.get(page).content.decode()
    assert f'/teams/{team.scim_id}">Platform</a>' in listed
    assert re.search(rf'data-label="Subject"[^>]*>\s*{aozora.name}\s*</td>', listed)
    assert f'/members/{mia.scim_id}">{mia.account.name}</a>' in listed
    narrowed = browser.get(f"{page}?subject={mia.scim_id}").content.decode()
    assert mia.account.name in narrowed
    assert kenji.account.name not in narrowed
    assert browser.get(f"{page}?subject=%00&after=x").status_code == 200


def test_the_page_of_a_leaver_says_who_was_told(
    client: Client, aozora: Organization, aiko: Member, mia: Member, endpoint: Endpoint
) -> None:
    browser = signed_in(client, aiko)
    page = f"/spaces/{aozora.space_key}/members/{mia.scim_id}"
    assert "What the apps were told</h2>" not in browser.get(page).content.decode()
    mia.deactivate(by=OPERATOR)
    delivered(endpoint, mia)

    assert "Backlog · received" in browser.get(page).content.decode()
    assert f"told?subject={mia.scim_id}" in browser.get(page).content.decode()


def test_support_sees_a_secret_once(support_desk: Client) -> None:
    form = {"app": "cacoo", "url": "https://cacoo.example/hook", "contact": "ops@cacoo.example"}
    shown = support_desk.post("/admin/api/endpoint/add/", form, follow=True)
    endpoint = Endpoint.objects.get()
    [secret] = endpoint.secrets()
    assert secret in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert secret not in support_desk.get(f"/admin/api/endpoint/{endpoint.pk}/change/").content.decode()
    refused = support_desk.post("/admin/api/endpoint/add/", form | {"url": "https://10.0.0.1/"})
    assert "Enter the address of a public server" in refused.content.decode()
    support_desk.post("/admin/api/endpoint/", {"action": "pause", "_selected_action": endpoint.pk})
    endpoint.refresh_from_db()
    assert endpoint.paused_because == "support"
    for page in (f"/admin/api/endpoint/{endpoint.pk}/change/", "/admin/api/endpoint/"):
        assert "By support staff" in support_desk.get(page).content.decode()
    page = support_desk.get(f"/admin/api/endpoint/{endpoint.pk}/change/").content.decode()
    assert f"/admin/api/delivery/?endpoint__id__exact={endpoint.pk}" in page
