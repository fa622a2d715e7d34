"""PATCH in every dialect: whole or not at all, and named where something is ignored."""

import copy
from typing import Any
from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from members.models import Account, Member, Product, Subscription
from members.refusals import Refusal
from provisioning.scim.users.patch import UserPatch
from provisioning.scim.users.wanted import from_difference
from tests.cast import OPERATOR, managed
from tests.cast.rows import fresh
from tests.scim import CORE, ENTERPRISE, NULAB, Answer, Body, Idp, add, remove, replace, work_email


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create(
        "nao", externalId="n-1", displayName="Nao Ito", name={"givenName": "Nao", "familyName": "Ito"},
        preferredLanguage="ja", timezone="Asia/Tokyo", roles=[{"value": "USER"}],
    )  # fmt: skip


DEACTIVATIONS: list[Body] = [
    replace("active", False),
    replace("active", "False"),
    replace("ACTIVE", "fAlSe"),
    replace("active", [False]),
    replace("active", ["false"]),
    replace(f"{CORE}:active", False),
    replace(f"{CORE.upper()}:Active", "False"),
    add("active", "False"),
    {"op": "Replace", "value": {"active": "False"}},
    {"OP": "REPLACE", "Value": [{"Active": False}]},
    {"op": "add", "value": {f"{CORE}:active": "false"}},
    {"op": "replace", "value": '{"active": false}'},
    {"op": "replace", "path": CORE, "value": {"active": False}},
    {"op": "replace", "value": {CORE: {"active": False}}},
    {"op": "replace", "path": "", "value": {"active": False}},
    {"op": "replace", "path": None, "value": {"active": False, "id": "x", "meta": {}, "groups": [], "schemas": []}},
]


@pytest.mark.parametrize("operation", DEACTIVATIONS, ids=repr)
def test_a_deactivation_in_any_dialect_puts_the_person_out(idp: Idp, nao: Answer, operation: Body) -> None:
    answer = idp.patch(nao["id"], operation)

    assert (answer.status, answer["active"]) == (200, False), answer
    assert not idp.member(nao).has_pass
    assert idp.patch(nao["id"], operation).body == answer.body


