"""Bulk (RFC 7644 §3.7): many operations in one request, each done or refused by itself."""

import json
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.db import connection, transaction
from django.test import override_settings
from scim2_models import BulkResponse
from zeal import zeal_ignore

from members.models import Account, Member, Pace
from provisioning.models import Kind, RefusedDeparture
from provisioning.models.hours import Outcome
from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.users import handlers
from provisioning.scim.users.resource import NulabUser, User
from provisioning.scim.users.wanted import from_resource
from tests.cast import OPERATOR
from tests.scim import Answer, Idp, is_scim_error, patch_body, replace, user
from tests.scim.printers import ROOM

# Typed as what it is when it runs.
READ: Any = cast(Any, BulkResponse)[cast(Any, User)[NulabUser]]
REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def post(number: Any, path: str = "/Users", **data: Any) -> dict[str, Any]:
    data = data or user(f"{number}@aozora.example")
    return {"method": "POST", "path": path, "bulkId": str(number), "data": data}


def bulk(idp: Idp, *operations: Any, **more: Any) -> Answer:
    # It is what it is for.
    with zeal_ignore():
        return idp.post({"schemas": [REQUEST], "Operations": list(operations), **more}, "/Bulk")


def results(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer
    READ.model_validate(answer.body)
    found: list[dict[str, Any]] = answer["Operations"]
    return found


def statuses(answer: Answer) -> list[str]:
    return [one["status"] for one in results(answer)]


def test_each_operation_is_done_or_refused_by_itself(idp: Idp, mia: Member) -> None:
    nao = idp.create("nao")
    here, there = f"/Users/{mia.scim_id}", f"/Users/{nao['id']}"

    answer = bulk(
        idp,
        post("emi"),
        post("mia"),
        {"method": "PATCH", "path": here, "data": patch_body(replace("displayName", "Mia A."))},
        {"method": "put", "path": there, "data": user("nao@aozora.example", displayName="N"), "version": nao.etag},
        {"method": "PATCH", "path": there, "version": nao.etag, "data": patch_body(replace("active", False))},
        {"method": "DELETE", "path": "/Users/nobody"},
        {"method": "DELETE", "path": there},
    )

    found = results(answer)
    assert [one["status"] for one in found] == ["201", "409", "200", "200", "412", "404", "204"]
    made = found[0]
    assert (made["method"], made["bulkId"], "response" in made) == ("POST", "emi", False)
    assert idp.read(made["location"].rpartition("/")[2]).etag == made["version"]
    assert ("location" in found[1], found[1]["response"]["scimType"]) == (False, "uniqueness")
    assert found[4]["location"] == f"http://localhost:8000{idp.base}{there}"
    assert (found[5]["response"]["status"], "no user" in found[5]["response"]["detail"].lower()) == ("404", True)
    assert idp.read(mia.scim_id)["displayName"] == "Mia A."
    assert idp.read(nao["id"]).status == 404


def test_who_is_created_has_what_the_tokens_issuer_prefers(idp: Idp, aiko: Member) -> None:
    Account.objects.filter(pk=aiko.account_id).update(language="ja", time_zone="Asia/Tokyo")

    bulk(idp, post("a", **user("nao@aozora.example")))

    nao = Account.objects.get(user_name="nao@aozora.example")
    assert (nao.language, nao.time_zone) == ("ja", "Asia/Tokyo")


def test_each_is_a_line_of_the_sync_activity_of_that_request(idp: Idp, mia: Member) -> None:
    answer = bulk(
        idp, post("emi"), {"method": "DELETE", "path": "/Users/nobody"},
        {"method": "PATCH", "path": f"/Users/{mia.scim_id}", "data": patch_body(replace("displayName", "M"))},
    )  # fmt: skip

    lines = list(idp.organization.sync_activity.filter(request_id=answer.headers["x-request-id"]).order_by("pk"))
    assert [(line.kind, line.method, line.path, line.status) for line in lines] == [
        (Kind.CREATE, "POST", "/Users", 201),
        (Kind.DELETE, "DELETE", "/Users/nobody", 404),
        (Kind.PATCH, "PATCH", f"/Users/{mia.scim_id}", 200),
    ]
    assert (lines[0].subject, lines[2].subject_id) == ("emi", mia.scim_id)
    assert lines[2].changes["display_name"][1] == "M"
    assert "emi@aozora.example" in lines[0].body
    assert dict(idp.organization.activity_hours.values_list("outcome", "calls")) == {
        Outcome.WRITTEN: 2, Outcome.REFUSED: 1,
    }  # fmt: skip


def test_after_so_many_errors_nothing_more_is_done(idp: Idp) -> None:
    wrong = {"method": "DELETE", "path": "/Users/nobody"}

    assert statuses(bulk(idp, wrong, post("emi"), wrong, post("riku"), failOnErrors=2)) == ["404", "201", "404"]
    assert statuses(bulk(idp, wrong, wrong, post("riku"))) == ["404", "404", "201"]
    for number in (0, -1, "1", True, 1.5):
        answer = bulk(idp, post("x"), failOnErrors=number)
        assert (answer.status, answer["scimType"]) == (400, "invalidValue"), number


def test_a_path_may_name_what_the_request_makes_before_or_after(idp: Idp) -> None:
    answer = bulk(
        idp,
        {"method": "PATCH", "path": "/Users/bulkId:emi", "data": patch_body(replace("displayName", "Emi"))},
        post("emi"),
        {"method": "DELETE", "path": "/Users/bulkId:riku"},
        post("riku"),
        {"method": "DELETE", "path": "/Users/bulkId:nobody"},
    )

    assert statuses(answer) == ["200", "201", "204", "201", "409"]
    assert idp.read(answer["Operations"][1]["location"].rpartition("/")[2])["displayName"] == "Emi"
    assert "refers to a bulkId without a resource" in answer["Operations"][4]["response"]["detail"]


def test_a_reference_in_what_is_not_kept_needs_nobody(idp: Idp) -> None:
    manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    answer = bulk(
        idp,
        post("a", **user("a@aozora.example", **{manager: {"manager": {"value": "bulkId:b"}}})),
        post("b", **user("b@aozora.example", **{manager: {"manager": {"value": "bulkId:a"}}})),
        {"method": "PATCH", "path": "/Users/bulkId:a", "data": patch_body(replace(f"{manager}:manager", "bulkId:x"))},
        post("c", **user("c@aozora.example", manager={"value": "bulkId:nobody"}, groups=[{"value": "bulkId:nobody"}])),
    )

    assert statuses(answer) == ["201", "201", "200", "201"]


@pytest.fixture
def printers() -> Iterator[None]:
    ROOM.clear()
    with override_settings(SCIM_URLCONF="tests.scim.printers"):
        yield


@pytest.mark.usefixtures("printers")
def test_values_refer_either_way_over_resource_types(idp: Idp) -> None:
    answer = bulk(
        idp,
        post("laser", "/Printers", displayName="Laser", floor="bulkId:emi"),
        {"method": "PATCH", "path": "/Printers/bulkId:laser", "data": patch_body(replace("floor", "bulkId:riku"))},
        post("emi"),
        post("riku"),
        post("one", "/Printers", displayName="One", floor="bulkId:two"),
        post("two", "/Printers", displayName="Two", floor="bulkId:one"),
        post("self", "/Printers", displayName="Self", floor="bulkId:self"),
        post("three", "/Printers", displayName="Three", floor="bulkId:nobody"),
    )

    found = results(answer)
    assert [one["status"] for one in found] == ["201", "200", "201", "201", "409", "409", "409", "409"]
    riku = found[3]["location"].rpartition("/")[2]
    assert [printer["floor"] for printer in ROOM[idp.organization.pk].values()] == [riku]
    assert "refer to each other" in found[4]["response"]["detail"]
    assert "bulkId without a resource" in found[7]["response"]["detail"]


def test_a_group_is_made_of_people_who_come_before_or_after_it(idp: Idp, mia: Member) -> None:
    members = [{"value": "bulkId:emi"}, {"value": mia.scim_id}, {"value": "bulkId:riku"}]
    leaving = {"op": "remove", "path": 'members[value eq "bulkId:emi"]'}
    answer = bulk(
        idp,
        post("emi"),
        post("sales", "/Groups", displayName="Sales", members=members),
        post("riku"),
        {"method": "PATCH", "path": "/Groups/bulkId:sales", "data": patch_body(leaving)},
        post("circle", "/Groups", displayName="Circle", members=[{"value": "bulkId:other"}]),
        post("other", "/Groups", displayName="Other", members=[{"value": "bulkId:circle"}]),
    )

    found = results(answer)
    assert [one["status"] for one in found] == ["201", "201", "201", "204", "409", "409"]
    ids = [one["location"].rpartition("/")[2] for one in found[:3]]
    group = idp.get(f"/Groups/{ids[1]}")
    assert {one["value"] for one in group["members"]} == {mia.scim_id, ids[2]}
    assert found[3]["location"] == found[1]["location"]
    lines = idp.organization.sync_activity.filter(request_id=answer.headers["x-request-id"]).order_by("pk")
    assert [line.subject for line in lines][:4] == ["emi", "riku", "Sales", "Sales"]


MENTIONS: dict[str, Any] = {
    "address": replace("members", [{"$ref": "https://scim.example/v2/Users/bulkId:emi"}]),
    "relative address": {"op": "add", "path": "members", "value": {"$ref": "../Users/bulkId:emi/"}},
    "address alone": {"op": "add", "path": "members", "value": [{"$REF": "bulkId:emi"}]},
    "JSON in a text": {"op": "add", "path": "members", "value": '[{"value": "bulkId:emi"}]'},
    "address in a text": {"op": "add", "path": "members", "value": '{"$ref": "/Users/bulkId:emi"}'},
    "list of one": {"op": "add", "value": [{"members": [{"value": "bulkId:emi"}]}]},
    "core schema": {"op": "add", "value": {GROUP.core: {"members": ["bulkId:emi"]}}},
    "path of the core schema": {"op": "add", "path": GROUP.core, "value": {"members": "bulkId:emi"}},
    "bare word": {"op": "add", "path": "members[value eq bulkId:emi]"},
    "single quotes": {"op": "add", "path": "members[value eq 'bulkId:emi']"},
    "key": {"op": "add", "value": {'members[value eq "bulkId:emi"]': {}}},
}


@pytest.mark.parametrize("mention", MENTIONS.values(), ids=MENTIONS)
def test_a_reference_is_found_in_every_form_in_which_members_are_read(idp: Idp, mention: dict[str, Any]) -> None:
    answer = bulk(
        idp,
        {"method": "PATCH", "path": "/Groups/bulkId:sales", "data": patch_body(mention)},
        post("sales", "/Groups", displayName="Sales"),
        post("emi"),
    )

    assert statuses(answer) == ["204", "201", "201"]
    sales, emi = (one["location"].rpartition("/")[2] for one in answer["Operations"][1:])
    assert [one["value"] for one in idp.get(f"/Groups/{sales}")["members"]] == [emi]


def test_nothing_overtakes_what_had_to_wait(idp: Idp) -> None:
    answer = bulk(
        idp,
        post("sales", "/Groups", displayName="Sales", members=[{"value": "bulkId:emi"}]),
        post("emi"),
        {"method": "DELETE", "path": "/Groups/bulkId:sales"},
        {"method": "DELETE", "path": "/Users/bulkId:emi"},
    )

    assert statuses(answer) == ["201", "201", "204", "204"]


def test_what_was_refused_takes_with_it_what_refers_to_it(idp: Idp, mia: Member) -> None:
    answer = bulk(
        idp, {"method": "PATCH", "path": "/Users/bulkId:mia", "data": patch_body(replace("active", False))}, post("mia")
    )

    assert statuses(answer) == ["409", "409"]


WRONG: list[tuple[Any, str, str]] = [
    ("x", "400", "must be a JSON object"),
    ({"method": "GET", "path": "/Users"}, "400", "must be POST, PUT, PATCH or DELETE"),
    ({"method": 1, "path": "/Users"}, "400", "must be POST"),
    ({"method": "POST", "path": "/Users", "data": {}}, "400", "needs a “bulkId”"),
    ({"method": "POST", "path": "/Users", "bulkId": "1"}, "400", "“data” of an operation"),
    ({"method": "POST", "path": "/Users", "bulkId": "1", "data": []}, "400", "“data” of an operation"),
    ({"method": "POST", "path": "/Users", "bulkId": "1", "data": {}}, "400", "userName"),
    ({"method": "POST", "path": "/Users/x", "bulkId": "1", "data": {}}, "405", "PUT, PATCH, DELETE"),
    ({"method": "DELETE", "path": "/Users"}, "405", "POST"),
    ({"method": "DELETE", "path": "/Nothing/x"}, "404", "nothing at this address"),
    ({"method": "DELETE", "path": "/Bulk/x"}, "404", "nothing at this address"),
    ({"method": "DELETE", "path": ""}, "404", "nothing at this address"),
    ({"method": "DELETE", "path": "/Users/a/b"}, "404", "nothing at this address"),
    ({"method": "DELETE"}, "404", "nothing at this address"),
    ({"method": "PATCH", "path": "/Users/x", "data": {"Operations": 7}}, "404", "no user"),
    ({"method": "POST", "path": "/Users", "bulkId": "1", "version": 'W/"x"', "data": {}}, "412", "has none yet"),
]


@pytest.mark.parametrize(("operation", "status", "words"), WRONG)
def test_one_that_is_wrong_is_refused_in_words_and_the_others_are_done(
    idp: Idp, operation: Any, status: str, words: str
) -> None:
    first, second = bulk(idp, operation, post("emi"))["Operations"]

    assert (first["status"], first["response"]["status"], second["status"]) == (status, status, "201")
    assert words in first["response"]["detail"], first


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({}, 400, "needs a list of “Operations”"),
        ({"Operations": {}}, 400, "needs a list of “Operations”"),
        ({"Operations": None}, 400, "needs a list of “Operations”"),
        ({"Operations": [post("a"), post("a")]}, 400, "same “bulkId”"),
        ({"Operations": [{"method": "DELETE", "path": "/Users/x"}] * 1001}, 413, "can have 1,000 operations; this one"),
        (b"x", 400, "not valid JSON"),
        (b"[]", 400, "must be a JSON object"),
        (b" " * (1024 * 1024 + 1), 413, "1,048,576 bytes"),
    ],
    ids=range(8),
)
def test_a_request_that_cannot_be_read_does_nothing(idp: Idp, body: Any, status: int, words: str) -> None:
    answer = idp.post(body, "/Bulk")

    assert is_scim_error(answer, status)
    assert words in answer.detail
    assert idp.last_activity().status == status
    assert idp.get()["totalResults"] == 1


