"""What stands around the site on several machines: a streaming replica, deploy/'s PgBouncer, people who read."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest

from tests.cast.deployment import NGINX, trusting
from tests.postgresql import Server as PostgreSQL
from tests.processes import interrupted_with_parent

SETTINGS = NGINX.parent.parent / "pgbouncer" / "pgbouncer.ini"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Pooler:
    """PgBouncer with the file of deploy/; only addresses and the way to sign in are put in the place of its own."""

    def __init__(self, primary: PostgreSQL, replica: PostgreSQL) -> None:
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            (pytest.fail if os.environ.get("CI") else pytest.skip)("Needs pgbouncer: sudo apt-get install pgbouncer")
        self.program, self.primary, self.folder = program, primary, primary.folder / "pooler"
        self.folder.mkdir()
        (self.folder / "pgbouncer.ini").write_text(self._adapted(SETTINGS.read_text(), replica))
        if primary.owner:
            for path in (self.folder, self.folder / "pgbouncer.ini"):
                shutil.chown(path, primary.owner.pw_uid, primary.owner.pw_gid)
        self.start()

    def _adapted(self, text: str, replica: PostgreSQL) -> str:
        for old, new in {
            "host=10.0.0.21": f"host={self.primary.folder} user=postgres",
            "host=10.0.0.22": f"host={replica.folder} user=postgres",
            "dbname=nulab-org": "dbname=postgres",
            "listen_addr = 127.0.0.1": "listen_addr =",
            "listen_port = 6432": "listen_port = 5432",
            "/var/run/postgresql": str(self.folder),
            "/var/log/postgresql": str(self.folder),
            "scram-sha-256": "any",
            "auth_file = /etc/pgbouncer/userlist.txt": "",
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        return text

    def start(self) -> None:
        owner = self.primary.owner
        self.process = subprocess.Popen(
            [self.program, "-q", self.folder / "pgbouncer.ini"],
            user=owner.pw_uid if owner else None, group=owner.pw_gid if owner else None,
            start_new_session=True, preexec_fn=interrupted_with_parent,
        )  # fmt: skip
        deadline = time.monotonic() + 10
        while not (self.folder / ".s.PGSQL.5432").exists():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def __enter__(self) -> "Pooler":
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def stop(self) -> None:
        """As `systemctl stop`: what is in hand is done, then connections are closed."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def restart(self) -> float:
        """The seconds for which nobody answered."""
        began = time.monotonic()
        self.stop()
        self.start()
        return time.monotonic() - began

    def url(self, name: str) -> str:
        return f"postgres://postgres@/{self.folder}/{name}"

    @property
    def log(self) -> str:
        path = self.folder / "pgbouncer.log"
        return path.read_text() if path.exists() else "(no log)"


class Person:
    """A browser without windows, which keeps its cookies."""

    def __init__(self, url: str, address: str, password: str) -> None:
        self.site = urlsplit(url)
        self.cookies: dict[str, str] = {}
        # Method, path and status of each answer, or the name of the exception.
        self.answers: list[tuple[str, str, int | str]] = []
        self.post("/signin", {"identifier": address, "password": password}, form="/signin")
        assert self.answers[-1][2] == 302, self.answers

    def get(self, path: str) -> str:
        return self._call("GET", path)

    def post(self, path: str, fields: dict[str, str], *, form: str) -> str:
        """Post what stands on the page `form`, as a browser does."""
        found = TOKEN.search(self.get(form))
        return self._call("POST", path, urlencode(fields | {"csrfmiddlewaretoken": found[1] if found else ""}))

    def _call(self, method: str, path: str, body: str | None = None) -> str:
        connection = http.client.HTTPSConnection(
            self.site.hostname or "", self.site.port, context=trusting(), timeout=40
        )
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            # nginx passes the name on without the port.
            "Referer": f"https://{self.site.hostname}/",
            "Accept-Language": "en",
        }
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            self.answers.append((method, path, type(error).__name__))
            return ""
        finally:
            connection.close()
        self._keep(response.headers.get_all("Set-Cookie") or [])
        self.answers.append((method, path, response.status))
        return text

    def _keep(self, headers: list[str]) -> None:
        for header in headers:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value


class Auditor(threading.Thread):
    """A person who takes copies of the audit log, and looks each time whether the log says so."""

    def __init__(self, person: Person, space_key: str) -> None:
        super().__init__()
        self.person, self.log = person, f"/spaces/{space_key}/audit-log"
        self.taken: list[str] = []
        # Marks of copies that were confirmed and that the next look at the log did not show.
        self.unseen: list[str] = []
        self._stop_now = threading.Event()

    def run(self) -> None:
        while not self._stop_now.wait(0.05):
            mark = f"mark{time.time_ns():x}"
            self.person.post(f"{self.log}/export?subject={mark}", {}, form=self.log)
            if self.person.answers[-1][2] == 200:
                self.taken.append(mark)
                if mark not in self.person.get(f"{self.log}?event=audit_log.exported"):
                    self.unseen.append(mark)

    def stop(self) -> None:
        self._stop_now.set()
        self.join()


@contextlib.contextmanager
def auditing(person: Person, space_key: str) -> Iterator[Auditor]:
    auditor = Auditor(person, space_key)
    auditor.start()
    try:
        yield auditor
    finally:
        auditor.stop()
