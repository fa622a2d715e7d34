"""Sync activity finds a call by whatever identifies the person: as it was sent, as it is stored, in any case."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from members.models import Account, Member, Organization
from members.refusals import Refusal
from provisioning.models import ProvisioningSettings, SyncActivity
from tests.cast import page_actor
from tests.cast.every_refusal import every_refusal
from tests.scim import NULAB, Idp, patch_body, replace, user, work_email

OBJECT_ID = "9F8B7C6D-1111-2222-3333-ABCDEFABCDEF"


def found(desk: Client, organization: Organization, account: str) -> list[int]:
    answer = desk.get(reverse("activity", args=[organization.space_key]), {"account": account})
    assert answer.status_code == 200
    return [call.pk for call in answer.context["page"].rows]


@pytest.mark.parametrize(
    "named", ["NAO@Elsewhere.example", "nao.work@elsewhere.example", OBJECT_ID, OBJECT_ID.lower(), "nao-Handle.7"]
)
def test_a_refused_creation_is_found_by_what_was_sent(desk: Client, idp: Idp, next_door: Idp, named: str) -> None:
    body = user(
        "nao@elsewhere.example", externalId=OBJECT_ID, emails=work_email("Nao.Work@elsewhere.example"),
        **{NULAB: {"uniqueId": "nao-handle.7"}},
    )  # fmt: skip
    assert idp.post(body).status == 400
    refused = idp.last_activity()
    next_door.post(body)
    idp.create("mia")

    assert found(desk, idp.organization, named) == [refused.pk]


def test_every_call_about_a_member_is_found_by_all_that_is_stored(desk: Client, idp: Idp) -> None:
    created = idp.create("nao", externalId=OBJECT_ID, **{NULAB: {"uniqueId": "nao.7"}})
    idp.read(created["id"])
    idp.patch(created["id"], replace("displayName", "N"))
    idp.patch(created["id"], replace("userName", "nao@nowhere.example"))
    idp.find('userName eq "NAO@aozora.example"')
    idp.search(filter=f'externalId eq "{OBJECT_ID}"')
    mine = list(SyncActivity.objects.order_by("-at", "-pk").values_list("pk", flat=True))
    idp.create("mia")

    for named in ("nao@aozora.example", OBJECT_ID, created["id"], created["id"].upper(), "NAO.7"):
        assert found(desk, idp.organization, named) == mine, named
    assert found(desk, idp.organization, "nao@nowhere.example") == mine[2:3]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "value": [{"userName": "n@nowhere.example", "timezone": "UTC"}]},
        {"op": "replace", "value": json.dumps({"userName": "n@nowhere.example", "timezone": "UTC"})},
        {"op": "replace", "path": " userName ", "value": ["n@nowhere.example"]},
        {"op": "replace", "path": "emails", "value": json.dumps(work_email("n@nowhere.example"))},
    ],
    ids=str,
)
def test_a_patch_in_any_dialect_is_found_by_what_was_sent(desk: Client, idp: Idp, operation: Any) -> None:
    created = idp.create("nao")
    assert idp.patch(created["id"], operation).status == 400

    assert found(desk, idp.organization, "n@nowhere.example") == [idp.last_activity().pk]


def test_a_patch_of_a_group_in_any_dialect_is_found_by_what_was_sent(desk: Client, idp: Idp) -> None:
    team = idp.post({"displayName": "Sales"}, "/Groups")
    values: list[Any] = [[{"externalId": "g-9", "displayName": ""}], '{"externalId": "g-9", "displayName": ""}']
    for number, value in enumerate(values, 1):
        assert idp.call("PATCH", f"/Groups/{team['id']}", patch_body({"op": "replace", "value": value})).status == 400
        assert len(found(desk, idp.organization, "g-9")) == number


def test_a_field_in_any_dialect_is_one_that_this_idp_has_sent(idp: Idp) -> None:
    created = idp.create("nao")
    for value in ([{"timezone": "UTC"}], json.dumps({"locale": "ja"})):
        assert idp.patch(created["id"], {"op": "replace", "value": value}).status == 200

    sent = ProvisioningSettings.objects.get(organization=idp.organization).sent_fields
    assert {"time_zone", "language"} <= set(sent.split())


def test_a_search_that_found_nobody_is_found_by_what_was_asked(desk: Client, idp: Idp) -> None:
    idp.find('userName eq "nobody@aozora.example"')
    idp.get("/Users?Filter=userName+eq+%22no+body@aozora.example%22")
    idp.post({"FILTER": 'userName eq "no+body@aozora.example"'}, "/Users/.search")
    idp.read("11111111-2222-3333-4444-555555555555")

    assert len(found(desk, idp.organization, "nobody@aozora.example")) == 1
    assert len(found(desk, idp.organization, "no+body@aozora.example")) == 2
    assert len(found(desk, idp.organization, "11111111-2222-3333-4444-555555555555")) == 1


def test_a_call_is_found_by_its_number_in_any_case(desk: Client, idp: Idp) -> None:
    idp.get()
    number = idp.last_activity().request_id

    for spelling in (number, number.upper(), f" {number} "):
        assert len(found(desk, idp.organization, spelling)) == 1


def test_former_and_present_address_lead_to_the_change(desk: Client, idp: Idp) -> None:
    created = idp.create("nao")
    idp.patch(created["id"], replace("userName", "naoko@aozora.example"))
    renamed = idp.last_activity().pk

    assert found(desk, idp.organization, "naoko@aozora.example") == [renamed]
    assert renamed in found(desk, idp.organization, "nao@aozora.example")


def test_a_part_of_a_name_finds_it_too(desk: Client, idp: Idp, mia: Member) -> None:
    idp.read(mia.scim_id)

    assert len(found(desk, idp.organization, "sat")) == 1


@pytest.mark.parametrize(
    "body",
    [
        user("nao@elsewhere.example", password="hunter2@x", title="hunter2@x"),
        patch_body(replace("password", "hunter2@x"), replace("a[", 1)),
        {"Operations": "x", "emails": [[["hunter2@x"]], {"secret": "hunter2@x"}], "userName": {"value": 5}},
        [["userName", "hunter2@x"]],
    ],
)
def test_what_identifies_nobody_is_not_searched(desk: Client, idp: Idp, mia: Member, body: Any) -> None:
    idp.post(body)
    idp.call("PATCH", f"/Users/{mia.scim_id}", body)

    assert found(desk, idp.organization, "hunter2@x") == []


@pytest.mark.parametrize("odd", ["%", "'", "\\", "a@b" * 100, "😀@1", "1' OR '1'='1", "{1,2}", "@ @", "\u0000a1"])
def test_an_odd_search_finds_nothing(desk: Client, idp: Idp, odd: str) -> None:
    idp.get()

    assert found(desk, idp.organization, odd) in ([], [idp.last_activity().pk])


# Figures that another release, or nobody, has written.
ODD: list[Any] = [{}, [], {"problem": "100 % sure"}, {"problem": None, "member": {"a": [1]}, "most": 1.5}, {"token": 7}]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_whatever_figures_are_stored_the_cause_can_be_read(desk: Client, aozora: Organization, language: str) -> None:
    Account.objects.update(language=language)
    line = {"organization": aozora, "kind": "patch", "method": "PATCH", "path": "/Users/x", "status": 400}
    calls = [
        SyncActivity(**line, reason=code, figures=figures, duration_ms=1, is_lasting=True)
        for code in every_refusal()
        for figures in ODD
        if code != Refusal.code
    ]
    with translation.override(language):
        assert all(call.explanation and call.refusal and call.refusal.to_typist for call in calls)
    SyncActivity.objects.bulk_create(call for call in calls if call.reason in ("invalid_filter", "is_token_issuer"))

    for name in ("activity", "provisioning"):
        assert desk.get(reverse(name, args=[aozora.space_key])).status_code == 200
    file = desk.post(reverse("activity-export", args=[aozora.space_key]))
    assert b"invalid_filter" in b"".join(file.streaming_content)  # type: ignore[attr-defined]


def test_the_file_names_the_http_method_in_japanese_too(desk: Client, aozora: Organization, aiko: Member) -> None:
    aiko.account.prefer(by=page_actor(aiko), language="ja")

    file = desk.post(reverse("activity-export", args=[aozora.space_key]))

    assert '"HTTPメソッド"' in b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
