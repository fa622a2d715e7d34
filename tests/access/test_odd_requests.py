"""Whatever is sent to whatever address, by whoever may open it: an answer, never a fault of ours."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from tests.access import odd
from tests.access.row import Row
from tests.access.table import TABLE
from tests.access.world import PATTERNS, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unwatched")]
# A line for each pattern will do: its other lines differ in what stands in the address.
ROWS = list({row.name: row for row in TABLE}.values())
EACH_ROW = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
WITH_PARAMETERS = [row for row in ROWS if PATTERNS[row.name].parameters]


# So many of the odd values are tried at each address, others at the next one: all of them in turn. ODD_ROUNDS=30 tries
# each of them at each.
ROUNDS = int(os.environ.get("ODD_ROUNDS", "1"))


class Asking:
    """Asks the same browser's way each time, undoes what came of it, and remembers what was a fault."""

    def __init__(self, world: World, row: Row) -> None:
        self.world, self.row, self.faults = world, row, list[str]()

    def __call__(
        self, method: str, target: str, *args: Any, cookies: dict[str, str] | None = None, **more: Any
    ) -> None:
        client = self.world.client(self.row.reader, self.row, raise_request_exception=False)
        for name, value in (cookies or {}).items():
            client.cookies[name] = value
        with transaction.atomic():
            answer = getattr(client, method)(target, *args, **more)
            if answer.streaming:
                list(answer.streaming_content)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            self.faults.append(
                f"{answer.status_code} for {method} {target[:200]!r} {str(args)[:300]} {str(more)[:100]}"
            )

    def get_and_post(self, target: str) -> None:
        if self.row.get != 405:
            self("get", target)
        if self.row.post != 405:
            self("post", target, self.world.form(self.row, self.row.reader))


def turn(row: Row, values: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Some of the values: which, depends on the row."""
    start = ROWS.index(row) * ROUNDS
    for number in range(min(ROUNDS, len(values))):
        yield start + number, values[(start + number) % len(values)]


def mixed(names: Iterable[str], start: int) -> dict[str, str]:
    """Another odd value for each name."""
    return {name: odd.VALUES[(start + place) % len(odd.VALUES)] for place, name in enumerate(names)}


@pytest.mark.parametrize("row", WITH_PARAMETERS, ids=lambda row: row.name)
def test_odd_addresses(world: World, row: Row) -> None:
    asking = Asking(world, row)
    world.prepare(row)
    for parameter in PATTERNS[row.name].parameters:
        for value in (odd.NUL, *(value for _, value in turn(row, odd.IN_ADDRESSES))):
            asking.get_and_post(world.target(row, None, **{parameter: value}))

    assert asking.faults == []


@EACH_ROW
def test_odd_query_strings(world: World, row: Row) -> None:
    asking = Asking(world, row)
    world.prepare(row)
    for start, value in turn(row, odd.VALUES):
        asking.get_and_post(f"{world.path(row.name, row.at)}?{urlencode(mixed(odd.QUERY_NAMES, start))}")
        asking.get_and_post(f"{world.path(row.name, row.at)}?{urlencode(dict.fromkeys(odd.QUERY_NAMES, value))}")
    asking.get_and_post(f"{world.path(row.name, row.at)}?{urlencode(dict.fromkeys(odd.QUERY_NAMES, ''))}")
    for _, broken in turn(row, odd.BROKEN):
        asking.get_and_post(f"{world.path(row.name, row.at)}?{broken}&q={broken}")

    assert asking.faults == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.post != 405], ids=lambda row: row.name)
def test_odd_forms(world: World, row: Row) -> None:
    asking, target = Asking(world, row), world.target(row)
    world.prepare(row)
    right = world.form(row, row.reader)
    for start, value in turn(row, odd.VALUES):
        asking("post", target, right | mixed(right, start))
        asking("post", target, right | dict.fromkeys(right, value))
    for name in right:
        asking("post", target, {other: value for other, value in right.items() if other != name})
        asking("post", target, right | {name: [right[name], "again"]})
        asking("post", target, right | {f"{name}[]": "array", name: []})
        asking("post", target, right | {name: SimpleUploadedFile("a\x00.csv", b"\x00\xff")})
        asking("post", target, right | {name: "x" * 100_000})
    # Django reads them before the view does, the same at each address.
    for _, (content_type, body) in turn(row, odd.BODIES):
        asking("generic", "POST", target, body, content_type=content_type)

    assert asking.faults == []


@EACH_ROW
def test_odd_cookies_and_headers(world: World, row: Row) -> None:
    asking, target = Asking(world, row), world.target(row)
    world.prepare(row)
    method = "post" if row.get == 405 else "get"
    for _, headers in turn(row, odd.HEADERS):
        asking(method, target, headers=headers)
    for _, value in turn(row, odd.COOKIES):
        # The session is one of them: once without it, once with.
        asking(method, target, cookies=dict.fromkeys(odd.COOKIE_NAMES, value))
        asking(method, target, cookies=dict.fromkeys(odd.COOKIE_NAMES[1:], value))

    assert asking.faults == []
