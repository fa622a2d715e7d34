"""A fresh checkout in a folder of its own, in which `make run` has been typed."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.processes import free_port, interrupted_with_parent

ROOT = Path(settings.BASE_DIR)
READY = "Ctrl-C stops it."


class Clone:
    """The files as they are here, without what a checkout has made since but what Python has compiled of them; its
    packages are shared."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        made_since = (ROOT / ".gitignore").read_text().split()
        names = [name.strip("/") for name in made_since if name not in ("__pycache__/", "*.py[cod]")]
        shutil.copytree(ROOT, self.folder, ignore=shutil.ignore_patterns(".git", *names))
        (self.folder / ".venv").symlink_to((ROOT / ".venv").resolve())
        self.port = three_free_ports()
        # Nothing of the tests' environment, which is not what a newcomer's shell has.
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "USER") if name in os.environ}
        self.log = folder / "make-run.log"

    def here(self, address: str) -> str:
        """An address of the README, at the ports of this clone."""
        return re.sub(r"localhost:800(\d)", lambda found: f"localhost:{self.port + int(found[1])}", address)

    def run(self, command: list[str]) -> None:
        """Typed in a terminal: in a session of its own, which a Ctrl-C reaches as a whole."""
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment | {"PORT": str(self.port)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=interrupted_with_parent,
            )  # fmt: skip
        deadline = time.monotonic() + 120
        # The site says so; the programs of the demo may need a moment more.
        while READY not in self.log.read_text() or not all(map(self._listens, (self.port + 1, self.port + 2))):
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{command} did not come up:\n{self.log.read_text()}", pytrace=False)
            time.sleep(0.2)

    @staticmethod
    def _listens(port: int) -> bool:
        with socket.socket() as wire:
            return wire.connect_ex(("127.0.0.1", port)) == 0

    def typed(self, script: str) -> str:
        """What a script prints that is typed in another terminal beside it."""
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self, number: signal.Signals) -> None:
        """Ctrl-C goes to the whole terminal, a kill to the program alone."""
        if number == signal.SIGINT:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        self.process.wait(30)

    def processes(self) -> dict[int, str]:
        """What runs in the folder: ids and commands."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink().is_relative_to(self.folder.resolve()):
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        return found

    def end(self) -> None:
        """Whatever a failed test has left."""
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


def three_free_ports() -> int:
    """The first of them; the demo identity provider takes the second, Demo Backlog the third."""
    while True:
        port = free_port()
        if _is_free(port + 1) and _is_free(port + 2):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        return listener.connect_ex(("127.0.0.1", port)) != 0
