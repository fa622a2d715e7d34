"""Lines of calls that were to change nothing. In a server they wait for each other a moment (decision 36)."""

import json
import logging
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import orjson
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from members.statements import keyless_insertion, table_of
from operations import faults
from operations.flushing import SOON
from operations.gathering import Gathered
from provisioning.models import limit, unrecorded
from provisioning.models.activity import SyncActivity, outcome_of
from provisioning.models.hours import ActivityHour, counting, hour_of
from provisioning.models.unrecorded import UnrecordedCalls
from provisioning.models.walk import Position, keeping, kept

logger = logging.getLogger(__name__)
# Values of a SyncActivity by their attribute.
Line = dict[str, Any]

_FIELDS = [field for field in SyncActivity._meta.local_concrete_fields if not field.primary_key]
_NAMES = [field.attname for field in _FIELDS]
_EMPTY = {_NAMES.index("changes"): "{}", _NAMES.index("ignored"): "[]", _NAMES.index("figures"): "{}"}


def log(line: Line, token_id: int, position: Position | None) -> None:
    """Write the line, soon, and count it; keep the position at once, as any process may be asked the next page."""
    line["at"] = timezone.now()
    if position is not None:
        # Nothing depends on it: without it the next page is counted.
        _error_of(partial(_keep, kept(token_id, position)))
    _gathered.put(line, is_urgent=waiting(line["organization_id"]) + 1 >= limit.most_uncounted())


def waiting(organization_id: int) -> int:
    """The number of calls of an organization in this process that its limit has not been told of yet."""
    return [line["organization_id"] for line in _gathered.waiting[:]].count(organization_id)


def _keep(walk: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(keeping(), walk)


def _write_or_count(lines: list[Line]) -> None:
    """Write the lines of calls that have been or will be answered all the same. Count those that cannot be written: a
    full disk is no reason to withhold an answer.
    """
    error = _error_of(partial(_write, lines))
    fault = faults.fault_in(error) if error else None
    if fault and fault.kind.passes:
        error = _error_of(partial(_write, lines))
    if error and not fault and len(lines) > 1:
        # A row among them that the database does not take, such as one of an organization that has just gone.
        for line in lines:
            _write_or_count([line])
    elif error:
        reason = str(error).partition("\n")[0]
        for line in lines:
            logger.warning("SCIM call %s could not be recorded: %s", line["request_id"], reason)
            UnrecordedCalls.count(line["organization_id"])
    elif unrecorded.is_waiting():
        UnrecordedCalls.write_down()


def _error_of(write: Callable[[], None]) -> DatabaseError | None:
    """The reason why something could not be written; None if it is."""
    try:
        write()
    except DatabaseError as error:
        fault = faults.fault_in(error)
        if fault and fault.kind.ends_connection and not connection.in_atomic_block:
            connection.close()
        return error
    return None


_gathered = Gathered(_write_or_count)


def _write(lines: list[Line]) -> None:
    (_write_in_one if connection.vendor == "postgresql" else _write_each)(lines)


def _write_in_one(lines: list[Line]) -> None:
    calls = [
        line | {"hour": hour_of(line["at"]), "outcome": outcome_of(line["kind"], line["status"])} for line in lines
    ]
    pace, cost = limit.counting_many("call", after="hour") or ("", [])
    with connection.cursor() as cursor:
        cursor.execute(_in_one(pace), [orjson.dumps(calls).decode(), *cost])


def _write_each(lines: list[Line]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for line in lines:
            moments = [connection.ops.adapt_datetimefield_value(at) for at in (line["at"], hour_of(line["at"]))]
            cursor.execute(keyless_insertion(SyncActivity)[0], _values({**line, "at": moments[0]}))
            outcome = int(outcome_of(line["kind"], line["status"]))
            cursor.execute(counting(), [line["organization_id"], moments[1], outcome])
            if paced := limit.counting(line["organization_id"]):
                cursor.execute(*paced)
                cursor.fetchall()  # A statement that waits to be read would be in the way of COMMIT.


def _values(line: Line) -> list[Any]:
    values = [line[name] for name in _NAMES]
    for place in _EMPTY:
        values[place] = json.dumps(values[place]) if values[place] else _EMPTY[place]
    return values


@cache
def _in_one(pace: str) -> str:
    """The statement for PostgreSQL that writes lines, counts them by the hour and tells the limit. It takes them as one
    JSON text, each with its hour and outcome, as psycopg looks at each value of a list in turn.

    The commit does not wait for the disk: a crash may lose the last half second of reads, never a change. What is
    counted is in the order of its keys, the limits last, as with a write: two calls wait for each other's rows in the
    same order.
    """
    types = [f"{field.column} {field.db_type(connection)}" for field in _FIELDS]
    each = ", ".join([*types, "hour timestamptz", "outcome smallint"])
    inserted, _, _ = keyless_insertion(SyncActivity)[0].partition(" VALUES ")
    columns = ", ".join(str(field.column) for field in _FIELDS)
    hours, counted = table_of(ActivityHour), "organization_id, hour, outcome"
    parts = [
        f"call AS (SELECT * FROM json_to_recordset(%s::json) AS call ({each}))",  # noqa: S608  names of our own
        f"line AS ({inserted} SELECT {columns} FROM call)",  # noqa: S608
        f"soon AS (SELECT {SOON})",
    ]
    hour = (
        f"INSERT INTO {hours} ({counted}, calls) "  # noqa: S608
        f"SELECT {counted}, count(*) FROM call, soon GROUP BY {counted} "
        f"ORDER BY {counted} ON CONFLICT ({counted}) DO UPDATE SET calls = {hours}.calls + EXCLUDED.calls"
    )
    if not pace:
        return f"WITH {', '.join(parts)} {hour}"
    return f"WITH {', '.join([*parts, f'hour AS ({hour} RETURNING 1)'])} {pace}"
