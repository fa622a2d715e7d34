"""Migrations run while the release before still serves: its own code, on a filled database, under requests.

`previous_release` names the commit whose code that is; it is moved on with each release.
"""

import contextlib
import http.cookiejar
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.cast.deployment import ISSUE
from tests.cast.directory_client import DirectoryClient
from tests.postgresql import throwaway
from tests.processes import free_port, interrupted_with_parent, together
from tests.static_files import collect_static_files

pytestmark = pytest.mark.slow

ROOT = Path(settings.BASE_DIR)
PREVIOUS = (ROOT / "tests" / "previous_release").read_text().strip()
ROWS = 200_000
# Compressing takes half a minute, and nobody here asks for a compressed file.
COLLECT = """
from django.core.management import execute_from_command_line
from whitenoise.compress import Compressor
Compressor.compress = lambda self, path: []
execute_from_command_line(["manage.py", "collectstatic", "--noinput", "--verbosity", "0"])
"""


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """The code of the release before."""
    archive = subprocess.run(["git", "archive", PREVIOUS], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        pytest.skip(f"The history does not reach back to {PREVIOUS[:8]}: a clone with all of it is needed.")
    (tmp_path / "former").mkdir()
    subprocess.run(["tar", "--extract"], input=archive.stdout, cwd=tmp_path / "former", check=True)
    return tmp_path / "former"


class Site:
    """One checkout on one database."""

    def __init__(self, checkout: Path, database: str, port: int) -> None:
        self.checkout, self.port, self.url = checkout, port, f"http://localhost:{port}"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "SECRET_KEY": "what both releases sign and seal with",
            "BASE_URL": self.url,
            "DATABASE_URL": database,
            "EMAIL_URL": "memorymail://",
            # A directory that was kept waiting catches up.
            "SCIM_RATE": "0",
            "SAML_SP_KEY": settings.SAML_SP_KEY,
            "SAML_SP_CERTIFICATE": settings.SAML_SP_CERTIFICATE,
        }

    def manage(self, *command: str, **environment: str) -> str:
        return self.python("manage.py", *command, **environment)

    def python(self, *command: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=self.checkout, env=self.environment | environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def serving(self, log: Path) -> Iterator[None]:
        command = [
            "--interface",
            "wsgi",
            "--no-ws",
            "--port",
            str(self.port),
            "--workers",
            "1",
            "--blocking-threads",
            "2",
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "granian", *command, "--log-level", "warning", "nulab_org.wsgi:application"],
                cwd=self.checkout, env=self.environment, stdout=output, stderr=output,
                start_new_session=True, preexec_fn=interrupted_with_parent,
            )  # fmt: skip
        try:
            self._wait_for(process, log)
            yield
        finally:
            process.terminate()
            process.wait(20)

    def _wait_for(self, process: subprocess.Popen[bytes], log: Path) -> None:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/signin", timeout=30).close()
                return
            time.sleep(0.1)
        pytest.fail(f"{self.checkout} does not serve:\n{log.read_text()}")


class Person:
    """Aiko in her browser: signed in once, then opening pages."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def sign_in(self) -> None:
        """Signs in, and once more where the site asks for that: a column that is widened between two statements of a
        POST is a 503 with the seconds to wait (decision 15)."""
        try:
            self._post_sign_in()
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503:
                raise
            time.sleep(int(refusal.headers["Retry-After"]))
            self._post_sign_in()

    def _post_sign_in(self) -> None:
        page = self.open("/signin")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {"identifier": "aiko.tanaka@aozora.example", "password": "demo", "csrfmiddlewaretoken": token[1]}
        with self.browser.open(f"{self.site.url}/signin", urllib.parse.urlencode(form).encode(), timeout=30) as answer:
            answer.read()

    def open(self, path: str) -> str:
        with self.browser.open(f"{self.site.url}{path}", timeout=30) as answer:
            body: bytes = answer.read()
            return body.decode()


def fill(dsn: str) -> None:
    """Many times the newest row of the tables that grow, so that a lock held too long shows."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for table in ("members_auditevent", "provisioning_syncactivity"):
            columns = [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns"
                    " WHERE table_name = %s AND column_name <> 'id' AND is_generated = 'NEVER'",
                    [table],
                )
            ]
            names = ", ".join(f'"{name}"' for name in columns)
            connection.execute(
                f"INSERT INTO {table} ({names}) SELECT {names} FROM"
                f" (SELECT * FROM {table} ORDER BY id DESC LIMIT 1) newest, generate_series(1, {ROWS})"
            )


def test_each_new_migration_runs_while_the_release_before_goes_on_serving(former: Path, tmp_path: Path) -> None:
    with throwaway() as postgresql:
        dsn = f"host={postgresql.folder} user=postgres dbname=postgres"
        port = free_port()
        before, after = (Site(checkout, postgresql.url, port) for checkout in (former, ROOT))
        before.python("-c", COLLECT, DJANGO_SETTINGS_MODULE="nulab_org.settings")
        said = before.manage(*together(["migrate", "--verbosity", "0"], ["seed_demo"], ISSUE), DEBUG="1")
        directory = DirectoryClient(**json.loads(said.splitlines()[-1]), rate=15)
        fill(dsn)
        aiko = Person(before)
        members = f"/spaces/{directory.scim_url.split('/')[4]}/members"
        pages: list[float] = []
        over = threading.Event()

        def read() -> None:
            while not over.wait(0.2):
                began = time.monotonic()
                assert "Aiko Tanaka" in aiko.open(members)
                Person(before).sign_in()
                pages.append(time.monotonic() - began)

        with before.serving(tmp_path / "before.log"):
            aiko.sign_in()
            reader = threading.Thread(target=read)
            with directory.working():
                reader.start()
                time.sleep(2)
                after.manage("migrate", "--verbosity", "0")
                time.sleep(2)
            over.set()
            reader.join()
        told = (tmp_path / "before.log").read_text()
        refused = [answer for answer in directory.answers if answer.status not in (200, 201)]
        assert not refused, f"{refused[:3]}\n{told[-4000:]}"
        assert len(pages) > 3, told[-4000:]
        # No table was locked for long.
        assert max(answer.seconds for answer in directory.answers) < 8

        collect_static_files()
        with after.serving(tmp_path / "after.log"):
            assert "Aiko Tanaka" in aiko.open(members)
            assert directory.lost() == {}
            with directory.working():
                time.sleep(2)
            assert set(directory.statuses()) <= {200, 201}
