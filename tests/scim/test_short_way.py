"""The short way of a plain request: the same answer and line as over the long way through addresses and views."""

from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import Pace, Team
from provisioning.models import Kind, SyncActivity
from provisioning.models.hours import Outcome
from provisioning.scim.wire import short_way
from tests.cast import OPERATOR
from tests.scim import Answer, Idp

# What differs from call to call.
OF_THE_CALL = {"id", "at", "request_id", "duration_ms"}


@pytest.fixture
def nao(idp: Idp) -> dict[str, Any]:
    """Somebody with all that a User can have, and a namesake of the externalId."""
    made = idp.create("nao", displayName="Nao Ito", externalId="n-1", nickName="nao")
    idp.create("mio", externalId="n-1", emails=[{"value": "mio@aozora.example", "type": "home", "primary": True}])
    for name in ("Sales", "“Q”, \\ and é"):
        Team.objects.create_team(idp.organization, name, by=OPERATOR).add(idp.member(made), by=OPERATOR)
    body: dict[str, Any] = made.body
    return body


def both(idp: Idp, path: str, method: str = "GET", **more: Any) -> tuple[Answer, Answer]:
    """The answers of both ways; their lines are compared here."""
    quick = idp.call(method, path, **more)
    line = idp.organization.sync_activity.order_by("pk").values().last()
    with patch.object(short_way, "answer", return_value=None):
        long = idp.call(method, path, **more)
    again = idp.organization.sync_activity.order_by("pk").values().last()
    if line is not None and again is not None:
        assert {k: v for k, v in line.items() if k not in OF_THE_CALL} == {
            k: v for k, v in again.items() if k not in OF_THE_CALL
        }
    return quick, long


def same(idp: Idp, path: str, method: str = "GET", **more: Any) -> Answer:
    quick, long = both(idp, path, method, **more)
    assert (quick.status, quick.content) == (long.status, long.content)
    ours = {"x-request-id", "set-cookie"}
    assert {k: v for k, v in quick.headers.items() if k not in ours} == {
        k: v for k, v in long.headers.items() if k not in ours
    }
    return quick


def test_both_ways_give_the_same_user(idp: Idp, nao: dict[str, Any]) -> None:
    path = f"/Users/{nao['id']}"
    answer = same(idp, path)

    assert [group["display"] for group in answer["groups"]] == ["Sales", "“Q”, \\ and é"]
    for query in (
        "?attributes=userName",
        "?excludedAttributes=groups",
        "?attributes=a&excludedAttributes=b",
        "/",
        "?x",
    ):
        same(idp, path + query)
    for tag in (answer.etag, "*", 'W/"x"'):
        same(idp, path, headers={"If-None-Match": tag})
        same(idp, path, headers={"If-Match": tag})


