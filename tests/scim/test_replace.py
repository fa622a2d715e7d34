"""PUT /Users/{id}; what is kept as sent, and what says nothing."""

from typing import Any

import pytest

from members.languages import language_of
from members.models import Account, Member, Team
from tests.cast import OPERATOR, managed, nulab, page_actor
from tests.cast.rows import fresh, rows
from tests.scim import CORE, ENTERPRISE, NULAB, Answer, Body, Idp, add, remove, replace, user, work_email


@pytest.fixture
def nao(idp: Idp) -> Answer:
    """Everything there is, set by the IdP."""
    return idp.create(
        "nao", externalId="n-1", displayName="Nao Ito",
        name={"givenName": "Nao", "familyName": "Ito", "formatted": "N. Ito"},
        emails=work_email("n.ito@aozora.example"), preferredLanguage="ja", timezone="Asia/Tokyo", nickName="naonao",
        roles=[{"value": "USER"}],
    )  # fmt: skip


def content(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.body.items() if name != "meta"}


def test_what_was_read_can_be_sent_back_and_changes_nothing(idp: Idp, nao: Answer) -> None:
    Team.objects.create_team(idp.organization, "Sales", by=OPERATOR).add(idp.member(nao), by=OPERATOR)
    read = idp.read(nao["id"])

    answer = idp.put(nao["id"], read.body)

    assert answer.body == read.body
    assert answer["groups"][0]["display"] == "Sales"
    assert (idp.last_activity().changes, idp.last_activity().ignored) == ({}, [])


def test_who_was_never_sent_a_language_can_be_sent_back_too(idp: Idp) -> None:
    mia = idp.create("mia")

    sent_back = idp.put(mia["id"], mia.body)

    assert (sent_back.status, sent_back.body, idp.last_activity().changes) == (200, mia.body, {})


def test_a_change_in_what_was_read_is_the_only_change(idp: Idp, nao: Answer) -> None:
    read = idp.read(nao["id"])

    answer = idp.put(nao["id"], {**read.body, "displayName": "Nao Sato", "password": "1mz050nq"})

    assert content(answer) == {**content(read), "displayName": "Nao Sato"}
    assert set(idp.last_activity().changes) == {"name", "display_name"}
    assert idp.last_activity().ignored == ["password"]


def test_only_the_user_name_is_needed_and_the_rest_keeps_its_value(idp: Idp, nao: Answer) -> None:
    answer = idp.put(nao["id"], {"userName": "nao@aozora.example"})

    assert content(answer) == {**content(nao), "emails": work_email("nao@aozora.example")}


@pytest.mark.parametrize(
    "absent", [None, [], [{"value": "h@aozora.example", "type": "home"}], [{"type": "work"}]], ids=repr
)
def test_without_an_email_it_follows_the_user_name_again(idp: Idp, nao: Answer, absent: Any) -> None:
    answer = idp.put(nao["id"], {"userName": "nao.sato@aozora.example", "emails": absent})

    assert answer["emails"] == work_email("nao.sato@aozora.example")
    assert idp.patch(nao["id"], replace("userName", "n@aozora.example"))["emails"] == work_email("n@aozora.example")


def test_an_email_equal_to_the_user_name_no_longer_follows_it(idp: Idp, nao: Answer) -> None:
    idp.put(nao["id"], user("nao@aozora.example", emails=work_email("nao@aozora.example")))

    answer = idp.patch(nao["id"], replace("userName", "nao.sato@aozora.example"))

    assert answer["emails"] == work_email("nao@aozora.example")


@pytest.mark.parametrize(
    ("sent", "display_name", "name"),
    [
        ({"displayName": "N"}, "N", None),
        ({"name": {"givenName": "N"}}, None, {"givenName": "N"}),
        ({"displayName": "", "name": {"givenName": "N"}}, None, {"givenName": "N"}),
        ({"displayName": None, "name": None}, "Nao Ito",
         {"givenName": "Nao", "familyName": "Ito", "formatted": "N. Ito"}),
    ],
)  # fmt: skip
def test_names_are_replaced_together(
    idp: Idp, nao: Answer, sent: dict[str, Any], display_name: str | None, name: dict[str, str] | None
) -> None:
    answer = idp.put(nao["id"], user("nao@aozora.example", **sent))

    assert (answer.body.get("displayName"), answer.body.get("name")) == (display_name, name)


