"""Delivery of events: the time from the commit of a change until a receiver has it, at 100 changes a second.

python -m bench.delivery [SECONDS] changes names of people in the largest organizations of DATABASE_URL, and takes the
webhooks itself. The writer, delivery and PostgreSQL share this machine.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import django

from bench.measuring import percentile
from bench.servers import ROOT
from tests.processes import interrupted_with_parent

RATE, PEOPLE, ORGANIZATIONS = 100, 50, 2
# Seconds until delivery has begun, and until the last event must be there.
PATIENCE = 30


def main(seconds: float) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
    django.setup()
    from tests.api.webhooks.receiver import receiving

    arrived: dict[str, float] = {}

    def note(event: dict[str, Any]) -> int:
        arrived.setdefault(event["data"]["id"], time.monotonic())
        return 200

    with receiving() as receiver:
        receiver.status = note
        change = changes(receiver.url)
        with delivering(receiver.url):
            first = change()
            until(lambda: first in arrived)
            begin = time.monotonic()
            made = dict(paced(change, begin, round(seconds * RATE)))
            took = time.monotonic() - begin
            until(lambda: made.keys() <= arrived.keys())
    report(len(made) / took, len(made), [arrived[name] - made[name] for name in made if name in arrived])


def changes(url: str) -> Callable[[], str]:
    """A change of a name, each time somebody else's, which returns the id of its event; an endpoint is told of it."""
    from django.conf import settings
    from django.db.models import Count

    from api.models import App, Endpoint, EventCounter
    from members.actors import command
    from members.models import Member, Organization

    by, turns = command("bench"), count()
    settings.WEBHOOKS_ON_THIS_MACHINE = [url]
    Endpoint.objects.make(app=App.BACKLOG, url=f"{url}/hook", contact="a@b.example", with_changes=False, by=by)
    people: list[Member] = []
    for place in Organization.objects.annotate(size=Count("members")).order_by("-size")[:ORGANIZATIONS]:
        its = Member.objects.select_related("account", "organization").filter(organization=place)
        people += its.filter(account__managed_by=place)[:PEOPLE]
    last = dict(EventCounter.objects.values_list("pk", "last"))

    def change() -> str:
        turn = next(turns)
        member = people[turn * (PEOPLE + 1) % len(people)]
        member.change_profile({"display_name": f"Name {turn}"}, by=by)
        last[member.organization_id] = last.get(member.organization_id, 0) + 1
        return f"{member.organization.space_key}-{last[member.organization_id]}"

    return change


def paced(change: Callable[[], str], begin: float, many: int) -> Iterator[tuple[str, float]]:
    """The ids of the events, and when each was committed."""
    for turn in range(many):
        time.sleep(max(0, begin + turn / RATE - time.monotonic()))
        yield change(), time.monotonic()


@contextmanager
def delivering(url: str) -> Iterator[None]:
    """DEBUG, because the receiver is on this very machine."""
    environment = {**os.environ, "DEBUG": "1", "DEMO_APP_URL": url, "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "manage.py", "deliver_events"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=interrupted_with_parent)
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)


def report(rate: float, made: int, late: list[float]) -> None:
    if len(late) < made:
        sys.exit(f"{made - len(late)} of {made} events have not arrived after {PATIENCE} s.")
    print(f"\nDelivery of events: from the commit to the receiver, at {rate:.0f} changes a second\n")
    print(
        f"{made:,} events, median {percentile(late, 0.5):.0f} ms, 99 % within {percentile(late, 0.99):.0f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 5)
