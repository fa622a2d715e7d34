"""Who may do what: every URL pattern, every visitor, every method; and what each answer tells the browser."""

import re
from collections.abc import Iterator

import pytest

from tests.access.headers import may_be_kept, untold
from tests.access.row import AUDIT_LOG, INVITING, LICENCES, SETTINGS, SIGN_IN, SUPPORT_SIGN_IN, Refused, Row
from tests.access.table import NAMES, TABLE
from tests.access.visitors import SIGNED_IN, Visitor
from tests.access.watching import differences, rows_about, written
from tests.access.world import PATTERNS, World
from tests.cast.rows import Rows, rows

pytestmark = pytest.mark.django_db
# The Django admin's own way out leads to its start page, which asks to sign in.
SIGN_IN_PAGES = (SIGN_IN, SUPPORT_SIGN_IN, "/admin/")
OTHER_METHODS = ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "OPTIONS")
OF_ORGANIZATIONS = [row for row in TABLE if row.audience in (SETTINGS, LICENCES, AUDIT_LOG, INVITING)]
_ID = re.compile(r"\{(?!slug|owner_address|certificate|metadata|me)\w+\}")
EACH_ROW = pytest.mark.parametrize("row", TABLE, ids=str)


def test_every_url_pattern_has_its_line_and_no_line_is_left_over() -> None:
    assert NAMES ^ PATTERNS.keys() == set(), "tests/access/table.py says what to do"


def deviations_of_get(world: World, row: Row, visitor: Visitor, before: Rows) -> Iterator[str]:
    with written() as tables:
        answer = world.ask(row, visitor, "GET")

    if answer.status_code != row.expected(visitor, "GET"):
        yield f"{answer.status_code} in place of {row.expected(visitor, 'GET')}"
    yield from untold(answer)
    if visitor in SIGNED_IN and row.get != 405 and may_be_kept(answer):
        yield "a cache may keep it"
    is_sent_to_sign_in = row.audience.refusal(visitor) is Refused.SIGN_IN and answer.status_code == 302
    if is_sent_to_sign_in and not answer["Location"].startswith(SIGN_IN_PAGES):
        yield f"is sent to {answer['Location']}"
    if row.is_dry_run and row.audience.refusal(visitor) is None:
        yield from sorted(differences(before, rows()))
    else:
        yield from sorted(tables - row.may_write("GET"))


def deviations_of_post(world: World, row: Row, visitor: Visitor, before: Rows) -> Iterator[str]:
    with written() as tables:
        answer = world.ask(row, visitor, "POST")

    if answer.status_code != row.expected(visitor, "POST"):
        yield f"{answer.status_code} in place of {row.expected(visitor, 'POST')}"
    yield from untold(answer)
    if visitor in SIGNED_IN and row.get == 405 and may_be_kept(answer):
        yield "a cache may keep it"
    if row.post == 405 or visitor not in row.doers():
        yield from sorted(tables)
    else:
        changes = set(row.changes.split())
        yield from (f"not {change}" for change in sorted(changes - differences(before, rows_about(changes))))


@EACH_ROW
def test_a_page_opens_for_whom_it_is_and_does_nothing_yet(world: World, row: Row) -> None:
    assert "\n".join(world.walk(row, deviations_of_get)) == ""


@EACH_ROW
def test_a_form_does_what_it_is_for_and_for_others_nothing(world: World, row: Row) -> None:
    assert "\n".join(world.walk(row, deviations_of_post)) == ""


@EACH_ROW
def test_a_form_without_its_token_does_nothing(world: World, row: Row) -> None:
    visitor = row.reader
    world.prepare(row)

    with written() as tables:
        client = world.client(visitor, row, enforce_csrf_checks=True)
        answer = world.ask(row, visitor, "POST", client=client)

    assert answer.status_code == (row.post if row.is_posted_from_elsewhere else 403)
    assert row.is_posted_from_elsewhere or tables == set()


@EACH_ROW
def test_other_methods_do_nothing(world: World, row: Row) -> None:
    with written() as tables:
        answers = {method: world.ask(row, row.reader, method).status_code for method in OTHER_METHODS}

    # Django answers OPTIONS for the views that are classes.
    assert answers.pop("OPTIONS") in (200, 405)
    assert set(answers.values()) == {405}
    assert tables == set()


@EACH_ROW
def test_head_is_get_without_a_body(world: World, row: Row) -> None:
    world.prepare(row)
    visitor = row.reader

    answer = world.ask(row, visitor, "HEAD")

    assert (answer.status_code, answer.getvalue()) == (row.expected(visitor, "GET"), b"")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("row", "parameter"),
    [
        (row, parameter)
        for row in OF_ORGANIZATIONS
        for parameter in PATTERNS[row.name].parameters
        if parameter not in ("space_key", "product", "gives", "idp")
    ],
    ids=str,
)
def test_the_neighbours_ids_are_not_found_at_our_addresses(world: World, row: Row, parameter: str, method: str) -> None:
    world.prepare(row)
    target = world.target(row, None, **{parameter: world.theirs_for(row, parameter)})

    with written() as tables:
        answer = world.ask(row, Visitor.ADMINISTRATOR, method, target=target)

    assert answer.status_code == (405 if row.expected(Visitor.ADMINISTRATOR, method) == 405 else 404)
    assert tables == set()


@pytest.mark.parametrize("row", [row for row in OF_ORGANIZATIONS if _ID.search(row.query + row.form)], ids=str)
def test_the_neighbours_ids_in_a_form_change_nothing(world: World, row: Row) -> None:
    world.prepare(row)

    with written() as tables:
        answer = world.ask(row, Visitor.ADMINISTRATOR, "POST", its=world.theirs)

    assert answer.status_code in (200, 302, 404, 422)
    assert tables == set()


@pytest.mark.parametrize("row", [row for row in TABLE if row.is_recent or row.is_recent_form], ids=str)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_with_secrets_want_a_recent_sign_in(world: World, row: Row, method: str) -> None:
    world.prepare(row)
    client = world.client(Visitor.ADMINISTRATOR, row)
    client.cookies["session"] = world.former_cookie

    with written() as tables:
        answer = world.ask(row, Visitor.ADMINISTRATOR, method, client=client)

    if row.expected(Visitor.ADMINISTRATOR, method) == 405:
        assert answer.status_code == 405
    elif method == "GET" and not row.is_recent:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(SIGN_IN)
        assert "again=1" in answer["Location"]
    # A dry run takes back what it has written.
    assert tables == set() or (method == "GET" and row.is_dry_run)