CHANGES: list[tuple[Body, Body]] = [
    (replace("displayName", "N"), {"displayName": "N"}),
    (add("displayName", ["N"]), {"displayName": "N"}),
    (remove("displayName"), {"displayName": None}),
    (replace("displayName", None), {"displayName": None}),
    (replace("displayName", ""), {"displayName": None}),
    (replace("name", {"givenName": "N"}), {"name": {"givenName": "N", "familyName": "Ito"}}),
    (replace("name", [{"familyname": "I"}]), {"name": {"givenName": "Nao", "familyName": "I"}}),
    (replace("name.GivenName", "N"), {"name": {"givenName": "N", "familyName": "Ito"}}),
    (replace(f"{CORE}:name.givenName", "N"), {"name": {"givenName": "N", "familyName": "Ito"}}),
    (remove("name.givenName"), {"name": {"givenName": None, "familyName": "Ito"}}),
    (replace("name", {"givenName": None}), {"name": {"givenName": None, "familyName": "Ito"}}),
    ({"op": "replace", "value": {"name": {"GivenName": " ", "middleName": None}}},
     {"name": {"givenName": None, "familyName": "Ito"}}),
    (remove("name"), {"name": None}),
    (replace("emails", "n@aozora.example"), {"emails": work_email("n@aozora.example")}),
    (add("emails", {"value": "n@aozora.example", "type": "work"}), {"emails": work_email("n@aozora.example")}),
    (add("emails", [{"value": "n@aozora.example", "primary": "TRUE"}]), {"emails": work_email("n@aozora.example")}),
    (add("emails", '[{"value": "n@aozora.example", "type": "work"}]'), {"emails": work_email("n@aozora.example")}),
    (replace('emails[type eq "WORK"].value', "n@aozora.example"), {"emails": work_email("n@aozora.example")}),
    (replace("emails", [{"value": f"{one}@aozora.example", "primary": True} for one in "nm"]),
     {"emails": work_email("n@aozora.example")}),
    (replace("roles", [{"value": one, "primary": "True"} for one in ("GUEST", "ADMIN")]),
     {"roles": [{"value": "GUEST", "primary": True}]}),
    (replace('emails[primary eq true].value', "n@aozora.example"), {"emails": work_email("n@aozora.example")}),
    (replace('emails[primary eq "true"].value', ["n@aozora.example"]), {"emails": work_email("n@aozora.example")}),
    (replace("emails[type eq work].value", "n@aozora.example"), {"emails": work_email("n@aozora.example")}),
    (replace("emails[type eq 'work'].value", "n@aozora.example"), {"emails": work_email("n@aozora.example")}),
    (replace("emails[type eq 'work' and primary eq True]", "n@aozora.example"),
     {"emails": work_email("n@aozora.example")}),
    ({"op": "replace", "value": {"emails[type eq 'work'].value": "n@aozora.example"}},
     {"emails": work_email("n@aozora.example")}),
    (remove("emails[type eq work]"), {"emails": work_email("nao@aozora.example")}),
    (replace("roles[primary eq 'True'].value", "ADMIN"), {"roles": [{"value": "ADMIN", "primary": True}]}),
    (replace("roles[value eq user].value", "ADMIN"), {"roles": [{"value": "ADMIN", "primary": True}]}),
    (replace('emails[type eq "work" and primary eq true].value', "n@aozora.example"),
     {"emails": work_email("n@aozora.example")}),
    (replace('emails[type eq "work"]', {"value": "n@aozora.example"}), {"emails": work_email("n@aozora.example")}),
    (replace('emails[type eq "work"]', "n@aozora.example"), {"emails": work_email("n@aozora.example")}),
    (replace('emails[value eq "nobody@aozora.example"].value', "n@aozora.example"),
     {"emails": work_email("n@aozora.example")}),
    ({"op": "replace", "value": {'emails[type eq "work"].value': "n@aozora.example", "displayName": "N"}},
     {"emails": work_email("n@aozora.example"), "displayName": "N"}),
    ({"op": "add", "value": {f'{CORE}:roles[primary eq "True"].value': "ADMIN"}}, {"roles": [{"value": "ADMIN"}]}),
    (remove("roles", value=["user"]), {"roles": [{"value": "GUEST"}]}),
    (replace("emails.value", "n@aozora.example"), {"emails": work_email("n@aozora.example")}),
    (remove("emails"), {"emails": work_email("nao@aozora.example")}),
    (remove('emails[type eq "work"]'), {"emails": work_email("nao@aozora.example")}),
    (replace("roles", [{"value": "ADMIN"}]), {"roles": [{"value": "ADMIN"}]}),
    (add("roles", [{"value": "guest", "primary": True}]), {"roles": [{"value": "GUEST"}]}),
    (add("roles", ["ADMIN"]), {"roles": [{"value": "ADMIN"}]}),
    (add("roles", "Administrator"), {"roles": [{"value": "ADMIN"}]}),
    (add("roles", [{"value": '{"id":"1","value":"25","displayName":"Guest"}'}]), {"roles": [{"value": "GUEST"}]}),
    (replace('roles[primary eq "True"].value', "ADMIN"), {"roles": [{"value": "ADMIN"}]}),
    (replace('roles[value eq "USER"].value', "GUEST"), {"roles": [{"value": "GUEST"}]}),
    (replace("roles.value", "ADMIN"), {"roles": [{"value": "ADMIN"}]}),
    (replace("roles", []), {"roles": [{"value": "GUEST"}]}),
    (replace("roles", None), {"roles": [{"value": "GUEST"}]}),
    (remove("roles"), {"roles": [{"value": "GUEST"}]}),
    (remove('roles[value eq "USER"]'), {"roles": [{"value": "GUEST"}]}),
    (remove("roles", value=[{"value": "USER"}]), {"roles": [{"value": "GUEST"}]}),
    (remove('roles[value eq "Member"]'), {"roles": [{"value": "GUEST"}]}),
    (remove("roles[primary eq true and value eq ' member ']"), {"roles": [{"value": "GUEST"}]}),
    (replace("roles", {"value": ["ADMIN"]}), {"roles": [{"value": "ADMIN"}]}),
    ({"op": "replace", "value": {"name.familyName": "I", "name": {"givenName": "N"}}},
     {"name": {"givenName": "N", "familyName": "I"}}),
    (replace("preferredLanguage", "en-GB"), {"preferredLanguage": "en-GB", "locale": None}),
    (replace("locale", "en_US"), {"preferredLanguage": "ja", "locale": "en_US"}),
    (replace("timezone", "UTC"), {"timezone": "UTC"}),
    (replace("externalId", "n-2"), {"externalId": "n-2"}),
    (remove("externalId"), {"externalId": None}),
    (replace("externalId", 12345), {"externalId": "12345"}),
    (replace("nickName", "nn"), {"nickName": "nn", NULAB: {"uniqueId": "nn"}}),
    (replace(f"{NULAB}:uniqueId", " nn "), {"nickName": "nn", NULAB: {"uniqueId": "nn"}}),
    (add(f"{NULAB}:uniqueId", "nn"), {"nickName": "nn", NULAB: {"uniqueId": "nn"}}),
    (add(f"{NULAB.lower()}:UNIQUEID", ["nn"]), {"nickName": "nn"}),
    (add(NULAB, {"uniqueId": "nn"}), {"nickName": "nn"}),
    ({"op": "add", "value": {NULAB: {"uniqueId": "nn"}}}, {"nickName": "nn"}),
    ({"op": "add", "value": {f"{NULAB}:uniqueId": "nn", "nickName": "other"}}, {"nickName": "nn"}),
    (replace("userName", "nao.sato@aozora.example"),
     {"userName": "nao.sato@aozora.example"}),
    ({"op": "replace", "value": {"displayName": "N", "name.familyName": "I", "emails": "n@aozora.example"}},
     {"displayName": "N", "name": {"givenName": "Nao", "familyName": "I"}, "emails": work_email("n@aozora.example")}),
]  # fmt: skip


