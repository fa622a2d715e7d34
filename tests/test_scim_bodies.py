"""What nobody in their right mind would send. The answer is a SCIM error in words, and nothing changes."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from members.models import Member, Organization
from tests.cast import provisioned
from tests.scim import (
    CORE,
    NULAB,
    Idp,
    is_scim_error,
    patch_body,
    replace,
    user,
)
from tests.server import Server

MEBIBYTE = 1024 * 1024
SURROGATE = b'{"userName": "x@aozora.example", "displayName": "\\ud800"}'
NUL = b'{"userName": "x\\u0000@aozora.example"}'


def nested(levels: int, inner: str = "1") -> bytes:
    """An object of that many levels, the outermost included."""
    return b'{"userName":"x@aozora.example","x":' + b"[" * (levels - 1) + inner.encode() + b"]" * (levels - 1) + b"}"


@pytest.fixture
def people(idp: Idp) -> Iterator[None]:
    """Whatever is sent in the test, the people of both organizations are the same afterwards."""
    provisioned(idp.organization, "mia", external_id="mia-1")
    before = list(Member.objects.order_by("pk").values())
    yield
    assert list(Member.objects.order_by("pk").values()) == before


# -- bodies

BODIES: dict[str, tuple[bytes, str]] = {
    "65 levels": (nested(65), "deeper than 64"),
    "65 levels of objects": (b'{"x":' * 65 + b"1" + b"}" * 65, "deeper than 64"),
    "100,000 levels": (nested(100_000), ""),
    "100,000 levels, never closed": (b"[" * 100_000, "JSON"),
    "bad UTF-8": (b'{"userName": "\xff\xfe@aozora.example"}', "UTF-8"),
    "UTF-16": ('{"userName": "x@aozora.example"}'.encode("utf-16"), "UTF-8"),
    "overlong UTF-8": (b'{"userName": "\xc0\x80@aozora.example"}', "UTF-8"),
    "a raw NUL": (b'{"userName": "x\x00@aozora.example"}', "JSON"),
    "an escaped NUL": (NUL, "userName"),
    "half a surrogate pair": (SURROGATE, "JSON"),
    "NaN": (b'{"userName": NaN}', "JSON"),
    "Infinity": (b'{"userName": "x@aozora.example", "displayName": Infinity}', "JSON"),
    "a number of 5,000 digits": (b'{"userName": "x@aozora.example", "externalId": ' + b"9" * 5000 + b"}", ""),
    "a negative number of 5,000 digits": (b'{"userName": -' + b"9" * 5000 + b"}", ""),
    "a number beyond all floats": (b'{"userName": "x@aozora.example", "displayName": 1e999}', ""),
    "an array": (b"[]", "object"),
    "an array of a user": (json.dumps([user("x@aozora.example")]).encode(), "object"),
    "a string": (b'"x"', "object"),
    "a number": (b"1", "object"),
    "null": (b"null", "object"),
    "true": (b"true", "object"),
    "nothing": (b"", "JSON"),
    "white space": (b" \r\n ", "JSON"),
    "half of it": (b'{"userName": "x@aozora.exam', "JSON"),
    "single quotes": (b"{'userName': 'x@aozora.example'}", "JSON"),
    "a trailing comma": (b'{"userName": "x@aozora.example",}', "JSON"),
    "something after it": (b'{"userName": "x@aozora.example"}{}', "JSON"),
    "a form": (b"userName=x%40aozora.example", "JSON"),
    "XML": (b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "JSON"),
}  # fmt: skip


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_is_a_bad_request(idp: Idp, name: str) -> None:
    content, word = BODIES[name]
    one = f"/Users/{idp.organization.members.get(external_id='mia-1').scim_id}"

    for method, path in (("POST", "/Users"), ("POST", "/Users/.search"), ("PUT", one), ("PATCH", one)):
        answer = idp.call(method, path, content, content_type="application/scim+json")
        assert is_scim_error(answer, 400), (method, path, answer)
        assert answer["scimType"] in ("invalidSyntax", "invalidValue")
        assert word in answer.detail or path != "/Users"


def test_sixty_four_levels_are_read(idp: Idp) -> None:
    assert idp.call("POST", "/Users", nested(64)).status == 201


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "sent",
    [
        {"userName": []},
        {"userName": {}},
        {"userName": ["a@aozora.example", "b@aozora.example"]},
        {"userName": True},
        {"userName": 1.5},
        {"userName": ""},
        {"userName": "   "},
        {"userName": "x@aozora.example\r\nBcc: a@b.c"},
        {"userName": "x" * 300 + "@aozora.example"},
        {"userName": "\u202e@aozora.example "},
        {"userName": "ﷺ" * 200 + "@aozora.example"},
        {"userName": "x@aozora.example@evil.example"},
        {"userName": "x@evil.example\n@aozora.example"},
        {"userName": "x@aozora.example", "displayName": "a" * 257},
        {"userName": "x@aozora.example", "displayName": {"a": 1}},
        {"userName": "x@aozora.example", "name": "Mia"},
        {"userName": "x@aozora.example", "name": [1, 2]},
        {"userName": "x@aozora.example", "name": {"givenName": {"a": 1}}},
        {"userName": "x@aozora.example", "emails": 1},
        {"userName": "x@aozora.example", "emails": [[]]},
        {"userName": "x@aozora.example", "emails": [{"value": {"a": 1}}]},
        {"userName": "x@aozora.example", "emails": [{"value": "no address", "primary": True}]},
        {"userName": "x@aozora.example", "emails": [{"value": "x@aozora.example", "primary": "maybe"}]},
        {"userName": "x@aozora.example", "roles": [{"value": "OWNER"}]},
        {"userName": "x@aozora.example", "roles": [1]},
        {"userName": "x@aozora.example", "roles": [{"value": "{" * 500}]},
        {"userName": "x@aozora.example", "active": "perhaps"},
        {"userName": "x@aozora.example", "active": 1},
        {"userName": "x@aozora.example", "externalId": "e" * 300},
        {"userName": "x@aozora.example", "externalId": "\x00"},
        {"userName": "x@aozora.example", "locale": {"a": "ja"}},
        {"userName": "x@aozora.example", NULAB: {"uniqueId": "a b"}},
        {"userName": "x@aozora.example", CORE: "x"},
        {"__class__": "x", "pk": 1, "id": 1, "account_id": 1, "is_staff": True},
    ],
    ids=lambda sent: ascii(sent).replace(NULAB, "NULAB").replace(CORE, "CORE")[:90],
)
def test_a_value_of_the_wrong_kind_is_a_bad_request(idp: Idp, sent: dict[str, Any]) -> None:
    mia = idp.organization.members.get(external_id="mia-1")

    for answer in (idp.post(sent), idp.put(mia.scim_id, sent)):
        assert is_scim_error(answer, 400), answer
        assert answer["scimType"] == "invalidValue"


def test_internal_names_in_a_body_are_ignored(idp: Idp) -> None:
    answer = idp.create("nao", is_staff=True, is_superuser=True, pk=1, account_id=1, organization=1, type="nulab")

    account = idp.member(answer).account
    assert (account.is_staff, account.is_superuser, account.type) == (False, False, "provisioned")


# -- sizes and media types


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_over_a_mebibyte_is_too_large(idp: Idp, method: str) -> None:
    mia = idp.organization.members.get(external_id="mia-1")
    path = "/Users" if method == "POST" else f"/Users/{mia.scim_id}"
    content = json.dumps({"userName": "x@aozora.example"}).encode().ljust(MEBIBYTE + 1)

    answer = idp.call(method, path, content)

    assert is_scim_error(answer, 413), answer
    assert str(MEBIBYTE) in answer.detail


def test_a_body_of_a_mebibyte_is_read(idp: Idp) -> None:
    content = json.dumps({"userName": "x@aozora.example"}).encode().ljust(MEBIBYTE)

    assert idp.call("POST", "/Users", content).status == 201


def test_a_body_over_a_mebibyte_is_heard_out_and_answered_on_the_wire(server: Server, aozora: Organization) -> None:
    wire = Idp(aozora, url=server.url)

    assert is_scim_error(wire.call("POST", "/Users", b"[" * (3 * MEBIBYTE)), 413)
    assert is_scim_error(wire.call("POST", "/Users", b"[" * MEBIBYTE), 400)
    assert wire.get().status == 200


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml", "a"]
)
@pytest.mark.parametrize("path", ["/Users", "/Users/.search"])
def test_another_media_type_is_refused(idp: Idp, path: str, kind: str) -> None:
    assert is_scim_error(idp.post(user("x@aozora.example"), path, content_type=kind), 415)


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/SCIM+JSON", "application/json; charset=utf-8"])
def test_json_under_either_name_is_taken(idp: Idp, kind: str) -> None:
    assert idp.post(user("x@aozora.example"), content_type=kind).status == 201


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/Users", "GET, HEAD, POST"),
        ("/Users/{id}", "GET, HEAD, PUT, PATCH, DELETE"),
        ("/Users/.search", "POST"),
        ("/Schemas", "GET, HEAD"),
        ("/ResourceTypes", "GET, HEAD"),
        ("/ServiceProviderConfig", "GET, HEAD"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_refused_with_those_it_takes(
    idp: Idp, mia: Member, path: str, allowed: str
) -> None:
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X" * 50} - set(allowed.split(", "))

    for method in others:
        answer = idp.call(method, path.format(id=mia.scim_id), {} if method in ("POST", "PUT", "PATCH") else None)
        assert is_scim_error(answer, 405), (method, answer)
        assert answer.headers["allow"] == allowed
        assert allowed in answer.detail


@pytest.mark.parametrize("path", ["/Nothing", "/users", "/Users/a/b", "/Schemas/x", "/ResourceTypes/x", "x", "/.."])
def test_an_address_that_does_not_exist_is_a_scim_error(idp: Idp, path: str) -> None:
    assert is_scim_error(idp.get(path), 404)


@pytest.mark.parametrize("path", ["", "/", "/Me", "/Bulk", "/.search"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_offered_says_so(idp: Idp, method: str, path: str) -> None:
    assert is_scim_error(idp.call(method, path, {} if method == "POST" else None), 501)


# -- addresses


@pytest.mark.parametrize(
    "scim_id", ["%00", "%ff", "..", "%2e%2e", "'", '"', "1;x", "a" * 5000, "😀", "*", "-1", "None"]
)
@pytest.mark.usefixtures("people")
def test_an_id_that_nobody_has_is_not_found(idp: Idp, scim_id: str) -> None:
    path = f"/Users/{scim_id if '%' in scim_id else quote(scim_id)}"
    bodies = {"GET": None, "DELETE": None, "PUT": user("x@aozora.example"), "PATCH": patch_body()}

    for method, body in bodies.items():
        assert is_scim_error(idp.call(method, path, body), 404), method


# -- headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "444"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/spaces/evil.example", "X-Rewrite-URL": "/evil.example", "X-Script-Name": "/evil.example"},
        {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"},
        {"X-Forwarded-For": "evil.example, 203.0.113.9"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_a_spoofed_header_is_not_believed(idp: Idp, headers: dict[str, str]) -> None:
    created = idp.post(user("nao@aozora.example"), headers=headers)
    listed, read = idp.get(headers=headers), idp.get(f"/Users/{created['id']}", headers=headers)
    config = idp.get("/ServiceProviderConfig", headers=headers)

    location = f"http://localhost:8000{idp.base}/Users/{created['id']}"
    assert created.headers["location"] == created["meta"]["location"] == read["meta"]["location"] == location
    for answer in (created, listed, read, config):
        assert answer.status in (200, 201)
        assert b"evil" not in answer.content + repr(answer.headers).encode()
        assert b"https://localhost" not in answer.content
    assert idp.organization.audit.exclude(ip_address=None).values_list("ip_address", flat=True)[0] == "127.0.0.1"


@pytest.mark.parametrize("value", ["x" * 5000, "\x7f", '"' * 50, ",,,,", "W/", "é", "gzip"])
def test_a_strange_header_is_no_failure_of_ours(idp: Idp, mia: Member, value: str) -> None:
    for header in ("If-Match", "If-None-Match", "User-Agent", "Accept", "Accept-Language", "Content-Encoding"):
        for answer in (
            idp.get(headers={header: value}),
            idp.get(f"/Users/{mia.scim_id}", headers={header: value}),
            idp.patch(mia.scim_id, replace("displayName", "Mia"), headers={header: value}),
        ):
            is_coded = header == "Content-Encoding"
            assert answer.status in ((200, 400, 415) if is_coded else (200, 412)), (header, answer)