def test_an_empty_list_of_operations_changes_nothing(idp: Idp) -> None:
    answer = bulk(idp)

    assert (answer.status, answer["Operations"]) == (200, [])
    activity = idp.last_activity()
    assert (activity.method, activity.status, activity.changes) == ("POST", 200, {})


def test_a_refused_departure_is_remembered_as_anywhere(idp: Idp, aiko: Member, mia: Member) -> None:
    answer = bulk(
        idp,
        {"method": "DELETE", "path": f"/Users/{aiko.scim_id}"},
        {"method": "PATCH", "path": f"/Users/{aiko.scim_id}", "data": patch_body(replace("active", False))},
        {"method": "DELETE", "path": f"/Users/{mia.scim_id}", "version": 'W/"old"'},
    )

    assert statuses(answer) == ["403", "403", "412"]
    assert set(RefusedDeparture.objects.values_list("member", flat=True)) == {aiko.pk, mia.pk}


def test_the_neighbours_people_are_nobody(idp: Idp, next_door: Idp) -> None:
    theirs = next_door.create("zoe")["id"]

    answer = bulk(
        idp,
        {"method": "DELETE", "path": f"/Users/{theirs}"},
        {"method": "PUT", "path": f"/Users/{theirs}", "data": user("zoe@hakata.example")},
    )

    assert statuses(answer) == ["404", "404"]
    assert next_door.read(theirs).status == 200


