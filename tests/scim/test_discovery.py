"""The discovery documents say what is served, and every answer is what they say."""

from collections.abc import Iterator
from typing import Any

import pytest
from scim2_models import Context, Error, Extension, ListResponse, Resource, ResourceType, Schema, ServiceProviderConfig

from members.models import Member, Team
from provisioning.models import Kind
from tests.cast import OPERATOR
from tests.scim import CORE, LIST, NULAB, Answer, Idp, is_scim_error, patch_body, replace, user, work_email


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
        "patch": True, "bulk": True, "filter": True, "changePassword": False, "sort": True, "etag": True,
    }  # fmt: skip
    ServiceProviderConfig.model_validate(config.body)
    assert (config["bulk"]["maxOperations"], config["bulk"]["maxPayloadSize"]) == (1000, 1024 * 1024)
    assert config["pagination"] == {
        "cursor": True, "index": True, "defaultPaginationMethod": "index", "defaultPageSize": 100, "maxPageSize": 1000,
        "cursorTimeout": 3600,
    }  # fmt: skip
    assert [scheme["type"] for scheme in config["authenticationSchemes"]] == ["oauthbearertoken"]


def test_the_schemas_declare_exactly_what_a_full_resource_has(idp: Idp) -> None:
    made = idp.create(
        "nao", externalId="n-1", displayName="N", name={"givenName": "N", "familyName": "I", "formatted": "N I"},
        emails=work_email("n@aozora.example"), nickName="nn",
    ).body  # fmt: skip
    common = {"schemas", "id", "meta"}

    core = declared(idp, CORE)
    assert set(core) - {"groups"} == set(made) - common - {NULAB}
    for name, subs in core.items():
        value: Any = made.get(name)
        if subs and value:
            assert set(value[0] if isinstance(value, list) else value) == subs
    assert declared(idp, NULAB) == {"uniqueId": set()}


def test_each_schema_and_resource_type_is_found_by_its_id(idp: Idp) -> None:
    schemas, types = idp.get("/Schemas"), idp.get("/ResourceTypes")

    assert (schemas["schemas"], schemas["totalResults"], types["totalResults"]) == ([LIST], 3, 2)
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


GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
# What each attribute has at first, and what it is changed to.
VALUES: dict[str, tuple[Any, Any]] = {
    "externalId": ("n-1", "n-2"),
    "userName": ("nao@aozora.example", "nao.ito@aozora.example"), "displayName": ("Nao Ito", "Nao"),
    "name.formatted": ("Nao K. Ito", "N. Ito"), "name.familyName": ("Ito", "Abe"), "name.givenName": ("Nao", "Naomi"),
    "nickName": ("nao.i", "nao.j"), f"{NULAB}:uniqueId": ("nao.i", "nao.j"), "preferredLanguage": ("ja-JP", "en-US"),
    "locale": ("en-US", "ja-JP"), "timezone": ("Asia/Tokyo", "Europe/Berlin"), "active": (True, False),
    "emails.value": ("n@aozora.example", "o@aozora.example"), "emails.type": ("work", "home"),
    "emails.primary": (True, True), "roles.value": ("USER", "GUEST"), "roles.primary": (True, True),
    "groups.value": (None, None), "groups.display": ("Sales", None),
}  # fmt: skip


@pytest.fixture
def nao(idp: Idp) -> Answer:
    """Somebody who has a value of every attribute."""
    first = {path: value for path, (value, _) in VALUES.items()}
    made = idp.create(
        "nao", externalId="n-1", displayName=first["displayName"], timezone=first["timezone"], locale=first["locale"],
        preferredLanguage=first["preferredLanguage"], emails=work_email(first["emails.value"]),
        roles=[{"value": "USER", "primary": True}], **{NULAB: {"uniqueId": "nao.i"}},
        name={part: first[f"name.{part}"] for part in ("formatted", "familyName", "givenName")},
    )  # fmt: skip
    Team.objects.create_team(idp.organization, "Sales", by=OPERATOR).add(idp.member(made), by=OPERATOR)
    return idp.read(made["id"])


def leaves(idp: Idp) -> Iterator[tuple[str, dict[str, Any]]]:
    """The path and the characteristics of every attribute that is declared, parts of complex ones for these."""
    for schema in (idp.get(f"/Schemas/{urn}").body for urn in (CORE, NULAB)):
        prefix = "" if schema["id"] == CORE else f"{schema['id']}:"
        for attribute in schema["attributes"]:
            parts = attribute.get("subAttributes") or ()
            for part in parts:
                yield f"{prefix}{attribute['name']}.{part['name']}", part
            if not parts:
                yield f"{prefix}{attribute['name']}", attribute


def value_at(document: dict[str, Any], path: str) -> Any:
    if path.startswith(NULAB):
        return document.get(NULAB, {}).get("uniqueId")
    top, _, sub = path.partition(".")
    value = document.get(top)
    value = value[0] if isinstance(value, list) and value else value
    return value.get(sub) if sub and isinstance(value, dict) else value


