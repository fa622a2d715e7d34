"""One caller must not hold a worker: each limit is refused in words, at once, and before anybody waits for a lock."""

import importlib
import json
import pkgutil
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import api
import members
import operations
import provisioning
import saml
from members.models import Member
from tests.scim import CORE, SEARCH, Answer, Idp, add, is_scim_error, patch_body, remove, replace, user

# What is refused takes a few milliseconds; a busy machine is given more.
AT_ONCE = 0.5
HOME = 'emails[type eq "home"].value'


def many_terms(count: int, attribute: str = 'value eq "a"') -> str:
    return "emails[" + " or ".join([attribute] * count) + "]"


TOO_MUCH: dict[str, tuple[Callable[[Idp, str], Answer], str]] = {
    "names in the query": (lambda idp, me: idp.get("/Users?excludedAttributes=" + "a," * 90_000), "100"),
    "names in the attributes": (lambda idp, me: idp.get("/Users?attributes=" + ",".join(["a"] * 101)), "100"),
    "names in a search": (lambda idp, me: idp.search(attributes=["a"] * 101), "100"),
    "terms of a path": (lambda idp, me: idp.patch(me, replace(many_terms(40_000), "x")), "1,000 characters"),
    "terms of a short path": (lambda idp, me: idp.patch(me, replace(many_terms(101, "a pr"), "x")), "100 terms"),
    "depth of a path": (lambda idp, me: idp.patch(me, replace(f"emails[{'(' * 21}a pr{')' * 21}]", 1)), "depth 20"),
    "length of a path": (lambda idp, me: idp.patch(me, replace("a" * 1001, 1)), "1,000 characters"),
    "dots of a path": (lambda idp, me: idp.patch(me, replace("a." * 200_000, 1)), "1,000 characters"),
    "paths with filters": (
        lambda idp, me: idp.patch(me, *[replace(f'emails[type eq "{n:0400}"].value', "x") for n in range(100)]),
        "10,240 bytes",
    ),
    "paths among the keys": (
        lambda idp, me: idp.patch(me, add("", {many_terms(40_000): "x"}) | {"path": None}), "1,000 characters"
    ),
    "different values": (
        lambda idp, me: idp.patch(me, *[replace(f'emails[type eq "t{n}"]', {"value": "x"}) for n in range(101)]),
        "100 different values",
    ),
    "operations": (lambda idp, me: idp.patch(me, *[replace("displayName", "N")] * 1001), "1,000 operations"),
    "attributes": (lambda idp, me: idp.post(user("x@aozora.example", **{f"a{n}": n for n in range(1001)})), "1,000"),
    "attributes of operations": (
        lambda idp, me: idp.patch(me, *[{"op": "add", "value": {f"a{n}": n for n in range(900)}}] * 12), "10,000"
    ),
    "e-mail addresses": (
        lambda idp, me: idp.post(user("x@aozora.example", emails=[{"value": "a@b.c"}] * 101)), "100 entries"
    ),
    "roles": (lambda idp, me: idp.put(me, user("nao@aozora.example", roles=["USER"] * 40_000)), "100 entries"),
    "roles of a PATCH": (lambda idp, me: idp.patch(me, replace("roles", [{"value": "USER"}] * 101)), "100 entries"),
    "roles as JSON in text": (lambda idp, me: idp.patch(me, replace("roles", json.dumps(["USER"] * 101))), "100"),
    "levels": (lambda idp, me: idp.post(b'{"x":' * 65 + b"1" + b"}" * 65), "64 levels"),
    "levels of JSON in text": (lambda idp, me: idp.patch(me, replace("roles", "[" * 900 + "]" * 900)), "is not a role"),
    "levels of a resource in text": (
        lambda idp, me: idp.patch(me, {"op": "add", "value": '{"name":' * 900 + "1" + "}" * 900}), "wrong kind"
    ),
    "attributes under the schema": (
        lambda idp, me: idp.post({"userName": "x@aozora.example", CORE: {f"a{n}": n for n in range(1001)}}), "1,000"
    ),
    "entries to take out": (
        lambda idp, me: idp.patch(me, *[remove("emails", value=[{"value": f"{n}@b.c"}] * 20) for n in range(6)]),
        "100 entries",
    ),
    "parameters": (lambda idp, me: idp.get("/Users?" + "a=1&" * 15_000), "100 query parameters"),
    "parameters of a write": (
        lambda idp, me: idp.call("PATCH", f"/Users/{me}?" + "a&" * 1500, patch_body(replace("active", True))),
        "100 query parameters",
    ),
    "bytes of a filter": (lambda idp, me: idp.search(filter="x" * 500_000), "10,240 bytes"),
    "terms of a filter": (lambda idp, me: idp.search(filter=" or ".join(["id pr"] * 1100)), "100 terms"),
    "depth of a filter": (lambda idp, me: idp.search(filter="(" * 5000), "deeper than 20"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_refused_at_once_and_says_the_limit(idp: Idp, name: str) -> None:
    me = idp.create("nao")["id"]
    call, limit = TOO_MUCH[name]
    call(idp, me)
    started = time.process_time()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = call(idp, me)

    assert time.process_time() - started < AT_ONCE
    assert is_scim_error(answer, 400), answer
    assert limit in answer.detail
    locks = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert locks == [], "nobody waits for a lock"


WITHIN: dict[str, Callable[[Idp, str], Answer]] = {
    "names": lambda idp, me: idp.get("/Users?attributes=" + ",".join(["userName"] * 100)),
    "terms": lambda idp, me: idp.patch(me, replace(many_terms(60, "type pr"), {"value": "nao@aozora.example"})),
    "operations": lambda idp, me: idp.patch(me, *[replace("displayName", f"N{n}") for n in range(1000)]),
    "roles": lambda idp, me: idp.put(me, user("nao@aozora.example", roles=["USER"] * 100)),
    "attributes": lambda idp, me: idp.put(me, user("nao@aozora.example", **{f"a{n}": n for n in range(900)})),
}


@pytest.mark.parametrize("name", WITHIN)
def test_what_is_within_the_limits_is_done_and_quickly(idp: Idp, name: str) -> None:
    me = idp.create("nao")["id"]
    started = time.process_time()

    assert WITHIN[name](idp, me).status == 200
    assert time.process_time() - started < 1


def test_of_many_words_on_one_value_the_last_counts(idp: Idp) -> None:
    me = idp.create("nao")["id"]

    answer = idp.patch(
        me,
        replace("displayName", "A"),
        replace("name.givenName", "G"),
        {"op": "remove", "path": "name"},
        replace("name.familyName", "F"),
        replace("displayName", "B"),
        replace('emails[type eq "work"].value', "a@aozora.example"),
        {"op": "remove", "path": "emails"},
        replace('emails[type eq "work"].value', "b@aozora.example"),
    )

    assert (answer["displayName"], answer["name"]) == ("B", {"familyName": "F"})
    assert answer["emails"][0]["value"] == "b@aozora.example"


def test_what_is_ignored_is_bounded_in_number_and_length(idp: Idp) -> None:
    idp.create("nao", **{"x" * 5000 + str(number): number for number in range(150)})

    ignored = idp.last_activity().ignored
    assert len(ignored) == 100
    assert max(map(len, ignored)) <= 200


# -- regular expressions


def modules(package: Any) -> list[Any]:
    names = [found.name for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names if ".migrations" not in name]


PACKAGES = (members, saml, provisioning, api, operations)
PATTERNS = {
    f"{module.__name__}.{name}": value
    for package in PACKAGES
    for module in modules(package)
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}
KILOBYTES = 100_000
HARD = [
    *(
        "a",
        " ",
        '"',
        '\\"',
        '"\\',
        "(",
        "[",
        "a.",
        "a,",
        "a=",
        "&a",
        "a:",
        "/",
        "1",
        "-",
        "_",
        "eq ",
        " eq",
        "@",
        "@a.",
    ),
    *("@a.", "=", "\n", "\r\n", "%", "あ", "{", "token=", "?password", ' eq "', "emails[", "urn:", "a and ", "\x00"),
]


@pytest.mark.once
@pytest.mark.parametrize("name", PATTERNS)
def test_every_regular_expression_takes_time_in_proportion(name: str) -> None:
    pattern = PATTERNS[name]

    for piece in HARD:
        for ending in ("", "!", '"', "\\", " "):
            sent = (piece * KILOBYTES)[:KILOBYTES] + ending
            text = sent if isinstance(pattern.pattern, str) else sent.encode()
            started = time.process_time()
            pattern.fullmatch(text)
            pattern.search(text)
            assert time.process_time() - started < 1, (piece, ending)


def test_regular_expressions_have_names_so_that_they_are_tried() -> None:
    unnamed = re.compile(r"\bre\.(sub|search|match|fullmatch|findall|finditer|split)\(")
    for package in PACKAGES:
        for module in modules(package):
            source = Path(module.__file__).read_text()
            assert not unnamed.search(source), module.__name__


def test_filters_of_nothing_but_quotes_are_refused_quickly(idp: Idp, mia: Member) -> None:
    for piece in ('\\"', '"', 'a eq "\\', " eq x", '"\\"'):
        text = (piece * 10_000)[:10_000]
        started = time.process_time()
        assert idp.find(text).status == 400
        assert idp.post({"schemas": [SEARCH], "filter": text}, "/Users/.search").status == 400
        assert idp.get(f"/Users?{quote(text)}").status == 200
        assert time.process_time() - started < 1