def test_a_put_without_active_leaves_the_inactive_inactive(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("active", False))

    assert idp.put(nao["id"], {"userName": "nao@aozora.example"})["active"] is False
    assert idp.put(nao["id"], {"userName": "nao@aozora.example", "active": None})["active"] is False
    assert idp.put(nao["id"], {"userName": "nao@aozora.example", "active": "TRUE"})["active"] is True


@pytest.mark.parametrize("roles", [None, [], "", {}, [{}], [{"primary": True}]], ids=repr)
def test_without_a_role_it_is_as_before(idp: Idp, nao: Answer, roles: Any) -> None:
    assert idp.put(nao["id"], user("nao@aozora.example", roles=roles))["roles"][0]["value"] == "USER"


def test_the_okta_cycle_of_reading_and_replacing_carries_a_person_through(idp: Idp, nao: Answer) -> None:
    for change in (
        {"active": False},
        {"active": True},
        {"locale": "en", "preferredLanguage": "en"},
        {"nickName": "nn", NULAB: None},
    ):
        whole = {**idp.read(nao["id"]).body, **change, ENTERPRISE: {"department": "Sales"}}
        answer = idp.put(nao["id"], whole)
        assert answer.status == 200
        for name in set(change) - {NULAB}:
            assert answer[name] == change[name]
    assert answer[NULAB] == {"uniqueId": "nn"}


def test_a_new_nickname_beside_the_old_unique_id_is_ignored_since_the_extension_wins(idp: Idp, nao: Answer) -> None:
    answer = idp.put(nao["id"], {**idp.read(nao["id"]).body, "nickName": "other"})

    assert answer["nickName"] == "naonao"
    assert idp.last_activity().ignored == ["nickName: other"]


def test_a_nickname_that_is_taken_does_not_stop_the_rest(idp: Idp, nao: Answer, kenji: Member) -> None:
    answer = idp.put(nao["id"], user("nao@aozora.example", displayName="N", nickName="kenji"))

    assert (answer["displayName"], answer["nickName"]) == ("N", "naonao")
    assert idp.last_activity().ignored == ["nickName: kenji"]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"userName": None}, 400, "userName is required"),
        ({"userName": ""}, 400, "userName is required"),
        ({"userName": "kenji@aozora.example"}, 409, "Kenji Mori"),
        ({"emails": work_email("KENJI@aozora.example")}, 409, "Kenji Mori"),
        ({NULAB: {"uniqueId": "kenji"}}, 409, "Kenji Mori"),
        ({"userName": "nao@elsewhere.example"}, 400, "not verified"),
        ({"roles": [{"value": "KING"}]}, 400, "“KING” is not a role"),
        ({"active": "perhaps"}, 400, "true or false"),
    ],
)
def test_a_refused_put_changes_nothing_at_all(
    idp: Idp, nao: Answer, kenji: Member, sent: dict[str, Any], status: int, words: str
) -> None:
    answer = idp.put(nao["id"], {**user("nao@aozora.example", displayName="Changed"), **sent})

    assert answer.status == status, answer
    assert words in answer.detail
    assert idp.read(nao["id"]).body == nao.body


def test_a_matched_account_is_provision_managed_from_the_first_put_on(idp: Idp, mia: Member) -> None:
    idp.find('userName eq "mia@aozora.example"')
    assert fresh(mia).account.type == Account.Type.MANAGED

    idp.put(mia.scim_id, user("mia@aozora.example"))

    assert fresh(mia).account.type == Account.Type.PROVISIONED


def test_put_creates_nobody(idp: Idp) -> None:
    before = rows()["Member"]

    assert idp.put("5171a35d82074e068ce2", user("new@aozora.example")).status == 404
    assert idp.call("PUT", "/Users", user("new@aozora.example")).status == 405
    assert rows()["Member"] == before