@pytest.mark.parametrize("part", range(10))
def test_an_operation_changes_what_it_names(idp: Idp, part: int) -> None:
    for number, (operation, fields) in enumerate(CHANGES[part::10]):
        made = idp.create(
            f"nao{number}", externalId=f"x-{number}", displayName="Nao Ito",
            name={"givenName": "Nao", "familyName": "Ito"}, preferredLanguage="ja", timezone="Asia/Tokyo",
            roles=[{"value": "USER"}], emails=work_email(f"e{number}@aozora.example"),
        )  # fmt: skip
        own = {"nao@aozora.example": f"nao{number}@aozora.example"}
        answer = idp.patch(made["id"], operation)
        assert answer.status == 200, (operation, answer)
        for name, value in fields.items():
            seen = answer.body.get(name)
            if name == "emails" and value[0]["value"] in own:
                assert seen[0]["value"] == own[value[0]["value"]], operation
            elif name == "name" and value:
                assert seen == {key: part for key, part in value.items() if part}, operation
            elif name == "roles":
                assert seen[0]["value"] == value[0]["value"], operation
            else:
                assert seen == value, operation
        assert answer.etag != made.etag, operation
        assert idp.read(made["id"]).body == answer.body
        again = idp.patch(made["id"], operation)
        assert again.status in (200, 400), (operation, again)  # 400: the value path matches nothing any longer
        assert idp.read(made["id"]).etag == answer.etag, operation
        assert idp.delete(made["id"]).status == 204


def test_an_operation_without_a_value_takes_no_entries_away(idp: Idp) -> None:
    nao = idp.create("nao", roles=[{"value": "ADMIN"}], emails=work_email("n@aozora.example"))
    paths = ["roles", "Emails", f"{CORE}:roles"]

    answer = idp.patch(nao["id"], *({"op": op, "path": path} for op in ("Add", "replace") for path in paths))

    assert (answer.status, answer.etag) == (200, nao.etag)
    assert idp.last_activity().ignored == ["roles", "Emails", "roles"] * 2


