"""Sync activity: each call with what changed, what was ignored and why it was refused; secrets never."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from members.models import Member, Organization
from provisioning.models import Kind, SyncActivity
from tests.cast import signed_in
from tests.scim import Answer, Idp, add, patch_body, replace, user

SECRET = "1mz050nq-very-secret"


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create("nao", displayName="Nao Ito")


def test_a_creation_tells_every_value(idp: Idp, nao: Answer) -> None:
    activity = idp.last_activity()

    assert (activity.kind, activity.method, activity.path, activity.status) == (Kind.CREATE, "POST", "/Users", 201)
    assert (activity.subject_id, activity.subject) == (nao["id"], "Nao Ito")
    assert activity.changes["user_name"] == [None, "nao@aozora.example"]
    assert activity.changes["active"] == [None, True]
    assert activity.is_lasting
    assert activity.request_id == nao.headers["x-request-id"]


def test_a_change_tells_before_and_after_of_the_fields_that_differ(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("displayName", "N"), replace("roles", "USER"), replace("active", "True"))

    activity = idp.last_activity()
    assert activity.changes == {"display_name": ["Nao Ito", "N"], "name": ["Nao Ito", "N"], "role": ["GUEST", "USER"]}
    assert (activity.kind, activity.is_lasting, activity.event) == (Kind.PATCH, True, "changed")


@pytest.mark.parametrize(("value", "event"), [("False", "deactivated"), ("True", "unchanged")])
def test_an_activity_says_in_a_word_what_came_of_it(idp: Idp, nao: Answer, value: str, event: str) -> None:
    idp.patch(nao["id"], replace("active", value))

    assert idp.last_activity().event == event


def test_a_call_that_changes_nothing_is_not_kept_for_long(idp: Idp, nao: Answer) -> None:
    calls: list[Callable[[], Answer]] = [lambda: idp.patch(nao["id"]), lambda: idp.read(nao["id"]), idp.get]
    for call in calls:
        call()
        assert not idp.last_activity().is_lasting


def test_a_deletion_still_says_who_it_was(idp: Idp, nao: Answer) -> None:
    idp.delete(nao["id"])

    activity = idp.last_activity()
    assert (activity.kind, activity.event, activity.subject, activity.subject_id) == (
        Kind.DELETE, "deleted", "Nao Ito", nao["id"],
    )  # fmt: skip


def test_a_refusal_has_reason_figures_and_the_same_sentence(idp: Idp, nao: Answer) -> None:
    answer = idp.patch(nao["id"], replace("roles", "KING"), replace("displayName", "N"))

    activity = idp.last_activity()
    assert (activity.reason, activity.figures, activity.changes) == ("invalid_role", {"value": "KING"}, {})
    assert (activity.event, activity.is_refused, activity.subject) == ("refused", True, "Nao Ito")
    assert activity.explanation == activity.detail == answer.detail


REFUSALS: list[tuple[str, str, Any]] = [
    ("POST", "/Users", user("nao@elsewhere.example")),
    ("POST", "/Users", user("nao@aozora.example")),
    ("POST", "/Users", {}),
    ("POST", "/Users", []),
    ("PATCH", "/Users/{id}", {}),
    ("PATCH", "/Users/{id}", patch_body(replace("id", "x"))),
    ("PATCH", "/Users/{id}", patch_body(replace("a[", "x"))),
    ("PATCH", "/Users/{id}", patch_body(replace("active", "maybe"))),
    ("GET", "/Users/x", None),
    ("GET", "/Users?filter=colour+pr", None),
    ("GET", "/Users?count=x", None),
    ("GET", "/Groups", None),
    ("GET", "/Me", None),
    ("DELETE", "/Users", None),
    ("GET", "/nowhere", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSALS, ids=repr)
def test_every_refusal_is_said_in_japanese_too(idp: Idp, nao: Answer, method: str, path: str, body: Any) -> None:
    answer = idp.call(method, path.replace("{id}", nao["id"]), body)

    activity = idp.last_activity()
    assert activity.explanation == answer.detail
    with translation.override("ja"):
        assert any(ord(character) > 0x3000 for character in activity.explanation), activity.explanation


SECRETS: list[tuple[str, str, Any]] = [
    ("POST", "/Users", user("emi@aozora.example", password=SECRET, apiToken=SECRET, deep={"clientSecret": [SECRET]})),
    ("PUT", "/Users/{id}", user("nao@aozora.example", PassWord=SECRET)),
    ("PATCH", "/Users/{id}", patch_body(replace("password", SECRET))),
    ("PATCH", "/Users/{id}", patch_body({"OP": "add", "PATH": "urn:x:y:Password", "VALUE": SECRET})),
    ("PATCH", "/Users/{id}", patch_body({"op": "add", "value": {"password": SECRET}})),
    ("PATCH", "/Users/{id}", patch_body({"op": "add", "value": json.dumps({"password": SECRET})})),
    ("PATCH", "/Users/{id}", patch_body(add("x509Certificates", [{"value": SECRET}]))),
    ("GET", f"/Users?token={SECRET}&filter=userName+pr", None),
    ("GET", f"/Users/{{id}}?a=1&access_token={SECRET}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), SECRETS, ids=repr)
def test_a_secret_is_neither_stored_nor_recorded(idp: Idp, nao: Answer, method: str, path: str, body: Any) -> None:
    answer = idp.call(method, path.replace("{id}", nao["id"]), body)

    assert answer.status < 300
    assert SECRET not in str(list(SyncActivity.objects.values()))
    assert SECRET not in str(list(idp.organization.audit.values()))
    assert (
        not Member.objects.select_related("account")
        .get(scim_id=answer.body.get("id", nao["id"]))
        .account.has_usable_password()
    )


def test_the_neighbour_sees_nothing_of_it(idp: Idp, next_door: Idp, nao: Answer) -> None:
    assert not SyncActivity.objects.filter(organization=next_door.organization).exists()


def test_the_page_shows_the_call_with_its_number(
    idp: Idp, nao: Answer, aozora: Organization, aiko: Member, client: Any
) -> None:
    refused = idp.post(user("x@elsewhere.example"))

    page = signed_in(client, aiko).get(f"/spaces/{aozora.space_key}/provisioning/activity").content.decode()

    assert refused.headers["x-request-id"] in page
    assert "elsewhere.example" in page


def test_an_unspeakable_value_is_recorded_all_the_same(idp: Idp, nao: Answer) -> None:
    for method, path, body in (
        ("GET", "/Users?filter=colour%00+pr", None),
        ("PATCH", f"/Users/{nao['id']}", patch_body(replace("co\x00lour", "x"))),
        ("PATCH", f"/Users/{nao['id']}", patch_body({"op": "add", "value": {"co\x00lour": "a\x00b"}})),
        ("GET", "/Users/a%00b", None),
        ("GET", "/Users?x=%00&%ED%A0%80", None),
        ("POST", "/Users", {"userName": "a\x00b", "\x00": "\x00"}),
    ):
        answer = idp.call(method, path, body)
        assert answer.status < 500
        assert idp.last_activity().request_id == answer.headers["x-request-id"]
