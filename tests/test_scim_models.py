"""Every answer is what a client's strict models expect, made of the schemas that the service itself declares."""

from typing import Any

import pytest
from scim2_models import Context, Error, Extension, ListResponse, Resource, ResourceType, Schema, ServiceProviderConfig

from members.models import Member
from tests.scim import CORE, NULAB, Answer, Idp, patch_body, replace, user, work_email

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
        (f"/Schemas/{CORE}", Schema), (f"/Schemas/{NULAB}", Schema),
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
        idp.call("PATCH", me, patch_body(replace("id", "x"))), idp.call("BREW", "/Users"), idp.get("/Groups"),
        idp.get("/Me"), idp.post(b"x"), idp.post(user("x@elsewhere.example")), idp.get("/Schemas?filter=x"),
        idp.get(headers={"Authorization": ""}), idp.post(b"{}", content_type="text/plain"), idp.get("/nowhere"),
        idp.call("DELETE", me, headers={"If-Match": '"old"'}), idp.post(b"x" * (1024 * 1024 + 1)),
    ]  # fmt: skip

    for answer in errors:
        error = Error.model_validate(answer.body)
        assert (error.status, bool(error.detail)) == (answer.status, True)
    assert {answer.status for answer in errors} == {400, 401, 403, 404, 405, 409, 412, 413, 415, 501}
