"""A real server process against the test database, for races and faults.

It serves as in production: granian, DEBUG off, several workers on PostgreSQL. It
sees committed rows only, so its tests use the `server` fixture, which brings
pytest-django's `transactional_db`.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from tests.processes import free_port, interrupted_with_parent
from tests.static_files import collect_static_files


class Server:
    def __init__(
        self, log: Path, *, workers: int, port: int | None = None, options: Sequence[str] = (),
        application: str = "nulab_org.wsgi:application", **environment: str,
    ) -> None:  # fmt: skip
        self.log = log
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        database = environment.pop("DATABASE_URL", "") or address_of_test_database()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "nulab_org.serving", "--interface", "wsgi", "--no-ws"),
                    *("--log-level", "warning", "--host", "127.0.0.1", "--port", str(self.port)),
                    *("--workers", str(workers), "--blocking-threads", "4", "--workers-kill-timeout", "5"),
                    *options,
                    application,
                ],
                cwd=settings.BASE_DIR,
                env={**os.environ, "DATABASE_URL": database, "BASE_URL": self.url, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the tests, which then stop the server: two signals at once hang granian.
                start_new_session=True,
                preexec_fn=interrupted_with_parent,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            http_connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                http_connection.request("GET", "/", headers={"Host": f"localhost:{self.port}"})
                http_connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.1)
            finally:
                http_connection.close()
        pytest.fail(f"The server did not start:\n{self.log.read_text()}", pytrace=False)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def address_of_test_database() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user, password = quote(database["USER"], safe=""), quote(database["PASSWORD"], safe="")
    host, name = database["HOST"], database["NAME"]
    if host.startswith("/"):
        return f"postgres://{user}@/{host}/{name}"
    return f"postgres://{user}:{password}@{host}:{database['PORT'] or 5432}/{name}"


@pytest.fixture(scope="session")
def collected_static_files() -> None:
    collect_static_files()


@pytest.fixture(scope="session")
def _server(
    django_db_setup: None, collected_static_files: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    workers = 2 if connection.vendor == "postgresql" else 1
    # Many tests share it: a line that it writes a moment later would be the next one's.
    log, application = tmp_path_factory.mktemp("server") / "log", "tests.prompt_site:application"
    running = Server(log, workers=workers, application=application)
    running.wait_until_ready()
    yield running
    running.stop()


@pytest.fixture
def server(_server: Server, transactional_db: None) -> Server:
    return _server
