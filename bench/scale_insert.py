"""What a line of the sync activity and an event of the audit log cost the database to insert.

    python -m bench.scale_insert 5000

inserts so many of each, each committed by itself, into the database of DATABASE_URL, and prints as JSON CPU
microseconds and bytes of the write-ahead log of each: small changes, and whole pages after a checkpoint.
"""

import json
import os
import random
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from members.models import AuditEvent, Organization  # noqa: E402
from members.pending import Pending  # noqa: E402
from provisioning.models import SyncActivity  # noqa: E402
from provisioning.models.words import words  # noqa: E402

BODY = json.dumps({"Operations": [{"op": "Replace", "path": "displayName", "value": "田中 太郎"}] * 3})
# Words wait in a list until they are put into their index: part of what a line costs.
SORTED_IN = "SELECT gin_clean_pending_list('activity_search')"
CHANGES = {"display_name": ["田中", "田中 太郎"], "language": ["en", "ja"]}


def main(rows: int) -> None:
    owners = list(Organization.objects.order_by("pk"))
    kinds: dict[str, Callable[[], object]] = {
        "read": lambda: read(random.choice(owners)).log(),
        "read, not waited for": lambda: unawaited(read(random.choice(owners))),
        "change": lambda: change(random.choice(owners)).log(),
        "event": lambda: insert(event(random.choice(owners))),
    }
    print(json.dumps({name: cost_of(act, rows) for name, act in kinds.items()}))


def unawaited(line: SyncActivity) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        line.log()


def read(owner: Organization) -> SyncActivity:
    person = str(uuid.uuid4())
    address = f"{person[:8]}@company.example"
    return SyncActivity(
        organization=owner, request_id=uuid.uuid4().hex, token_prefix="nlbscim_abcdef", kind="search", method="GET",
        path=f"/Users?filter=userName%20eq%20%22{address}%22", status=200, duration_ms=4, subject_id=person,
        subject="田中 太郎", search=words(owner.pk, [address, person]), is_lasting=False,
    )  # fmt: skip


def change(owner: Organization) -> SyncActivity:
    line = read(owner)
    line.kind, line.method, line.path, line.body = "patch", "PATCH", f"/Users/{line.subject_id}", BODY
    line.changes, line.is_lasting = CHANGES, True
    line.search = words(owner.pk, [line.subject_id, line.request_id, line.path, "p"])
    return line


def insert(row: AuditEvent) -> None:
    pending = Pending()
    pending.insert(row)
    pending.send()


def event(owner: Organization) -> AuditEvent:
    person = str(uuid.uuid4())
    return AuditEvent(
        organization=owner, event="account.changed", operator_kind="provisioning", operator_name="nlbscim_abcdef",
        ip_address="192.0.2.7", user_agent="Microsoft Entra ID provisioning", subject_id=person, subject="田中 太郎",
        changes=CHANGES, request_id=uuid.uuid4().hex,
    )  # fmt: skip


def cost_of(act: Callable[[], object], rows: int) -> dict[str, float]:
    ask(SORTED_IN)
    ask("CHECKPOINT")
    schedule = Path(f"/proc/{ask('SELECT pg_backend_pid()')[0]}/schedstat")
    for _ in range(20):
        act()
    wal, before = _wal(), int(schedule.read_text().split()[0])
    for _ in range(rows):
        act()
    ask(SORTED_IN)
    spent, after = int(schedule.read_text().split()[0]) - before, _wal()
    pages, total = after[0] - wal[0], after[1] - wal[1]
    return {
        "cpu": spent / rows / 1000,
        "pages": pages / rows,
        "bytes": total / rows,
        "waits": (after[2] - wal[2]) / rows,
    }


def ask(sql: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else ()


def _wal() -> tuple[int, ...]:
    """Whole pages and bytes written, and times waited for the disk, so far."""
    ask("SELECT pg_stat_force_next_flush()")
    return tuple(map(int, ask("SELECT wal_fpi, wal_bytes, wal_sync FROM pg_stat_wal")))


if __name__ == "__main__":
    main(int(sys.argv[1]))
