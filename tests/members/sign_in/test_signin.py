"""Signing in with e-mail and password, signing out, and the link that sets a password."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from members.mail import set_password_link
from members.models import Account, Member, Organization
from tests.cast import OPERATOR, PASSWORD, managed, nulab, signed_in
from tests.cast.console import is_signed_in

WRONG = "The e-mail address or the password is wrong."
NEW_PASSWORD = "a lantern over the harbour"


def sign_in(client: Client, identifier: str, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(reverse("signin"), {"identifier": identifier, "password": password, **fields})


def told(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_right_password_opens_the_organization(client: Client, aiko: Member, aozora: Organization) -> None:
    answer = client.post(reverse("signin"), {"identifier": aiko.account.email, "password": PASSWORD}, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("start", args=[aozora.space_key])
    assert answer.status_code == 200


def test_the_address_is_read_without_regard_to_case(client: Client, aiko: Member) -> None:
    sign_in(client, " AIKO.Tanaka@Aozora.EXAMPLE ")

    assert is_signed_in(client)


@pytest.mark.parametrize("password", ["", "wrong horse battery", PASSWORD.upper()])
def test_a_wrong_password_opens_nothing(client: Client, aiko: Member, password: str) -> None:
    answer = sign_in(client, aiko.account.email, password)

    assert answer.status_code == 422
    assert not is_signed_in(client)


def test_an_unknown_address_is_told_the_same_as_a_wrong_password(client: Client, aiko: Member) -> None:
    unknown = sign_in(client, "nobody@aozora.example", "wrong horse battery")
    wrong = sign_in(client, aiko.account.email, "wrong horse battery")

    assert WRONG in told(unknown)
    assert WRONG in told(wrong)


def test_ten_wrong_passwords_lock_the_account_from_that_address(client: Client, aiko: Member, ren: Member) -> None:
    for _ in range(10):
        answer = sign_in(client, aiko.account.email, "wrong horse battery")

    locked = sign_in(client, aiko.account.email)

    assert answer.status_code == 429
    assert locked.status_code == 429
    assert "wait 15 minutes" in told(locked)
    assert not is_signed_in(client)
    # The same person elsewhere, and somebody else here, are not locked out.
    elsewhere = Client(REMOTE_ADDR="192.0.2.44")
    sign_in(elsewhere, aiko.account.email)
    assert is_signed_in(elsewhere)
    sign_in(client, ren.account.email)
    assert is_signed_in(client)


def test_another_spelling_of_the_address_is_no_way_around_the_throttle(client: Client, aiko: Member) -> None:
    for attempt in range(10):
        sign_in(client, aiko.account.email[:attempt].upper() + aiko.account.email[attempt:], "wrong horse battery")

    locked = sign_in(client, aiko.account.email)

    assert locked.status_code == 429


def test_nine_wrong_passwords_are_forgiven_by_the_right_one(client: Client, aiko: Member) -> None:
    for _ in range(9):
        sign_in(client, aiko.account.email, "wrong horse battery")
    sign_in(client, aiko.account.email)
    client.post(reverse("signout"))

    again = sign_in(client, aiko.account.email, "wrong horse battery")

    assert again.status_code == 422


def test_signing_in_gives_the_browser_a_fresh_session(client: Client, aiko: Member) -> None:
    planted = client.session
    planted["planted"] = "by an attacker"
    planted.save()
    client.cookies["session"] = planted.session_key or ""

    sign_in(client, aiko.account.email)

    assert client.session.session_key != planted.session_key
    assert not planted.exists(planted.session_key or "")


def test_a_session_knows_its_account(client: Client, aiko: Member, ren: Member) -> None:
    sign_in(client, aiko.account.email)

    assert aiko.account.sessions.count() == 1
    assert ren.account.sessions.count() == 0


def test_an_inactive_account_is_refused_like_a_wrong_password(client: Client, aiko: Member) -> None:
    Account.objects.filter(pk=aiko.account_id).update(is_active=False)

    answer = sign_in(client, aiko.account.email)

    assert WRONG in told(answer)
    assert not is_signed_in(client)


def test_deactivation_ends_sessions_at_the_next_request(client: Client, mia: Member, aiko: Member) -> None:
    signed_in(client, mia)
    colleague = signed_in(Client(), aiko)
    assert is_signed_in(client)

    mia.deactivate(by=OPERATOR)

    assert not is_signed_in(client)
    assert is_signed_in(colleague)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:/x",
    ],
)
def test_next_leads_nowhere_but_to_this_site(client: Client, aiko: Member, wanted: str) -> None:
    answer = sign_in(client, aiko.account.email, next=wanted)

    assert answer["Location"] == reverse("home")


def test_whoever_is_asked_to_sign_in_goes_on_to_the_page_asked_for(
    client: Client, aiko: Member, aozora: Organization
) -> None:
    wanted = reverse("members", args=[aozora.space_key]) + "?q=mia"
    form = client.get(wanted, follow=True)
    assert f'name="next" value="{wanted}"' in form.content.decode()

    answer = sign_in(client, aiko.account.email, next=wanted)

    assert answer["Location"] == wanted


def test_sign_out_ends_the_session(client: Client, aiko: Member) -> None:
    signed_in(client, aiko)
    session = client.session

    client.post(reverse("signout"))

    assert not is_signed_in(client)
    assert not session.exists(session.session_key or "")


def test_sign_out_takes_a_form_not_a_link(client: Client, aiko: Member) -> None:
    signed_in(client, aiko)

    assert client.get(reverse("signout")).status_code == 405
    assert is_signed_in(client)


def test_forms_without_their_token_are_refused_in_words(aiko: Member) -> None:
    strict = Client(enforce_csrf_checks=True)

    answer = sign_in(strict, aiko.account.email)

    assert answer.status_code == 403
    assert "reload the page" in told(answer)


def set_password(client: Client, link: str, password: str = NEW_PASSWORD) -> Any:
    path = link.removeprefix("http://localhost:8000")
    page = client.get(path, follow=True)
    return (
        client.post(page.request["PATH_INFO"], {"new_password1": password, "new_password2": password})
        if page.status_code == 200
        else page
    )


def test_a_set_password_link_works_once(client: Client, aiko: Member, ren: Member) -> None:
    link = set_password_link(aiko.account)

    first = set_password(client, link)
    second = set_password(client, link, "another lantern elsewhere")

    assert first.status_code == 302
    assert second.status_code == 404
    assert "This link has been used" in told(second)
    account = Account.objects.get(pk=aiko.account_id)
    assert account.check_password(NEW_PASSWORD)
    assert Account.objects.get(pk=ren.account_id).check_password(PASSWORD)


def test_a_new_password_ends_the_sessions_of_the_old_one(client: Client, aiko: Member) -> None:
    signed_in(client, aiko)

    set_password(Client(), set_password_link(aiko.account))

    assert not is_signed_in(client)


def test_a_weak_password_is_refused_and_the_link_stays_good(client: Client, aiko: Member) -> None:
    link = set_password_link(aiko.account)

    weak = set_password(client, link, "aozora")

    assert weak.status_code == 422
    assert set_password(client, link).status_code == 302


@pytest.mark.parametrize(
    "link", ["/set-password/MQ/forged-token", "/set-password/%00/x", "/set-password/OTk5OTk5OTk/x"]
)
def test_a_forged_link_opens_nothing(client: Client, aiko: Member, link: str) -> None:
    assert client.get(link).status_code == 404


def test_a_managed_account_never_gets_a_password_by_link(client: Client, aozora: Organization) -> None:
    yuki = nulab(aozora, "yuki")
    link = set_password_link(yuki.account)
    yuki.convert_to_managed(by=OPERATOR)

    answer = set_password(client, link)

    assert answer.status_code == 404
    assert not Account.objects.get(pk=yuki.account_id).has_usable_password()


def test_an_account_that_became_its_owners_gets_a_link_by_mail(
    client: Client, aozora: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    nao = managed(aozora, "nao")
    with django_capture_on_commit_callbacks(execute=True):
        nao.convert_to_nulab(by=OPERATOR)

    [sent] = mail.outbox
    link = next(line for line in sent.body.splitlines() if line.startswith("http"))
    set_password(client, link)
    sign_in(client, nao.account.email, NEW_PASSWORD)

    assert sent.to == ["nao@aozora.example"]
    assert "Aozora Design no longer manages your account" in sent.body
    assert is_signed_in(client)


def test_an_account_that_became_managed_is_told_by_mail(
    aozora: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    yuki = nulab(aozora, "yuki")
    with django_capture_on_commit_callbacks(execute=True):
        yuki.convert_to_managed(by=OPERATOR)

    [sent] = mail.outbox
    assert sent.subject == "Your account is now managed by Aozora Design"
    assert "Hello Yuki Abe," in sent.body


def _made_stale(client: Client, minutes: float) -> None:
    session = client.session
    session["signed_in_at"] -= minutes * 60
    session.save()


def test_pages_with_secrets_want_a_sign_in_within_ten_minutes(
    client: Client, aiko: Member, aozora: Organization
) -> None:
    signed_in(client, aiko)
    address = reverse("token-issue", args=[aozora.space_key])
    _made_stale(client, minutes=9)
    fresh = client.get(address)

    _made_stale(client, minutes=1.1)
    stale = client.get(address)

    assert fresh.status_code == 200
    assert stale.status_code == 302
    assert stale["Location"].startswith(reverse("signin") + "?next=")
    shown = client.get(stale["Location"])
    assert "Sign in again to open it" in shown.content.decode()
    again = sign_in(client, aiko.account.email, next=address)
    assert again["Location"] == address
    assert client.get(address).status_code == 200
