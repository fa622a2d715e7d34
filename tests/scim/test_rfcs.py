"""What RFC 7643 and RFC 7644 ask of a service provider, section by section: the test that holds it, or the test here.

What departs from them stands in docs/scim.md under Exceptions, each with its reason.
"""

import ast
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.scim import CORE, LIST, SEARCH, Answer, Body, Idp, add, is_scim_error, patch_body, replace, user, work_email

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

HELD = {
    # -- RFC 7644
    "7644 §2 a request without a good token is 401 with WWW-Authenticate":
        "test_tokens test_anything_but_the_token_is_turned_away_with_the_same_words",
    "7644 §3.1 bodies are JSON in UTF-8 under scim+json": "here test_answers_are_scim_json",
    "7644 §3.2 each method at each address, 405 with Allow":
        "test_bodies test_a_method_that_an_address_does_not_take_is_refused_with_those_it_takes",
    "7644 §3.3 201, Location, the whole resource":
        "test_create test_the_answer_is_the_whole_resource_with_its_address_and_version",
    "7644 §3.3 readOnly attributes of a body are ignored":
        "test_create test_id_meta_and_groups_of_the_client_are_not_taken",
    "7644 §3.3 409 uniqueness": "test_create test_what_a_member_has_already_is_a_conflict_that_names_the_member",
    "7644 §3.3.1 meta.resourceType is the type of the address": "here test_meta_says_type_times_address_and_version",
    "7644 §3.4.1 404 for an unknown id": "test_bodies test_an_id_that_nobody_has_is_not_found",
    "7644 §3.4.2 ListResponse; nobody is 200 and 0": "here test_a_list_says_how_many_there_are",
    "7644 §3.4.2.2 operators, grouping, value paths":
        "test_filters test_a_filter_finds_those_it_describes_and_nobody_next_door",
    "7644 §3.4.2.2 any filter agrees with another evaluator":
        "test_sorting test_a_filter_finds_whom_scim2_models_finds_in_its_order",
    "7644 §3.4.2.2 and binds closer than or": "test_errors test_and_binds_closer_than_or_and_quotes_may_be_escaped",
    "7644 §3.4.2.2 invalidFilter": "test_filters test_what_cannot_be_filtered_by_is_refused_never_answered_more_widely",
    "7644 §3.4.2.3 sortBy, sortOrder": "test_sorting test_the_order_is_that_of_scim2_models",
    "7644 §3.4.2.3 without a value is last": "test_sorting test_without_a_value_is_last_and_descending_first",
    "7644 §3.4.2.4 startIndex below 1 is 1, a negative count 0": "test_read test_a_page_is_cut_where_it_is_asked",
    "7644 §3.4.2.4 all pages are everybody": "test_read test_all_pages_together_are_everybody_once",
    "7644 §3.4.2.5 attributes": "test_read test_only_the_attributes_asked_for_are_returned",
    "7644 §3.4.2.5 excludedAttributes, never what is always returned":
        "test_read test_excluded_attributes_are_left_out_but_never_the_id",
    "7644 §3.4.3 .search is the same list": "here test_a_search_by_post_is_the_same_list",
    "7644 §3.5.1 PUT replaces": "test_errors test_a_put_replaces",
    "7644 §3.5.1 PUT creates nobody": "test_replace test_put_creates_nobody",
    "7644 §3.5.2 all operations or none": "test_patch test_a_refused_operation_undoes_the_ones_beside_it",
    "7644 §3.5.2 operations in their order": "test_patch test_operations_are_applied_in_their_order",
    "7644 §3.5.2.1 add of what is there changes nothing":
        "test_patch test_a_patch_that_changes_nothing_leaves_version_and_time_alone",
    "7644 §3.5.2.2 remove without a path is noTarget": "here test_scim_types_say_what_was_wrong",
    "7644 §3.5.2.3 replace": "test_patch test_an_operation_changes_what_it_names",
    "7644 §3.5.2 members of a group": "test_group_patches test_who_is_in_it_afterwards",
    "7644 §3.6 204, then 404, found by nothing, the name is free":
        "test_delete test_a_deleted_member_is_gone_from_scim_and_the_address_is_free",
    "7644 §3.7 each operation by itself": "test_bulk test_each_operation_is_done_or_refused_by_itself",
    "7644 §3.7.1 bulkId in either direction": "test_bulk test_values_refer_either_way_over_resource_types",
    "7644 §3.7.3 failOnErrors": "test_bulk test_after_so_many_errors_nothing_more_is_done",
    "7644 §3.7.4 413": "test_bodies test_a_body_over_a_mebibyte_is_too_large",
    "7644 §3.8 both media types are read": "test_bodies test_json_under_either_name_is_taken",
    "7644 §3.9 attributes at a write": "test_read test_the_answer_to_a_write_is_cut_too",
    "7644 §3.10 names without case, with their URN": "here test_names_are_compared_without_case_and_may_be_qualified",
    "7644 §3.11 /Me of a token that is nobody": "test_bodies test_what_is_not_offered_says_so",
    "7644 §3.12 every error": "test_discovery test_every_error_is_one",
    "7644 §3.12 scimType": "here test_scim_types_say_what_was_wrong",
    "7644 §3.12 status is a text": "test_errors test_status_is_a_string_in_every_error",
    "7644 §3.13 /v2 stands in the address": "here test_meta_says_type_times_address_and_version",
    "7644 §3.14 versions and conditions": "test_conditions test_a_version_is_met_in_every_form",
    "7644 §3.14 of a group": "test_groups test_versions_and_conditions",
    "7644 §4 discovery knows no paging": "test_discovery test_paging_and_sorting_are_ignored",
    "7644 §4 each by its id": "test_discovery test_each_schema_and_resource_type_is_found_by_its_id",
    "7644 §4 a filter there is 403": "test_discovery test_every_error_is_one",
    "7644 §7.4 no token in the address": "test_door test_a_token_in_the_address_the_body_or_a_cookie_opens_nothing",
    # -- RFC 7643
    "7643 §2.1 names without case": "here test_names_are_compared_without_case_and_may_be_qualified",
    "7643 §2.2 characteristics are true": "test_discovery test_every_attribute_can_be_written_as_declared",
    "7643 §2.2 returned": "test_discovery test_every_attribute_is_returned_as_declared",
    "7643 §2.2 caseExact": "test_discovery test_every_text_is_compared_as_declared",
    "7643 §2.2 uniqueness": "test_discovery test_every_attribute_is_unique_as_declared",
    "7643 §2.3 types": "test_bodies test_a_value_of_the_wrong_kind_is_a_bad_request",
    "7643 §2.3.5 times with a zone": "here test_meta_says_type_times_address_and_version",
    "7643 §2.4 at most one primary": "here test_there_is_one_primary_entry",
    "7643 §2.5 null, empty and absent are one": "test_replace test_in_a_put_it_is_as_if_it_had_not_been_sent",
    "7643 §3 schemas name what is there": "test_read test_a_filter_on_schemas_sees_those_of_each",
    "7643 §3.1 id stays, and is nobody's again": "test_errors test_the_id_survives_every_write",
    "7643 §3.1 externalId is the client's":
        "test_create test_several_people_have_the_same_external_id_and_are_all_found",
    "7643 §3.1 meta": "here test_meta_says_type_times_address_and_version",
    "7643 §3.1 bulkId is no id": "here test_meta_says_type_times_address_and_version",
    "7643 §4.1 userName is required": "test_errors test_a_post_without_user_name_creates_nobody",
    "7643 §4.2 a group has a name": "test_groups test_a_group_must_have_a_name",
    "7643 §4.2 a member's $ref and type": "here test_members_and_groups_refer_to_each_other",
    "7643 §5 what the service can do": "here test_the_service_tells_all_that_it_must",
    "7643 §6 resource types": "here test_resource_types_and_schemas_name_each_other",
    "7643 §7 schemas": "test_discovery test_every_discovery_document_is_one",
    "7643 §8 a strict client reads every answer": "test_discovery test_every_user_is_one",
}  # fmt: skip


