"""Lists over all resource types (RFC 7644 §3.4.2.1): the root, and /.search there."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import override_settings

from members.models import Member
from provisioning.models import Kind
from tests.scim import SEARCH, Answer, Idp, is_scim_error
from tests.scim.printers import ROOM

USERS, GROUPS = ["Aiko Tanaka", "Mia Sato", "Same"], ["Sales"]
PRINTERS = ["Laser", "Same"]


@pytest.fixture(autouse=True)
def both(idp: Idp, mia: Member) -> Iterator[None]:
    ROOM.clear()
    with override_settings(SCIM_URLCONF="tests.scim.printers"):
        for name in PRINTERS:
            idp.post({"displayName": name}, "/Printers")
        idp.create("same", displayName="Same")
        idp.post({"displayName": "Sales", "members": [{"value": mia.scim_id}]}, "/Groups")
        yield


def listed(idp: Idp, path: str = "/", **query: Any) -> Answer:
    answer = idp.get(path + "?" + urlencode(query, quote_via=quote))
    assert answer.status == 200, answer
    return answer


def names(answer: Answer) -> list[str]:
    return [one["displayName"] for one in answer["Resources"]]


def asked(idp: Idp, **query: Any) -> Answer:
    """The answer to either way of asking."""
    got, posted = listed(idp, **query), idp.post({"schemas": [SEARCH], **query}, "/.search")
    assert (posted.status, posted.body) == (200, got.body)
    return got


def test_everything_is_listed_type_by_type(idp: Idp) -> None:
    answer = asked(idp)

    assert names(answer) == USERS + GROUPS + PRINTERS
    assert (answer["totalResults"], answer["itemsPerPage"], answer["startIndex"]) == (6, 6, 1)
    assert [one["meta"]["resourceType"] for one in answer["Resources"]] == [
        *["User"] * 3, "Group", *["Printer"] * 2,
    ]  # fmt: skip
    assert names(listed(idp, "")) == names(answer)
    assert idp.last_activity().kind == Kind.SEARCH
    assert idp.call("HEAD", "/").status == 200


@pytest.mark.parametrize(
    ("start", "count", "found"),
    [
        (1, 2, USERS[:2]),
        (3, 2, [*USERS[2:], "Sales"]),
        (3, 3, [*USERS[2:], "Sales", "Laser"]),
        (4, 9, GROUPS + PRINTERS),
        (5, 1, PRINTERS[:1]),
        (7, 5, []),
        (1, 0, []),
    ],
)
def test_a_page_goes_over_both(idp: Idp, start: int, count: int, found: list[str]) -> None:
    answer = asked(idp, startIndex=start, count=count)

    assert (names(answer), answer["totalResults"], answer["startIndex"]) == (found, 6, start)


FOUND = {
    'displayName eq "same"': ["Same", "Same"],
    'userName sw "mia"': ["Mia Sato"],
    'not (userName sw "mia")': ["Aiko Tanaka", "Same", "Sales", *PRINTERS],
    'userName ne "mia@aozora.example"': ["Aiko Tanaka", "Same", "Sales", *PRINTERS],
    "userName eq null": GROUPS + PRINTERS,
    "userName ne null": USERS,
    "emails pr": USERS,
    "members pr": GROUPS,
    'members[value sw "x"] or groups pr': ["Mia Sato"],
    'meta.resourceType eq "Group" or meta.resourceType eq "Nothing"': GROUPS,
    'emails[value sw "mia"] or displayName eq "laser"': ["Mia Sato", "Laser"],
    'displayName eq "same" and not (userName pr)': ["Same"],
    'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "mia"': ["Mia Sato"],
}


@pytest.mark.parametrize("filter_text", FOUND)
def test_what_only_one_type_has_is_no_value_of_the_other(idp: Idp, filter_text: str) -> None:
    answer = asked(idp, filter=filter_text)

    assert names(answer) == FOUND[filter_text]
    assert answer["totalResults"] == len(FOUND[filter_text])


@pytest.mark.parametrize(
    ("query", "scim_type"),
    [
        ({"filter": 'password eq "x"'}, "invalidFilter"),
        ({"filter": "userName"}, "invalidFilter"),
        ({"filter": ""}, "invalidFilter"),
        ({"sortBy": "password"}, "invalidPath"),
        ({"cursor": "x"}, "invalidCursor"),
        ({"cursor": "Users.x"}, "invalidCursor"),
        ({"cursor": "Nobody."}, "invalidCursor"),
        ({"cursor": "", "count": "x"}, "invalidCount"),
        ({"startIndex": "x"}, "invalidValue"),
        ({"attributes": "id", "excludedAttributes": "id"}, "invalidValue"),
    ],
)
def test_what_no_type_has_is_refused(idp: Idp, query: dict[str, str], scim_type: str) -> None:
    answer = idp.get("/?" + urlencode(query))

    assert is_scim_error(answer, 400)
    assert answer["scimType"] == scim_type


def test_each_type_is_sorted_and_shown_as_asked(idp: Idp) -> None:
    answer = asked(idp, sortBy="userName", sortOrder="descending", attributes="displayName,userName")

    assert names(answer) == ["Same", "Mia Sato", "Aiko Tanaka", "Sales", *PRINTERS]
    assert [set(one) - {"schemas", "id"} for one in answer["Resources"]] == [
        *[{"displayName", "userName"}] * 3, *[{"displayName"}] * 3,
    ]  # fmt: skip


def test_a_walk_by_cursor_sees_all(idp: Idp) -> None:
    seen, answer = [], listed(idp, cursor="", count=2)
    while True:
        seen += names(answer)
        assert answer["totalResults"] == 6
        if "nextCursor" not in answer.body:
            break
        answer = listed(idp, cursor=answer["nextCursor"], count=2)

    assert seen == USERS + GROUPS + PRINTERS


def test_the_neighbours_are_not_in_it(idp: Idp, next_door: Idp) -> None:
    next_door.post({"displayName": "Theirs"}, "/Printers")

    assert "Theirs" not in names(asked(idp))
    assert Idp(idp.organization, secret=next_door.secret).get("/").status == 401
