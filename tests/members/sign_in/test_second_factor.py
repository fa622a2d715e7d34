"""Signing in with a password and a code of an authenticator app."""

import re
import time
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from members.models import Account, AuditEvent, Member, Organization, Role, SecondFactor
from members.models.second_factor import RecoveryCode
from tests.cast import OPERATOR, PASSWORD, code_of, managed, next_code, nulab, signed_in, with_second_factor
from tests.cast.console import is_signed_in, text

SIGN_IN, CODE = "/signin", "/signin/code"
WRONG = "000000"


@pytest.fixture
def secret(aiko: Member, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of Aiko's authenticator app, which never shows the code that the tests call wrong."""
    while True:
        secret, _ = with_second_factor(aiko.account)
        if WRONG not in {code_of(secret, steps=steps) for steps in range(-2, 4)}:
            return secret
        aiko.account.second_factor.delete()


def password_step(client: Client, member: Member, **fields: str) -> Any:
    return client.post(SIGN_IN, {"identifier": member.account.email, "password": PASSWORD, **fields})


def code_step(client: Client, code: str, **fields: str) -> Any:
    return client.post(CODE, {"code": code, **fields})


def events(organization: Organization) -> list[str]:
    found = AuditEvent.objects.filter(organization=organization, event__contains="_code") | AuditEvent.objects.filter(
        organization=organization, event__contains="second_factor"
    )
    return list(found.order_by("pk").values_list("event", flat=True))


# -- the two steps


def test_the_password_alone_signs_nobody_in(client: Client, aiko: Member, secret: str) -> None:
    answer = password_step(client, aiko, next="/profile")

    assert answer["Location"] == "/signin/code?next=%2Fprofile"
    assert 'name="next" value="/profile"' in client.get(answer["Location"]).content.decode()
    assert not is_signed_in(client)
    assert aiko.account.sessions.count() == 0


def test_the_code_signs_in(client: Client, aiko: Member, secret: str) -> None:
    password_step(client, aiko)

    answer = code_step(client, next_code(secret), next="/profile")

    assert answer["Location"] == "/profile"
    assert is_signed_in(client)


def test_the_code_is_read_as_people_type_it(client: Client, aiko: Member, secret: str) -> None:
    password_step(client, aiko)
    digits = next_code(secret).translate({ord("0") + digit: ord("０") + digit for digit in range(10)})

    code_step(client, f" {digits[:3]} {digits[3:]} ")

    assert is_signed_in(client)


def test_a_code_works_once(client: Client, aiko: Member, secret: str) -> None:
    code = next_code(secret)
    for browser in (client, second := Client()):
        password_step(browser, aiko)
        answer = code_step(browser, code)

    assert is_signed_in(client)
    assert answer.status_code == 422
    assert not is_signed_in(second)


@pytest.mark.parametrize("steps", [-2, 3])
def test_a_code_of_another_time_is_wrong(client: Client, aiko: Member, secret: str, steps: int) -> None:
    SecondFactor.objects.update(last_step=0)
    password_step(client, aiko)

    assert code_step(client, code_of(secret, steps=steps)).status_code == 422


def test_the_code_of_somebody_else_is_wrong(client: Client, aiko: Member, ren: Member, secret: str) -> None:
    theirs, codes = with_second_factor(ren.account)
    password_step(client, aiko)

    for code in (next_code(theirs), codes[0]):
        code_step(client, code)

    assert not is_signed_in(client)


def test_members_without_a_second_factor_sign_in_as_before(client: Client, ren: Member, secret: str) -> None:
    password_step(client, ren)

    assert is_signed_in(client)


# -- nothing in between, no step left out


@pytest.mark.parametrize("code", ["", " ", "\x00", "x" * 41, "null", "１" * 40])
def test_a_code_step_with_nothing_in_it_is_refused(client: Client, aiko: Member, secret: str, code: str) -> None:
    password_step(client, aiko)

    assert code_step(client, code).status_code == 422
    assert client.post(CODE, {}).status_code == 422
    assert not is_signed_in(client)


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_code_comes_after_the_password(client: Client, aiko: Member, secret: str, method: str) -> None:
    client.post(SIGN_IN, {"identifier": aiko.account.email})
    client.post(SIGN_IN, {"identifier": aiko.account.email, "password": "wrong"})

    answer = getattr(client, method)(CODE, {"code": next_code(secret)})

    assert answer["Location"] == SIGN_IN
    assert not is_signed_in(client)


def test_the_password_has_been_right_for_five_minutes_only(
    client: Client, aiko: Member, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    password_step(client, aiko)
    later = time.time() + 301
    with monkeypatch.context() as clock:
        clock.setattr(time, "time", lambda: later)
        answer = code_step(client, next_code(secret))

    assert answer["Location"] == SIGN_IN
    assert not is_signed_in(client)
    assert "five minutes" in text(client.get(SIGN_IN))


def test_a_password_that_changed_in_between_was_not_right(client: Client, aiko: Member, secret: str) -> None:
    password_step(client, aiko)
    aiko.account.choose_password("a lantern over the harbour", by=OPERATOR)

    code_step(client, next_code(secret))

    assert not is_signed_in(client)


def test_an_account_that_was_put_out_in_between_stays_out(client: Client, aiko: Member, secret: str) -> None:
    password_step(client, aiko)
    Account.objects.filter(pk=aiko.account_id).update(is_active=False)

    code_step(client, next_code(secret))

    assert client.session.get("_auth_user_id") is None


def test_every_step_gives_the_browser_a_fresh_session(client: Client, aiko: Member, secret: str) -> None:
    client.session.save()
    planted = client.session.session_key
    password_step(client, aiko)
    between = client.session.session_key
    code_step(client, next_code(secret))

    assert len({planted, between, client.session.session_key}) == 3
    client.post(reverse("signout"))
    # The marker was good once.
    assert code_step(client, next_code(secret))["Location"] == SIGN_IN


def test_signing_in_again_takes_the_code_too(client: Client, aiko: Member, secret: str) -> None:
    signed_in(client, aiko)
    session = client.session
    session["signed_in_at"] -= 11 * 60
    session.save()

    asked = client.get(reverse("security"))
    password_step(client, aiko, again="1", next="/profile/security")
    assert client.get(reverse("security"))["Location"] == asked["Location"]
    code_step(client, next_code(secret))

    assert client.get(reverse("security")).status_code == 200


# -- wrong codes


def test_five_wrong_codes_end_it_and_lock_for_a_quarter_of_an_hour(
    client: Client, aiko: Member, ren: Member, secret: str, django_capture_on_commit_callbacks: Any
) -> None:
    password_step(client, aiko)
    with django_capture_on_commit_callbacks(execute=True):
        answers = [code_step(client, WRONG).status_code for _ in range(5)]

    assert answers == [422, 422, 422, 422, 429]
    assert code_step(client, next_code(secret))["Location"] == SIGN_IN
    password_step(client, aiko)
    locked = code_step(client, next_code(secret))
    assert locked.status_code == 429
    assert "wait 15 minutes" in text(locked)
    assert events(aiko.organization) == ["account.second_factor_set_up", "account.second_factor_locked"]
    assert events(ren.organization) == []
    assert [sent.subject for sent in mail.outbox] == ["Wrong codes were entered for your account"]


def test_wrong_codes_of_all_browsers_are_counted_together(client: Client, aiko: Member, secret: str) -> None:
    for _ in range(5):
        browser = Client()
        password_step(browser, aiko)
        answer = code_step(browser, WRONG)

    assert answer.status_code == 429


def test_the_lock_opens_by_itself(client: Client, aiko: Member, secret: str) -> None:
    password_step(client, aiko)
    for _ in range(5):
        code_step(client, WRONG)
    factor = SecondFactor.objects.get()
    assert factor.locked_until is not None
    SecondFactor.objects.update(locked_until=factor.locked_until.replace(year=2020))

    password_step(client, aiko)
    code_step(client, next_code(secret))

    assert is_signed_in(client)


def test_a_right_code_forgives_four_wrong_ones(client: Client, aiko: Member, secret: str) -> None:
    password_step(client, aiko)
    for _ in range(4):
        code_step(client, WRONG)
    code_step(client, next_code(secret))

    assert SecondFactor.objects.get().wrong_codes == 0


def test_the_right_password_does_not_forgive_wrong_ones(client: Client, aiko: Member, secret: str) -> None:
    for _ in range(9):
        client.post(SIGN_IN, {"identifier": aiko.account.email, "password": "wrong"})
    password_step(client, aiko)

    answer = client.post(SIGN_IN, {"identifier": aiko.account.email, "password": "wrong"})

    assert answer.status_code == 429


# -- recovery codes


def test_a_recovery_code_signs_in_once(
    client: Client, aiko: Member, ren: Member, django_capture_on_commit_callbacks: Any
) -> None:
    _, codes = with_second_factor(aiko.account)
    with django_capture_on_commit_callbacks(execute=True):
        for browser in (client, second := Client()):
            password_step(browser, aiko)
            answer = code_step(browser, codes[3].upper().replace("-", " "))

    assert is_signed_in(client)
    assert answer.status_code == 422
    assert not is_signed_in(second)
    assert RecoveryCode.objects.count() == 9
    assert events(aiko.organization)[-1] == "account.recovery_code_used"
    assert [sent.subject for sent in mail.outbox] == ["A recovery code has been used"]


def test_neither_secret_nor_recovery_codes_stand_in_the_database(aiko: Member) -> None:
    secret, codes = with_second_factor(aiko.account)

    kept = SecondFactor.objects.values_list("secret").get() + tuple(RecoveryCode.objects.values_list("hash", flat=True))

    assert len(kept) == 11
    assert not any(secret in text or code.replace("-", "") in text for text in kept for code in codes)


def test_after_a_change_of_the_secret_key_codes_are_wrong(
    client: Client, aiko: Member, secret: str, settings: Any
) -> None:
    settings.SECRET_KEY = "another one"
    password_step(client, aiko)

    assert code_step(client, next_code(secret)).status_code == 422


# -- what becomes of it


def test_a_managed_account_has_none(client: Client, aozora: Organization) -> None:
    yuki = nulab(aozora, "yuki")
    with_second_factor(yuki.account)

    yuki.convert_to_managed(by=OPERATOR)

    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_the_operator_removes_a_lost_one(client: Client, aiko: Member, ren: Member, secret: str) -> None:
    with_second_factor(ren.account)

    call_command("remove_second_factor", aiko.account.email.upper())

    password_step(client, aiko)
    assert is_signed_in(client)
    assert SecondFactor.objects.get().account == ren.account
    event = AuditEvent.objects.get(organization=aiko.organization, event="account.second_factor_removed")
    assert event.operator_name == "manage.py remove_second_factor"
    for address, why in (aiko.account.email, "has no second factor"), ("nobody@aozora.example", "There is no account"):
        with pytest.raises(CommandError, match=why):
            call_command("remove_second_factor", address)


# -- the pages


def shown_codes(answer: Any) -> list[str]:
    return re.findall(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b", text(answer))


def test_an_app_is_set_up_with_its_first_code(
    desk: Client, aiko: Member, ren: Member, django_capture_on_commit_callbacks: Any
) -> None:
    elsewhere = signed_in(Client(), aiko)
    form = desk.get(reverse("security-authenticator"))
    secret, before = form.context["secret"], desk.session.session_key
    assert secret in text(form) or f'value="{secret}"' in form.content.decode()
    assert f"secret={secret}" in form.context["link"]
    assert "<svg" in form.content.decode()
    assert desk.get(reverse("security-authenticator")).context["secret"] == secret

    with django_capture_on_commit_callbacks(execute=True):
        shown = desk.post(reverse("security-authenticator"), {"code": code_of(secret)})

    codes = shown_codes(shown)
    assert len(set(codes)) == 10
    assert "no-store" in shown["Cache-Control"]
    assert not shown_codes(desk.get(reverse("security")))
    assert not shown_codes(desk.get(reverse("security-recovery-codes")))
    assert desk.session.session_key != before
    assert not is_signed_in(elsewhere)
    assert events(aiko.organization) == ["account.second_factor_set_up"]
    assert events(ren.organization) == []
    assert [(sent.to, sent.subject) for sent in mail.outbox] == [
        ([aiko.account.email], "An authenticator app has been set up")
    ]


@pytest.mark.parametrize("code", ["", "123", "\x00", WRONG])
def test_a_wrong_first_code_sets_nothing_up(desk: Client, aiko: Member, code: str) -> None:
    secret = desk.get(reverse("security-authenticator")).context["secret"]
    if code == code_of(secret):
        pytest.skip("one in a million")

    answer = desk.post(reverse("security-authenticator"), {"code": code})

    assert answer.status_code == 422
    assert answer.context["secret"] == secret
    assert not SecondFactor.objects.exists()


def test_an_app_is_not_replaced_by_another_one_in_passing(desk: Client, aiko: Member) -> None:
    form = desk.get(reverse("security-authenticator"))
    with_second_factor(aiko.account)
    signed_in(desk, aiko)

    answer = desk.post(reverse("security-authenticator"), {"code": code_of(form.context["secret"])})

    assert answer["Location"] == reverse("security")
    assert RecoveryCode.objects.count() == 10


def test_new_recovery_codes_void_the_former_ones(desk: Client, aiko: Member) -> None:
    _, former = with_second_factor(aiko.account)
    signed_in(desk, aiko)
    elsewhere = signed_in(Client(), aiko)
    desk.get(reverse("security-recovery-codes"))
    assert RecoveryCode.objects.count() == 10

    codes = shown_codes(desk.post(reverse("security-recovery-codes")))

    assert len(codes) == RecoveryCode.objects.count() == 10
    assert not set(codes) & set(former)
    assert is_signed_in(desk)
    assert not is_signed_in(elsewhere)
    password_step(elsewhere, aiko)
    assert code_step(elsewhere, former[0]).status_code == 422
    code_step(elsewhere, codes[0])
    assert is_signed_in(elsewhere)


def test_removing_it_takes_the_password(desk: Client, aiko: Member, secret: str) -> None:
    signed_in(desk, aiko)
    elsewhere = signed_in(Client(), aiko)
    address = reverse("security-authenticator-remove")
    for wrong in ({}, {"current_password": ""}, {"current_password": "wrong"}):
        assert desk.post(address, wrong).status_code == 422
    assert SecondFactor.objects.exists()

    removed = desk.post(address, {"current_password": PASSWORD}, follow=True)

    assert "You now sign in with your password only." in text(removed)
    assert not SecondFactor.objects.exists()
    assert is_signed_in(desk)
    assert not is_signed_in(elsewhere)


def test_guessing_the_password_there_is_throttled_too(desk: Client, aiko: Member, secret: str) -> None:
    signed_in(desk, aiko)
    address = reverse("security-authenticator-remove")

    answers = [desk.post(address, {"current_password": "wrong"}).status_code for _ in range(10)]
    right = desk.post(address, {"current_password": PASSWORD})

    assert answers[-1] == right.status_code == 429
    assert SecondFactor.objects.exists()


NAMES = ["security", "security-password", "security-authenticator", "security-authenticator-remove"]
NAMES += ["security-recovery-codes"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_pages_are_for_owners_who_have_just_signed_in(
    client: Client, aiko: Member, mia: Member, secret: str, name: str, method: str
) -> None:
    address = reverse(name)
    stranger = getattr(client, method)(address)
    if (name, method) != ("security", "post"):
        assert stranger["Location"].startswith("/signin?next=")
        assert getattr(signed_in(Client(), mia), method)(address).status_code == 403
        session = signed_in(client, aiko).session
        session["signed_in_at"] -= 11 * 60
        session.save()
        assert "again=1" in getattr(client, method)(address)["Location"]
    assert SecondFactor.objects.count() == 1


def test_administrators_are_advised_to_have_one_until_they_do(desk: Client, aiko: Member, aozora: Organization) -> None:
    start = reverse("start", args=[aozora.space_key])
    assert "A second factor protects the organization" in text(desk.get(start))

    with_second_factor(aiko.account)
    signed_in(desk, aiko)

    assert "A second factor protects the organization" not in text(desk.get(start))


def test_a_managed_administrator_is_not_advised_to(client: Client, aozora: Organization) -> None:
    emi = managed(aozora, "emi", role=Role.ADMIN)

    page = signed_in(client, emi).get(reverse("start", args=[aozora.space_key]))

    assert "A second factor protects" not in text(page)
    assert reverse("security") not in signed_in(client, emi).get(reverse("profile")).content.decode()
