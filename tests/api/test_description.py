"""The OpenAPI document says what is so: schemathesis asks every route, well and badly, and holds the answers to it."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.description.document import document
from api.models import App, Endpoint
from api.models.endpoint import Method
from api.wire import waiting
from members.models import Member, Organization, Team
from members.refusals import Refusal
from tests.access.apps import API
from tests.access.patterns import every_pattern
from tests.api import Api
from tests.cast import OPERATOR, SUPPORT, managed, page_actor
from tests.cast.every_refusal import every_refusal

PROBLEM = "application/problem+json"
DOCUMENT = json.loads(document())
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A request through WSGI leaves the test's connection open, as those of Django's test client do."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def there(mia: Member, aiko: Member, backlog: Api, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What stands in the addresses of things that are there."""
    team = Team.objects.create_team(mia.organization, "Platform", by=OPERATOR)
    team.add(mia, by=page_actor(aiko))
    # Nobody waits for an event here.
    monkeypatch.setattr(waiting, "wait_for", lambda *_: True)
    stream, _ = Endpoint.objects.make(
        app=App.BACKLOG, method=Method.POLL, url="", contact="ops@app.example", with_changes=True, by=SUPPORT
    )
    team.rename("Platforms", by=page_actor(aiko))
    return {
        "space_key": mia.organization.space_key, "member_id": mia.scim_id, "team_id": team.scim_id, "product": "pass",
        "endpoint_id": str(stream.pk),
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
@SCHEMA.parametrize()
@hypothesis.settings(max_examples=20, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.seed(32)
def test_every_answer_is_as_described(case: Any, there: dict[str, str], backlog: Api) -> None:
    _lead_somewhere(case, there)

    case.call_and_validate(
        headers={"Authorization": f"Bearer {backlog.secret}"},
        checks=[
            not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
            response_schema_conformance, negative_data_rejection,
        ],
    )  # fmt: skip


def _lead_somewhere(case: Any, there: dict[str, str]) -> None:
    """Half of the questions are about what is there: the first letters of odd ids are as good as a coin."""
    for name, value in (case.path_parameters or {}).items():
        if len(str(value)) % 2:
            case.path_parameters[name] = there[name]
    body = case.body
    if isinstance(body, dict) and isinstance(asked := body.get("organization"), str) and 0 < len(asked) < 10:
        body["organization"] = there["space_key"]


def resolved(schema: Any) -> Any:
    """The schema with what it refers to."""
    return {**schema, "components": DOCUMENT["components"]}


@pytest.mark.parametrize(("called", "operation"), OPERATIONS, ids=[called for called, _ in OPERATIONS])
def test_each_route_says_what_it_is_and_its_examples_are_possible(called: str, operation: Any) -> None:
    assert operation["description"]
    contents = [
        content
        for part in (operation.get("requestBody", {}), *operation["responses"].values())
        for content in part.get("content", {}).values()
    ]
    shown = [(content["schema"], one["value"]) for content in contents for one in content.get("examples", {}).values()]

    for schema, value in shown:
        Draft202012Validator(resolved(schema)).validate(value)
    assert len(shown) >= (3 if "requestBody" in operation else 2)
    assert all(part["description"] for part in operation["responses"].values() if part["content"].keys() & {PROBLEM})


def test_somebody_without_an_address_is_as_described(sandbox: Organization, backlog: Api) -> None:
    nora = managed(sandbox, "nora", user_name="nora")

    answer = backlog.get(f"organizations/{sandbox.space_key}/members/{nora.scim_id}")

    assert answer["email"] == ""
    Draft202012Validator(resolved({"$ref": "#/components/schemas/MemberAnswer"})).validate(answer.body)


def test_a_body_is_required_wherever_one_is_taken() -> None:
    bodies = [operation["requestBody"] for _, operation in OPERATIONS if "requestBody" in operation]

    assert bodies
    assert all(body["required"] for body in bodies)


def test_every_route_is_described() -> None:
    described = {path.removeprefix("/api/v1/") for path in DOCUMENT["paths"]}
    patterns = every_pattern()

    assert {patterns[row.name].path({n: f"{{{n}}}" for n in patterns[row.name].parameters}) for row in API} | {
        "/api/v1/jwks"
    } == {f"/api/v1/{quote(path)}" for path in described}
    assert len(OPERATIONS) == len(API) + 1


def test_the_page_shows_the_document_from_our_own_files(db: None) -> None:
    page = Client().get("/api/docs")
    read = Client().get("/api/v1/openapi.json")

    assert (page.status_code, read.status_code) == (200, 200)
    assert read.json() == DOCUMENT
    assert b"<style" not in page.content
    assert page.content.count(b"<script src=") == page.content.count(b"<script")
    loaded = re.findall(rb'<(?:script|link|img) [^>]*(?:src|href)="([^"#][^"]*)"', page.content)
    assert len(loaded) > 3
    assert all(address.startswith(b"/static/") for address in loaded)


def test_no_two_refusals_share_a_code() -> None:
    """What is kept by its code is put into words by it: an API's refusal must not stand for an identity provider's."""
    every_refusal()
    kinds, codes = [Refusal], dict[str, set[str]]()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if "code" in vars(kind) and kind.__module__.partition(".")[0] != "tests":
            codes.setdefault(kind.code, set()).add(f"{kind.__module__}.{kind.__name__}")

    assert [those for those in codes.values() if len(those) > 1] == []