@cache
def names_in(module: str) -> set[str]:
    path = Path(__file__) if module == "here" else Path(__file__).with_name(f"{module}.py")
    return {one.name for one in ast.parse(path.read_text("utf-8")).body if isinstance(one, ast.FunctionDef)}


def test_each_requirement_is_held_by_a_test_that_is_there() -> None:
    lost = {requirement: held for requirement, held in HELD.items() if held.split()[1] not in names_in(held.split()[0])}

    assert lost == {}


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create("nao", displayName="Nao Ito", emails=work_email("n@aozora.example"))


def test_answers_are_scim_json(idp: Idp, nao: Answer) -> None:
    answers = [
        nao, idp.get(), idp.read(nao["id"]), idp.get("/Groups"), idp.get("/Schemas"), idp.get("/ServiceProviderConfig"),
        idp.get("/nowhere"), idp.get(headers={"Accept": "application/json"}), idp.post(b"{"), idp.search(),
    ]  # fmt: skip

    for answer in answers:
        assert answer.headers["content-type"].partition(";")[0] == "application/scim+json"
        assert isinstance(answer.content.decode("utf-8"), str)


def test_meta_says_type_times_address_and_version(idp: Idp, nao: Answer) -> None:
    team = idp.post({"displayName": "Sales"}, "/Groups")

    for made, kind in ((nao, "User"), (team, "Group")):
        meta, path = made["meta"], f"/{kind}s/{made['id']}"
        read = idp.get(path)
        assert meta["resourceType"] == kind
        assert meta["location"] == made.headers["location"] == read.headers["location"]
        assert re.fullmatch(rf"http://localhost:8000/spaces/\w+/scim/v2{path}", meta["location"])
        assert meta["version"] == made.etag == read.etag
        assert all(datetime.fromisoformat(meta[name]).tzinfo for name in ("created", "lastModified"))
        assert "bulkid" not in made["id"].lower()


