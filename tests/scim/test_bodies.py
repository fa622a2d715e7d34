"""What nobody in their right mind would send. The answer is a SCIM error in words, and nothing changes."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import values
from members.models import Member, Organization
from members.values_refusals import NotAnAddress
from tests.cast import provisioned
from tests.cast.rows import rows_of
from tests.cast.server import Server
from tests.scim import (
    CORE,
    NULAB,
    Answer,
    Idp,
    is_scim_error,
    patch_body,
    replace,
    user,
)

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
    "an open brace": (b"{", "JSON"),
    "NUL alone": (b"\x00", "JSON"),
    "a byte order mark and nothing": (b"\xef\xbb\xbf{}", ""),
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
        if name in ("an escaped NUL", "a byte order mark and nothing") and path == "/Users/.search":
            assert answer.status == 200  # It asks for nothing: what a search does not know is ignored.
            continue
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
        {"userName": "x@aozora.example", "emails": [["x"]]},
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
    assert "1,048,576 bytes" in answer.detail


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
    "kind",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/xml", "application/xml",
        "multipart/form-data; boundary=x", "a",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/Users", "/Users/.search"])
def test_another_media_type_is_refused(idp: Idp, path: str, kind: str) -> None:
    patched = idp.call("PATCH", "/Users/nobody", patch_body(), content_type=kind)

    for answer in (idp.post(user("x@aozora.example"), path, content_type=kind), patched):
        assert is_scim_error(answer, 415)
        assert "application/scim+json" in answer.detail


@pytest.mark.parametrize(
    "kind",
    [
        "application/json", "APPLICATION/SCIM+JSON", "APPLICATION/JSON", "application/json; charset=utf-8",
        "application/scim+json; charset=utf-8", "",
    ],
)  # fmt: skip
def test_json_under_either_name_is_taken(idp: Idp, kind: str) -> None:
    assert idp.post(user("x@aozora.example"), content_type=kind).status == 201


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/Users", "GET, HEAD, POST, OPTIONS"),
        ("/Users/{id}", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("/Users/.search", "POST, OPTIONS"),
        ("/Schemas", "GET, HEAD, OPTIONS"),
        ("/ResourceTypes", "GET, HEAD, OPTIONS"),
        ("/ServiceProviderConfig", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_an_address_does_not_take_is_refused_with_those_it_takes(
    idp: Idp, mia: Member, path: str, allowed: str
) -> None:
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X" * 50} - set(allowed.split(", "))

    options = idp.call("OPTIONS", path.format(id=mia.scim_id))
    assert (options.status, options.content, options.headers["allow"]) == (204, b"", allowed)
    assert Idp(idp.organization, secret="x").call("OPTIONS", path).status == 401
    for method in others:
        answer = idp.call(method, path.format(id=mia.scim_id), {} if method in ("POST", "PUT", "PATCH") else None)
        assert is_scim_error(answer, 405), (method, answer)
        assert answer.headers["allow"] == allowed
        assert allowed in answer.detail


@pytest.mark.parametrize("path", ["/Nothing", "/users", "/Users/a/b", "/Schemas/x", "/ResourceTypes/x", "x", "/.."])
def test_an_address_that_does_not_exist_is_a_scim_error(idp: Idp, path: str) -> None:
    assert is_scim_error(idp.get(path), 404)


@pytest.mark.parametrize("path", ["/Me", "/Me/"])
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


# -- Bodies as some clients write them


def test_a_byte_order_mark_and_a_misspelt_media_type_are_passed_over(idp: Idp) -> None:
    for number, kind in enumerate(("application/json+scim", "application/scim+json", "application/json")):
        body = b'\xef\xbb\xbf{"userName": "m%d@aozora.example"}' % number
        assert idp.post(body, content_type=kind).status == 201


# -- Input that means harm, or none: always an answer below 500, never a hang, never more than was asked for


QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = st.sampled_from(
    ["userName", "externalId", "emails", 'emails[type eq "work"]', "roles", "active", "name", "name.givenName", "id",
     "meta", "nickName", "value", "primary", "groups", CORE, NULAB, f"{NULAB}:uniqueId", "schemas", "displayName",
     "timezone", "(", ")", "[", "]", "eq", "ne", "co", "sw", "gt", "pr", "and", "or", "not", '"', '"x"', "true",
     "null", ".", ":", "\x00", "nao@aozora.example", "ADMIN", "😀", "ｅq", "-1", "1e999", "%", "\\"],
)  # fmt: skip
TEXTS = st.one_of(WORDS, st.text(st.characters(codec="utf-8"), max_size=20))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


def assert_sound(answer: Answer, idp: Idp) -> None:
    assert answer.status < 500, answer
    assert answer.headers["content-type"] == "application/scim+json"
    if answer.status >= 400:
        assert answer["status"] == str(answer.status)
        assert answer.detail
    assert b"hakata" not in answer.content


@QUICK
@given(fields=st.dictionaries(TEXTS, VALUES, max_size=5))
def test_no_body_is_too_odd_to_be_answered(idp: Idp, next_door: Idp, fields: dict[str, Any]) -> None:
    answer = idp.post({"userName": "odd@aozora.example", **fields})

    assert_sound(answer, idp)
    if answer.status == 201:
        assert idp.read(answer["id"]).body == answer.body
        assert_sound(idp.put(answer["id"], {"userName": "odd@aozora.example", **fields}), idp)
        assert idp.delete(answer["id"]).status == 204


@QUICK
@given(
    op=st.one_of(st.sampled_from(["add", "replace", "remove"]), VALUES), path=st.one_of(st.none(), TEXTS), value=VALUES
)
def test_no_operation_is_too_odd_to_be_answered(idp: Idp, op: Any, path: Any, value: Any) -> None:
    found = idp.find('externalId eq "odd-one"')["Resources"]
    made = found[0] if found else idp.create(f"odd{time.time_ns()}", externalId="odd-one").body

    answer = idp.patch(made["id"], {"op": op, "path": path, "value": value})

    assert_sound(answer, idp)
    now = idp.read(made["id"]).body
    assert now == (answer.body if answer.status == 200 else made)
    again = idp.patch(made["id"], {"op": op, "path": path, "value": value})
    assert_sound(again, idp)
    assert idp.read(made["id"])["meta"]["version"] == now["meta"]["version"]


@QUICK
@given(filter_text=st.lists(TEXTS, max_size=8).map(" ".join))
def test_no_filter_is_too_odd_to_be_answered(idp: Idp, next_door: Idp, filter_text: str) -> None:
    answer = idp.find(filter_text)

    assert_sound(answer, idp)
    assert answer.status in (200, 400)


@QUICK
@given(
    query=st.dictionaries(
        st.sampled_from(["startIndex", "count", "attributes", "excludedAttributes", "filter", "sortBy"]), TEXTS
    )
)
def test_no_query_is_too_odd_to_be_answered(idp: Idp, next_door: Idp, query: dict[str, str]) -> None:
    assert_sound(idp.search(**query), idp)


def test_a_deep_document_is_refused_at_once(idp: Idp) -> None:
    for depth in (65, 1_000, 100_000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            body = '{"userName":"nao@aozora.example","x":' + opening * depth + "1" + closing * depth + "}"
            started = time.perf_counter()
            answer = idp.post(body.encode())
            assert answer.status == 400
            assert time.perf_counter() - started < 10
    fits = '{"userName":"nao@aozora.example","x":' + "[" * 60 + "1" + "]" * 60 + "}"
    assert idp.post(fits.encode()).status == 201


def test_enormous_numbers_are_refused_or_ignored(idp: Idp) -> None:
    for number in ("1" * 5_000, "1e99999", "-0", "123456789012345678901234567890"):
        answer = idp.post(f'{{"userName":"nao{len(number)}@aozora.example","x":{number}}}'.encode())
        assert answer.status in (201, 400)
    assert idp.post(b'{"userName":"nao@aozora.example","externalId":123456789012345678901234567890}').status == 400


def test_look_alike_and_invisible_letters_do_not_make_a_second_person(idp: Idp, kenji: Member) -> None:
    for spelled in (
        "ＫＥＮＪＩ@aozora.example",
        "kenji@ａozora.example",
        "Kenji@AOZORA.example",
        "kenji@aozora.example\u200b",
    ):
        assert idp.post(user(spelled)).status in (400, 409), spelled


def test_letters_that_django_takes_for_ascii_make_no_address(idp: Idp) -> None:
    for local in ("\u0131da", "\u017fam", "\u212aen"):
        refused = idp.post(user(f"{local}@aozora.example"))
        assert (refused.status, "is not an e-mail address" in refused.detail) == (400, True)
        with pytest.raises(NotAnAddress):
            values.nulab_address(f"{local}@partner.example")


def test_sql_and_orm_words_are_only_words(idp: Idp, next_door: Idp) -> None:
    neighbour = rows_of(next_door.organization)
    for word in (
        "'; DROP TABLE members_member; --",
        'x.y"--',
        "_connector",
        "__class__",
        "%s",
        "{0}",
        "%(x)s",
        "$1",
        "?",
    ):
        assert idp.find(f"userName eq {json.dumps(word)}")["totalResults"] == 0
        assert idp.find(f"{word} eq 1").status == 400
        assert idp.get(f"/Users?sortBy={word.partition(chr(59))[0]}").status == 400
        made = idp.create(f"n{time.time_ns()}", displayName=word, externalId=word)
        assert made["displayName"] == word
        assert idp.patch(made["id"], {"op": "add", "value": {word: word}}).status == 200
        assert idp.find(f"externalId eq {json.dumps(word)}")["totalResults"] == 1
        assert idp.find(f"displayName co {json.dumps(word)}")["totalResults"] == 1
    assert rows_of(next_door.organization) == neighbour


def test_a_header_does_not_change_who_is_asked(idp: Idp) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4", "X-HTTP-Method-Override": "DELETE"}
    made = idp.create("nao")

    assert idp.get(f"/Users/{made['id']}", headers=spoofed).body == made.body
    assert (
        idp.call("PATCH", f"/Users/{made['id']}", patch_body(replace("active", "True")), headers=spoofed).status == 200
    )
