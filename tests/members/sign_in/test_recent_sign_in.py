"""What lets everybody in or out, or takes data away, wants a sign-in within the last ten minutes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization, Role
from tests.cast import PASSWORD, managed, nulab, scim_token, signed_in
from tests.cast.console import text, url
from tests.cast.rows import fresh, rows

PEOPLE = "Email,Name,Role\nnewbie@aozora.example,New Bie,"


def stale(browser: Client) -> Client:
    session = browser.session
    session["signed_in_at"] -= 11 * 60
    session.save()
    return browser


@contextmanager
def nothing_done() -> Iterator[None]:
    """A message for the reader is kept in the session, and that is all."""
    before = rows()
    yield
    after = rows()
    assert {**after, "Session": []} == {**before, "Session": []}


def at(name: str, organization: Organization, query: str = "") -> str:
    return reverse(name, args=[organization.space_key]) + query


@pytest.fixture
def yuki(aozora: Organization) -> Member:
    return nulab(aozora, "yuki")


def acts(yuki: Member, role: Role) -> dict[str, tuple[str, dict[str, str]]]:
    """Each way to give somebody the role: where the form is posted to, and the form."""
    organization = yuki.organization
    newcomer = {"name": "New Bie", "email": "newbie@aozora.example", "language": "en", "role": role.value}
    return {
        "edit": (url("member-edit", yuki), {"role": role.value}),
        "bulk": (at("members-role", organization, f"?member={yuki.scim_id}"), {"role": role.value}),
        "undo": (at("members-role-restore", organization, f"?{role.value}={yuki.scim_id}"), {}),
        "invite": (at("invite", organization), {"email": "gina@partner.example", "role": role.value}),
        "create": (at("member-new", organization), newcomer),
        "file": (at("members-import-confirm", organization), {"content": PEOPLE + role.value}),
    }


WAYS = ["edit", "bulk", "undo", "invite", "create", "file"]


@pytest.mark.parametrize("way", WAYS)
def test_making_an_administrator_wants_a_recent_sign_in(desk: Client, yuki: Member, way: str) -> None:
    address, form = acts(yuki, Role.ADMIN)[way]
    stale(desk)
    with nothing_done():
        answer = desk.post(address, form, headers={"Referer": f"http://testserver{address}"})

    assert answer["Location"].startswith(f"{reverse('signin')}?next=")
    page = desk.get(answer["Location"])
    assert "Nothing was changed, because you signed in a while ago" in text(page)
    again = desk.post(reverse("signin"), {"password": PASSWORD, "again": "1", "next": page.context["next"]})
    assert again["Location"] == address
    assert desk.post(address, form).status_code == 302
    made = yuki.organization.members.filter(role=Role.ADMIN).count() + yuki.organization.invitations.count()
    assert made == 2


@pytest.mark.parametrize("way", WAYS)
def test_making_a_guest_does_not(desk: Client, yuki: Member, way: str) -> None:
    address, form = acts(yuki, Role.GUEST)[way]

    assert stale(desk).post(address, form)["Location"].startswith("/spaces/")


def test_an_administrators_other_fields_do_not(desk: Client, aozora: Organization) -> None:
    boss = managed(aozora, "boss", role=Role.ADMIN)
    form = desk.get(url("member-edit", boss)).context["form"]
    kept = {field.html_name: field.value() or "" for field in form}

    answer = stale(desk).post(url("member-edit", boss), {**kept, "unique_id": "the-boss"})

    assert answer["Location"] == url("member", boss)
    assert (fresh(boss).role, fresh(boss).unique_id) == (Role.ADMIN, "the-boss")


@pytest.mark.parametrize("name", ["members-export", "audit-log-export", "licences-export", "activity-export"])
def test_an_export_wants_one(desk: Client, aozora: Organization, name: str) -> None:
    assert desk.post(at(name, aozora)).status_code == 200

    answer = stale(desk).post(
        at(name, aozora, "?q=mia"), headers={"Referer": f"http://testserver{at('members', aozora)}?q=mia"}
    )

    assert answer.status_code == 302
    assert "next=%2Fspaces%2F" in answer["Location"]
    assert answer["Location"].endswith("again=1")


@pytest.mark.parametrize("method", ["get", "post"])
def test_disabling_provisioning_wants_one(desk: Client, aozora: Organization, method: str) -> None:
    scim_token(aozora)
    stale(desk)

    answer = getattr(desk, method)(at("provisioning-disable", aozora), {"confirmation": aozora.slug})

    assert answer["Location"].startswith(reverse("signin"))
    assert aozora.provisioning.is_enabled


def test_a_managed_administrator_is_shown_the_way_to_the_idp(client: Client, aozora: Organization) -> None:
    boss = managed(aozora, "boss", role=Role.ADMIN)
    answer = stale(signed_in(client, boss)).post(at("members-export", aozora))

    assert answer.status_code == 403
    assert "Nothing was changed, because you signed in a while ago" in text(answer)
    assert 'href="/signin?next=&amp;again=1"' in answer.content.decode()
