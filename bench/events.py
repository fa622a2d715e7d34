"""The price of an event: the same change in turns with the statement that writes events, and without.

python -m bench.events [COUNT] changes names of people in the largest organization of DATABASE_URL. The processor is
counted of this process and of its PostgreSQL backend together: time on the wall is the machine's.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import django

TICK = os.sysconf("SC_CLK_TCK")
IN_A_ROW = 50


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
    django.setup()
    from api.events import writing
    from members.openings import BEFORE_COMMIT

    change = changes()
    change()
    writers = list(BEFORE_COMMIT._functions)
    assert writing.write in writers
    with_events, without = [], []
    for _ in range(count // IN_A_ROW):
        BEFORE_COMMIT._functions[:] = writers
        with_events.append(cpu_of(change))
        BEFORE_COMMIT._functions[:] = [one for one in writers if one is not writing.write]
        without.append(cpu_of(change))
    print(f"\nThe price of an event: processor of a change of a name, median of {len(without)} turns of {IN_A_ROW}\n")
    print(f"without {median(without) * 1000:8.2f} ms")
    print(
        f"with    {median(with_events) * 1000:8.2f} ms, ratio {median(with_events) / median(without):.2f}", flush=True
    )


def changes() -> Callable[[], None]:
    """A change of one member's name, each time another one."""
    from django.db.models import Count

    from members.actors import command
    from members.models import Member, Organization

    largest = Organization.objects.annotate(size=Count("members")).order_by("-size").first()
    assert largest
    member = Member.objects.select_related("account", "organization").filter(
        organization=largest, account__managed_by=largest
    )[0]
    by, names = command("bench"), iter(range(10**9))

    def change() -> None:
        member.change_profile({"display_name": f"Name {next(names)}"}, by=by)

    return change


def cpu_of(change: Callable[[], None]) -> float:
    """Seconds of processor of one change, ours and the database's."""
    from django.db import connection

    connection.ensure_connection()
    backend = int(connection.connection.info.backend_pid)
    before = time.process_time() + _seconds(backend)
    for _ in range(IN_A_ROW):
        change()
    return (time.process_time() + _seconds(backend) - before) / IN_A_ROW


def _seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1000)
