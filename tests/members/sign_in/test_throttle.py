"""Guessing: who is counted with whom, and that no stranger locks an owner out."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.mail import set_password_link
from members.models import Account, Member, Organization, SignInAttempt
from members.models.sign_in_attempt import LONG_WINDOW, WINDOW
from members.networks import network_of
from members.sign_in import hashing
from members.sign_in.known_browsers import COOKIE
from tests.cast import PASSWORD, next_code, nulab, signed_in, with_second_factor
from tests.cast.console import is_signed_in, opened, text

SIGN_IN, CODE = reverse("signin"), reverse("signin-code")
WRONG = "wrong horse battery"


def sign_in(browser: Client, account: Account | str, password: str = PASSWORD, ip: str = "192.0.2.1") -> Any:
    address = account if isinstance(account, str) else account.email
    return browser.post(SIGN_IN, {"identifier": address, "password": password}, REMOTE_ADDR=ip)


def known(account: Account) -> Client:
    """A browser in which the owner has signed in before, at home."""
    browser = Client()
    sign_in(browser, account, ip="203.0.113.5")
    browser.post(reverse("signout"))
    return browser


def guessed_from_everywhere(account: Account | str, times: int = 50) -> None:
    for number in range(times):
        sign_in(Client(), account, WRONG, ip=f"198.51.100.{number}")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        (None, ""),
    ],
)
def test_a_network_is_what_one_customer_has(address: str | None, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("pattern", ["2001:db8:1:2::{}", "::ffff:192.0.2.9"])
def test_another_address_of_the_same_network_is_no_way_around(client: Client, aiko: Member, pattern: str) -> None:
    for number in range(10):
        sign_in(Client(), aiko.account, WRONG, ip=pattern.format(number + 1))

    locked = sign_in(client, aiko.account, ip=pattern.format("abcd").replace("::ffff:", ""))

    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert sign_in(Client(), aiko.account, ip="2001:db8:1:3::1").status_code == 302


def test_spraying_one_password_over_many_accounts_ends(aozora: Organization, aiko: Member) -> None:
    people = [nulab(aozora, f"p{number}").account.email for number in range(5)]
    addresses = people + [f"nobody{number}@aozora.example" for number in range(40)]

    answers = [sign_in(Client(), address, WRONG, ip="192.0.2.66").status_code for address in addresses]

    assert answers == [422] * 30 + [429] * 15
    sprayed = sign_in(Client(), aiko.account, ip="192.0.2.66")
    assert sprayed.status_code == 429
    assert "from your network" in text(sprayed)
    assert sign_in(Client(), aiko.account, ip="192.0.2.67").status_code == 302
    SignInAttempt.objects.update(at=timezone.now() - WINDOW)
    assert sign_in(Client(), aiko.account, ip="192.0.2.66").status_code == 302


def test_a_sprayer_in_the_office_does_not_lock_its_people_out(aiko: Member) -> None:
    browser = known(aiko.account)
    for number in range(31):
        sign_in(Client(), f"nobody{number}@aozora.example", WRONG, ip="203.0.113.5")

    assert sign_in(browser, aiko.account, ip="203.0.113.5").status_code == 302


def test_wrong_passwords_that_were_typing_errors_do_not_count_against_the_office(aozora: Organization) -> None:
    for number in range(31):
        browser, person = Client(), nulab(aozora, f"p{number}").account
        sign_in(browser, person, WRONG)
        assert sign_in(browser, person).status_code == 302


@pytest.mark.parametrize("who", ["aiko.tanaka@aozora.example", "nobody@aozora.example"])
def test_guessing_from_everywhere_ends_whoever_has_the_address(aiko: Member, who: str) -> None:
    guessed_from_everywhere(who)

    answer = sign_in(Client(), who, ip="192.0.2.200")

    assert answer.status_code == 429
    assert "request a link" in text(answer)
    SignInAttempt.objects.update(at=timezone.now() - LONG_WINDOW)
    assert sign_in(Client(), who, WRONG, ip="192.0.2.200").status_code == 422


def test_it_does_not_lock_the_owner_out(aiko: Member, ren: Member) -> None:
    browser = known(aiko.account)
    guessed_from_everywhere(aiko.account)

    travelling = sign_in(browser, aiko.account, ip="192.0.2.201")
    at_home = sign_in(Client(), aiko.account, ip="203.0.113.5")
    neighbour = sign_in(Client(), ren.account, ip="192.0.2.202")

    assert [answer.status_code for answer in (travelling, at_home, neighbour)] == [302, 302, 302]


def test_nor_somebody_who_reads_the_accounts_mail(client: Client, aiko: Member) -> None:
    guessed_from_everywhere(aiko.account)
    link = set_password_link(aiko.account).removeprefix("http://localhost:8000")
    new = "a lantern over the harbour"
    client.post(opened(client, link), {"new_password1": new, "new_password2": new})

    assert sign_in(client, aiko.account, new, ip="192.0.2.203").status_code == 302


def test_nor_somebody_with_a_second_factor(client: Client, aiko: Member) -> None:
    secret, _ = with_second_factor(aiko.account)
    guessed_from_everywhere(aiko.account)

    wrong = sign_in(Client(), aiko.account, WRONG, ip="192.0.2.204")
    sign_in(client, aiko.account, ip="192.0.2.205")
    client.post(CODE, {"code": next_code(secret)})

    assert wrong.status_code == 429
    assert is_signed_in(client)


def test_a_known_browser_has_its_own_ten(aiko: Member) -> None:
    browser = known(aiko.account)

    answers = [sign_in(browser, aiko.account, WRONG, ip=f"198.51.100.{number}").status_code for number in range(11)]

    assert answers == [422] * 9 + [429] * 2
    assert sign_in(browser, aiko.account).status_code == 429


def test_a_browser_is_known_to_those_only_who_have_signed_in_with_it(aiko: Member, ren: Member) -> None:
    browser, forger = known(ren.account), Client()
    guessed_from_everywhere(aiko.account)
    forger.cookies[COOKIE] = browser.cookies[COOKIE].value.replace("W", "X")

    assert sign_in(browser, aiko.account, ip="192.0.2.206").status_code == 429
    assert sign_in(forger, aiko.account, ip="192.0.2.206").status_code == 429


def test_the_present_password_is_guessed_no_more_often_than_at_sign_in(client: Client, aiko: Member) -> None:
    signed_in(client, aiko)

    form = {"new_password1": "x", "new_password2": "x"}
    answers = [
        client.post(reverse("security-password"), {"current_password": WRONG, **form}).status_code for _ in range(11)
    ]

    assert answers == [422] * 9 + [429] * 2


def test_what_was_typed_is_not_to_be_read_in_the_table(client: Client, aiko: Member) -> None:
    sign_in(client, "my-password-in-the-wrong-field@x.example", WRONG)

    [kept] = SignInAttempt.objects.values_list("address", flat=True)
    assert len(kept) == 64


def test_old_attempts_are_pruned(client: Client, aiko: Member) -> None:
    sign_in(client, aiko.account, WRONG)
    SignInAttempt.objects.update(at="2020-01-01T00:00:00Z")

    call_command("prune")

    assert not SignInAttempt.objects.exists()


# -- codes


def test_whoever_has_the_password_does_not_lock_the_owners_codes(aiko: Member) -> None:
    secret, codes = with_second_factor(aiko.account)
    browser = Client()
    sign_in(browser, aiko.account)
    browser.post(CODE, {"code": codes[0]})
    browser.post(reverse("signout"))
    thief = Client()
    sign_in(thief, aiko.account, ip="198.51.100.9")
    answers = [thief.post(CODE, {"code": "000000"}).status_code for _ in range(5)]

    sign_in(browser, aiko.account)
    browser.post(CODE, {"code": next_code(secret)})

    assert answers == [422] * 4 + [429]
    assert is_signed_in(browser)


def test_a_known_browser_has_its_own_five_codes(aiko: Member) -> None:
    _, codes = with_second_factor(aiko.account)
    browser = Client()
    sign_in(browser, aiko.account)
    browser.post(CODE, {"code": codes[0]})
    browser.post(reverse("signout"))
    # A wrong password is no wrong code.
    sign_in(browser, aiko.account, WRONG)
    sign_in(browser, aiko.account)

    answers = [browser.post(CODE, {"code": "000000"}).status_code for _ in range(5)]

    assert answers == [422] * 4 + [429]
    sign_in(browser, aiko.account)
    assert browser.post(CODE, {"code": "111111"}).status_code == 429


def test_a_recovery_code_opens_while_codes_are_locked(client: Client, aiko: Member) -> None:
    _, codes = with_second_factor(aiko.account)
    sign_in(client, aiko.account)
    for _ in range(5):
        client.post(CODE, {"code": "000000"})

    sign_in(client, aiko.account)
    client.post(CODE, {"code": codes[1]})

    assert is_signed_in(client)


# -- at once


def test_a_flood_of_passwords_is_told_to_wait(
    client: Client, aiko: Member, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "PATIENCE", 0.01)
    settings.PASSWORD_HASHERS = ["members.sign_in.hashing.BoundedArgon2"]
    with hashing.room(), hashing.room():
        full = sign_in(client, "nobody@aozora.example")

    assert full.status_code == 503
    assert full["Retry-After"] == "3"
    assert "Too many people are signing in" in text(full)
    assert not SignInAttempt.objects.exists()
    assert sign_in(client, "nobody@aozora.example").status_code == 422
