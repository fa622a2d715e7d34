"""Sessions: what the table holds of them, when they end, what stays in the browser."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Member, Organization, Session
from members.sessions import STARTED_AT
from members.sign_in.code_step import MARKER
from tests.cast import PASSWORD, nulab, signed_in, with_second_factor
from tests.cast.console import is_signed_in

DAY = 24 * 3600


def sign_in(browser: Client, member: Member) -> Any:
    return browser.post(reverse("signin"), {"identifier": member.account.email, "password": PASSWORD})


def hours_later(browser: Client, hours: float) -> None:
    """As if the person had signed in so much earlier."""
    session = browser.session
    session["signed_in_at"] -= hours * 3600
    session.save()


# -- keys


def test_the_table_holds_no_key_that_opens_a_session(client: Client, aiko: Member) -> None:
    sign_in(client, aiko)

    [kept] = Session.objects.values_list("session_key", flat=True)
    assert kept != client.session.session_key
    thief = Client()
    thief.cookies["session"] = kept
    assert not is_signed_in(thief)
    assert is_signed_in(client)


def test_a_key_in_the_table_opens_nothing(client: Client, aiko: Member) -> None:
    """As releases long ago kept them."""
    sign_in(client, aiko)
    Session.objects.update(session_key=client.session.session_key)

    assert not is_signed_in(client)


def test_a_change_of_the_password_spares_the_browser_it_was_made_in(client: Client, aiko: Member) -> None:
    other = Client()
    for browser in (client, other):
        sign_in(browser, aiko)
    new = "a lantern over the harbour"

    client.post(
        reverse("security-password"), {"current_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    assert (is_signed_in(client), is_signed_in(other)) == (True, False)


# -- the end


def test_a_session_ends_after_a_day_whatever_is_done_in_it(client: Client, aiko: Member) -> None:
    sign_in(client, aiko)
    hours_later(client, 23.9)
    assert is_signed_in(client)
    client.post(reverse("preferences-theme"), {"theme": "dark"})
    assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=7)

    hours_later(client, 0.2)

    assert not is_signed_in(client)


def test_a_row_that_promises_more_does_not_keep_it(client: Client, aiko: Member) -> None:
    sign_in(client, aiko)
    hours_later(client, 24.1)
    Session.objects.update(expire_date=timezone.now() + timedelta(days=30))

    assert not is_signed_in(client)


def test_a_sign_in_at_the_idp_long_ago_begins_a_whole_day_here(client: Client, aiko: Member) -> None:
    signed_in(client, aiko)
    session = client.session
    session["signed_in_at"] -= 3 * DAY
    session[STARTED_AT] = time.time()
    session.save()

    assert is_signed_in(client)
    session = client.session
    session[STARTED_AT] -= DAY + 1
    session.save()
    assert not is_signed_in(client)


def test_signing_in_again_begins_a_new_day(client: Client, aiko: Member) -> None:
    sign_in(client, aiko)
    hours_later(client, 23)

    client.post(reverse("signin"), {"password": PASSWORD, "again": "1"})

    assert Session.objects.get().expire_date > timezone.now() + timedelta(hours=11)


# -- what stays in the browser


@pytest.mark.parametrize(
    "page", ["profile", "security", "members", "member-new", "members-export", "audit-log", "start", "nowhere"]
)
def test_personal_pages_are_kept_by_nobody(desk: Client, aozora: Organization, page: str) -> None:
    personal = page in ("profile", "security")
    path = "/nowhere" if page == "nowhere" else reverse(page, args=[] if personal else [aozora.space_key])

    answer = desk.get(path)

    assert "no-store" in answer["Cache-Control"]


def test_signing_out_clears_what_the_browser_has_kept(client: Client, aiko: Member) -> None:
    signed_in(client, aiko)

    answer = client.post(reverse("signout"))

    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert "no-store" in answer["Cache-Control"]


def test_deleting_the_account_does_so_too(client: Client, hakata: Organization) -> None:
    yuki = nulab(hakata, "yuki")
    signed_in(client, yuki)

    answer = client.post(reverse("own-delete"), {"confirmation": yuki.account.email})

    assert answer["Clear-Site-Data"] == '"cache", "storage"'


# -- the second step


def test_a_waiting_second_step_is_forgotten_when_somebody_else_signs_in(
    client: Client, aiko: Member, ren: Member
) -> None:
    with_second_factor(aiko.account)
    sign_in(client, aiko)
    assert MARKER in client.session

    sign_in(client, ren)

    assert MARKER not in client.session
    assert client.get(reverse("signin-code"))["Location"] == reverse("signin")
