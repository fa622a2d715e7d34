"""Pages by cursor (RFC 9865): nobody left out or twice, in any order, both ways; all others are refused in words."""

import time
from datetime import timedelta
from typing import Any
from typing import cast as cast_to
from unittest.mock import patch
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from scim2_models import ListResponse

from members.models import Team
from provisioning.scim.users.resource import NulabUser, User
from provisioning.scim.wire.cursors import TIMEOUT
from tests.cast import OPERATOR, managed, provisioned
from tests.scim import Answer, Idp, is_scim_error

# Typed as what it is when it runs.
READ: Any = cast_to(Any, ListResponse)[cast_to(Any, User)[NulabUser]]


@pytest.fixture
def cast(idp: Idp) -> Idp:
    sales = Team.objects.create_team(idp.organization, "Sales", by=OPERATOR)
    for number in range(6):
        managed(idp.organization, f"m{number}", display_name="Same" if number % 2 else f"N{number}")
    for handle, external_id in (("e1", "b"), ("e2", "B"), ("plus+1", "c")):
        sales.add(provisioned(idp.organization, handle, external_id=external_id), by=OPERATOR)
    return idp


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer
    return [user["id"] for user in answer["Resources"]]


def page(idp: Idp, cursor: str = "", **query: Any) -> Answer:
    return idp.get("/Users?" + urlencode({"cursor": cursor, **query}, quote_via=quote))


def walked(idp: Idp, **query: Any) -> list[Answer]:
    pages = [page(idp, **query)]
    while cursor := pages[-1].body.get("nextCursor"):
        pages.append(page(idp, cursor, **query))
    return pages


QUERIES: list[dict[str, Any]] = [
    {},
    {"sortBy": "userName"},
    {"sortBy": "displayName", "sortOrder": "descending"},
    {"sortBy": "externalId"},
    {"sortBy": "externalId", "sortOrder": "descending"},
    {"sortBy": "meta.created", "sortOrder": "descending"},
    {"sortBy": "active"},
    {"sortBy": "groups.display"},
    {"filter": 'userName sw "m"'},
    {"filter": "externalId pr", "sortBy": "userName", "sortOrder": "descending"},
    {"filter": 'userName eq "m1@aozora.example"'},
    {"filter": 'userName eq "nobody"', "sortBy": "userName"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_walk_forth_and_back_sees_everybody_once(cast: Idp, query: dict[str, Any], count: int) -> None:
    whole = cast.get("/Users?" + urlencode(query, quote_via=quote))

    pages = walked(cast, count=count, **query)

    assert [one for answer in pages for one in ids(answer)] == ids(whole)
    assert {answer["totalResults"] for answer in pages} == {whole["totalResults"]}
    assert not any("startIndex" in answer.body for answer in pages)
    assert "previousCursor" not in pages[0].body
    back = [pages[-1]]
    while cursor := back[-1].body.get("previousCursor"):
        back.append(page(cast, cursor, count=count, **query))
    assert [ids(answer) for answer in reversed(back)] == [ids(answer) for answer in pages]
    assert back[-1].body.get("nextCursor", "") == "" if len(pages) == 1 else back[-1]["nextCursor"]
    for answer in pages:
        READ.model_validate(answer.body)


def test_a_search_walks_alike(cast: Idp) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = cast.search(cursor=cursor, count=4, sortBy="userName", filter='userName co "@"')
        seen += ids(answer)
        cursor = answer.body.get("nextCursor")

    assert seen == ids(cast.get("/Users?sortBy=userName"))
    assert "nextCursor" not in cast.search(cursor=None, count=4).body
    assert cast.search(count=4)["startIndex"] == 1


def test_who_goes_or_comes_between_two_pages_moves_nobody(cast: Idp) -> None:
    first = page(cast, count=3, sortBy="userName")
    cast.organization.members.get(scim_id=ids(first)[2]).remove(by=OPERATOR)
    managed(cast.organization, "aaron")

    rest = page(cast, first["nextCursor"], count=3, sortBy="userName")

    assert rest.names == ["m0@aozora.example", "m1@aozora.example", "m2@aozora.example"]


def test_a_plus_that_stands_for_itself_does_so_on_every_page(cast: Idp) -> None:
    path = "/Users?filter=userName%20sw%20%22plus+1%22%20or%20userName%20sw%20%22plus+%22&count=1&cursor="
    first = cast.get(path)

    assert first.names == ["plus+1@aozora.example"]
    both = "/Users?filter=userName%20sw%20%22plus+1%22%20or%20externalId%20eq%20%22b+b%22&count=1&cursor="
    assert "nextCursor" not in cast.get(both).body


REFUSED = [
    ("cursor=x", "invalidCursor", "cannot be read"),
    ("cursor=%E3%81%82", "invalidCursor", "cannot be read"),
    ("cursor={changed}", "invalidCursor", "cannot be read"),
    ("cursor={next}&filter=id%20pr&count=3", "invalidCursor", "another list"),
    ("cursor={next}&sortBy=userName&count=3", "invalidCursor", "another list"),
    ("cursor={next}&count=4", "invalidCount", "pages of 3"),
    ("cursor={next}", "invalidCount", "pages of 3"),
    ("cursor=&count=-1", "invalidCount", "from 0 to 1,000"),
    ("cursor=&count=x", "invalidCount", "from 0 to 1,000"),
    ("cursor=&startIndex=1", "invalidValue", "not both"),
    ("cursor=&sortBy=x", "invalidPath", "cannot be sorted"),
]


@pytest.mark.parametrize(("query", "scim_type", "words"), REFUSED)
def test_what_is_no_cursor_of_this_list_is_refused_in_words(cast: Idp, query: str, scim_type: str, words: str) -> None:
    cursor = page(cast, count=3)["nextCursor"]
    changed = ("A" if cursor[0] != "A" else "B") + cursor[1:]

    answer = cast.get("/Users?" + query.replace("{next}", cursor).replace("{changed}", changed))

    assert is_scim_error(answer, 400)
    assert (answer["scimType"], words in answer.detail) == (scim_type, True), answer.detail


def test_a_cursor_is_its_organizations_and_ends_with_time(cast: Idp, next_door: Idp) -> None:
    cursor = page(cast, count=3)["nextCursor"]

    foreign = page(next_door, cursor, count=3)
    assert (foreign.status, foreign["scimType"]) == (400, "invalidCursor")
    assert ids(page(Idp(cast.organization), cursor, count=3)), "another token of the organization goes on"
    with patch("time.time", return_value=time.time() + TIMEOUT + 5):
        answer = page(cast, cursor, count=3)
    assert (answer.status, answer["scimType"]) == (400, "expiredCursor")
    assert "3,600 seconds" in answer.detail
    assert timedelta(seconds=cast.get("/ServiceProviderConfig")["pagination"]["cursorTimeout"]) == timedelta(hours=1)


def test_no_rows_or_more_than_there_may_be(cast: Idp) -> None:
    none = page(cast, count=0)
    assert (none["totalResults"], none["itemsPerPage"], "nextCursor" in none.body) == (10, 0, False)
    assert len(ids(page(cast, count=5000))) == 10


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite takes a statement for each table")
@pytest.mark.parametrize("query", [{}, {"sortBy": "userName"}])
def test_a_page_takes_three_statements(cast: Idp, query: dict[str, Any], django_assert_num_queries: Any) -> None:
    first = page(cast, count=3, **query)
    with django_assert_num_queries(3):
        second = page(cast, count=3, **query)
    with django_assert_num_queries(3):
        page(cast, second["nextCursor"], count=3, **query)
    assert ids(first) == ids(second)
