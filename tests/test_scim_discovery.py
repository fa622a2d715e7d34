"""The discovery documents say what is served, neither more nor less."""

from typing import Any

from provisioning.models import Kind
from tests.scim import CORE, LIST, NULAB, Idp, work_email


def declared(idp: Idp, schema: str) -> dict[str, set[str]]:
    return {
        attribute["name"]: {sub["name"] for sub in attribute.get("subAttributes", [])}
        for attribute in idp.get(f"/Schemas/{schema}")["attributes"]
    }


def test_the_service_says_what_it_can_do(idp: Idp) -> None:
    config = idp.get("/ServiceProviderConfig")

    supported = {
        name: config[name]["supported"] for name in ("patch", "bulk", "filter", "changePassword", "sort", "etag")
    }
    assert supported == {
        "patch": True, "bulk": False, "filter": True, "changePassword": False, "sort": False, "etag": True,
    }  # fmt: skip
    assert [scheme["type"] for scheme in config["authenticationSchemes"]] == ["oauthbearertoken"]


def test_the_schemas_declare_exactly_what_a_full_resource_has(idp: Idp) -> None:
    made = idp.create(
        "nao", externalId="n-1", displayName="N", name={"givenName": "N", "familyName": "I", "formatted": "N I"},
        emails=work_email("n@aozora.example"), nickName="nn",
    ).body  # fmt: skip
    common = {"schemas", "id", "externalId", "meta"}

    core = declared(idp, CORE)
    assert set(core) - {"groups"} == set(made) - common - {NULAB}
    for name, subs in core.items():
        value: Any = made.get(name)
        if subs and value:
            assert set(value[0] if isinstance(value, list) else value) == subs
    assert declared(idp, NULAB) == {"uniqueId": set()}


def test_each_schema_and_resource_type_is_found_by_its_id(idp: Idp) -> None:
    schemas, types = idp.get("/Schemas"), idp.get("/ResourceTypes")

    assert (schemas["schemas"], schemas["totalResults"], types["totalResults"]) == ([LIST], 2, 1)
    for listed, path in ((schemas, "/Schemas"), (types, "/ResourceTypes")):
        for document in listed["Resources"]:
            assert idp.get(f"{path}/{document['id']}").body == document
            assert document["meta"]["location"] == f"http://localhost:8000{idp.base}{path}/{document['id']}"
    assert idp.get(f"/Schemas/{CORE.lower()}").status == 200
    assert idp.get("/Schemas/urn:made:up").status == 404
    assert types["Resources"][0]["schemaExtensions"] == [{"schema": NULAB, "required": False}]


def test_paging_and_sorting_are_ignored(idp: Idp) -> None:
    plain = idp.get("/Schemas").body

    assert idp.get("/Schemas/?startIndex=2&count=0&sortBy=id&sortOrder=descending").body == plain
    assert idp.get("/Schemas?count=text").body == plain


def test_a_discovery_is_told_in_the_sync_activity(idp: Idp) -> None:
    idp.get("/ResourceTypes")

    assert idp.last_activity().kind == Kind.DISCOVER


def test_user_names_are_required_and_groups_are_read_only(idp: Idp) -> None:
    attributes = {attribute["name"]: attribute for attribute in idp.get(f"/Schemas/{CORE}")["attributes"]}

    assert attributes["userName"]["required"] is True
    assert attributes["userName"]["uniqueness"] == "server"
    assert attributes["groups"]["mutability"] == "readOnly"
    assert attributes["emails"]["multiValued"] is True
