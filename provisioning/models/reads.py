"""Lines of calls that were to change nothing, written without an instance: half of what a read costs was that."""

import json
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone

from members.statements import insertion
from provisioning.models import limit
from provisioning.models.activity import SyncActivity, outcome_of
from provisioning.models.hours import counting, hour_of
from provisioning.models.walk import Position, keeping, kept

_NAMES = [field.attname for field in SyncActivity._meta.local_concrete_fields if not field.primary_key]
_EMPTY = {_NAMES.index("changes"): "{}", _NAMES.index("ignored"): "[]", _NAMES.index("figures"): "{}"}


def log(line: dict[str, Any], token_id: int, position: Position | None) -> None:
    """Write the line with these values of SyncActivity, count it, and keep the position in a list: one statement where
    the database can.
    """
    # With the connection itself: its proxy looks for it at each access.
    database, now = connections[DEFAULT_DB_ALIAS], timezone.now()
    line["at"] = database.ops.adapt_datetimefield_value(now)
    hour = database.ops.adapt_datetimefield_value(hour_of(now))
    values = [line[name] for name in _NAMES]
    for place in _EMPTY:
        values[place] = json.dumps(values[place]) if values[place] else _EMPTY[place]
    counted = [line["organization_id"], hour, int(outcome_of(line["kind"], line["status"]))]
    walk = kept(token_id, position) if position else []
    paced = limit.counting(line["organization_id"])
    pace = paced[1] if paced else []
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(_in_one(bool(walk), bool(pace)), [*values, *walk, *counted, *pace])
        else:
            with transaction.atomic():
                cursor.execute(insertion(SyncActivity)[0], values)
                cursor.execute(counting(), counted)
                if paced:
                    cursor.execute(*paced)
                    cursor.fetchall()  # A statement that waits to be read would be in the way of COMMIT.
                if walk:
                    cursor.execute(keeping(), walk)


@cache
def _in_one(has_walk: bool, has_limit: bool) -> str:
    """The statements in one, for PostgreSQL.

    The commit does not wait for the disk: a crash may lose the last half second of reads, never a change. Waiting
    costs more than all the rest, and the next read of the organization would wait for the count meanwhile.
    """
    soon = "SELECT set_config('synchronous_commit', 'off', true)"
    counting_soon = counting().replace("VALUES (%s, %s, %s, 1)", "SELECT %s, %s, %s, 1 FROM soon")
    walk = f"walk AS ({keeping()}), " if has_walk else ""
    parts = f"WITH line AS ({insertion(SyncActivity)[0]}), {walk}soon AS ({soon})"
    if not has_limit:
        return f"{parts} {counting_soon}"
    # After the hour, as with a write: two calls wait for each other's rows in the same order.
    paced = limit.counting(0, after="hour")
    assert paced
    return f"{parts}, hour AS ({counting_soon} RETURNING 1) {paced[0]}"
