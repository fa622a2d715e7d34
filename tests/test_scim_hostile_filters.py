"""Filters and parameters that nobody in their right mind would send: refused in words, never a wider answer."""

from typing import Any
from urllib.parse import quote

import pytest

from members.models import Member
from tests.scim import CORE, ENTERPRISE, LIST, Idp, is_scim_error

MEBIBYTE = 1024 * 1024


# -- filters and parameters


FILTERS: dict[str, str] = {
    "over 10 KB": 'userName eq "' + "x" * 10_240 + '"',
    "over 10 KB of bytes": 'userName eq "' + "あ" * 3_500 + '"',
    "101 terms": " or ".join(["active eq true"] * 101),
    "101 terms, joined by and": " and ".join(['userName co "a"'] * 101),
    "depth 21": "(" * 21 + "active eq true" + ")" * 21,
    "depth 21 of not": "not (" * 21 + "active eq true" + ")" * 21,
    "depth 2,000": "(" * 2000 + "active eq true" + ")" * 2000,
    "never closed": "(" * 2000,
    "never opened": "active eq true" + ")" * 2000,
    "half a quote": 'userName eq "mia',
    "a quote too many": 'userName eq "mia""',
    "an escaped end": 'userName eq "mia\\"',
    "a bad escape": 'userName eq "\\q"',
    "single quotes with a blank": "userName eq 'm i a'",
    "a lookup": 'userName__startswith eq "m"',
    "a relation": 'account__email eq "mia@aozora.example"',
    "a column": 'user_name_key eq "mia@aozora.example"',
    "the organization": 'organization_id eq "1"',
    "a password": 'password sw "p"',
    "a connector": '_connector eq "OR 1=1"',
    "negated": '_negated eq "true"',
    "an alias with a quote": 'x.y"-- eq "1"',
    "an alias with a comment": 'userName/**/ eq "1"',
    "SQL": "userName eq \"x\"; DROP TABLE members_member; --\"",
    "an unknown attribute": 'title eq "Chief"',
    "an unknown one beside a known": 'userName pr and title eq "Chief"',
    "an unknown one in an or": 'userName eq "nobody" or title pr',
    "an unknown one in a not": 'not (title eq "Chief")',
    "of another schema": f'{ENTERPRISE}:department eq "IT"',
    "an unknown entry": 'emails[display eq "x"]',
    "entries of a single value": 'userName[value eq "x"]',
    "entries in entries": 'emails[value eq emails[value eq "x"]]',
    "an operator of our own": 'userName like "m"',
    "an operator twice": 'userName eq eq "m"',
    "no value": "userName eq",
    "no operator": "userName",
    "only an operator": "eq",
    "only a not": "not",
    "only brackets": "()",
    "an open end": "active eq true and",
    "an open start": "or active eq true",
    "an order of booleans": "active gt false",
    "no boolean": 'active eq "maybe"',
    "no time": 'meta.created gt "yesterday"',
    "a time of no calendar": 'meta.created gt "2026-02-31T00:00:00Z"',
    "a time before all time": 'meta.created gt "0001-01-01T00:00:00+14:00"',
    "a time after all time": 'meta.created lt "9999-12-31T23:59:59-14:00"',
    "a part of a time": 'meta.created co "2026"',
    "an object": 'userName eq {"a": 1}',
    "a list": 'userName eq ["a"]',
    "an order of nothing": "userName gt null",
    "a boolean as text": "userName eq true",
    "a NUL in a value": 'userName eq "a\\u0000b"',
    "a raw NUL": 'userName eq "a\x00b"',
    "NUL alone": "\x00",
    "half a surrogate pair": 'userName eq "\\ud800"',
    "an URN alone": CORE,
    "a path into text": 'userName.value eq "x"',
    "dots": '... eq "x"',
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_that_cannot_be_answered_is_refused_never_widened(idp: Idp, mia: Member, name: str) -> None:
    by_query = idp.find(FILTERS[name])
    by_search = idp.search(filter=FILTERS[name])

    for answer in (by_query, by_search):
        assert is_scim_error(answer, 400), answer
        assert answer["scimType"] == "invalidFilter"
        assert "Resources" not in answer.body


@pytest.mark.parametrize("value", [1, True, [], {}, ["id pr"]])
def test_a_filter_that_is_no_text_is_refused(idp: Idp, value: Any) -> None:
    answer = idp.search(filter=value)

    assert answer.status == 400 or (not value and answer.status == 200)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "' + "x" * 10_000 + '"',
        " or ".join(["active eq true"] * 100),
        "(" * 19 + "active eq true" + ")" * 19,
        'userName eq "%"',
        'userName co "_"',
        'userName co "\\\\"',
        'userName eq "\' OR 1=1 --"',
        'displayName co "${jndi:ldap://x}"',
        'externalId gt "\U0010ffff"',
        'meta.created lt "9999-12-31T23:59:59.999999Z"',
        'meta.created gt "0001-01-01T00:00:00Z"',
    ],
)
def test_a_strange_filter_within_the_limits_is_answered(idp: Idp, mia: Member, text: str) -> None:
    answer = idp.find(text)

    assert (answer.status, answer["schemas"]) == (200, [LIST]), answer
    assert not [name for name in answer.names if not name.endswith("@aozora.example")]


@pytest.mark.parametrize("text", ['userName co "_"', 'userName eq "%"', 'displayName co "%"', 'externalId sw "_"'])
def test_wildcards_of_the_database_are_letters(idp: Idp, mia: Member, text: str) -> None:
    assert idp.find(text)["totalResults"] == 0


@pytest.mark.parametrize("parameter", ["startIndex", "count"])
@pytest.mark.parametrize("value", ["x", "1.5", "0x10", "1e3", "١", "--1", "+", "null", "1;2", "\x00", "9" * 5000])
def test_a_page_that_is_no_number_is_refused_and_any_number_is_bounded(idp: Idp, parameter: str, value: str) -> None:
    answer = idp.get(f"/Users?{parameter}={quote(value)}")

    if value.startswith("9"):
        assert answer.status == 200
        assert len(answer.content) < MEBIBYTE
    else:
        assert is_scim_error(answer, 400), answer


@pytest.mark.parametrize(
    "query",
    [
        "attributes=" + "a," * 20_000,
        "attributes=%00",
        "attributes=__class__,pk,account.password",
        "excludedAttributes=id,schemas,meta.x.y.z",
        "sortBy=password&sortOrder=sideways",
        "sortBy=account__password",
        "filter=&filter=id%20pr",
        "count=1&count=2&startIndex=1",
        "%00=%00",
        "a%5B%5D=1&_connector=OR&_negated=1",
        "&&&===",
        "%ff%fe=%ff",
        "attributes=%ff",
    ],
    ids=lambda query: query[:40],
)
def test_strange_parameters_bring_nothing_to_light(idp: Idp, mia: Member, query: str) -> None:
    answer = idp.get(f"/Users?{query}")

    assert answer.status in (200, 400), answer
    assert b"password" not in answer.content
    assert b"hakata" not in answer.content
