"""What a request has written, and what is different afterwards."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.cast.rows import Rows, rows

_WRITES = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
# What somebody who has come to nothing may leave behind: a session for the message that says so, a line in a count
# or in the log of refused attempts.
OF_NO_CONSEQUENCE = {
    "members_session", "provisioning_activityhour", "provisioning_badtokencount", "provisioning_syncactivity",
}  # fmt: skip


@contextmanager
def written() -> Iterator[set[str]]:
    """The tables written to meanwhile, even if nothing in them is different afterwards."""
    tables: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := _WRITES.match(sql):
            tables.add(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield tables
    tables -= OF_NO_CONSEQUENCE


def rows_about(words: Iterable[str]) -> Rows:
    """The rows by which it shows whether these differences have come about."""
    return rows({word.lstrip("+-").partition(".")[0] for word in words})


def differences(before: Rows, after: Rows) -> set[str]:
    """As the table writes them: +Team, -Team, Team.name."""
    return {word for model in after for word in _of_one(model, before[model], after[model])}


def _of_one(model: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    former, present = ({_key(row): row for row in table} for table in (before, after))
    if present.keys() - former.keys():
        yield f"+{model}"
    if former.keys() - present.keys():
        yield f"-{model}"
    for key in former.keys() & present.keys():
        yield from (f"{model}.{name}" for name, value in present[key].items() if former[key][name] != value)


def _key(row: dict[str, Any]) -> Any:
    return next(iter(row.values()))
