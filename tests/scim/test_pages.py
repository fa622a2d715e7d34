"""Pages by startIndex: a walk goes on at a key, so that nobody is left out or comes twice; a jump counts."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from operations.gathering import Gathered
from provisioning.models import ScimWalk
from provisioning.models.walk import PAUSE
from provisioning.scim.groups.pages import PAGES as GROUP_PAGES
from provisioning.scim.users.pages import PAGES
from tests.cast import OPERATOR, managed, scim_token
from tests.scim import Answer, Idp


@pytest.fixture
def ids(idp: Idp) -> list[str]:
    """The ids of nine members in the order of their keys."""
    for number in range(8):
        managed(idp.organization, f"m{number}")
    return list(idp.organization.members.order_by("pk").values_list("scim_id", flat=True))


def page(idp: Idp, start: int, count: int = 2, filter_text: str = "") -> Answer:
    wanted = f"&filter={quote(filter_text)}" if filter_text else ""
    answer = idp.get(f"/Users?startIndex={start}&count={count}{wanted}")
    assert answer.status == 200
    return answer


def ids_of(answer: Answer) -> list[str]:
    return [user["id"] for user in answer["Resources"]]


def gone(idp: Idp, scim_id: str) -> None:
    idp.organization.members.get(scim_id=scim_id).remove(by=OPERATOR)


def walked(idp: Idp, filter_text: str = "", between: Any = lambda number: None) -> list[str]:
    """The ids that a client gets that asks for more as long as totalResults says so."""
    seen: list[str] = []
    start, number = 1, 0
    while True:
        answer = page(idp, start, filter_text=filter_text)
        seen += ids_of(answer)
        start += answer["itemsPerPage"]
        if start > answer["totalResults"] or not answer["itemsPerPage"]:
            return seen
        number += 1
        between(number)


FILTERS = ["", "active eq true", 'userName ew "@aozora.example"']


@pytest.mark.parametrize("filter_text", FILTERS)
@pytest.mark.parametrize("which", ["served", "to come", "both"])
def test_nobody_is_left_out_when_somebody_goes_between_two_pages(
    idp: Idp, ids: list[str], filter_text: str, which: str
) -> None:
    everybody = walked(idp, filter_text)
    assert everybody == ids

    def leave(number: int) -> None:
        if number == 2:
            for scim_id in {"served": ids[1:3], "to come": ids[5:7], "both": [ids[2], ids[6]]}[which]:
                gone(idp, scim_id)

    seen = walked(idp, filter_text, leave)

    stayed = set(idp.organization.members.values_list("scim_id", flat=True))
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen) <= set(ids)


def test_somebody_who_comes_meanwhile_is_on_the_last_page(idp: Idp, ids: list[str]) -> None:
    seen = walked(idp, "active eq true", lambda number: managed(idp.organization, f"new{number}") if number == 1 else 0)

    assert set(seen) == set(idp.organization.members.values_list("scim_id", flat=True))


def test_a_page_that_is_repeated_is_the_same(idp: Idp, ids: list[str]) -> None:
    page(idp, 1)
    second = ids_of(page(idp, 3))
    gone(idp, ids[1])

    assert ids_of(page(idp, 3)) == second == ids[2:4]
    assert ids_of(page(idp, 5)) == ids[4:6]


def test_two_walks_with_one_token_do_not_meet(idp: Idp, ids: list[str]) -> None:
    for start, of_the_other in ((1, 5), (3, 7), (5, 9)):
        page(idp, start)
        page(idp, of_the_other)
    gone(idp, ids[1])

    assert (ids_of(page(idp, 3)), ids_of(page(idp, 7))) == (ids[2:4], ids[6:8])


@pytest.mark.parametrize("filter_text", FILTERS)
def test_a_jump_counts_to_its_start(idp: Idp, next_door: Idp, ids: list[str], filter_text: str) -> None:
    for start in range(2, len(ids) + 3):
        assert ids_of(page(idp, start, 3, filter_text)) == ids[start - 1 : start + 2]
        ScimWalk.objects.all().delete()


@pytest.mark.parametrize("at", ["2026-03-04T05:06:07+00:00", "2026-03-04T05:06:07.000890+00:00"])
def test_a_moment_is_written_by_the_database_as_by_a_change(idp: Idp, ids: list[str], at: str) -> None:
    idp.organization.members.update(created_at=at)
    changed = idp.patch(ids[1], {"op": "replace", "path": "displayName", "value": "Mia"})

    listed = page(idp, 1)["Resources"][1]

    assert listed["meta"] == changed["meta"] == idp.read(ids[1])["meta"]
    assert listed["meta"]["created"] == f"{at[:19]}.{at[20:26] if '.' in at else '000000'}Z"


@pytest.mark.parametrize("other", ["a jump", "another token", "another filter", "a pause", "no position"])
def test_a_page_that_does_not_go_on_is_counted(idp: Idp, ids: list[str], other: str) -> None:
    page(idp, 1)
    gone(idp, ids[1])
    left = [ids[0], *ids[2:]]

    match other:
        case "a jump":
            assert ids_of(page(idp, 4)) == left[3:5]
        case "another token":
            assert ids_of(page(Idp(idp.organization, secret=scim_token(idp.organization)[1]), 3)) == left[2:4]
        case "another filter":
            assert ids_of(page(idp, 3, filter_text="active eq true")) == left[2:4]
        case "a pause":
            with patch("django.utils.timezone.now", return_value=timezone.now() + PAUSE + timedelta(seconds=1)):
                assert ids_of(page(idp, 3)) == left[2:4]
        case "no position":
            ScimWalk.objects.all().delete()
            assert ids_of(page(idp, 3)) == left[2:4]


def test_the_neighbours_walk_is_his_own(idp: Idp, next_door: Idp, ids: list[str]) -> None:
    theirs = list(next_door.organization.members.order_by("pk").values_list("scim_id", flat=True))
    page(idp, 1)

    assert ids_of(page(next_door, 3)) == theirs[2:4]


def test_a_filter_is_counted_once_in_a_walk(idp: Idp, ids: list[str]) -> None:
    page(idp, 1, filter_text="active eq true")

    with CaptureQueriesContext(connection) as asked:
        answer = page(idp, 3, filter_text="active eq true")

    assert answer["totalResults"] == len(ids)
    assert not [query["sql"] for query in asked if "COUNT(" in query["sql"] or "OFFSET" in query["sql"]]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite takes a statement for each table")
def test_the_next_page_takes_three_statements(
    idp: Idp, ids: list[str], django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a server the lines of all wait for each other.
    monkeypatch.setattr(Gathered, "put", lambda *_, **__: None)
    for start in (1, 3, 5):
        page(idp, start)  # The statements are compiled.
    for start in (1, 3, 5):
        with django_assert_num_queries(3):
            page(idp, start)


@pytest.mark.django_db
@pytest.mark.parametrize("is_jump", [False, True])
@pytest.mark.skipif(connection.vendor == "sqlite", reason="plans of a server")
def test_a_page_is_planned_for_no_organization_in_particular(is_jump: bool) -> None:
    """Else PostgreSQL finds each plan cheaper than one for all, and makes one for each page."""
    plans = []
    for organization in (1, 2):
        with connection.cursor() as cursor:
            sql, values = PAGES._listed(101, is_jump).statement(organization, 10)
            cursor.execute(f"EXPLAIN {sql}", values)
            plans.append(cursor.fetchall())

    assert plans[0] == plans[1]


def test_positions_go_when_no_walk_goes_on_there(idp: Idp, ids: list[str]) -> None:
    page(idp, 1)
    assert ScimWalk.prune() == 0

    ScimWalk.objects.update(at=timezone.now() - PAUSE - timedelta(seconds=1))
    assert ScimWalk.prune() == 1


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "sqlite", reason="it vacuums nothing by itself")
def test_tables_whose_index_is_counted_in_are_vacuumed_while_most_of_their_blocks_are_known_to_be_visible() -> None:
    with connection.cursor() as cursor:
        for pages in (PAGES, GROUP_PAGES):
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [pages.model._meta.db_table])
            (options,) = cursor.fetchone()
            assert {"autovacuum_vacuum_scale_factor=0.02", "autovacuum_vacuum_insert_scale_factor=0.02"} <= {*options}