def written_at(path: str) -> str:
    top, _, sub = path.partition(".")
    return f"{top}[primary eq true].{sub}" if top in ("emails", "roles") else path


def body_with(path: str, value: Any) -> dict[str, Any]:
    top, _, sub = path.partition(".")
    if path.startswith(NULAB):
        return {NULAB: {"uniqueId": value}}
    return {top: value if not sub else {sub: value} if top == "name" else [{sub: value}]}


def test_what_is_declared_is_what_is_kept(idp: Idp) -> None:
    assert {path for path, _ in leaves(idp)} == set(VALUES)


def test_groups_are_declared_as_they_are(idp: Idp, mia: Member) -> None:
    schema = idp.get(f"/Schemas/{GROUP}").body
    said = {attribute["name"]: attribute for attribute in schema["attributes"]}
    parts = {part["name"]: part for part in said["members"]["subAttributes"]}
    marks = ("required", "mutability", "uniqueness", "caseExact")
    kept = {name: tuple(map(said[name].get, marks)) for name in ("externalId", "displayName")}

    assert kept == {
        "externalId": (False, "readWrite", "none", True), "displayName": (True, "readWrite", "server", False),
    }  # fmt: skip
    assert (said["members"]["multiValued"], said["members"]["required"]) == (True, False)
    assert {name: (part["mutability"], part["required"]) for name, part in parts.items()} == {
        "value": ("immutable", True), "$ref": ("immutable", False), "display": ("immutable", False),
        "type": ("immutable", False),
    }  # fmt: skip
    assert (parts["$ref"]["referenceTypes"], parts["type"]["canonicalValues"]) == (["User"], ["User"])
    assert all(one["description"] and one["returned"] == "default" for one in (*said.values(), *parts.values()))
    made = idp.post({"displayName": "Sales", "externalId": "7f", "members": [{"value": mia.scim_id}]}, "/Groups")
    one = Resource.from_schema(Schema.model_validate(schema)).model_validate(
        made.body, scim_ctx=Context.RESOURCE_CREATION_RESPONSE
    )
    assert set(one.model_dump()) == set(made.body) == {"schemas", "id", "meta", *said}
    assert set(made["members"][0]) == set(parts)


def test_every_attribute_is_returned_as_declared(idp: Idp, nao: Answer) -> None:
    for path, said in leaves(idp):
        assert said["returned"] == "default", path
        alone = idp.get(f"/Users/{nao['id']}?attributes={path}").body
        without = idp.get(f"/Users/{nao['id']}?excludedAttributes={path}").body
        value = value_at(nao.body, path)
        assert value is not None, path
        assert (value_at(alone, path), value_at(without, path)) == (value, None)
        assert set(alone) <= {"schemas", "id", NULAB if path.startswith(NULAB) else path.partition(".")[0]}


def test_every_attribute_can_be_written_as_declared(idp: Idp, nao: Answer) -> None:
    for path, said in leaves(idp):
        value = VALUES[path][1]
        answer = idp.patch(nao["id"], replace(written_at(path), "x" if value is None else value))
        if said["mutability"] == "readOnly":
            assert (answer.status, answer["scimType"]) == (400, "mutability"), path
        else:
            assert said["mutability"] == "readWrite"
            assert (answer.status, value_at(answer.body, path)) == (200, value), path


def test_every_text_is_compared_as_declared(idp: Idp, nao: Answer) -> None:
    for path, said in leaves(idp):
        if said["type"] == "string":
            value = value_at(nao.body, path)
            for operator in ("eq", "sw"):
                found = idp.find(f'{path} {operator} "{value.swapcase()}"')
                assert (nao["userName"] in found.names) is not said["caseExact"], path


def test_every_attribute_is_unique_as_declared(idp: Idp, nao: Answer) -> None:
    for number, (path, said) in enumerate(leaves(idp)):
        value = value_at(nao.body, path)
        body = user(f"emi{number}@aozora.example") | (body_with(path, value) if said["type"] == "string" else {})
        answer = idp.post(body)
        is_taken = said["uniqueness"] == "server"
        assert (answer.status, answer.body.get("scimType")) == ((409, "uniqueness") if is_taken else (201, None)), path


def test_every_suggested_value_is_kept_and_what_is_required_is_needed(idp: Idp, nao: Answer) -> None:
    for path, said in leaves(idp):
        for value in said.get("canonicalValues") or ():
            meant = value == "true" if said["type"] == "boolean" else value
            answer = idp.patch(nao["id"], replace(written_at(path), value))
            assert (answer.status, value_at(answer.body, path)) == (200, meant), path
        assert said["required"] is (path == "userName")
    assert is_scim_error(idp.post({"displayName": "Nobody"}), 400)
    assert idp.post({"userName": "emi@aozora.example"}).status == 201


# -- Every answer is what a client's strict models expect, made of the schemas that the service itself declares