def test_another_version_than_the_one_wanted_is_not_overwritten(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("displayName", "Meanwhile"))
    body = user("nao@aozora.example", displayName="Late")

    refused = idp.put(nao["id"], body, headers={"If-Match": nao.etag})
    accepted = idp.put(nao["id"], body, headers={"If-Match": idp.read(nao["id"]).etag})

    assert (refused.status, accepted.status) == (412, 200)
    assert "has changed since it was read" in refused.detail
    assert idp.put(nao["id"], body, headers={"If-Match": "*"}).status == 200


def test_an_account_that_its_owner_keeps_cannot_be_replaced(idp: Idp) -> None:
    yuki = nulab(idp.organization, "yuki")
    managed(idp.organization, "mia")

    answer = idp.put(yuki.scim_id, user("yuki@aozora.example", displayName="Taken over"))

    assert answer.status == 403
    assert "has a Nulab Account, which its owner manages" in answer.detail
    assert fresh(yuki).account.name == "Yuki Abe"


# -- Languages, time zones and the type of an address come back as they were sent, so that no client sees a difference


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


# -- Null, blank, empty and without a value are one state (RFC 7643 §2.5), for every attribute, in every call


EMPTY: list[Any] = [None, "", " ", {}, [], [None], [""], [{}], [{"value": None}], {"value": ""}]
TEXTS = ["externalId", "displayName", "nickName", "preferredLanguage", "locale", "timezone", "active", "name"]
ATTRIBUTES = [*TEXTS, "emails", "roles", NULAB]


@pytest.fixture
def mio(idp: Idp) -> Answer:
    """Everything there is, set by the IdP."""
    return idp.create(
        "mio", externalId="m-1", displayName="Mio Ito", name={"givenName": "Mio", "familyName": "Ito"},
        emails=[{"value": "mio.i@aozora.example", "type": "work", "primary": True}], timezone="Asia/Tokyo",
        preferredLanguage="ja", roles=[{"value": "USER", "primary": True}], **{NULAB: {"uniqueId": "mio-i"}},
    )  # fmt: skip


def seen(answer: Answer) -> Body:
    return {name: value for name, value in answer.body.items() if name not in ("id", "meta", "userName", "emails")}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_in_a_post_it_is_as_if_it_had_not_been_sent(idp: Idp, name: str) -> None:
    absent = seen(idp.create("absent"))
    for number, empty in enumerate(EMPTY):
        answer = idp.create(f"empty{number}", **{name: empty})
        assert seen(answer) == absent, empty


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_in_a_put_it_is_as_if_it_had_not_been_sent(idp: Idp, mio: Answer, name: str) -> None:
    whole = {key: value for key, value in mio.body.items() if key != name}
    absent = idp.put(mio["id"], whole).body
    for empty in EMPTY:
        idp.put(mio["id"], mio.body)
        assert idp.put(mio["id"], {**whole, name: empty})["meta"]["version"] == absent["meta"]["version"], empty


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
@pytest.mark.parametrize("path", [*ATTRIBUTES, "name.givenName", f"{NULAB}:uniqueId", 'emails[type eq "work"].value',
                                  'emails[type eq "home"].value', "emails.value", "roles.value"])  # fmt: skip
def test_in_a_patch_it_never_stops_the_rest(idp: Idp, mio: Answer, path: str, empty: Any) -> None:
    for operations in (
        [replace("externalId", "m-2"), replace(path, empty), replace("name.familyName", "Abe")],
        [{"op": "add", "path": path, "value": empty}, {"op": "replace", "value": {"name.familyName": "Abe"}}],
        [{"op": "replace", "value": {path: empty, "name.familyName": "Abe"}}],
        [{"op": "replace", "value": empty}, replace("name.familyName", "Abe")],
    ):
        answer = idp.patch(mio["id"], *operations)
        assert (answer.status, answer["name"]["familyName"]) == (200, "Abe"), answer