IGNORED: list[tuple[Body, list[str]]] = [
    (replace(f"{ENTERPRISE}:employeeNumber", "77"), [f"{ENTERPRISE}:employeeNumber"]),
    (replace(f"{ENTERPRISE}:manager", "77"), [f"{ENTERPRISE}:manager"]),
    (add("manager", [{"$ref": "https://x.example/2", "value": "2"}]), ["manager"]),
    (add("title", "Designer"), ["title"]),
    (remove("title"), ["title"]),
    (replace("password", "1mz050nq"), ["password"]),
    (replace('phoneNumbers[type eq "work"].value', "1"), ['phoneNumbers[type eq "work"].value']),
    (replace('addresses[type eq "work"].country', "JP"), ['addresses[type eq "work"].country']),
    (replace("name.honorificPrefix", "Dr"), ["name.honorificPrefix"]),
    (replace("name", {"middleName": "M"}), ["name.middleName"]),
    (replace('emails[type eq "work"].display', "N"), ['emails[type eq "work"].display']),
    (replace("urn:made:up:2.0:User:colour", "red"), ["urn:made:up:2.0:User:colour"]),
    (replace(f"{NULAB}:colour", "red"), [f"{NULAB}:colour"]),
    ({"op": "add", "value": {ENTERPRISE: {"department": "D"}, "title": "T"}}, [f"{ENTERPRISE}:department", "title"]),
    (replace("timezone", "Mars/Olympus"), ["timezone: Mars/Olympus"]),
    (remove("active"), ["active"]),
    (replace("active", None), ["active"]),
    (add("name", [{"middleName": ""}]), ["name.middleName"]),
    (replace("nickName", "kenji"), ["nickName: kenji"]),
    (replace("nickName", "!"), ["nickName: !"]),
    (add("emails", [{"value": "h@aozora.example", "type": "home"}]), ['emails[type eq "home"]']),
    (replace('emails[type eq "home"].value', "h@aozora.example"), ['emails[type eq "home"]']),
]


@pytest.mark.parametrize(("operation", "ignored"), IGNORED, ids=repr)
def test_what_is_not_stored_is_ignored_named_and_leaves_the_version_alone(
    idp: Idp, nao: Answer, kenji: Member, operation: Body, ignored: list[str]
) -> None:
    answer = idp.patch(nao["id"], operation)

    assert answer.status == 200, answer
    assert answer.body == nao.body
    activity = idp.last_activity()
    assert (activity.ignored, activity.changes) == (ignored, {})


def test_what_is_ignored_does_not_stop_the_rest_of_the_request(idp: Idp, nao: Answer) -> None:
    answer = idp.patch(nao["id"], add("title", "T"), replace("displayName", "N"), replace("timezone", "Nowhere"))

    assert answer["displayName"] == "N"
    assert set(idp.last_activity().ignored) == {"title", "timezone: Nowhere"}


@pytest.mark.parametrize(
    "operations",
    [
        [],
        [replace("displayName", "Nao Ito"), replace("active", "True")],
        [add("roles", [{"value": "user"}])],
        [replace("userName", "nao@aozora.example"), replace("externalId", "n-1")],
        [replace("displayName", "N"), replace("displayName", "Nao Ito")],
        [replace("preferredLanguage", "ja"), replace('emails[type eq "work"].value', "nao@aozora.example")],
        [remove("nickName")],
        [remove("roles", value=[{"value": "ADMIN"}])],
        [remove('roles[value eq "ADMIN"]')],
        [remove("emails", value=[{"value": "other@aozora.example"}])],
        [remove('emails[type eq "home"]')],
        [add("emails", []), add("roles", [])],
        [{"op": "replace", "value": {}}],
    ],
    ids=repr,
)
def test_a_patch_that_changes_nothing_leaves_version_and_time_alone(
    idp: Idp, nao: Answer, operations: list[Body]
) -> None:
    answer = idp.patch(nao["id"], *operations)

    assert answer.status == 200, answer
    assert (answer.etag, answer["meta"]) == (nao.etag, nao["meta"])
    assert not idp.last_activity().changes


