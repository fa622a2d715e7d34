"""Null, blank, empty and without a value are one state (RFC 7643 §2.5), for every attribute, in every call."""

from typing import Any

import pytest

from tests.scim import CORE, NULAB, Answer, Body, Idp, replace, user

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
