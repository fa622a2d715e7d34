"""Whatever goes wrong is a SCIM error that says what and what to do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from members.models import Member, Organization, Product, Subscription
from provisioning.models import ProvisioningSettings, ScimToken
from tests.cast import OPERATOR, page_actor
from tests.scim import ERROR, Answer, Idp, replace, user

UNKNOWN = "5171a35d82074e068ce2"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", f"/Users/{UNKNOWN}", None, 404, "There is no user with the id"),
        ("PUT", f"/Users/{UNKNOWN}", user("x@aozora.example"), 404, "There is no user with the id"),
        ("PATCH", f"/Users/{UNKNOWN}", {"Operations": []}, 404, "There is no user with the id"),
        ("DELETE", f"/Users/{UNKNOWN}", None, 404, "There is no user with the id"),
        ("GET", "/Persons", None, 404, "Check the SCIM URL"),
        ("GET", "/Users/1/2", None, 404, "Check the SCIM URL"),
        ("GET", "/users", None, 404, "Check the SCIM URL"),
        ("GET", "/Groups", None, 404, "Groups cannot be provisioned yet"),
        ("POST", "/Groups", {"displayName": "Sales"}, 404, "Groups cannot be provisioned yet"),
        ("PATCH", "/Groups/1", {"Operations": []}, 404, "Groups cannot be provisioned yet"),
        ("DELETE", "/Users", None, 405, "Supported methods: GET, HEAD, POST"),
        ("PUT", "/Users", {}, 405, "Supported methods: GET, HEAD, POST"),
        ("POST", f"/Users/{UNKNOWN}", {}, 405, "Supported methods: GET, HEAD, PUT, PATCH, DELETE"),
        ("OPTIONS", "/Users", None, 405, "Supported methods"),
        ("HEAD", "/Me", None, 501, None),
        ("HEAD", "/Users/.search", None, 405, None),
        ("BREW", "/Users", None, 405, "BREW is not supported"),
        ("POST", "/Schemas", {}, 405, "Supported methods: GET, HEAD"),
        ("GET", "/Users/.search", None, 405, "Supported methods: POST"),
        ("GET", "/Schemas?filter=id+pr", None, 403, "does not support filters"),
        ("GET", "/ServiceProviderConfig?filter=x", None, 403, "does not support filters"),
        ("GET", "/Me", None, 501, "not supported"),
        ("POST", "/Bulk", {}, 501, "not supported"),
        ("POST", "/.search", {}, 501, "not supported"),
        ("GET", "/", None, 501, "not supported"),
    ],
)
def test_an_impossible_call_is_answered_in_scims_words(
    idp: Idp, method: str, path: str, body: Any, status: int, words: str | None
) -> None:
    answer = idp.call(method, path, body)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/scim+json"
    assert answer.headers["x-request-id"]
    if words:
        assert (answer["schemas"], answer["status"]) == ([ERROR], str(status))
        assert words in answer.detail
    assert idp.last_activity().request_id == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_another_media_type_is_not_read(idp: Idp, content_type: str) -> None:
    for answer in (
        idp.post(user("nao@aozora.example"), content_type=content_type),
        idp.call("PATCH", f"/Users/{UNKNOWN}", {"Operations": []}, content_type=content_type),
    ):
        assert answer.status == 415
        assert "application/scim+json" in answer.detail


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/scim+json; charset=utf-8", "APPLICATION/JSON", ""]
)
def test_json_is_read_under_any_of_its_names(idp: Idp, content_type: str) -> None:
    assert idp.post(user("nao@aozora.example"), content_type=content_type).status == 201


def test_a_body_of_more_than_a_mebibyte_is_too_large(idp: Idp) -> None:
    for size, status in ((1024 * 1024 + 1, 413), (1024 * 1024 - 100, 400)):
        body = b'{"userName":"' + b"x" * (size - 15) + b'"}'
        answer = idp.post(body)
        assert (answer.status, answer["status"]) == (status, str(status))
    assert "1048576 bytes" in idp.post(b" " * 1024 * 1025).detail


def test_the_detail_is_english_whatever_language_the_last_page_was_in(idp: Idp) -> None:
    with translation.override("ja"):
        answer = idp.read(UNKNOWN)

    assert answer.detail.startswith("There is no user with the id")


def test_a_closed_door_says_why_and_keeps_the_token(idp: Idp, aozora: Organization, aiko: Member) -> None:
    kinds: tuple[Callable[[], Answer], ...] = (
        idp.get,
        lambda: idp.post(user("x@aozora.example")),
        lambda: idp.get("/Schemas"),
        lambda: idp.delete("x"),
    )
    ProvisioningSettings.of(aozora).disable(by=page_actor(aiko))
    for call in kinds:
        assert (call().status, "User provisioning is disabled" in call().detail) == (403, True)

    ProvisioningSettings.of(aozora).enable(issuer=aiko, by=page_actor(aiko))
    Subscription.objects.get(organization=aozora, product=Product.PASS).end(by=OPERATOR)
    for call in kinds:
        assert (call().status, "Nulab Pass subscription has ended" in call().detail) == (403, True)

    Subscription.objects.buy(aozora, Product.PASS, 100, by=OPERATOR)
    assert idp.get().status == 200
    assert ScimToken.objects.get(organization=aozora).is_live


def test_a_refusal_has_figures_for_the_reader_and_the_same_sentence_in_japanese(idp: Idp) -> None:
    answer = idp.post(user("nao@elsewhere.example"))

    activity = idp.last_activity()
    assert (activity.reason, activity.figures) == ("domain_not_verified", {"domain": "elsewhere.example"})
    assert activity.explanation == activity.detail == answer.detail
    with translation.override("ja"):
        assert activity.explanation != answer.detail
        assert "elsewhere.example" in activity.explanation


def test_what_nobody_expected_is_a_scim_error_with_a_number(idp: Idp, monkeypatch: pytest.MonkeyPatch) -> None:
    made = idp.create("nao")

    def burst(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(Member, "mark_provisioned", burst)
    answer = idp.patch(made["id"], replace("displayName", "N"))

    assert (answer.status, answer["status"]) == (500, "500")
    assert answer.headers["x-request-id"] in answer.detail
    assert "fire" not in answer.content.decode()
    assert idp.read(made["id"]).body == made.body