REFUSED: list[tuple[Body, str, str]] = [
    (replace("displayName[", "x"), "invalidPath", "not a well-formed attribute path"),
    (replace('emails[type eq "work"', "x"), "invalidPath", "not a well-formed"),
    (replace("emails[type eq].value", "x"), "invalidPath", "not a well-formed"),
    (replace("emails[type eq work home].value", "x"), "invalidPath", "not a well-formed"),
    (replace("emails[type eq 'wo'rk'].value", "x"), "invalidPath", "not a well-formed"),
    (replace("emails[type eq 'work].value", "x"), "invalidPath", "not a well-formed"),
    (replace("emails['type' eq work].value", "x"), "invalidPath", "not a well-formed"),
    (replace("display name", "x"), "invalidPath", "not a well-formed"),
    (remove('roles[type eq "x"]'), "invalidFilter", "not kept"),
    (replace('emails[type eq "work" and display eq "x"].value', "x@aozora.example"), "invalidFilter", "not kept"),
    (remove("emails[value gt 5]"), "invalidFilter", "value of the wrong kind"),
    (replace(".", "x"), "invalidPath", "not a well-formed"),
    (replace("name..givenName", "x"), "invalidPath", "not a well-formed"),
    ({"op": "replace", "path": 7, "value": "x"}, "invalidPath", "not a well-formed"),
    (replace("userName", ""), "invalidValue", "userName is required"),
    (replace("userName", "nao@elsewhere.example"), "invalidValue", "not verified"),
    (replace("userName", None), "mutability", "required and cannot be removed"),
    (remove("userName"), "mutability", "required and cannot be removed"),
    (replace("id", "x"), "mutability", "cannot be written"),
    (replace("meta.version", "x"), "mutability", "cannot be written"),
    (add("groups", [{"value": "x"}]), "mutability", "cannot be written"),
    (remove("groups"), "mutability", "cannot be written"),
    ({"op": "remove"}, "noTarget", "matches nothing"),
    ({"op": "move", "path": "active", "value": True}, "invalidSyntax", "add, replace or remove"),
    ({"path": "active", "value": True}, "invalidSyntax", "add, replace or remove"),
    ({"op": 7, "path": "active", "value": True}, "invalidSyntax", "add, replace or remove"),
    (replace("active", "maybe"), "invalidValue", "true or false"),
    (replace("active", 0), "invalidValue", "true or false"),
    (replace("active", {"is": True}), "invalidValue", "true or false"),
    (replace("roles", [{"value": "KING"}]), "invalidValue", "“KING” is not a role"),
    (replace('roles[primary eq "True"].value', "KING"), "invalidValue", "“KING” is not a role"),
    (replace("roles", 7), "invalidValue", "wrong kind"),
    (replace("displayName", 7), "invalidValue", "wrong kind"),
    (replace("displayName", {"a": 1}), "invalidValue", "wrong kind"),
    (replace("displayName", ["a", "b"]), "invalidValue", "wrong kind"),
    (replace("name", "Nao"), "invalidValue", "wrong kind"),
    (replace("displayName", "a\x00"), "invalidValue", "cannot be stored"),
    (replace(f"{NULAB}:uniqueId", "!"), "invalidValue", "cannot be a Unique ID"),
    ({"op": "replace", "value": True}, "invalidValue", "wrong kind"),
    ({"op": "replace"}, "invalidValue", "wrong kind"),
    ({"op": "replace", "value": [1, 2]}, "invalidValue", "wrong kind"),
]


@pytest.mark.parametrize(("operation", "scim_type", "words"), REFUSED, ids=repr)
def test_a_refused_operation_undoes_the_ones_beside_it(
    idp: Idp, nao: Answer, operation: Body, scim_type: str, words: str
) -> None:
    for operations in ([replace("displayName", "N"), operation], [operation, replace("active", False)]):
        answer = idp.patch(nao["id"], *operations)

        assert (answer.status, answer["scimType"]) == (400, scim_type), answer
        assert words in answer.detail
        assert idp.read(nao["id"]).body == nao.body


@pytest.mark.parametrize(
    "operation",
    [replace("userName", "KENJI@aozora.example"), add(f"{NULAB}:uniqueId", "Kenji"),
     replace('emails[type eq "work"].value', "kenji@aozora.example")],
    ids=repr,
)  # fmt: skip
def test_a_conflict_undoes_the_whole_patch(idp: Idp, nao: Answer, kenji: Member, operation: Body) -> None:
    answer = idp.patch(nao["id"], replace("displayName", "N"), replace("active", False), operation)

    assert (answer.status, answer["scimType"]) == (409, "uniqueness")
    assert "Kenji Mori" in answer.detail
    assert idp.read(nao["id"]).body == nao.body
    assert fresh(kenji).account.is_active


BROKEN: list[Any] = [None, {}, "x", ["x"], [None]]


@pytest.mark.parametrize(
    "body",
    [{}, {"active": False}, *({"Operations": sent} for sent in BROKEN)],
    ids=repr,
)
def test_a_body_that_is_no_patch_is_refused(idp: Idp, nao: Answer, body: Any) -> None:
    answer = idp.call("PATCH", f"/Users/{nao['id']}", body)

    assert (answer.status, answer["scimType"]) == (400, "invalidSyntax")


