"""The site as deploy/ says that production runs it: instances on sockets, nginx in front, a PostgreSQL of its own.

The files of deploy/ are used as they are; only paths, ports and the server's name are put in the place of theirs.
"""

import configparser
import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from saml.sso.keys import make_pair
from tests.postgresql import Server as PostgreSQL
from tests.postgresql import throwaway
from tests.processes import free_port, interrupted_with_parent, together
from tests.static_files import collect_static_files

ROOT = Path(settings.BASE_DIR)
ISSUE = ["issue_scim_token", "aozora", "--issuer", "aiko.tanaka@aozora.example", "--enable", "--json"]
UNITS, NGINX = ROOT / "deploy" / "systemd", ROOT / "deploy" / "nginx" / "nulab-org.conf"


class Unit:
    """A systemd unit, started as systemd would: its ExecStart with its Environment, and again when it has died."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str], instance: str = "") -> None:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        parser.read(UNITS / name)
        here = {"/srv/nulab-org": str(ROOT), "/run/nulab-org-%i": str(folder / instance), "%i": instance}
        self.service = {key: _replaced(value, here) for key, value in parser["Service"].items()}
        self.folder = folder / (instance or "mail")
        self.folder.mkdir()
        extra = dict([self.service["Environment"].split("=", 1)]) if "Environment" in self.service else {}
        self.environment = environment | extra
        self.start()

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                shlex.split(self.service["ExecStart"]),
                cwd=self.service["WorkingDirectory"],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=interrupted_with_parent,
            )

    def reload(self) -> None:
        command = self.service["ExecReload"].replace("$MAINPID", str(self.process.pid))
        subprocess.run(shlex.split(command), check=True)

    def workers(self) -> list[int]:
        """Its children that serve; multiprocessing keeps another one for itself."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == self.process.pid and b"nulab_org.wsgi" in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
        return found

    def kill(self) -> None:
        """All its processes at once, as the kernel does when memory has run out; systemd starts it again."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


class Deployment:
    def __init__(self, folder: Path, postgresql: PostgreSQL, smtp_port: int) -> None:
        self.folder, self.postgresql = folder, postgresql
        self.port = free_port()
        self.url = f"https://localhost:{self.port}"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "SECRET_KEY": "a key that this deployment alone has, and not for long",
            "BASE_URL": self.url,
            "DATABASE_URL": postgresql.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
            "TRUSTED_PROXIES": "1",
            "SAML_SP_KEY": settings.SAML_SP_KEY,
            "SAML_SP_CERTIFICATE": settings.SAML_SP_CERTIFICATE,
            "WORKERS": "1",
            "SCIM_RATE": "0",
            "API_RATE": "0",
        }
        collect_static_files()
        said = self.manage(*together(["migrate", "--verbosity", "0"], ["seed_demo"], ISSUE), DEBUG="1")
        self.scim = json.loads(said.splitlines()[-1])
        names = ("pages-1", "pages-2", "scim-1", "scim-2")
        self.instances = [Unit("nulab-org@.service", folder, self.environment, name) for name in names]
        self.mail = Unit("nulab-org-mail.service", folder, self.environment)
        self._start_nginx()
        self.wait_until_ready()

    def manage(self, *command: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self.environment | environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {command[0]}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _start_nginx(self) -> None:
        nginx = self.folder / "nginx"
        nginx.mkdir()
        make_pair(nginx / "tls" / "tls.key", nginx / "tls" / "tls.crt", "localhost")
        text = "\n".join(line for line in NGINX.read_text().splitlines() if "listen [::]" not in line)
        site = {
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.port} ssl http2;",
            "apps.example.com": "localhost",
            "/etc/nulab-org/": f"{nginx}/tls/",
            "/srv/nulab-org": str(ROOT),
            "/run/nulab-org-": f"{self.folder}/",
        }
        (nginx / "site.conf").write_text(_replaced(text, site))
        user = "user root;" if os.geteuid() == 0 else ""
        spool = "".join(
            f"{kind}_temp_path {nginx}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (nginx / "nginx.conf").write_text(
            f"{user} worker_processes 1; pid {nginx}/pid; error_log {nginx}/error.log notice; daemon off;"
            f" events {{ worker_connections 1024; }}"
            f" http {{ access_log {nginx}/access.log; {spool} include {nginx}/site.conf; }}"
        )
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if program is None:
            pytest.fail("The tests of deploy/ need nginx. Type: sudo apt-get install nginx", pytrace=False)
        self.nginx = subprocess.Popen(
            [program, "-c", nginx / "nginx.conf", "-e", nginx / "error.log"],
            start_new_session=True, preexec_fn=interrupted_with_parent,
        )  # fmt: skip

    def wait_until_ready(self) -> None:
        """All instances answer: nginx asks them in turn."""
        deadline = time.monotonic() + 60
        for unit in self.instances:
            while True:
                try:
                    with socket.socket(socket.AF_UNIX) as wire:
                        wire.connect(str(unit.folder / "site.sock"))
                        wire.settimeout(10)
                        wire.sendall(b"GET /static/favicon.svg HTTP/1.0\r\nHost: localhost\r\n\r\n")
                        if wire.recv(12):
                            break
                except OSError:
                    pass
                if time.monotonic() > deadline:
                    raise RuntimeError(f"An instance does not answer:\n{unit.log}")
                time.sleep(0.1)

    def configure(self, **web: str) -> None:
        """Other variables for the processes that answer requests; commands do without, as /etc/nulab-org/web."""
        for unit in self.instances:
            unit.stop()
            unit.environment |= web
            unit.start()
        self.wait_until_ready()

    @contextlib.contextmanager
    def reloading(self) -> Iterator[None]:
        """Ends when each instance has its new worker, and has let the old one go."""
        before = [unit.workers() for unit in self.instances]
        for unit in self.instances:
            unit.reload()
        yield
        deadline = time.monotonic() + 60
        while not all(self._has_another(unit, old) for unit, old in zip(self.instances, before, strict=True)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Not replaced: {before}, now {[unit.workers() for unit in self.instances]}")
            time.sleep(0.1)

    @staticmethod
    def _has_another(unit: Unit, old: list[int]) -> bool:
        now = unit.workers()
        return len(now) == 1 and now != old

    def revive(self) -> None:
        """Restart=always."""
        for unit in self.instances:
            if unit.process.poll() is not None:
                unit.start()
        self.wait_until_ready()

    def stop(self) -> None:
        self.nginx.terminate()
        self.nginx.wait(10)
        for unit in [*self.instances, self.mail]:
            unit.process.terminate()
        for unit in [*self.instances, self.mail]:
            unit.stop()


@contextlib.contextmanager
def deployed(folder: Path, smtp_port: int) -> Iterator[Deployment]:
    with throwaway(durable=True) as postgresql:
        deployment = Deployment(folder, postgresql, smtp_port)
        try:
            yield deployment
        finally:
            deployment.stop()


@cache
def trusting() -> ssl.SSLContext:
    """The certificate is a moment old and nobody's. A default context would read the system's, each time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _replaced(text: str, others: dict[str, Any]) -> str:
    for old, new in others.items():
        text = text.replace(old, new)
    return text
