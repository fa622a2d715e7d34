"""Languages, time zones and the type of an address come back as they were sent, so that no client sees a difference."""

import pytest

from members.languages import language_of
from members.models import Member
from tests.cast import page_actor
from tests.scim import Answer, Body, Idp, add, remove, replace, user

PREFERENCES = {"preferredLanguage": "en-US", "locale": "ja_JP", "timezone": "asia/tokyo"}
EMAILS = [{"value": "nao@aozora.example", "type": "other", "primary": True}]


def shown(answer: Answer, *names: str) -> Body:
    return {name: answer.body.get(name) for name in names or PREFERENCES}


def zone(idp: Idp, answer: Answer) -> tuple[str, str]:
    account = idp.member(answer).account
    return account.language, account.time_zone


def test_what_was_sent_is_answered_and_used_in_our_form(idp: Idp) -> None:
    nao = idp.create("nao", **PREFERENCES, emails=EMAILS)

    assert shown(nao) == PREFERENCES
    assert nao["emails"] == EMAILS
    assert zone(idp, nao) == ("en", "Asia/Tokyo")
    repeated = idp.put(nao["id"], user("nao@aozora.example", **PREFERENCES, emails=EMAILS))
    assert repeated.body == nao.body
    assert idp.last_activity().changes == {}


@pytest.mark.parametrize("name", PREFERENCES)
@pytest.mark.parametrize("operation", [remove("X"), replace("X", None), replace("X", "")], ids=str)
def test_what_a_patch_removes_is_not_answered_any_longer(idp: Idp, name: str, operation: Body) -> None:
    nao = idp.create("nao", **PREFERENCES)

    removed = idp.patch(nao["id"], {**operation, "path": name})

    assert shown(removed) == PREFERENCES | {name: None}
    assert zone(idp, removed) == ("ja" if name == "preferredLanguage" else "en", "Asia/Tokyo")
    assert idp.find(f"{name} pr").body["totalResults"] == idp.organization.members.count() - 1
    assert shown(idp.put(nao["id"], user("nao@aozora.example"))) == PREFERENCES | {name: None}
    assert shown(idp.patch(nao["id"], add(name, PREFERENCES[name]))) == PREFERENCES


def test_a_put_without_them_leaves_them(idp: Idp) -> None:
    nao = idp.create("nao", **PREFERENCES)

    kept = idp.put(nao["id"], user("nao@aozora.example", preferredLanguage=None, locale="", timezone=None))

    assert shown(kept) == PREFERENCES


def test_preferred_language_wins_whenever_the_locale_is_sent(idp: Idp) -> None:
    nao = idp.create("nao", preferredLanguage="en-US")

    moved = idp.patch(nao["id"], replace("locale", "ja-JP"))

    assert shown(moved, "preferredLanguage", "locale") == {"preferredLanguage": "en-US", "locale": "ja-JP"}
    assert idp.member(moved).account.language == "en"
    assert idp.last_activity().ignored == ["locale: ja-JP"]


def test_another_language_is_answered_recorded_and_changes_nothing(idp: Idp) -> None:
    nao = idp.create("nao", preferredLanguage="ja")

    french = idp.patch(nao["id"], replace("preferredLanguage", "fr-FR"))

    assert french["preferredLanguage"] == "fr-FR"
    assert idp.member(french).account.language == "ja"
    assert idp.last_activity().ignored == ["preferredLanguage: fr-FR"]


def test_a_page_writes_what_is_answered_from_then_on(idp: Idp, aiko: Member) -> None:
    nao = idp.create("nao", preferredLanguage="en-US", timezone="asia/tokyo")

    idp.member(nao).change_profile({"language": "en", "time_zone": "Asia/Tokyo"}, by=page_actor(aiko))
    assert shown(idp.read(nao["id"]), "preferredLanguage", "timezone") == shown(nao, "preferredLanguage", "timezone")

    idp.member(nao).change_profile({"language": "ja", "time_zone": "UTC"}, by=page_actor(aiko))
    assert shown(idp.read(nao["id"])) == {"preferredLanguage": "ja", "locale": None, "timezone": "UTC"}


def test_the_type_stays_when_only_the_address_changes(idp: Idp) -> None:
    nao = idp.create("nao", emails=EMAILS)

    moved = idp.patch(nao["id"], replace("emails[primary eq true].value", "n.ito@aozora.example"))
    assert moved["emails"] == [{**EMAILS[0], "value": "n.ito@aozora.example"}]

    added = idp.patch(nao["id"], replace('emails[type eq "work"].value', "work@aozora.example"))
    assert added["emails"] == [{"value": "work@aozora.example", "type": "work", "primary": True}]


FILTERS = [
    ('preferredLanguage eq "en-us"', True),
    ('preferredLanguage eq "en"', False),
    ('preferredLanguage sw "EN"', True),
    ('locale eq "ja_JP"', True),
    ('not (locale eq "ja_JP")', False),
    ('locale ne "ja_jp"', False),
    ('timezone eq "Asia/Tokyo"', True),
    ('emails.type eq "OTHER"', True),
    ('emails[type eq "work"]', False),
    ('emails[type eq "other" and value eq "nao@aozora.example"]', True),
    ('emails[type eq "work"].value eq "nao@aozora.example"', False),
]


@pytest.mark.parametrize(("text", "is_found"), FILTERS)
def test_filters_see_what_is_answered(idp: Idp, text: str, is_found: bool) -> None:
    idp.create("nao", **PREFERENCES, emails=EMAILS)

    assert ("nao@aozora.example" in idp.find(text).names) is is_found


@pytest.mark.parametrize(
    ("sent", "language"),
    [
        ("ja", "ja"), ("EN-us", "en"), ("ja_JP", "ja"), ("ja,en;q=0.8", "ja"), ("en;q=0.5, ja;q=0.8", "ja"),
        ("fr, de;q=0.9, ja;q=0.1", "ja"), ("en;q=0, ja;q=0.1", "ja"), ("*", None), ("fr-FR", None), ("", None),
        ("jam", None), (";;,,q=", None), ("en; q=0.3,ja ; Q=0.4", "ja"),
    ],
)  # fmt: skip
def test_a_language_is_read_by_its_weight(sent: str, language: str | None) -> None:
    assert language_of(sent) == language


def test_an_accept_language_comes_back_whole(idp: Idp) -> None:
    nao = idp.create("nao", preferredLanguage="fr;q=0.2, ja,en;q=0.8")

    assert nao["preferredLanguage"] == "fr;q=0.2, ja,en;q=0.8"
    assert idp.member(nao).account.language == "ja"