def test_a_sent_email_no_longer_follows_the_user_name_also_when_it_is_the_same(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace('emails[type eq "work"].value', "nao@aozora.example"))

    answer = idp.patch(nao["id"], replace("userName", "nao.sato@aozora.example"))

    assert answer["emails"] == work_email("nao@aozora.example")


def test_a_work_address_that_is_taken_away_leaves_none_of_that_type(idp: Idp, nao: Answer) -> None:
    """[Entra] Microsoft's validator empties it and looks for an entry of type work; sign-in needs an address."""
    idp.patch(nao["id"], replace("emails", work_email("n@aozora.example")))
    for _ in range(2):
        gone = idp.patch(nao["id"], replace('emails[type eq "work"].value', ""))
        assert gone["emails"] == [{"value": "nao@aozora.example", "primary": True}]
    assert nao["userName"] not in idp.find('emails[type eq "work"] or emails.type pr').names
    assert idp.find('emails.value eq "nao@aozora.example"').names == ["nao@aozora.example"]
    assert idp.put(nao["id"], gone.body).body == gone.body
    moved = idp.patch(nao["id"], replace("userName", "mao@aozora.example"))
    assert moved["emails"] == [{"value": "nao@aozora.example", "primary": True}]

    back = idp.patch(nao["id"], replace('emails[type eq "work"].value', "b@aozora.example"))

    assert back["emails"] == work_email("b@aozora.example")
    assert idp.last_activity().ignored == []


def test_an_address_that_is_taken_away_follows_the_user_name(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("emails", work_email("n@aozora.example")))
    for operation in (remove("emails"), remove('emails[type eq "work"]'), remove('emails[type eq "home"]')):
        idp.patch(nao["id"], operation)

    moved = idp.patch(nao["id"], replace("userName", "mao@aozora.example"))

    assert moved["emails"] == [{"value": "mao@aozora.example", "primary": True}]
    assert idp.patch(nao["id"], replace("emails", "b@aozora.example"))["emails"] == work_email("b@aozora.example")


HOME_FIRST = [{"value": "h@aozora.example", "type": "home", "primary": True}]
OTHER = [{"value": "o@aozora.example", "type": "other"}]


@pytest.mark.parametrize(
    ("operations", "email"),
    [
        ([replace("emails", HOME_FIRST), replace('emails[type eq "work"].value', "w@aozora.example")],
         work_email("w@aozora.example")),
        ([replace("emails", [*work_email("w@aozora.example"), *OTHER]), add("emails", HOME_FIRST)], HOME_FIRST),
        ([add("emails", [*OTHER, *HOME_FIRST]), replace('emails[type eq "other"].value', "x@aozora.example")],
         HOME_FIRST),
        ([replace("userName", "mao@aozora.example"), replace("emails", OTHER)], work_email("mao@aozora.example")),
        ([remove("emails"), replace("emails", OTHER)], [{"value": "nao@aozora.example", "primary": True}]),
    ],
    ids=repr,
)  # fmt: skip
def test_addresses_in_one_request_mean_what_they_mean_in_several(
    idp: Idp, nao: Answer, operations: list[Body], email: Body
) -> None:
    at_once = idp.patch(nao["id"], *operations)
    idp.delete(nao["id"])
    other = idp.create("nao")
    for operation in operations:
        one_by_one = idp.patch(other["id"], operation)

    assert at_once["emails"] == one_by_one["emails"] == email


ENTRY = {"$ref": None}


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        ("displayName", [{**ENTRY, "value": "Nao I"}], "Nao I"), ("active", [{**ENTRY, "value": "False"}], False),
        ("active", {"Value": False}, False), ("externalId", [{**ENTRY, "value": 7}], "7"), ("active", " true ", True),
        ("nickName", {"value": "nn", "primary": True}, "nn"), ("displayName", [{**ENTRY, "value": None}], None),
        ("displayName", [{"type": "work", "primary": True}], None), ("active", [{"type": "work"}], True),
        ("locale", {**ENTRY, "value": [""]}, None),
    ],
)  # fmt: skip
def test_the_value_of_one_attribute_may_come_as_an_entry(
    idp: Idp, nao: Answer, path: str, value: Any, read: Any
) -> None:
    """As Microsoft's library for .NET has it."""
    by_path = idp.patch(nao["id"], replace(path, value))
    by_key = idp.patch(nao["id"], {"op": "add", "value": {path: value}})

    assert (by_path.status, by_path.body.get(path), by_key.body.get(path)) == (200, read, read)


