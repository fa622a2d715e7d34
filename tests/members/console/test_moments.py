"""Dates, times and counts: one form of each in each language."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from members.models import Headcount, Member, Organization, Subscription
from members.models.licence_refusals import NoFreeLicence
from tests.cast import signed_in
from tests.cast.console import text

AT = datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)


def rendered(template: str, **context: Any) -> str:
    return Template(template).render(Context(context))


@pytest.mark.parametrize(
    ("language", "zone", "day", "moment", "logged"),
    [
        ("en", "Asia/Tokyo", "Mar 5, 2026", "Mar 5, 2026, 12:06 AM", "Mar 5, 2026, 12:06:07 AM JST"),
        ("ja", "Asia/Tokyo", "2026年3月5日", "2026年3月5日 0:06", "2026年3月5日 0:06:07 JST"),
        ("en", "America/Sao_Paulo", "Mar 4, 2026", "Mar 4, 2026, 12:06 PM", "Mar 4, 2026, 12:06:07 PM UTC-03"),
    ],
)
def test_each_kind_has_one_form_and_the_whole_as_its_title(
    language: str, zone: str, day: str, moment: str, logged: str
) -> None:
    with translation.override(language), timezone.override(zone):
        stands = timezone.localtime(AT).isoformat()
        for form, words in {"day": day, "moment": moment, "logged": logged, "ago": day}.items():
            expected = f'<time datetime="{stands}" title="{logged}">{words}</time>'
            assert rendered("{{ at|" + form + " }}", at=AT) == expected
            assert rendered("{{ at|" + form + "|default:'–' }}", at=None) == "–"


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Tokyo", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "Dec 31, 9999"),
        ("America/Sao_Paulo", datetime(1, 1, 1, tzinfo=UTC), "Jan 1, 0001"),
    ],
)
def test_the_ends_of_the_calendar_are_told_in_utc_where_the_readers_day_is_beyond(
    zone: str, at: datetime, day: str
) -> None:
    with timezone.override(zone):
        for form in ("day", "moment", "logged", "ago"):
            told = rendered("{{ at|" + form + " }}", at=at)
            assert f">{day}" in told
            assert "UTC" in told


def test_what_was_lately_is_told_by_its_distance_with_the_whole_as_its_title() -> None:
    told = rendered("{{ at|ago }}", at=timezone.now())

    assert re.fullmatch(
        r'<time datetime="[^"]+" title="[A-Z][a-z]{2} \d+, \d{4}, \d+:\d\d:\d\d [AP]M UTC">Just now</time>', told
    )


def test_the_audit_log_has_seconds_and_the_zone(client: Client, aozora: Organization, aiko: Member) -> None:
    page = signed_in(client, aiko).get(reverse("audit-log", args=[aozora.space_key]))

    assert re.search(r"<time [^>]+>[A-Z][a-z]{2} \d+, \d{4}, \d+:\d\d:\d\d [AP]M UTC</time>", page.content.decode())


@pytest.mark.parametrize("language", ["en", "ja"])
def test_counts_have_separators_and_numbers_for_programs_have_none(
    client: Client, aozora: Organization, aiko: Member, language: str
) -> None:
    Headcount.objects.filter(pk=aozora.pk).update(members=1234567, active=1234567)
    Subscription.objects.filter(organization=aozora).update(bought=7654321, used=1234567)
    aiko.account.language = language
    aiko.account.save(update_fields=["language"])
    desk = signed_in(client, aiko)

    for name in ("start", "members", "licences", "provisioning"):
        page = desk.get(reverse(name, args=[aozora.space_key]))
        assert "1,234,567" in text(page), name
        assert not re.search("1234567|7654321", text(page)), name
        assert not re.search(r'(?:value|max|x|y|width|height)="\d+,\d', page.content.decode()), name
    with translation.override(language):
        assert "1,234" in str(NoFreeLicence(product="Pass", bought=1234))


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("2026-03-04", 200),
        ("2026/3/4", 200),
        ("2026年3月4日", 200),
        ("Mar 4, 2026", 200),
        ("03/04/2026", 422),
        ("x", 422),
    ],
)
def test_a_day_is_typed_as_it_is_shown_and_never_guessed(
    client: Client, aozora: Organization, aiko: Member, typed: str, status: int
) -> None:
    page = signed_in(client, aiko).get(reverse("audit-log", args=[aozora.space_key]), {"since": typed})

    assert page.status_code == status
    assert 'type="text" name="since"' in page.content.decode()
    assert 'placeholder="YYYY-MM-DD"' in page.content.decode()
    assert ("Enter a date such as 2026-03-31." in text(page)) == (status == 422)
