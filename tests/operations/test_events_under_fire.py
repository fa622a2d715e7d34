"""What the apps are told while everything dies: each change once, in order, none missing.

16 writers at 4 worker processes; a worker, the delivery process and a backend of PostgreSQL are killed under them, some
commits are slow. One app reads, another one has a webhook. SECONDS_OF_FIRE=60 makes it longer.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from tests import postgresql
from tests.api.webhooks.receiver import Receiver, receiving
from tests.cast.server import Server
from tests.processes import interrupted_with_parent
from tests.scim import patch_body, replace, user

# It has a PostgreSQL of its own.
pytestmark = [pytest.mark.once, pytest.mark.slow]
SECONDS = float(os.environ.get("SECONDS_OF_FIRE", "6"))
WRITERS, WORKERS = 16, 4
KEYS = ("north", "south")
# One commit in twenty takes a quarter of a second, after its events have their numbers.
SLOW_COMMITS = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF random() < 0.05 THEN PERFORM pg_sleep(0.25); END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON api_event DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION dawdle();
"""
# Everything that the world begins with, made by one process: each start of Python costs seconds on a busy machine.
SET_UP = """
import io, json
from django.core.management import call_command
from api.models import App, AppKey, Endpoint
from members.actors import command
call_command("migrate", verbosity=0)
by, places = command("test"), []
for name in {keys!r}:
    issuer, said = f"a@{{name}}.example", io.StringIO()
    call_command("create_organization", name, "--id", name, "--sandbox", "--administrator", issuer, stdout=said)
    said = io.StringIO()
    call_command("issue_scim_token", name, "--issuer", issuer, "--enable", "--json", stdout=said)
    places.append(json.loads(said.getvalue()))
_, key = AppKey.objects.make(app=App.CACOO, name="Reader", scopes=["events.read"], by=by)
_, secret = Endpoint.objects.make(app=App.BACKLOG, url="{url}/hook", contact="a@b.example", with_changes=False, by=by)
print(json.dumps([key, secret, places]))
"""


@dataclass
class Place:
    """An organization, as a writer knows it."""

    space_key: str
    path: str
    token: str
    # Ids of members whose creation was acknowledged.
    made: list[str] = field(default_factory=list)


@dataclass
class World:
    database: postgresql.Server
    server: Server
    receiver: Receiver
    key: str
    places: list[Place]
    delivery: subprocess.Popen[bytes]
    over: threading.Event = field(default_factory=threading.Event)

    def ask(self, method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
        """The status and the body; 0 when nobody has answered."""
        caller = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["Host"] = f"localhost:{self.server.port}"
        try:
            caller.request(method, path, json.dumps(body) if body else None, headers)
            answer = caller.getresponse()
            content = answer.read()
            return answer.status, json.loads(content) if content else None
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            caller.close()

    def start_delivery(self) -> subprocess.Popen[bytes]:
        return deliver(self.database.url, self.receiver.url)


def deliver(database: str, app: str) -> subprocess.Popen[bytes]:
    """DEBUG, because the receiver is on this very machine."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "deliver_events"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database, "DEBUG": "1", "DEMO_APP_URL": app},
        preexec_fn=interrupted_with_parent,
    )


@pytest.fixture
def world(collected_static_files: None, tmp_path: Path) -> Iterator[World]:
    # What is acknowledged must survive the death of a backend.
    with postgresql.throwaway(durable=True) as database, receiving() as receiver:
        key, receiver.secret, places = set_up(database.url, receiver.url)
        with database.connect() as operator:
            operator.execute(SLOW_COMMITS)
        server = Server(
            tmp_path / "log", workers=WORKERS, options=["--respawn-failed-workers"], DATABASE_URL=database.url,
            SCIM_RATE="0", API_RATE="0", GRANIAN_RESPAWN_INTERVAL="1",
        )  # fmt: skip
        delivery = deliver(database.url, receiver.url)
        world = World(database, server, receiver, key, places, delivery)
        try:
            server.wait_until_ready()
            yield world
        finally:
            server.stop()
            world.delivery.terminate()
            world.delivery.wait(15)


def set_up(database: str, url: str) -> tuple[str, str, list[Place]]:
    """The reader's key, the endpoint's secret, and the organizations."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", SET_UP.format(url=url, keys=KEYS)],
        cwd=settings.BASE_DIR, env={**os.environ, "DATABASE_URL": database, "DEBUG": "1", "DEMO_APP_URL": url},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    key, secret, issued = json.loads(done.stdout.splitlines()[-1])
    paths = [urlsplit(one["scim_url"]).path.rstrip("/") for one in issued]
    return key, secret, [Place(path.split("/")[2], path, one["token"]) for path, one in zip(paths, issued, strict=True)]


