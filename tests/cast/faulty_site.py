"""A site of its own: real server processes on a PostgreSQL that a test may stop, lock and alter."""

import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from tests import postgresql
from tests.cast.server import Server
from tests.processes import together
from tests.scim import Answer, user

MIGRATE = ["migrate", "--verbosity", "0"]
FOUND = ["create_organization", "Playground", "--id", "playground", "--sandbox", "--administrator", "a@play.example"]
ISSUE = ["issue_scim_token", "playground", "--issuer", "a@play.example", "--enable", "--json"]
METRICS = "what-prometheus-knows"


@dataclass
class Site:
    database: postgresql.Server
    server: Server
    token: str
    path: str

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Of a connection of its own; what a server does that closes it is a failure."""
        caller = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        content = json.dumps(body).encode() if body is not None else None
        try:
            caller.request(method, path, content, {"Host": f"localhost:{self.server.port}", **headers})
            answer = caller.getresponse()
            return Answer(answer.status, answer.read(), {name.lower(): said for name, said in answer.getheaders()})
        finally:
            caller.close()

    def scim(self, method: str, path: str, body: object = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        return self.ask(method, f"{self.path}{path}", body, **headers)

    def at_once(self, times: int, method: str, path: str) -> list[Answer]:
        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(lambda _: self.scim(method, path), range(times)))

    def log_since(self, offset: int) -> str:
        return self.server.log.read_bytes()[offset:].decode()

    @property
    def log_size(self) -> int:
        return self.server.log.stat().st_size


def manage(database: str, *command: str) -> str:
    environment = {**os.environ, "DATABASE_URL": database}
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="session")
def site(collected_static_files: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with postgresql.throwaway() as database:
        said = manage(database.url, *together(MIGRATE, FOUND, ISSUE))
        issued = json.loads(said.splitlines()[-1])
        log = tmp_path_factory.mktemp("faults") / "log"
        server = Server(log, workers=2, DATABASE_URL=database.url, LOG_LEVEL="INFO", METRICS_TOKEN=METRICS)
        try:
            server.wait_until_ready()
            yield Site(database, server, issued["token"], urlsplit(issued["scim_url"]).path.rstrip("/"))
        finally:
            server.stop()


@contextmanager
def load(site: Site, callers: int = 4) -> Iterator[list[tuple[str, Answer | None]]]:
    """People created by several callers at once, as (userName, answer), until the block ends."""
    asked: list[tuple[str, Answer | None]] = []
    is_over = threading.Event()

    def create(number: int) -> None:
        while not is_over.is_set():
            name = f"p{number}-{time.time_ns()}"
            try:
                asked.append((name, site.scim("POST", "/Users", user(name))))
            except (OSError, http.client.HTTPException):
                asked.append((name, None))

    with ThreadPoolExecutor(callers) as pool:
        for number in range(callers):
            pool.submit(create, number)
        try:
            yield asked
        finally:
            is_over.set()
