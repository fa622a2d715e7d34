"""Forgotten passwords, and changing one that is known."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse

from members.models import Account, AuditEvent, Member, Organization, PasswordReset, SecondFactor
from tests.cast import OPERATOR, PASSWORD, managed, next_code, nulab, nulab_account, signed_in, with_second_factor
from tests.cast.console import is_signed_in, text

NEW = "a lantern over the harbour"
ANSWER = "If there is an account with this address, an email was sent to it."


def ask(address: str, client: Client | None = None, ip: str = "192.0.2.1") -> Any:
    with TestCase.captureOnCommitCallbacks(execute=True):
        return (client or Client()).post(reverse("forgotten-password"), {"email": address}, REMOTE_ADDR=ip)


def link_in(sent: Any) -> str:
    link: str = next(line for line in sent.body.splitlines() if line.startswith("http"))
    return link.removeprefix("http://localhost:8000")


def set_password(client: Client, path: str) -> Any:
    page = client.get(path, follow=True)
    return (
        client.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
        if page.status_code == 200
        else page
    )


def sign_in(client: Client, account: Account, password: str) -> Any:
    return client.post(reverse("signin"), {"identifier": account.email, "password": password})


# -- forgotten


def test_a_mailed_link_sets_a_new_password(client: Client, aiko: Member, ren: Member) -> None:
    desk, neighbour = signed_in(Client(), aiko), signed_in(Client(), ren)

    ask(" Aiko.Tanaka@AOZORA.example ")
    [sent] = mail.outbox
    set_password(client, link_in(sent))

    assert (sent.to, sent.subject) == ([aiko.account.email], "Set a new password")
    sign_in(client, aiko.account, NEW)
    assert is_signed_in(client)
    assert not is_signed_in(desk)
    assert is_signed_in(neighbour)
    assert client.get(link_in(sent)).status_code == 404
    event = AuditEvent.objects.get(event="account.password_set")
    assert (event.organization, event.operator_name) == (aiko.organization, "Aiko Tanaka")


def test_the_form_is_in_the_words_of_the_site(aiko: Member) -> None:
    browser = Client(headers={"Accept-Language": "ja"})
    ask(aiko.account.email)

    shown = text(browser.get(link_in(mail.outbox[0]), follow=True))

    assert "新しいパスワード（確認用）" in shown
    assert "10文字以上で設定してください。" in shown
    assert "10 文字" not in shown


def test_the_mail_is_in_the_readers_language(aiko: Member) -> None:
    Account.objects.filter(pk=aiko.account_id).update(language="ja")

    ask(aiko.account.email)

    assert mail.outbox[0].subject == "新しいパスワードの設定"


@pytest.mark.parametrize("who", ["aiko.tanaka@aozora.example", "mia@aozora.example", "nobody@aozora.example"])
def test_the_answer_is_the_same_whoever_has_the_address(client: Client, aiko: Member, mia: Member, who: str) -> None:
    answer = ask(who, client)

    assert answer["Location"] == reverse("signin")
    assert ANSWER in text(client.get(reverse("signin")))


def test_a_managed_account_gets_a_mail_without_a_link_to_a_password(aiko: Member, mia: Member) -> None:
    ask(mia.account.email)

    [sent] = mail.outbox
    assert sent.to == [mia.account.email]
    assert "Aozora Design manages your account" in sent.body
    assert link_in(sent) == reverse("signin")


def test_nobody_else_is_written_to(aozora: Organization, sandbox: Organization) -> None:
    invented = managed(sandbox, "mia", user_name="mia@sandbox.example")
    gone = nulab(aozora, "yuki")
    Account.objects.filter(pk=gone.account_id).update(is_active=False)

    for address in (invented.account.user_name, gone.account.email, "nobody@aozora.example"):
        ask(address)

    assert mail.outbox == []


def test_the_link_dies_when_the_account_becomes_managed(client: Client, aozora: Organization) -> None:
    yuki = nulab(aozora, "yuki")
    ask(yuki.account.email)
    yuki.convert_to_managed(by=OPERATOR)

    assert set_password(client, link_in(mail.outbox[0])).status_code == 404
    assert not Account.objects.get(pk=yuki.account_id).has_usable_password()


def test_a_link_used_twice_at_once_sets_one_password(client: Client, aiko: Member, monkeypatch: Any) -> None:
    ask(aiko.account.email)
    page = client.get(link_in(mail.outbox[0]), follow=True)
    as_it_was_read = Account.objects.get(pk=aiko.account_id)
    client.post(page.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})
    monkeypatch.setattr("members.sign_in.forgotten._account_of", lambda _secret: as_it_was_read)

    other = client.post(page.request["PATH_INFO"], dict.fromkeys(["new_password1", "new_password2"], f"{NEW} again"))

    assert other.status_code == 404
    assert Account.objects.get(pk=aiko.account_id).check_password(NEW)


def test_the_second_factor_survives(client: Client, aiko: Member) -> None:
    secret, _ = with_second_factor(aiko.account)
    ask(aiko.account.email)
    set_password(client, link_in(mail.outbox[0]))

    sign_in(client, aiko.account, NEW)

    assert not is_signed_in(client)
    client.post(reverse("signin-code"), {"code": next_code(secret)})
    assert is_signed_in(client)


@pytest.mark.parametrize("address", ["", " ", "a\x00b@aozora.example", "x" * 255])
def test_what_cannot_be_an_address_is_refused(db: None, address: str) -> None:
    assert ask(address).status_code == 422
    assert not PasswordReset.objects.exists()


@pytest.mark.parametrize("who", ["aiko.tanaka@aozora.example", "nobody@aozora.example"])
def test_five_mails_an_hour_to_an_address_are_enough_for_a_client(aiko: Member, ren: Member, who: str) -> None:
    answers = [ask(who[:number].upper() + who[number:], ip=f"2001:db8::{number}").status_code for number in range(6)]
    sent = len(mail.outbox)

    assert answers == [302, 302, 302, 302, 302, 429]
    assert PasswordReset.objects.count() == 5, "one that is refused does not put the end off"
    assert sent == (5 if who == aiko.account.email else 0)
    # Whoever else wants one, for this address or another, gets it.
    assert ask(who).status_code == 302
    ask(ren.account.email, ip="2001:db8::9")
    assert len(mail.outbox) == sent + (2 if who == aiko.account.email else 1)


@pytest.mark.parametrize("who", ["aiko.tanaka@aozora.example", "nobody@aozora.example"])
def test_twenty_mails_an_hour_to_an_address_are_enough_for_all_strangers(aiko: Member, who: str) -> None:
    desk = Client()
    desk.post(reverse("signin"), {"identifier": aiko.account.email, "password": PASSWORD}, REMOTE_ADDR="203.0.113.5")
    desk.post(reverse("signout"))

    answers = [ask(who, ip=f"192.0.2.{number}").status_code for number in range(21)]

    assert answers == [302] * 20 + [429]
    at_home, known_browser = ask(who, ip="203.0.113.5"), ask(who, desk, ip="203.0.113.77")
    expected = 302 if who == aiko.account.email else 429
    assert (at_home.status_code, known_browser.status_code) == (expected, expected)


def test_twenty_an_hour_are_enough_for_a_client(aiko: Member) -> None:
    answers = [ask(f"nobody{number}@aozora.example").status_code for number in range(20)]

    locked = ask(aiko.account.email)

    assert set(answers) == {302}
    assert locked.status_code == 429
    assert "try again in an hour" in text(locked)
    assert mail.outbox == []
    assert ask(aiko.account.email, ip="192.0.2.2").status_code == 302


def test_after_an_hour_nothing_is_kept_of_it(aiko: Member) -> None:
    for _ in range(6):
        ask(aiko.account.email)
    assert PasswordReset.objects.count() == 5
    assert not PasswordReset.objects.filter(address__contains="aiko").exists()
    for row in PasswordReset.objects.all():
        PasswordReset.objects.filter(pk=row.pk).update(asked_at=row.asked_at.replace(year=2020))

    assert ask(aiko.account.email).status_code == 302
    assert PasswordReset.objects.count() == 1


# -- changed


def change(client: Client, current: str = PASSWORD, new: str = NEW, again: str = "") -> Any:
    form = {"current_password": current, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("security-password"), form)


def test_changing_the_password_ends_all_other_sessions(
    desk: Client, aiko: Member, ren: Member, django_capture_on_commit_callbacks: Any
) -> None:
    elsewhere, neighbour = signed_in(Client(), aiko), signed_in(Client(), ren)
    before = desk.session.session_key

    with django_capture_on_commit_callbacks(execute=True):
        answer = change(desk)

    assert answer["Location"] == reverse("security")
    assert is_signed_in(desk)
    assert desk.session.session_key != before
    assert not is_signed_in(elsewhere)
    assert is_signed_in(neighbour)
    assert Account.objects.get(pk=aiko.account_id).check_password(NEW)
    assert [event.organization for event in AuditEvent.objects.filter(event="account.password_set")] == [
        aiko.organization
    ]
    assert [(sent.to, sent.subject) for sent in mail.outbox] == [([aiko.account.email], "Your password has been set")]


@pytest.mark.parametrize(
    ("current", "new", "again"),
    [("wrong", NEW, NEW), ("", NEW, NEW), (PASSWORD, "short", "short"), (PASSWORD, NEW, "another"), (PASSWORD, "", "")],
)
def test_a_change_takes_the_current_password_and_a_good_new_one(
    desk: Client, aiko: Member, current: str, new: str, again: str
) -> None:
    assert change(desk, current, new, again).status_code == 422
    assert desk.post(reverse("security-password"), {}).status_code == 422

    assert Account.objects.get(pk=aiko.account_id).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short", "Use at least 10 characters."),
        ("qwertyuiop", "This password is a common one"),
        ("aiko.tanaka@aozora", "too much like your address"),
    ],
)
def test_what_is_wrong_with_a_new_password_stands_where_it_is_chosen(desk: Client, new: str, sentence: str) -> None:
    errors = change(desk, new=new).context["form"].errors

    assert sentence in str(errors["new_password1"])
    assert "new_password2" not in errors


def test_guessing_the_current_password_is_throttled_like_signing_in(desk: Client, aiko: Member) -> None:
    answers = [change(desk, "wrong").status_code for _ in range(10)]

    assert answers[-1] == 429
    assert change(desk).status_code == 429
    assert sign_in(Client(), aiko.account, PASSWORD).status_code == 429


def test_the_admin_stays_open_after_a_change(support_desk: Client) -> None:
    change(support_desk)

    assert support_desk.get("/admin/").status_code == 200
    assert SecondFactor.objects.count() == 1


def test_an_account_without_organizations_is_told_by_mail_too(
    client: Client, db: None, django_capture_on_commit_callbacks: Any
) -> None:
    lone = nulab_account("lone@partner.example")
    with django_capture_on_commit_callbacks(execute=True):
        lone.choose_password(NEW, by=OPERATOR)

    assert [sent.to for sent in mail.outbox] == [["lone@partner.example"]]
