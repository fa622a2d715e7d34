"""The events of a transaction, written by its last statement from its list of changes (docs/decisions/0033)."""

import secrets
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

import orjson
from django.db import connection
from django.utils import timezone

from api.events import types
from api.models import Event, EventCounter
from members.models.change import Change
from members.models.work import pending
from members.openings import BEFORE_COMMIT
from members.pending import Write
from members.statements import table_of
from members.write_statements import PREVIOUS

COUNTERS, EVENTS = table_of(EventCounter), table_of(Event)
# Transactions wait for each other here until they commit, and count on from where the one before has ended.
COUNT = f"""INSERT INTO {COUNTERS} AS counter (organization_id, last, has_news) VALUES (%s, %s, TRUE)
ON CONFLICT (organization_id) DO UPDATE SET last = counter.last + EXCLUDED.last, has_news = TRUE
RETURNING last"""  # noqa: S608  names of our own, here and below
COLUMNS = "organization_id, number, at, txn, type, subject_type, subject_id, team_id, initiator, changes"
VALUES = "one.value ->> 0, one.value ->> 1, one.value ->> 2, one.value ->> 3, one.value ->> 4, one.value -> 5"
# A single event, as nearly every change has it. To take it out of JSON would be a tenth of a change's last statement.
INSERT_ONE = f"""INSERT INTO {EVENTS} ({COLUMNS})
SELECT %s, counter.last, %s, %s, %s, %s, %s, %s, %s, %s FROM {PREVIOUS} AS counter
RETURNING 1"""  # noqa: S608
# One text each for any number of events, so that the statements stay prepared.
INSERT = {
    "postgresql": f"""INSERT INTO {EVENTS} ({COLUMNS})
SELECT %s, counter.last - %s + one.place, %s, %s, {VALUES}
FROM {PREVIOUS} AS counter, jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS one(value, place)
RETURNING 1""",  # noqa: S608
    "sqlite": f"""INSERT INTO {EVENTS} ({COLUMNS})
SELECT %s, counter.last - %s + 1 + one.key, %s, %s, {VALUES} FROM {COUNTERS} AS counter, json_each(%s) AS one
WHERE counter.organization_id = %s
RETURNING 1""",  # noqa: S608
}


@BEFORE_COMMIT.register
def write(changes: Sequence[Change]) -> None:
    """Put off the events of these changes, to be written last.

    The counters are locked in the order of their keys, and nothing is locked after them, so that two transactions
    cannot deadlock.
    """
    seen = [change for change in changes if change.event in types.TYPES]
    by_organization, txn = attrgetter("organization.pk"), secrets.token_hex(16)
    for organization_id, own in groupby(sorted(seen, key=by_organization), by_organization):
        _write(organization_id, txn, list(own))


def _write(organization_id: int, txn: str, changes: list[Change]) -> None:
    rows = [
        (
            change.event.value,
            types.TYPES[change.event].subject.value,
            types.subject_id(change),
            change.team.scim_id if change.team else "",
            types.initiator(change),
            types.sides(change),
        )
        for change in changes
    ]
    now, counted = timezone.now(), Write(EventCounter, COUNT, [organization_id, len(rows)])
    if len(rows) == 1 and connection.vendor == "postgresql":
        [(*values, sides)] = rows
        parameters = [organization_id, now, txn, *values, orjson.dumps(sides).decode()]
        pending().add(Event, INSERT_ONE, parameters, first=counted)
        return
    parameters = [organization_id, len(rows), now, txn, orjson.dumps(rows).decode()]
    if connection.vendor == "sqlite":
        parameters.append(organization_id)
    pending().add(Event, INSERT[connection.vendor], parameters, first=counted)
