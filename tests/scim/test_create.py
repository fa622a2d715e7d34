"""POST /Users, and the names and external ids of people who are there."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from members import values
from members.models import Account, Domain, Member, Organization, Product, Role, Subscription
from members.models.founding import found
from tests.cast import OPERATOR, managed, nulab, page_actor, provisioned
from tests.cast.rows import fresh, last_event, rows_of
from tests.scim import CORE, ENTERPRISE, NULAB, Idp, add, replace, user, work_email


def test_a_created_member_is_a_provision_managed_guest_with_a_licence(idp: Idp) -> None:
    answer = idp.post(user("nao@aozora.example", displayName="Nao Ito"))

    member = idp.member(answer)
    assert answer.status == 201
    assert member.account.type == Account.Type.PROVISIONED
    assert (member.role, member.has_pass, member.account.has_usable_password()) == ("GUEST", True, False)
    assert (member.account.email, member.account.name) == ("nao@aozora.example", "Nao Ito")


def test_the_answer_is_the_whole_resource_with_its_address_and_version(idp: Idp) -> None:
    answer = idp.post(user("nao@aozora.example", externalId="n-1"))

    location = f"http://localhost:8000{idp.base}/Users/{answer['id']}"
    assert answer.headers["location"] == answer["meta"]["location"] == location
    assert answer.etag == answer["meta"]["version"]
    assert answer.headers["content-type"] == "application/scim+json"
    assert idp.read(answer["id"]).body == answer.body


def test_the_address_in_the_answer_ignores_the_host_header(idp: Idp) -> None:
    answer = idp.post(user("nao@aozora.example"), headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"})

    assert answer["meta"]["location"].startswith("http://localhost:8000/")


def test_language_and_time_zone_are_the_token_issuers_unless_sent(idp: Idp, aiko: Member) -> None:
    Account.objects.filter(pk=aiko.account_id).update(language="ja", time_zone="Asia/Tokyo")

    answer = idp.create("nao")
    other = idp.create("emi", locale="en-GB", timezone="Europe/Berlin")

    assert (answer["preferredLanguage"], answer["timezone"]) == ("ja", "Asia/Tokyo")
    assert (other.body.get("preferredLanguage"), other["locale"], other["timezone"]) == (None, "en-GB", "Europe/Berlin")


@pytest.mark.parametrize(
    ("sent", "language", "ignored"),
    [
        ({"preferredLanguage": "en-US", "locale": "ja"}, "en", ["locale: ja"]),
        ({"preferredLanguage": "en-US", "locale": "en-GB"}, "en", []),
        ({"preferredLanguage": "ja_JP"}, "ja", []),
        ({"preferredLanguage": "JA"}, "ja", []),
        ({"preferredLanguage": "fr", "locale": "ja-JP"}, "ja", ["preferredLanguage: fr"]),
        ({"preferredLanguage": "fr", "locale": "de"}, "en", ["preferredLanguage: fr", "locale: de"]),
        ({"preferredLanguage": None, "locale": ""}, "en", []),
    ],
)
def test_the_language_is_read_from_the_primary_tag(
    idp: Idp, sent: dict[str, Any], language: str, ignored: list[str]
) -> None:
    answer = idp.create("nao", **sent)

    assert idp.member(answer).account.language == language
    assert idp.last_activity().ignored == ignored


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"displayName": "Nao", "name": {"formatted": "N. Ito"}}, "Nao"),
        ({"name": {"formatted": "N. Ito", "givenName": "Nao", "familyName": "Ito"}}, "N. Ito"),
        ({"name": {"givenName": "Nao", "familyName": "Ito"}}, "Nao Ito"),
        ({"name": {"familyName": "伊藤"}}, "伊藤"),
        ({"NAME": {"GivenName": "Nao"}}, "Nao"),
        ({f"{CORE}:displayName": "Nao"}, "Nao"),
        ({CORE: {"displayName": "Nao"}}, "Nao"),
        ({"name.givenName": "Nao", "name.familyName": "Ito"}, "Nao Ito"),
        ({}, "nao"),
    ],
)
def test_the_name_is_the_first_of_its_parts_that_is_there(idp: Idp, sent: dict[str, Any], name: str) -> None:
    assert idp.member(idp.create("nao", **sent)).account.name == name


@pytest.mark.parametrize(
    ("emails", "email"),
    [
        (work_email("n@aozora.example"), "n@aozora.example"),
        ([{"value": "n@aozora.example", "type": "WORK"}, {"value": "h@aozora.example"}], "n@aozora.example"),
        ([*work_email("w@aozora.example"), {"value": "n@aozora.example"}], "w@aozora.example"),
        ([{"value": "w@aozora.example", "type": "work"}, {"value": "n@aozora.example", "primary": "True"}],
         "n@aozora.example"),
        ([{"Value": "n@aozora.example"}], "n@aozora.example"),
        ({"value": "n@aozora.example", "type": "work"}, "n@aozora.example"),
        (["n@aozora.example"], "n@aozora.example"),
        ("n@aozora.example", "n@aozora.example"),
        ([None, {"value": "n@aozora.example"}], "n@aozora.example"),
        ([{"value": "h@aozora.example", "type": "home"}], "nao@aozora.example"),
        ([{"value": None, "type": "work"}], "nao@aozora.example"),
        ([], "nao@aozora.example"),
        (None, "nao@aozora.example"),
    ],
)  # fmt: skip
def test_one_address_is_kept_of_all_that_are_sent(idp: Idp, emails: Any, email: str) -> None:
    [kept] = idp.create("nao", emails=emails)["emails"]

    assert {**kept, "type": kept["type"].lower()} == work_email(email)[0]


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([{"value": "USER"}], "USER"),
        ([{"value": "admin"}], "ADMIN"),
        ([{"value": "Administrator"}], "ADMIN"),
        ([{"display": "Member"}], "USER"),
        ([{"value": "x", "display": "guest"}], "GUEST"),
        ([{"value": "GUEST"}, {"value": "ADMIN"}, {"value": "USER"}], "ADMIN"),
        ([{"value": "GUEST", "primary": "true"}, {"value": "ADMIN"}], "GUEST"),
        ([{"value": '{"id":"1","value":"25","displayName":"ADMIN"}'}], "ADMIN"),
        (["USER"], "USER"),
        ("USER", "USER"),
        ({"value": "USER"}, "USER"),
        ([], "GUEST"),
        (None, "GUEST"),
    ],
)
def test_the_role_is_the_primary_one_or_the_highest(idp: Idp, roles: Any, role: str) -> None:
    assert idp.create("nao", roles=roles)["roles"] == [{"value": role, "primary": True}]


@pytest.mark.parametrize("active", ["False", "false", "FALSE", False, ["False"]], ids=repr)
def test_an_inactive_member_takes_no_licence(idp: Idp, active: Any) -> None:
    Subscription.objects.buy(idp.organization, Product.PASS, 0, by=OPERATOR)

    answer = idp.create("nao", active=active)

    assert answer["active"] is False
    assert not idp.member(answer).has_pass


def test_an_absent_or_null_active_means_active(idp: Idp) -> None:
    assert idp.create("nao", active=None)["active"] is True


def test_a_chosen_unique_id_is_echoed_in_both_places_and_a_made_one_in_none(idp: Idp) -> None:
    chosen = idp.create("nao", **{NULAB: {"uniqueId": "Nao.Ito"}})
    made = idp.create("emi")

    assert (chosen["nickName"], chosen[NULAB], chosen["schemas"]) == ("Nao.Ito", {"uniqueId": "Nao.Ito"}, [CORE, NULAB])
    assert "nickName" not in made.body
    assert NULAB not in made.body
    assert made["schemas"] == [CORE]


@pytest.mark.parametrize("key", [NULAB, NULAB.upper(), f"{NULAB}:uniqueId", f"{NULAB.lower()}:UNIQUEID"])
def test_the_extension_is_known_by_any_spelling_and_beats_the_nickname(idp: Idp, key: str) -> None:
    value: Any = "star" if key.casefold().endswith("uniqueid") else {"uniqueID": "star"}

    assert idp.create("nao", nickName="moon", **{key: value})["nickName"] == "star"


def test_a_taken_nickname_is_only_a_wish(idp: Idp, kenji: Member) -> None:
    answer = idp.create("nao", nickName=kenji.unique_id.upper())

    assert "nickName" not in answer.body
    assert idp.last_activity().ignored == ["nickName: KENJI"]
    assert idp.member(answer).unique_id == "nao"


def test_what_is_not_stored_is_accepted_and_named(idp: Idp) -> None:
    answer = idp.create(
        "nao", title="Designer", phoneNumbers=[{"value": "1"}], x509Certificates=None,
        **{ENTERPRISE: {"department": "D", "manager": {"value": "1"}}, "urn:made:up": {"a": 1}},
        **{"urn:ietf:params:x:2.0:User:b": 1},
    )  # fmt: skip

    assert set(idp.last_activity().ignored) >= {
        "title", "phoneNumbers", f"{ENTERPRISE}:department", f"{ENTERPRISE}:manager", "urn:made:up:a",
        "urn:ietf:params:x:2.0:User:b",
    }  # fmt: skip
    assert set(answer.body) == {
        "schemas", "id", "userName", "emails", "active", "preferredLanguage", "locale", "timezone", "roles", "meta",
    }  # fmt: skip


def test_id_meta_and_groups_of_the_client_are_not_taken(idp: Idp, kenji: Member) -> None:
    answer = idp.create(
        "nao", id=kenji.scim_id, meta={"version": "x", "created": "2000-01-01"}, groups=[{"value": "1"}]
    )

    assert answer["id"] != kenji.scim_id
    assert answer["meta"]["version"] != "x"
    assert "groups" not in answer.body


@pytest.mark.parametrize("external_id", ["1", "0", "aiko", "mia-1"])
def test_an_external_id_never_becomes_anybodys_key(
    idp: Idp, hakata: Organization, aiko: Member, external_id: str
) -> None:
    for spelled in (external_id, str(aiko.pk), aiko.scim_id, str(aiko.account_id)):
        with_neighbour = rows_of(hakata)
        answer = idp.post(user(f"x{len(spelled)}{spelled[:3]}@aozora.example", externalId=spelled))
        if answer.status == 409:  # it is somebody's already from the last round
            continue
        assert answer["id"] != spelled
        assert idp.read(spelled).status == 404 or spelled == aiko.scim_id
        assert rows_of(hakata) == with_neighbour
    assert fresh(aiko).account.name == "Aiko Tanaka"


# -- who does not come in


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"userName": None}, "userName is required"),
        ({"userName": ""}, "userName is required"),
        ({"userName": "   "}, "userName is required"),
        ({"userName": "nao"}, "is not an e-mail address"),
        ({"userName": "nao@"}, "is not an e-mail address"),
        ({"userName": "nao@elsewhere.example"}, "“elsewhere.example” is not verified"),
        ({"userName": "nao@sub.aozora.example"}, "is not verified"),
        ({"userName": "nao@aozora.example.evil.example"}, "is not verified"),
        ({"userName": "nao\x00@aozora.example"}, "cannot be stored"),
        ({"userName": {"name": "nao@aozora.example"}}, "“userName” has a value of the wrong kind"),
        ({"userName": ["a@aozora.example", "b@aozora.example"]}, "wrong kind"),
        ({"userName": f"{'n' * 240}@aozora.example"}, "longer than 254"),
        ({"emails": work_email("nao@elsewhere.example")}, "“elsewhere.example” is not verified"),
        ({"emails": work_email("nao")}, "is not an e-mail address"),
        ({"emails": 7}, "“emails” has a value of the wrong kind"),
        ({"roles": [{"value": "OWNER"}]}, "“OWNER” is not a role"),
        ({"roles": [7]}, "wrong kind"),
        ({"active": "maybe"}, "true or false"),
        ({"active": 1}, "true or false"),
        ({"active": [True, False]}, "true or false"),
        ({"name": "Nao"}, "“name” has a value of the wrong kind"),
        ({"displayName": {"a": 1}}, "“displayName” has a value of the wrong kind"),
        ({"displayName": "x" * 257}, "longer than 256"),
        ({"displayName": "Nao\x07"}, "cannot be stored"),
        ({"externalId": "x" * 257}, "longer than 256"),
        ({"externalId": {"a": 1}}, "wrong kind"),
        ({NULAB: {"uniqueId": "!"}}, "cannot be a Unique ID"),
        ({NULAB: "nao"}, "wrong kind"),
    ],
)
def test_a_bad_value_is_refused_and_nothing_is_written(idp: Idp, sent: dict[str, Any], words: str) -> None:
    answer = idp.post({**user("nao@aozora.example"), **sent})

    assert (answer.status, answer["scimType"]) == (400, "invalidValue"), answer
    assert words in answer.detail
    assert not idp.organization.members.filter(user_name_key="nao@aozora.example").exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"userName": "KENJI@aozora.example"},
        {"userName": "kenji@AOZORA.EXAMPLE"},
        {"emails": work_email("Kenji@aozora.example")},
        {"userName": " kenji@aozora.example "},
        {NULAB: {"uniqueId": "KENJI"}},
    ],
)
def test_what_a_member_has_already_is_a_conflict_that_names_the_member(
    idp: Idp, kenji: Member, sent: dict[str, Any]
) -> None:
    answer = idp.post({**user("new@aozora.example"), **sent})

    assert (answer.status, answer["scimType"]) == (409, "uniqueness")
    assert "Kenji Mori" in answer.detail
    assert idp.organization.members.count() == 2


def test_an_address_of_somebody_elsewhere_is_a_conflict_that_names_nobody(idp: Idp, hakata: Organization) -> None:
    outsider = nulab(hakata, "yuki", email="yuki@aozora.example")

    answer = idp.post(user("Yuki@aozora.example"))

    assert (answer.status, answer.detail) == (409, "There's already an account with that email.")
    assert outsider.account.name not in answer.content.decode()


def test_a_repeated_creation_is_a_conflict_after_which_the_member_is_found(idp: Idp) -> None:
    first = idp.create("nao", externalId="n-1")

    assert idp.post(user("nao@aozora.example", externalId="n-1")).status == 409
    assert idp.find('userName eq "nao@aozora.example"')["Resources"] == [first.body]
    assert idp.find('externalId eq "n-1"')["Resources"] == [first.body]


def test_without_a_free_licence_nobody_comes_in_and_the_figures_are_told(idp: Idp) -> None:
    Subscription.objects.buy(idp.organization, Product.PASS, 1, by=OPERATOR)
    managed(idp.organization, "mia")

    answer = idp.post(user("nao@aozora.example"))

    assert answer.status == 403
    assert "The only Nulab Pass licence is in use" in answer.detail
    assert not Account.objects.filter(user_name="nao@aozora.example").exists()
    activity = idp.last_activity()
    assert (activity.reason, activity.figures["bought"]) == ("no_free_licence", 1)


def test_a_post_to_a_user_creates_nothing(idp: Idp, kenji: Member) -> None:
    idp.read(kenji.scim_id)
    before = idp.organization.members.count()

    answer = idp.post(user("nao@aozora.example"), f"/Users/{kenji.scim_id}")

    assert answer.status == 405
    assert idp.organization.members.count() == before


def test_the_sandbox_takes_any_user_name_and_no_address(play_idp: Idp, hakata: Organization) -> None:
    anything = play_idp.post(user("6b0d2f6e-1f0e-4b43-8f0c-7b6a5a6f3c11"))
    like_ours = play_idp.post(user("mia@hakata.example", externalId="mia-1"))

    assert (anything.status, like_ours.status) == (201, 201)
    assert "emails" not in anything.body
    assert play_idp.post(user("MIA@hakata.example")).status == 409


def test_neighbours_with_the_same_names_are_not_in_the_way(idp: Idp, next_door: Idp) -> None:
    for client in (idp, next_door):
        answer = client.create("same", externalId="same", displayName="Same", **{NULAB: {"uniqueId": "same"}})
        assert answer["nickName"] == "same"

    assert idp.find('externalId eq "same"')["Resources"][0]["userName"] == "same@aozora.example"
    assert next_door.find('externalId eq "same"')["Resources"][0]["userName"] == "same@hakata.example"


def test_a_created_person_can_be_changed_at_once(idp: Idp) -> None:
    made = idp.create("nao")

    assert idp.patch(made["id"], add("displayName", "Nao"))["displayName"] == "Nao"


# -- externalId is the IdP's own business: several people may have the same, and a filter finds them all


def test_several_people_have_the_same_external_id_and_are_all_found(idp: Idp) -> None:
    first = idp.create("aiko.a", externalId="aiko")
    second = idp.create("aiko.b", externalId="aiko")
    third = idp.create("aiko.c")
    assert idp.patch(third["id"], replace("externalId", "aiko")).status == 200
    assert idp.put(second["id"], user("aiko.b@aozora.example", externalId="aiko")).status == 200

    for wanted in ('externalId eq "aiko"', 'externalId eq "aiko" and active eq true', 'externalId sw "aik"'):
        found = idp.find(wanted)
        assert found["totalResults"] == 3, wanted
        assert [one["id"] for one in found["Resources"]] == [first["id"], second["id"], third["id"]]
    page = idp.find('externalId eq "aiko"', startIndex=2, count=1)
    assert (page["totalResults"], page.names) == (3, ["aiko.b@aozora.example"])


def test_who_shares_an_external_id_is_matched_by_user_name(idp: Idp, mia: Member) -> None:
    idp.create("other", externalId=mia.external_id)
    assert idp.post(user("mia@aozora.example", externalId=mia.external_id)).status == 409
    assert idp.find('externalId eq "mia-1" and userName eq "mia@aozora.example"')["totalResults"] == 1


def test_the_index_that_finds_them_is_there(db: None) -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, "members_member")
    assert there["member_by_external_id"]["columns"] == ["organization_id", "external_id", "id"]
    assert not any(one["unique"] and "external_id" in one["columns"] for one in there.values())


# -- Whom no IdP has named has a given and a family name all the same: clients cannot import a person without


NAMES = [
    ("Mia Sato", ("Mia", "Sato")), ("Ana María Cruz", ("Ana María", "Cruz")), ("佐藤 美亜", ("美亜", "佐藤")),
    ("佐藤\u3000美亜", ("美亜", "佐藤")), ("김 민준", ("민준", "김")), ("タナカ アイコ", ("アイコ", "タナカ")),
    ("Mononym", ("Mononym", "Mononym")), ("佐藤美亜", ("佐藤美亜", "佐藤美亜")), ("𠮷田 太郎", ("太郎", "𠮷田")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parts"), NAMES)
def test_a_typed_name_is_split_and_found(
    idp: Idp, aiko: Member, mia: Member, name: str, parts: tuple[str, str]
) -> None:
    mia = managed(idp.organization, "typed", display_name="Old Name")
    mia.change_profile({"display_name": name}, by=page_actor(aiko))

    answer = idp.read(mia.scim_id)
    assert (answer["displayName"], answer["name"]) == (name, {"givenName": parts[0], "familyName": parts[1]})
    wanted = f'name.givenName eq "{parts[0]}" and name.familyName eq "{parts[1]}"'
    assert mia.scim_id in [one["id"] for one in idp.find(wanted)["Resources"]]


def test_everybody_who_is_listed_has_both(idp: Idp, aiko: Member) -> None:
    managed(idp.organization, "nameless", display_name="")
    for listed in idp.get()["Resources"]:
        assert listed["name"]["givenName"], listed
        assert listed["name"]["familyName"], listed


def test_the_founding_account_has_both(db: None) -> None:
    _organization, account = found(name="New", slug="newcomer", administrator="saki@new.example", by=OPERATOR)
    assert (account.name, account.given_name, account.family_name) == ("saki", "saki", "saki")


def test_what_an_idp_has_sent_a_typed_name_leaves_alone(idp: Idp, aiko: Member) -> None:
    nao = idp.create("nao", displayName="Nao Ito", name={"givenName": "Nao", "familyName": "Ito"})
    member = idp.member(nao)
    member.change_profile({"display_name": "Nao Abe"}, by=page_actor(aiko))

    answer = idp.read(nao["id"])
    assert (answer["displayName"], answer["name"]) == ("Nao Abe", {"givenName": "Nao", "familyName": "Ito"})


@pytest.mark.parametrize(("path", "value"), [("name.givenName", "M."), ("name.formatted", "Mia S.")])
def test_the_first_part_from_an_idp_ends_it(idp: Idp, aiko: Member, path: str, value: str) -> None:
    yuki = managed(idp.organization, "yuki", display_name="Yuki Abe")
    before = idp.patch(yuki.scim_id, replace(path, value))["name"]
    yuki = idp.organization.members.get(pk=yuki.pk)
    yuki.change_profile({"display_name": "Yuki Ueda"}, by=page_actor(aiko))
    assert idp.read(yuki.scim_id)["name"] == before


def test_the_parts_are_no_change_of_their_own_in_the_audit_log(aozora: Organization, aiko: Member) -> None:
    yuki = managed(aozora, "yuki", display_name="Yuki Abe")
    yuki.change_profile({"display_name": "Yuki Ueda"}, by=page_actor(aiko))
    assert set(last_event(aozora).changes) == {"display_name", "name"}


def test_the_rows_there_are_are_filled(aozora: Organization, mia: Member, aiko: Member) -> None:
    kept = provisioned(aozora, "kept", display_name="Kept Only")
    blank: dict[str, Any] = dict.fromkeys(
        ("given_name", "given_name_key", "family_name", "family_name_key", "formatted_name", "formatted_name_key"), ""
    )
    Account.objects.update(**blank, name_is_split=False)
    fill = __import__("members.migrations.0021_split_the_names_typed_here", fromlist=["fill"]).fill
    fill(apps, None)
    filled = {one.pk: (one.given_name, one.family_name) for one in Account.objects.all()}
    assert filled[mia.account_id] == ("Mia", "Sato")
    assert filled[kept.account_id] == ("", "")


# -- how long


def test_names_of_256_characters_are_taken_and_257_refused_by_their_scim_name(idp: Idp, aiko: Member) -> None:
    long = "n" * 256
    names = {"displayName": long, "name": {"formatted": long, "givenName": long, "familyName": long}}
    created = idp.create("long", **names)
    assert (created["displayName"], created["name"]) == (long, names["name"])
    assert idp.find(f'displayName eq "{long}"').names == ["long@aozora.example"]
    member = idp.member(created)
    member.change_role(Role.ADMIN, by=OPERATOR)
    member.deactivate(by=page_actor(aiko))
    for path in ("displayName", "name.formatted", "name.givenName", "name.familyName"):
        answer = idp.patch(created["id"], replace(path, long + "n"))
        assert (answer.status, answer["scimType"]) == (400, "invalidValue")
        assert f"“{path}” is longer than 256 characters" in answer.detail
        assert f"“{path}” contains" in idp.patch(created["id"], replace(path, "a\x00")).detail
    assert len(long) == values.MAX_NAME


def test_a_verified_domain_that_is_written_otherwise_is_named_as_it_is_verified(idp: Idp) -> None:
    Domain.objects.add(idp.organization, "日本.example", by=OPERATOR).vouch(by=OPERATOR)

    refused = idp.post(user("mio@日本.example"))

    assert (refused.status, "is verified as “xn--wgv71a.example”" in refused.detail) == (400, True)
    assert idp.post(user("mio@xn--wgv71a.example")).status == 201
    assert "is not verified" in idp.post(user("mio@中国.example")).detail