def test_a_list_says_how_many_there_are(idp: Idp, nao: Answer) -> None:
    for kind in ("Users", "Groups"):
        nobody = idp.get(f"/{kind}?filter=externalId%20eq%20%22nobody%22")
        assert (nobody.status, nobody["schemas"], nobody["totalResults"]) == (200, [LIST], 0)
        assert nobody.body.get("Resources", []) == []
        counted = idp.get(f"/{kind}?count=0")
        assert (counted.status, counted.body.get("Resources", [])) == (200, [])
    assert idp.get("/Users?count=0")["totalResults"] == idp.organization.members.count()


def test_a_search_by_post_is_the_same_list(idp: Idp, nao: Answer) -> None:
    idp.post({"displayName": "Sales"}, "/Groups")

    for kind, sort in (("Users", "userName"), ("Groups", "displayName")):
        query = f"/{kind}?filter=id%20pr&sortBy={sort}&sortOrder=descending&startIndex=1&count=1&attributes={sort}"
        body = {
            "schemas": [SEARCH], "filter": "id pr", "sortBy": sort, "sortOrder": "descending", "startIndex": 1,
            "count": 1, "attributes": [sort],
        }  # fmt: skip
        assert idp.post(body, f"/{kind}/.search").body == idp.get(query).body


def test_names_are_compared_without_case_and_may_be_qualified(idp: Idp, nao: Answer) -> None:
    made = idp.post({"USERNAME": "mio@aozora.example", "DisplayName": "Mio", "EMAILS": work_email("m@aozora.example")})
    assert (made.status, made["displayName"], made["emails"][0]["value"]) == (201, "Mio", "m@aozora.example")
    for path in ("DISPLAYNAME", f"{CORE}:displayName", f"{CORE.upper()}:displayname"):
        changed = idp.patch(made["id"], replace(path, path[-8:]))
        assert changed["displayName"] == path[-8:]
        assert "displayName" in idp.get(f"/Users/{made['id']}?attributes={path}").body
        assert idp.find(f'{path} eq "{path[-8:]}"').names == ["mio@aozora.example"]
    team = idp.post({"DISPLAYNAME": "Sales", "Members": [{"VALUE": nao["id"]}]}, "/Groups")
    assert (team.status, [one["value"] for one in team["members"]]) == (201, [nao["id"]])
    assert idp.get(f"/Groups?filter={GROUP}:DISPLAYNAME%20eq%20%22sales%22")["totalResults"] == 1