def test_a_token_that_is_revoked_meanwhile_ends_it(idp: Idp, monkeypatch: pytest.MonkeyPatch) -> None:
    before = from_resource

    def revoking(body: Any, **more: Any) -> Any:
        if body["userName"].startswith("b"):
            for token in idp.organization.scim_tokens.live():
                token.revoke(by=OPERATOR)
        return before(body, **more)

    monkeypatch.setattr(handlers, "from_resource", revoking)
    assert statuses(bulk(idp, post("a"), post("b"), post("c"))) == ["201", "401", "401"]


def test_it_counts_as_its_operations_and_never_as_more_than_a_burst(idp: Idp, settings: Any) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 0.01, 5
    gone = {"method": "DELETE", "path": "/Users/nobody"}

    assert statuses(bulk(idp, gone, gone)) == ["404"] * 2
    assert 100 < Pace.objects.get().until - time.time() <= 200
    refused = bulk(idp, *[gone] * 20, *[gone] * 20)
    assert statuses(refused) == ["404"] * 40, "let in whole"
    assert 500 < Pace.objects.get().until - time.time() <= 200 + 500
    refused = bulk(idp, gone)
    assert is_scim_error(refused, 429)
    assert 100 < int(refused.headers["retry-after"]) <= 300
    assert idp.organization.sync_activity.filter(status=429).count() == 1


@pytest.mark.slow
def test_a_thousand_operations_are_done(idp: Idp) -> None:
    answer = bulk(idp, *[post(n, **user(f"p{n}@aozora.example", active=False)) for n in range(1000)])

    assert statuses(answer) == ["201"] * 1000
    assert len(json.dumps(answer.body)) < 1024 * 1024
    assert idp.get("/Users?count=0")["totalResults"] == 1001


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite takes a statement for each table")
def test_each_costs_as_many_statements_as_by_itself_but_the_caller(
    idp: Idp, mia: Member, django_assert_max_num_queries: Any
) -> None:
    change = {"method": "PATCH", "path": f"/Users/{mia.scim_id}", "data": patch_body(replace("displayName", "M"))}
    bulk(idp, change)
    assert transaction.get_connection()
    changes = [{**change, "data": patch_body(replace("displayName", f"M{number}"))} for number in range(10)]
    # Lock, what decides, what changes; SAVEPOINT and RELEASE are the test's.
    with django_assert_max_num_queries(1 + 10 * (3 + 2)):
        assert statuses(bulk(idp, *changes)) == ["200"] * 10