PATHS = [
    "/Users", "/Users/", "//Users", "/users", "/Users/x", "/Users/X/y", "/Users/.search", "/Users/%00",
    "/Users/%E3%81%82",
    "/Groups", "/Groups/x", "/Schemas", "/Me", "/nowhere", "/Users?count=x", "/Users?count=0", "/Users?startIndex=99",
    "/Users?filter=", "/Users?filter=a", "/Users?filter=id%20eq%20%22x%22&manager=1", "/Users?" + "&" * 120,
    "/Users?cursor", "/Users?cursor=&count=9", "/Users?cursor=x", "/Users?cursor=&startIndex=1",
    "/Users?sortBy=userName",
    "/Users?sortBy=groups&sortOrder=descending&count=1&startIndex=2", "/Users?sortBy=x", "/Users?sortOrder=x", "/",
    "/Users?filter=externalId%20eq%20%22n-1%22&cursor=&count=9", "/Users?filter=id%20pr&sortBy=active&cursor=",
    "/Users?startIndex=2147483648", "/Users?startIndex=99999999999999999999", "/Users?attributes=" + "a," * 200,
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_both_ways_give_the_same_answer_to_anything(idp: Idp, nao: dict[str, Any], path: str) -> None:
    same(idp, path)


TITLE = {"op": "add", "path": "title", "value": 1}
NAME, SWITCH = {"displayName": "Nao Ito"}, {"op": "replace", "path": "active", "value": True}
# Changes that are refused, or change nothing; `nao` stands for the id.
WRITES: list[tuple[str, str, Any]] = [
    ("PATCH", "/Users/nao", {"Operations": [SWITCH]}),
    ("PATCH", "/Users/nao?attributes=active", {"Operations": [SWITCH]}),
    ("PATCH", "/Users/nao", {"Operations": [{"op": "replace", "value": NAME}, TITLE]}),
    ("PATCH", "/Users/nao", {"Operations": [{"op": "replace", "path": "userName", "value": "mio@aozora.example"}]}),
    ("PATCH", "/Users/nao", {"Operations": 1}), ("PATCH", "/Users/nobody", {"Operations": [SWITCH]}),
    ("PATCH", "/Users/nao", b"{"), ("PATCH", "/Users/nao", b""), ("PATCH", "/Users/nao", b" " * 1024 * 1024 + b"{}"),
    ("PATCH", "/Users", {"Operations": [SWITCH]}), ("PUT", "/Users/nao", NAME), ("PUT", "/Users/nobody", NAME),
    ("PUT", "/Users", NAME), ("POST", "/Users", {"userName": "mio@aozora.example"}), ("POST", "/Users", NAME),
    ("POST", "/Users/nao", NAME), ("POST", "/Users?count=x", b"[]"), ("DELETE", "/Users/nobody", None),
    ("DELETE", "/Users", None), ("DELETE", "/Users/nobody", NAME), ("PATCH", "/Groups/nao", {"Operations": [SWITCH]}),
    ("PUT", "/Schemas/nao", NAME), ("POST", "/Bulk", {"Operations": []}), ("POST", "/Users/.search", {"count": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_both_ways_give_the_same_answer_to_changes(
    idp: Idp, nao: dict[str, Any], method: str, path: str, body: Any
) -> None:
    idp.patch(nao["id"], SWITCH)
    path = path.replace("nao", nao["id"])
    for more in ({}, {"headers": {"If-Match": "x"}}, {"content_type": "text/plain"}):
        same(idp, path, method, body=body, **more)
    assert same(Idp(idp.organization, secret="x"), path, method, body=body).status == 401


def test_a_limit_is_one_on_both_ways(idp: Idp, nao: dict[str, Any], settings: Any) -> None:
    settings.SCIM_RATE, settings.SCIM_BURST = 1, 1
    idp.get()
    Pace.objects.update(until=F("until") + 3600)

    quick = idp.read(nao["id"])
    with patch.object(short_way, "answer", return_value=None):
        long = idp.read(nao["id"])

    assert (quick.status, long.status) == (429, 429)
    assert int(quick.headers["retry-after"]) - int(long.headers["retry-after"]) in (0, 1)
    [line] = idp.organization.sync_activity.filter(status=429)
    assert (line.kind, line.figures["requests"]) == (Kind.OTHER, 2)


def test_a_closed_door_is_closed_on_both_ways(idp: Idp, next_door: Idp, nao: dict[str, Any]) -> None:
    path = f"/Users/{nao['id']}"

    assert same(next_door, path).status == 404
    stranger = Idp(idp.organization, secret=next_door.secret)
    assert same(stranger, path).status == 401
    assert same(Idp(idp.organization, secret=""), path).status == 401
    idp.organization.scim_tokens.get(prefix=token_prefix(idp)).revoke(by=OPERATOR)
    assert same(idp, path).status == 401


def token_prefix(idp: Idp) -> str:
    line = SyncActivity.objects.filter(organization=idp.organization).latest("pk")
    return line.token_prefix


def test_a_read_is_counted_in_its_hour_by_what_came_of_it(idp: Idp) -> None:
    for path in ("/Users", "/Users/nobody", "/Users?count=x"):
        idp.get(path)

    counted = dict(idp.organization.activity_hours.values_list("outcome", "calls"))
    assert counted == {Outcome.READ: 1, Outcome.REFUSED: 2}


VALUES = ["nao@aozora.example", "NAO@aozora.example ", "mio@aozora.example", "n-1", "N-1", "nobody"]
ATTRIBUTES = ["userName", "USERNAME", "externalId", "emails.value", 'emails[type eq "work"].value', "id", "emails.type"]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_a_daily_filter_finds_what_the_grammar_finds(idp: Idp, nao: dict[str, Any], attribute: str) -> None:
    for value in [*VALUES, nao["id"]]:
        compare(idp, attribute, value)
    for paging in ("&count=1", "&startIndex=2", "&count=0"):
        compare(idp, attribute, "n-1", paging)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.sampled_from(ATTRIBUTES), st.text(max_size=20))
def test_a_daily_filter_by_anything_does(idp: Idp, nao: dict[str, Any], attribute: str, value: str) -> None:
    compare(idp, attribute, value)


def compare(idp: Idp, attribute: str, value: str, paging: str = "") -> None:
    """The answer of both ways is that to the same filter in brackets, which is no daily one."""
    literal = value.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "replace").decode()
    plain = f'{attribute} eq "{literal}"'

    answer = same(idp, f"/Users?filter={quote(plain)}{paging}")

    by_grammar = idp.get(f"/Users?filter={quote(f'({plain})')}{paging}")
    assert (answer.status, answer.body.get("Resources")) == (by_grammar.status, by_grammar.body.get("Resources"))
    if answer.status == 200:
        assert answer["totalResults"] == by_grammar["totalResults"]