@pytest.mark.parametrize("path", ["externalId", "displayName", "nickName", "name.givenName", f"{NULAB}:uniqueId"])
def test_in_a_patch_every_kind_of_nothing_takes_the_value_away(idp: Idp, mio: Answer, path: str) -> None:
    gone = idp.patch(mio["id"], replace(path, None))["meta"]["version"]
    for empty in EMPTY:
        idp.put(mio["id"], mio.body)
        assert idp.patch(mio["id"], replace(path, empty))["meta"]["version"] == gone, empty


NO_VALUE: list[Any] = [
    [{"primary": True, "type": "WindowsAzureActiveDirectoryRole"}], [{"value": None, "primary": True}],
    [{"value": "", "primary": True}], [{"value": " "}], [{}], {}, "", [None], [{"value": '{"id":"","displayName":""}'}],
]  # fmt: skip


@pytest.mark.parametrize("roles", NO_VALUE, ids=repr)
def test_a_role_without_a_value_is_as_if_it_had_not_been_sent(idp: Idp, mio: Answer, roles: Any) -> None:
    assert idp.create("guest", roles=roles)["roles"][0]["value"] == "GUEST"
    assert idp.put(mio["id"], user("mio@aozora.example", roles=roles))["roles"][0]["value"] == "USER"
    for operation in (replace("roles", roles), {"op": "Add", "path": "roles", "value": roles},
                      {"op": "replace", "value": {"roles": roles}}):  # fmt: skip
        answer = idp.patch(mio["id"], replace("displayName", "Mio A."), operation)
        assert (answer.status, answer["displayName"], answer["roles"][0]["value"]) == (200, "Mio A.", "USER"), answer


@pytest.mark.parametrize("value", [None, "", " "])
@pytest.mark.parametrize("path", ['roles[primary eq "True"].value', "roles.value"])
def test_nor_does_an_empty_role_at_a_value_path_take_it(idp: Idp, mio: Answer, path: str, value: Any) -> None:
    assert idp.patch(mio["id"], replace(path, value))["roles"][0]["value"] == "USER"


@pytest.mark.parametrize("roles", [None, []], ids=repr)
def test_a_patch_that_empties_the_roles_takes_the_role(idp: Idp, mio: Answer, roles: Any) -> None:
    assert idp.patch(mio["id"], replace("roles", roles))["roles"][0]["value"] == "GUEST"


@pytest.mark.parametrize("primary", [None, "", " "])
def test_an_empty_primary_is_none(idp: Idp, primary: Any) -> None:
    sent = {"roles": [{"value": "USER", "primary": primary}], "emails": [{"value": "p@aozora.example", "type": "work",
            "primary": primary}]}  # fmt: skip
    answer = idp.create("primary", **sent)
    assert (answer["roles"][0]["value"], answer["emails"][0]["value"]) == ("USER", "p@aozora.example")


def test_a_primary_known_role_beside_unknown_ones_counts(idp: Idp, mio: Answer) -> None:
    roles = [{"value": "msiam_access"}, {"value": "ADMIN", "primary": "True"}, {"value": "KING", "primary": False}]
    assert idp.create("known", roles=roles)["roles"][0]["value"] == "ADMIN"
    assert idp.patch(mio["id"], replace("roles", roles))["roles"][0]["value"] == "ADMIN"
    for entries in ([{"value": "KING", "primary": True}, {"value": "USER"}], [{"value": "KING"}, {"value": "USER"}]):
        answer = idp.patch(mio["id"], replace("roles", entries))
        assert (answer.status, "“KING” is not a role" in answer.detail) == (400, True)


@pytest.mark.parametrize("sub", ["display", "displayName", "DISPLAY"])
def test_the_name_that_sets_the_role_is_not_ignored(idp: Idp, mio: Answer, sub: str) -> None:
    assert idp.patch(mio["id"], replace("roles", [{"primary": True, sub: "Administrator"}]))["roles"][0]["value"] == (
        "ADMIN"
    )
    assert idp.last_activity().ignored == []


def test_an_empty_schema_says_nothing(idp: Idp, mio: Answer) -> None:
    for empty in EMPTY:
        assert idp.put(mio["id"], {**mio.body, NULAB: empty, CORE: empty}).status == 200
