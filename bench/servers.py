"""The processes of a benchmark: started, and how much processor and memory they take."""

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import interrupted_with_parent

ROOT = Path(__file__).parent.parent
TICK = os.sysconf("SC_CLK_TCK")


def python(*command: str, environment: dict[str, str]) -> str:
    """The output of `python COMMAND`."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


@contextmanager
def server(application: str, port: int, environment: dict[str, str], options: Namespace) -> Iterator[int]:
    """granian as bin/serve starts it; yields the process id."""
    process = subprocess.Popen(
        [
            # On a busy machine granian warns of having killed workers that had ended by themselves.
            *(sys.executable, "-m", "nulab_org.serving", "--interface", "wsgi", "--no-ws", "--log-level", "error"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", str(options.workers)),
            *("--blocking-threads", str(options.threads), "--workers-kill-timeout", "5", application),
        ],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        preexec_fn=interrupted_with_parent,
    )
    try:
        while not _answers(port):
            if process.poll() is not None:
                sys.exit("The server did not start; what it said stands above.")
            time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def processes(root: int) -> dict[int, int]:
    """The process and all below it, with their ticks of the processor, ended children included."""
    ticks, below = {}, defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks[int(stat.parent.name)] = sum(int(value) for value in fields[11:15])
        below[int(fields[1])].append(int(stat.parent.name))
    found = [root]
    for process in found:
        found += below[process]
    return {process: ticks.get(process, 0) for process in found}


def cpu_seconds(root: int) -> float:
    return sum(processes(root).values()) / TICK


def memory(root: int) -> float:
    """MiB (PSS) of the largest worker."""
    return max(_pss(process) for process in processes(root) if process != root)


def _pss(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0)


def postmaster(url: str) -> int:
    return int((Path(url.split("@/")[1]).parent / "data" / "postmaster.pid").read_text().split()[0])


def machine() -> str:
    model = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name"))
    return f"{model.partition(':')[2].strip()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}"
