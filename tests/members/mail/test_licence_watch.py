"""Licences that have run out, and that run out soon, are told once."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from members.models import Member, Organization, Product, Subscription
from members.models.licence import LicenceDay
from tests.cast import OPERATOR, managed

Watched = Callable[[], list[tuple[str, str]]]
SOON = "Aozora Design: the Nulab Pass licences run out in about {} days"
OUT = "Aozora Design: no Nulab Pass licence is free"


@pytest.fixture
def watched(mailoutbox: list[Any], django_capture_on_commit_callbacks: Any) -> Watched:
    def look() -> list[tuple[str, str]]:
        del mailoutbox[:]
        with django_capture_on_commit_callbacks(execute=True):
            call_command("watch")
        return sorted((mail.to[0].partition("@")[0], mail.subject) for mail in mailoutbox if "licence" in mail.subject)

    return look


def buy(organization: Organization, bought: int) -> Subscription:
    return Subscription.objects.buy(organization, Product.PASS, bought, by=OPERATOR)


def days_ago(subscription: Subscription, days: int, used: int) -> None:
    day = timezone.now().date() - datetime.timedelta(days=days)
    LicenceDay.objects.create(subscription=subscription, day=day, used=used)


def test_that_none_is_free_is_told_once_until_there_has_been_room(
    aozora: Organization, aiko: Member, hakata: Organization, watched: Watched, mailoutbox: list[Any]
) -> None:
    buy(aozora, 2)
    assert watched() == []
    managed(aozora, "mia")
    managed(aozora, "kenji")

    assert watched() == [("aiko.tanaka", OUT)]
    assert "All 2 Nulab Pass licences are in use." in mailoutbox[0].body
    assert watched() == []

    buy(aozora, 3)
    assert watched() == []
    buy(aozora, 2)
    assert watched() == [("aiko.tanaka", OUT)]


def test_the_only_licence_and_the_last_free_one_are_told_in_the_singular(
    aozora: Organization, aiko: Member, watched: Watched, mailoutbox: list[Any]
) -> None:
    subscription = buy(aozora, 3)
    days_ago(subscription, 10, 0)
    for name in ("mia", "kenji"):
        managed(aozora, name)

    watched()
    assert "2 of 3 Nulab Pass licences are in use, 1 is free." in mailoutbox[0].body
    buy(aozora, 1)
    watched()
    assert "The only Nulab Pass licence is in use." in mailoutbox[0].body


def test_that_they_run_out_soon_is_told_once_and_then_that_they_have(
    aozora: Organization, aiko: Member, watched: Watched
) -> None:
    subscription = buy(aozora, 14)
    days_ago(subscription, 40, 0)
    days_ago(subscription, 10, 0)
    for number in range(7):
        managed(aozora, f"person{number}")

    assert watched() == [("aiko.tanaka", SOON.format(10))]
    assert watched() == []
    # A little slower is no reason to take it back and to tell it anew.
    buy(aozora, 20)
    assert watched() == []
    buy(aozora, 14)
    assert watched() == []

    buy(aozora, 7)
    assert watched() == [("aiko.tanaka", OUT)]


@pytest.mark.parametrize(("before", "bought"), [(0, 100), (5, 14), (2, 14)])
def test_whose_use_does_not_grow_or_grows_slowly_is_told_nothing(
    aozora: Organization, watched: Watched, before: int, bought: int
) -> None:
    days_ago(buy(aozora, bought), 14, before)
    managed(aozora, "mia")
    managed(aozora, "kenji")

    assert watched() == []


def test_an_ended_subscription_is_told_nothing(aozora: Organization, watched: Watched) -> None:
    managed(aozora, "mia")
    buy(aozora, 1).end(by=OPERATOR)

    assert watched() == []
