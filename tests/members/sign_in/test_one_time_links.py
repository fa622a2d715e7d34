"""Mailed links: the secret leaves the address at once, and works in the browser that opened it only."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.mail import set_password_link
from members.models import Account, Invitation, Member, Organization, Role
from members.own import address_links
from operations.log_masking import SecretsMasked
from operations.logs import JsonLines
from tests.cast import OPERATOR, PASSWORD, nulab, page_actor, signed_in
from tests.cast.console import opened, text

NEW = {"new_password1": "a lantern over the harbour", "new_password2": "a lantern over the harbour"}


@pytest.fixture
def invite(aiko: Member, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Invites an address and returns the path of the link."""

    def invite(email: str, role: Role = Role.USER) -> str:
        secret = f"secret-of-{email.partition('@')[0]}-that-is-long-enough"
        monkeypatch.setattr("secrets.token_urlsafe", lambda size: secret)
        Invitation.objects.invite(aiko, email, role=role, by=page_actor(aiko))
        return reverse("invitation", args=[secret])

    return invite


def set_password_path(account: Account) -> str:
    return set_password_link(account).removeprefix("http://localhost:8000")


def address_path(account: Account) -> str:
    return reverse("own-address-link", args=[address_links.proof_of(account, "new@partner.example")])


@pytest.fixture(params=["set-password", "invitation", "address"])
def link(request: Any, aiko: Member, invite: Callable[[str], str]) -> str:
    made = {
        "set-password": lambda: set_password_path(aiko.account),
        "invitation": lambda: invite(aiko.account.email.replace("aiko", "gina")),
        "address": lambda: address_path(aiko.account),
    }
    return made[request.param]()


def secret_of(link: str) -> str:
    return link.rsplit("/", 1)[1]


def test_the_first_get_leads_to_an_address_without_the_secret(client: Client, link: str) -> None:
    first = client.get(link)
    page = client.get(first["Location"], follow=True)

    assert first.status_code == 302
    assert page.status_code == 200
    assert secret_of(link) not in first["Location"]
    assert all(secret_of(link) not in address for address, _ in page.redirect_chain)
    assert secret_of(link) not in page.content.decode()
    [cookie] = [cookie for name, cookie in client.cookies.items() if name.startswith("link-")]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 3600)


def test_the_address_without_the_secret_opens_nothing_elsewhere(client: Client, aiko: Member, link: str) -> None:
    page = opened(client, link)

    assert signed_in(Client(), aiko).get(page).status_code == 404


def test_looking_at_a_link_writes_no_session(client: Client, aiko: Member, link: str) -> None:
    client.get(link)

    assert "session" not in client.cookies


def test_a_bad_link_leaves_nothing_in_the_browser(client: Client, db: None) -> None:
    for path in ("/set-password/MQ/x-y", "/invitations/nobody-has-this", "/profile/address/a:b:c", "/invitations/%00"):
        assert client.get(path).status_code == 404

    assert not [name for name in client.cookies if name.startswith("link-")]


def test_two_links_opened_side_by_side_do_not_act_for_each_other(
    client: Client, aozora: Organization, aiko: Member
) -> None:
    yuki, emi = nulab(aozora, "yuki").account, nulab(aozora, "emi").account
    first, second = opened(client, set_password_path(yuki)), opened(client, set_password_path(emi))

    client.post(first, NEW)

    assert Account.objects.get(pk=yuki.pk).check_password(NEW["new_password1"])
    assert Account.objects.get(pk=emi.pk).check_password(PASSWORD)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_signing_out_lets_go_of_links(client: Client, aiko: Member, link: str) -> None:
    signed_in(client, aiko)
    page = opened(client, link)

    client.post(reverse("signout"))

    assert signed_in(client, aiko).get(page).status_code == 404


def test_an_invited_person_signs_in_and_comes_back(
    client: Client, aozora: Organization, ren: Member, invite: Callable[[str], str]
) -> None:
    page = client.get(invite(ren.account.email), follow=True)
    there = page.redirect_chain[-1][0]
    assert f"next={there}" in page.content.decode()

    back = client.post(
        reverse("signin"), {"identifier": ren.account.email, "password": PASSWORD, "next": there}, follow=True
    )
    assert "Accept invitation" in text(back)
    client.post(f"{there}/accept")

    assert aozora.members.filter(account=ren.account).exists()


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The whole log as it is written, at its most talkative, the statements of the database aside."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(SecretsMasked())
    handler.setFormatter(JsonLines())
    root, databases, access = logging.getLogger(), logging.getLogger("django.db"), logging.getLogger("access")
    access.addHandler(handler)
    before = root.level, databases.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    databases.setLevel(logging.WARNING)
    yield written
    root.removeHandler(handler)
    access.removeHandler(handler)
    root.setLevel(before[0])
    databases.setLevel(before[1])


def test_no_walk_leaves_a_secret_in_the_log(
    client: Client, aozora: Organization, aiko: Member, log: StringIO, invite: Callable[[str], str]
) -> None:
    links = [set_password_path(aiko.account), invite("gina@partner.example"), address_path(aiko.account)]
    for path in links:
        page = opened(client, path)
        client.post(page, {"new_password1": "aozora", "new_password2": "aozora"})
        client.post(f"{page}/join", {"name": "", "password": "too short 1"})
        # Cut short, sent a form, refused, used up.
        client.post(path, {"password": "a password in a form"})
        client.get(path[:-1])
        client.get(f"{path}/more")
        client.get(reverse("signin"), {"next": path})
        client.get("/nowhere", {"token": secret_of(path)})
    client.post(opened(client, links[0]), NEW)
    client.get(links[0])
    client.post(reverse("signin"), {"identifier": aiko.account.email, "password": "a wrong password here"})

    told = log.getvalue()
    assert {"/set-password/…", "/invitations/…"} <= {json.loads(line).get("path") for line in told.splitlines()}
    secrets = [*map(secret_of, links), "a wrong password here", NEW["new_password1"], "too short 1", OPERATOR.name * 9]
    assert [secret for secret in secrets if secret[:-1] in told] == []
