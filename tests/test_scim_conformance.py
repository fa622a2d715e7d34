"""What the RFCs say of times, schemas, preconditions and types, through the public URL."""

import logging
from typing import Any

import pytest

from tests.scim import CORE, NULAB, Idp, is_scim_error, patch_body, replace, user


@pytest.mark.parametrize("fields", [{}, {"nickName": "nn"}, {"active": False, "externalId": "n-1"}], ids=str)
def test_nobody_has_been_modified_before_something_changes(idp: Idp, fields: dict[str, Any]) -> None:
    meta = idp.create("nao", **fields)["meta"]

    assert meta["lastModified"] == meta["created"]


def test_a_filter_on_schemas_sees_those_of_each(idp: Idp) -> None:
    idp.create("nao", nickName="nn")
    everybody, chosen = idp.organization.members.count(), 1

    found = {
        text: idp.find(text).body["totalResults"]
        for text in (
            f'schemas eq "{NULAB}"', f'schemas ne "{NULAB}"', f'schemas eq "{CORE.upper()}"', f'schemas ne "{CORE}"',
            'schemas co "nulab"', 'schemas sw "urn:"', 'schemas ew ":user"', "schemas pr", 'not (schemas co "nulab")',
        )
    }  # fmt: skip

    others = everybody - chosen
    assert list(found.values()) == [chosen, others, everybody, 0, chosen, everybody, everybody, everybody, others]
    assert is_scim_error(idp.find('schemas gt "a"'), 400)


def test_any_version_is_known_to_if_none_match_with_a_star(idp: Idp) -> None:
    nao = idp.create("nao")
    star = {"If-None-Match": "*"}

    assert idp.get(f"/Users/{nao['id']}", headers=star).status == 304
    assert idp.put(nao["id"], user("nao@aozora.example"), headers=star).status == 412
    patched = idp.call("PATCH", f"/Users/{nao['id']}", patch_body(replace("active", False)), headers=star)
    assert patched.status == 412
    assert idp.delete(nao["id"], headers=star).status == 412
    assert idp.get("/Users/nobody", headers=star).status == 404


def test_every_attribute_is_described(idp: Idp) -> None:
    for schema in idp.get("/Schemas")["Resources"]:
        for attribute in schema["attributes"]:
            for one in (attribute, *attribute.get("subAttributes", ())):
                assert one["description"], one["name"]
    core = idp.get(f"/Schemas/{CORE}").body
    assert (core["name"], core["description"]) == ("User", "User Account")


TEXTS: list[dict[str, Any]] = [
    {"userName": 123}, {"name": {"givenName": 1}}, {"timezone": {"a": 1}},
    *({name: 5} for name in ("displayName", "nickName", "preferredLanguage", "locale", "timezone")),
]  # fmt: skip


@pytest.mark.parametrize("wrong", TEXTS, ids=str)
def test_a_number_is_no_text(idp: Idp, wrong: dict[str, Any]) -> None:
    answer = idp.post(user("nao@aozora.example") | wrong)

    assert is_scim_error(answer, 400)
    assert answer["scimType"] == "invalidValue"


@pytest.mark.parametrize("query", ["filter=", "filter=%20", "filter"])
def test_an_empty_filter_is_not_everybody(idp: Idp, query: str) -> None:
    answer = idp.get(f"/Users?{query}")

    assert is_scim_error(answer, 400)
    assert answer["scimType"] == "invalidFilter"
    assert idp.search(filter="").status == 400
    assert idp.search(filter=None).status == 200


def test_what_is_not_offered_is_no_error_of_the_site(idp: Idp, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert idp.post({}, "/Bulk").status == 501

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("roles", [{}, {"roles": None}, {"roles": []}], ids=str)
def test_a_put_that_says_no_role_leaves_the_role(idp: Idp, roles: dict[str, Any]) -> None:
    nao = idp.create("nao", roles=[{"value": "USER"}])

    assert idp.put(nao["id"], user("nao@aozora.example", **roles))["roles"] == nao["roles"]
