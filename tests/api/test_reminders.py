"""The owner of a personal access token is reminded of its end: by mail, and on the profile page."""

import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api.models import Lifetime, PersonalToken
from members.models import Account, Member, Organization, Role, SentReminder
from tests.cast import managed, page_actor, signed_in
from tests.cast.console import text
from tests.cast.post import Committed

pytestmark = pytest.mark.django_db


def token_of(member: Member, lifetime: Lifetime = Lifetime.QUARTER, *, ends_in: int | None = None) -> PersonalToken:
    """A token of which this many days are left."""
    token, _ = PersonalToken.objects.issue(member, name="Report", lifetime=lifetime, by=page_actor(member))
    if ends_in is not None:
        days_pass((token.expires_at - timezone.now()).days + 1 - ends_in)
        token.refresh_from_db()
    return token


def days_pass(days: int) -> None:
    past = datetime.timedelta(days=days)
    PersonalToken.objects.update(created_at=F("created_at") - past, expires_at=F("expires_at") - past)
    SentReminder.objects.update(expires_at=F("expires_at") - past)


@pytest.mark.parametrize(("lifetime", "days"), [(Lifetime.QUARTER, [60, 83, 89]), (Lifetime.MONTH, [23, 29])])
def test_the_owner_alone_is_reminded_thirty_seven_and_one_days_before(
    aozora: Organization, aiko: Member, committed: Committed, lifetime: Lifetime, days: list[int]
) -> None:
    managed(aozora, "ada", role=Role.ADMIN)
    token_of(aiko, lifetime)
    mailed: dict[int, list[Any]] = {}
    for day in range(93):
        for _ in range(2):
            mailed.setdefault(day, []).extend(committed(lambda: call_command("remind")))
        days_pass(1)

    assert {day: len(mails) for day, mails in mailed.items() if mails} == dict.fromkeys(days, 1)
    assert {reader for mails in mailed.values() for mail in mails for reader in mail.to} == {aiko.account.email}


def test_the_reminder_says_what_to_do_in_the_owners_language(aiko: Member, committed: Committed) -> None:
    token = token_of(aiko, ends_in=5)
    words = {
        "en": ("your personal access token expires on", "It has never been used.", "Issue a new token"),
        "ja": ("個人用アクセストークンの有効期限は", "一度も使われていません。", "新しいトークンを発行して"),
    }
    for language, (subject, *sentences) in words.items():
        Account.objects.filter(pk=aiko.account_id).update(language=language)
        SentReminder.objects.all().delete()

        [mail] = committed(lambda: call_command("remind"))

        assert subject in mail.subject
        [(html, _)] = mail.alternatives
        for part in (mail.body, html):
            assert all(sentence in part for sentence in (*sentences, str(token), reverse("profile")))


@pytest.mark.parametrize("change", ["revoked", "expired", "owner is out", "sandbox"])
def test_nobody_is_reminded_of_a_token_that_opens_nothing(
    aozora: Organization, aiko: Member, committed: Committed, change: str
) -> None:
    token = token_of(aiko, ends_in=0 if change == "expired" else 5)
    if change == "revoked":
        token.revoke(by=page_actor(aiko))
    if change == "owner is out":
        Account.objects.filter(pk=aiko.account_id).update(is_active=False)
    if change == "sandbox":
        Organization.objects.filter(pk=aozora.pk).update(is_sandbox=True)

    assert committed(lambda: call_command("remind")) == []


def test_the_profile_marks_what_expires_soon(aiko: Member) -> None:
    desk = signed_in(Client(), aiko)
    said = {}
    for lifetime, left in [("90d", 31), ("90d", 30), ("30d", 30), ("30d", 7)]:
        PersonalToken.objects.all().delete()
        token_of(aiko, Lifetime(lifetime), ends_in=left)
        said[lifetime, left] = "Expires soon" in text(desk.get(reverse("profile")))

    assert said == {("90d", 31): False, ("90d", 30): True, ("30d", 30): False, ("30d", 7): True}