def test_a_part_of_an_address_or_a_name_may_come_as_an_entry(idp: Idp, nao: Answer) -> None:
    answer = idp.patch(
        nao["id"], replace('emails[type eq "work"].value', [{**ENTRY, "value": "n@aozora.example"}]),
        replace("name.givenName", [{**ENTRY, "value": "N"}]), replace("roles", [[]]), add("emails", [[], [""]]),
    )  # fmt: skip

    assert (answer["emails"], answer["name"]["givenName"]) == (work_email("n@aozora.example"), "N")
    assert answer["roles"] == nao["roles"]


@pytest.mark.parametrize("empty", [None, "", " ", [None]], ids=repr)
def test_an_object_of_nothing_but_empty_values_takes_them_away(idp: Idp, nao: Answer, empty: Any) -> None:
    idp.patch(nao["id"], replace("nickName", "nn"))
    gone = idp.patch(nao["id"], {"op": "replace", "value": {"displayName": empty, f"{NULAB}:uniqueId": empty}})

    assert gone.status == 200
    assert {"displayName", "nickName", NULAB} & set(gone.body) == set()


def test_an_email_follows_the_user_name_until_one_is_sent(idp: Idp, nao: Answer) -> None:
    answer = idp.patch(nao["id"], replace("userName", "nao.sato@aozora.example"))

    assert answer["emails"] == work_email("nao.sato@aozora.example")


def test_the_stronger_of_two_attributes_wins_however_often_they_are_sent(idp: Idp, nao: Answer) -> None:
    both = {"preferredLanguage": "en", "locale": "ja", "nickName": "weak", f"{NULAB}:uniqueId": "strong"}

    for _ in range(3):
        answer = idp.patch(nao["id"], {"op": "replace", "value": both})
        assert (answer["preferredLanguage"], answer["nickName"]) == ("en", "strong")
        assert set(idp.last_activity().ignored) == {"locale: ja", "nickName: weak"}


def test_schemas_may_be_missing_or_odd(idp: Idp, nao: Answer) -> None:
    for number, schemas in enumerate((None, [], ["URN:IETF:params:scim:api:messages:2.0:patchop"], "x")):
        body = {"schemas": schemas, "operations": [replace("displayName", f"N{number}")]}
        assert idp.call("PATCH", f"/Users/{nao['id']}", body)["displayName"] == f"N{number}"


def test_operations_are_applied_in_their_order(idp: Idp, nao: Answer) -> None:
    answer = idp.patch(
        nao["id"], replace("displayName", "1"), remove("displayName"), add("displayName", "2"),
        replace("active", False),
        {"op": "replace", "value": {"active": "True", "displayName": "3"}},
    )  # fmt: skip

    assert (answer["displayName"], answer["active"]) == ("3", True)


def test_a_matched_account_is_provision_managed_from_the_first_patch_on(idp: Idp, mia: Member) -> None:
    [match] = idp.find('externalId eq "mia-1"')["Resources"]
    assert fresh(mia).account.type == Account.Type.MANAGED

    answer = idp.patch(match["id"])

    assert fresh(mia).account.type == Account.Type.PROVISIONED
    assert answer["meta"] == match["meta"]


def test_a_refused_patch_does_not_match_an_account(idp: Idp, mia: Member) -> None:
    assert idp.patch(mia.scim_id, replace("active", "maybe")).status == 400

    assert fresh(mia).account.type == Account.Type.MANAGED


def test_reactivation_without_a_free_licence_is_refused_with_the_figures(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("active", False))
    managed(idp.organization, "mia")
    Subscription.objects.buy(idp.organization, Product.PASS, 1, by=OPERATOR)

    answer = idp.patch(nao["id"], replace("displayName", "N"), replace("active", True))

    assert answer.status == 403
    assert "The only Nulab Pass licence is in use" in answer.detail
    assert (idp.read(nao["id"])["active"], idp.read(nao["id"])["displayName"]) == (False, "Nao Ito")