TYPES: list[tuple[str, Body, str]] = [
    ("PATCH", patch_body({"op": "remove"}), "noTarget"),
    ("PATCH", patch_body(replace("id", "x")), "mutability"),
    ("PATCH", patch_body(replace("emails[type eq", "x")), "invalidPath"),
    ("PATCH", patch_body({"op": "move", "path": "displayName"}), "invalidSyntax"),
    ("PATCH", patch_body(replace("active", "perhaps")), "invalidValue"),
    ("PUT", user("aiko.tanaka@aozora.example"), "uniqueness"),
]


@pytest.mark.parametrize(("method", "body", "scim_type"), TYPES, ids=[one[2] for one in TYPES])
def test_scim_types_say_what_was_wrong(idp: Idp, nao: Answer, method: str, body: Body, scim_type: str) -> None:
    answer = idp.call(method, f"/Users/{nao['id']}", body)

    assert is_scim_error(answer, 409 if scim_type == "uniqueness" else 400)
    assert answer["scimType"] == scim_type


def test_there_is_one_primary_entry(idp: Idp, nao: Answer) -> None:
    other = {"value": "o@aozora.example", "type": "home", "primary": True}

    changed = idp.patch(nao["id"], add("emails", [other]), add("roles", [{"value": "USER", "primary": True}]))

    for name in ("emails", "roles"):
        assert [one["primary"] for one in changed[name]] == [True]


def test_members_and_groups_refer_to_each_other(idp: Idp, nao: Answer) -> None:
    team = idp.post({"displayName": "Sales", "members": [{"value": nao["id"]}]}, "/Groups")

    (member,), (group,) = team["members"], idp.read(nao["id"])["groups"]
    assert (member["value"], member["type"], member["$ref"]) == (nao["id"], "User", nao["meta"]["location"])
    assert (group["value"], group["display"]) == (team["id"], "Sales")


def test_the_service_tells_all_that_it_must(idp: Idp) -> None:
    config = idp.get("/ServiceProviderConfig").body

    assert config["schemas"] == [CONFIG]
    for name in ("patch", "bulk", "filter", "changePassword", "sort", "etag"):
        assert isinstance(config[name]["supported"], bool), name
    assert config["bulk"]["maxOperations"] > 0 < config["bulk"]["maxPayloadSize"]
    assert config["filter"]["maxResults"] > 0
    assert all({"type", "name", "description"} <= scheme.keys() for scheme in config["authenticationSchemes"])


def test_resource_types_and_schemas_name_each_other(idp: Idp) -> None:
    types: list[dict[str, Any]] = idp.get("/ResourceTypes")["Resources"]
    schemas = {one["id"] for one in idp.get("/Schemas")["Resources"]}

    assert [(one["name"], one["endpoint"]) for one in types] == [("User", "/Users"), ("Group", "/Groups")]
    named = {one["schema"] for one in types} | {
        extension["schema"] for one in types for extension in one.get("schemaExtensions", [])
    }
    assert named == schemas
    for one in types:
        assert idp.get(one["endpoint"]).status == 200


def test_each_departure_is_told_once() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "scim.md").read_text("utf-8")
    table = page.partition("Every departure from RFC 7643 and RFC 7644:")[2].partition("\n## ")[0]

    departures = re.findall(r"^\| (?:7643|7644|9110|9865) §\S+ \| (\S+ \S+ \S+ \S+)", table, re.MULTILINE)
    assert len(departures) > 20
    assert len(set(departures)) == len(departures)


def test_every_file_has_its_place_in_the_page() -> None:
    page = (Path(settings.BASE_DIR) / "docs" / "scim.md").read_text("utf-8").partition("## How it is built")[2]
    files = {path.name for path in Path(settings.BASE_DIR).glob("provisioning/scim/*/*.py")} - {"__init__.py"}

    assert len(files) > 40
    assert files <= set(re.findall(r"`(\w+\.py)`", page))