def write(world: World, number: int) -> None:
    """Create somebody, then change the name a few times, then the next one."""
    place, turn = world.places[number % len(world.places)], 0
    while not world.over.is_set():
        turn += 1
        body = user(f"w{number}-{turn}@{place.space_key.lower()}.example", displayName="A")
        status, answer = world.ask("POST", f"{place.path}/Users", place.token, body)
        if status != 201:
            continue
        place.made.append(answer["id"])
        for name in ("B", "C"):
            change = patch_body(replace("displayName", name))
            world.ask("PATCH", f"{place.path}/Users/{answer['id']}", place.token, change)


def read(world: World, place: Place, begin: int, into: list[dict[str, Any]], is_done: threading.Event) -> None:
    after = begin
    while not is_done.is_set():
        asked = f"/api/v1/organizations/{place.space_key}/events?after={after}&wait=1"
        status, answer = world.ask("GET", asked, world.key)
        if status == 200:
            into.extend(answer["items"])
            after = answer["next"]
        else:
            assert status in (0, 503), answer
            time.sleep(0.1)


@contextmanager
def running(world: World) -> Iterator[None]:
    with ThreadPoolExecutor(WRITERS) as pool:
        tasks = [pool.submit(write, world, number) for number in range(WRITERS)]
        try:
            yield
        finally:
            world.over.set()
    for task in tasks:
        task.result()


def kill_something(world: World, turn: int) -> None:
    if turn == 0:
        world.delivery.kill()
        world.delivery.wait()
        world.delivery = world.start_delivery()
    elif turn == 1:
        children = Path(f"/proc/{world.server.process.pid}/task/{world.server.process.pid}/children").read_text()
        kill_one([int(worker) for worker in children.split()])
    elif turn == 2:
        with suppress(psycopg.Error), world.database.connect() as operator:
            rows = operator.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
            # PostgreSQL ends all others then, too, and loses what it has not written.
            kill_one([backend for [backend] in rows])


def kill_one(processes: list[int]) -> None:
    for process in random.sample(processes, min(1, len(processes))):
        os.kill(process, signal.SIGKILL)


def newest(world: World, place: Place) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status, answer = world.ask("GET", f"/api/v1/organizations/{place.space_key}/events", world.key)
        if status == 200:
            return int(answer["next"])
        time.sleep(0.2)
    pytest.fail(f"The site has not come back:\n{world.server.log.read_text()[-2000:]}", pytrace=False)


def until(condition: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)


def once_each(numbers: list[int]) -> list[int]:
    """The numbers as they came first; one that comes again was there already."""
    return list(dict.fromkeys(numbers))


def test_each_change_is_told_once_in_order_and_none_is_missing(world: World) -> None:
    begin = {place.space_key: newest(world, place) for place in world.places}
    answered: dict[str, list[dict[str, Any]]] = {place.space_key: [] for place in world.places}
    is_done = threading.Event()
    readers = [
        threading.Thread(
            target=read, args=[world, place, begin[place.space_key], answered[place.space_key], is_done], daemon=True
        )
        for place in world.places
    ]  # fmt: skip
    for reader in readers:
        reader.start()
    with running(world):
        for turn in range(int(SECONDS / 1.5) - 1):
            time.sleep(1.5)
            kill_something(world, turn % 3)
        time.sleep(1.5)
    end = {place.space_key: newest(world, place) for place in world.places}
    until(lambda: all(len(answered[key]) == end[key] - begin[key] for key in end), 10)
    # A claim of the process that was killed ends after twenty seconds.
    until(lambda: all(end[key] in world.receiver.numbers(key) for key in end), 40)
    is_done.set()
    for reader in readers:
        reader.join()

    for place in world.places:
        key = place.space_key
        wanted = [*range(begin[key] + 1, end[key] + 1)]
        assert len(wanted) > 20
        assert [event["data"]["number"] for event in answered[key]] == wanted
        assert once_each(world.receiver.numbers(key)) == wanted
        told = [event["data"]["subject"]["id"] for event in answered[key] if event["type"] == "account.created"]
        assert len(told) == len(set(told))
        assert set(place.made) <= set(told)
        with world.database.connect() as operator:
            found = operator.execute(
                "SELECT subject_id FROM members_auditevent a JOIN members_organization o ON o.id = organization_id"
                " WHERE space_key = %s AND event = 'account.created'", [key],
            ).fetchall()  # fmt: skip
        assert sorted(row[0] for row in found) == sorted(told)