FULL: dict[str, Any] = {
    "externalId": "n-1", "displayName": "Nao Ito", "nickName": "nn", "preferredLanguage": "ja-JP", "locale": "en-US",
    "name": {"formatted": "Nao Ito", "familyName": "Ito", "givenName": "Nao"}, "timezone": "Asia/Tokyo",
    "roles": [{"value": "USER", "primary": True}],
}  # fmt: skip


@pytest.fixture
def model(idp: Idp) -> Any:
    """The User as a client builds it from /Schemas and /ResourceTypes."""
    schemas = {one["id"]: Schema.model_validate(one) for one in idp.get("/Schemas")["Resources"]}
    resource_type = ResourceType.model_validate(idp.get("/ResourceTypes/User").body)
    extensions = [str(one.schema_) for one in resource_type.schema_extensions or []]
    assert (str(resource_type.schema_), extensions) == (CORE, [NULAB])
    return Resource.from_schema(schemas[CORE])[Extension.from_schema(schemas[NULAB])]  # type: ignore[index]


def test_every_user_is_one(idp: Idp, model: Any, mia: Member) -> None:
    made = idp.create("nao", **FULL, emails=work_email("n@aozora.example"))
    path = f"/Users/{made['id']}"
    answers = [
        (made, Context.RESOURCE_CREATION_RESPONSE),
        (idp.put(made["id"], user("nao@aozora.example")), Context.RESOURCE_REPLACEMENT_RESPONSE),
        (idp.call("PATCH", path, patch_body(replace("displayName", "N"))), Context.RESOURCE_PATCH_RESPONSE),
        (idp.get(path), Context.RESOURCE_QUERY_RESPONSE),
        (idp.get(f"{path}?attributes=userName"), Context.RESOURCE_QUERY_RESPONSE),
        (idp.get(f"{path}?excludedAttributes=emails,meta"), Context.RESOURCE_QUERY_RESPONSE),
        (idp.read(mia.scim_id), Context.RESOURCE_QUERY_RESPONSE),
    ]

    for answer, context in answers:
        one = model.model_validate(answer.body, scim_ctx=context)
        assert one.id == answer["id"]
        assert set(one.model_dump()) == set(answer.body)


def test_every_list_is_one(idp: Idp, model: Any, mia: Member) -> None:
    lists: list[tuple[Answer, Any]] = [
        (idp.get(), model),
        (idp.get("/Users?count=0"), model),
        (idp.find('userName eq "nobody"'), model),
        (idp.find("id pr", startIndex=2, count=1, attributes="userName"), model),
        (idp.search(filter='userName eq "mia@aozora.example"'), model),
        (idp.get("/Schemas"), Schema),
        (idp.get("/ResourceTypes"), ResourceType),
    ]

    for answer, inner in lists:
        context = Context.SEARCH_RESPONSE if inner is model else Context.RESOURCE_QUERY_RESPONSE
        listed = ListResponse[inner].model_validate(answer.body, scim_ctx=context)  # type: ignore[valid-type]
        assert listed.total_results == answer["totalResults"]
        assert len(listed.resources or []) == len(answer["Resources"]) == answer["itemsPerPage"]


def test_every_discovery_document_is_one(idp: Idp) -> None:
    documents: list[tuple[str, Any]] = [
        ("/ServiceProviderConfig", ServiceProviderConfig), ("/ResourceTypes/User", ResourceType),
        (f"/Schemas/{CORE}", Schema), (f"/Schemas/{NULAB}", Schema), (f"/Schemas/{GROUP}", Schema),
        ("/ResourceTypes/Group", ResourceType),
    ]  # fmt: skip

    for path, kind in documents:
        answer = idp.get(path)
        one = kind.model_validate(answer.body, scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
        assert one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)["schemas"] == answer["schemas"]
        assert str(one.meta.location).endswith(path)


def test_every_error_is_one(idp: Idp, mia: Member) -> None:
    me = f"/Users/{mia.scim_id}"
    errors = [
        idp.get("/Users?filter=x"), idp.get("/Users/nobody"), idp.post({}), idp.post(user("mia@aozora.example")),
        idp.call("PATCH", me, patch_body(replace("id", "x"))), idp.call("BREW", "/Users"), idp.get("/Groups/x"),
        idp.get("/Me"), idp.post(b"x"), idp.post(user("x@elsewhere.example")), idp.get("/Schemas?filter=x"),
        idp.get(headers={"Authorization": ""}), idp.post(b"{}", content_type="text/plain"), idp.get("/nowhere"),
        idp.call("DELETE", me, headers={"If-Match": '"old"'}), idp.post(b"x" * (1024 * 1024 + 1)),
    ]  # fmt: skip

    for answer in errors:
        error = Error.model_validate(answer.body)
        assert (error.status, bool(error.detail)) == (answer.status, True)
    assert {answer.status for answer in errors} == {400, 401, 403, 404, 405, 409, 412, 413, 415, 501}