def test_another_version_than_the_one_wanted_is_not_patched(idp: Idp, nao: Answer) -> None:
    refused = idp.patch(nao["id"], replace("displayName", "N"), headers={"If-Match": 'W/"other"'})
    accepted = idp.patch(nao["id"], replace("displayName", "N"), headers={"If-Match": nao.etag})

    assert (refused.status, accepted.status) == (412, 200)


def test_more_operations_than_anybody_needs_are_refused(idp: Idp, nao: Answer) -> None:
    assert idp.patch(nao["id"], *[replace("displayName", "N")] * 1000).status == 200
    assert idp.patch(nao["id"], *[replace("displayName", "M")] * 1001).status == 400


TEXTS = st.sampled_from(
    ["displayName", "userName", "externalId", "nickName", "locale", "preferredLanguage", "timezone", "name.givenName",
     "name.formatted", f"{NULAB}:uniqueId", 'emails[type eq "work"].value', 'emails[type eq "home"].value',
     'emails[type eq "work"].type', "emails.value"]
)  # fmt: skip
VALUES = st.text(max_size=20) | st.sampled_from(["a b", "ja-JP", "Asia/Tokyo", "null", "\u3042", "nao@aozora.example"])
ADDRESS = st.fixed_dictionaries(
    {"value": VALUES}, optional={"type": st.sampled_from(["work", "home", ""]), "primary": st.booleans()}
)
OF_MANY = st.one_of(
    st.tuples(st.just("emails"), st.lists(ADDRESS, max_size=2)),
    st.tuples(st.just("roles"), st.lists(st.sampled_from([{"value": "ADMIN"}, {"value": "USER", "primary": True}]))),
    st.tuples(st.just("name"), st.dictionaries(st.sampled_from(["givenName", "familyName"]), VALUES)),
    st.tuples(st.just(""), st.dictionaries(st.sampled_from(["displayName", "name.familyName", "locale"]), VALUES)),
)
OPS = st.sampled_from(["replace", "replace", "add", "remove"])
USERS = st.fixed_dictionaries(
    {"schemas": st.just([CORE]), "userName": st.just("nao@aozora.example"), "active": st.just(True)},
    optional={
        "displayName": st.just("Nao"),
        "locale": st.just("en-US"),
        "name": st.just({"givenName": "Nao", "familyName": "Ito"}),
        "roles": st.just([{"value": "GUEST", "primary": True}]),
        "nickName": st.just("nao"),
        NULAB: st.just({"uniqueId": "nao"}),
        "emails": st.sampled_from(
            [[{"value": "n@aozora.example", **kind, "primary": True}] for kind in ({"type": "work"}, {"type": "x"}, {})]
        ),
    },
)


@settings(max_examples=300)
@given(document=USERS, operations=st.lists(st.tuples(OPS, st.tuples(TEXTS, VALUES) | OF_MANY), min_size=1, max_size=3))
def test_what_needs_no_grammar_is_wished_as_the_grammar_would(
    document: Body, operations: list[tuple[str, tuple[str, Any]]]
) -> None:
    sent: list[Body] = [
        {"op": op, "value": value} | ({"path": path} if path else {}) for op, (path, value) in operations
    ]

    def wished() -> Any:
        try:
            patch = UserPatch({"Operations": sent})
            assume(patch.operations)
            return from_difference(document, patch.apply(document), patch.named)
        except Refusal as refusal:
            return refusal.code, refusal.figures

    as_it_was = copy.deepcopy(document)
    plainly = wished()
    with mock.patch("provisioning.scim.wire.patch.set_plainly", return_value=None):
        assert wished() == plainly
    assert document == as_it_was


def test_the_patches_of_a_day_need_no_grammar(idp: Idp, nao: Answer) -> None:
    """What Entra ID and Okta send of a changed person."""
    with mock.patch.object(UserPatch, "_apply_by_grammar", side_effect=AssertionError):
        entra = idp.patch(
            nao["id"], replace("displayName", "N I"), replace("name.familyName", "I"), replace("active", True),
            replace('emails[type eq "work"].value', "nao.ito@aozora.example"), add("externalId", "7"),
            replace("roles", [{"primary": True, "value": "USER"}]),
        )  # fmt: skip
        okta = idp.patch(nao["id"], {"op": "replace", "value": {"active": True, "displayName": "N", "nickName": "n-i"}})

    assert (entra.status, okta.status, okta["displayName"]) == (200, 200, "N")
