"""Ory Polis (`@boxyhq/saml-jackson`), installed from npm at its first use."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.client import Target
from tests.processes import free_port, interrupted_with_parent

VERSION = "26.2.0"
FOLDER = Path(__file__).parents[2] / "build" / "bench" / f"polis-{VERSION}"


def is_there() -> bool:
    """Whether it is installed or can be; says why not."""
    if (FOLDER / "node_modules" / "@boxyhq").is_dir():
        return True
    if not shutil.which("npm"):
        print("npm is missing: Ory Polis is left out.", file=sys.stderr)
        return False
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text(json.dumps({"private": True}))
    print(f"Installing @boxyhq/saml-jackson {VERSION} into {FOLDER} …", file=sys.stderr)
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact"]
    done = subprocess.run(
        [*command, f"@boxyhq/saml-jackson@{VERSION}"], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"npm could not install Ory Polis, which is left out:\n{done.stderr[-1000:]}", file=sys.stderr)
    return not done.returncode


@contextmanager
def running(database: str, workers: int) -> Iterator[tuple[Target, int]]:
    """The server on a database of its own, and its process id."""
    environment = {**os.environ, "DATABASE_URL": database, "PORT": str(free_port()), "WORKERS": str(workers)}
    process = subprocess.Popen(
        ["node", str(Path(__file__).with_name("polis.mjs"))],
        cwd=FOLDER, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=interrupted_with_parent,
    )  # fmt: skip
    try:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("{"):
                answer = json.loads(line)
                break
        else:
            sys.exit("Ory Polis did not start; what it said stands above.")
        yield Target(answer["url"], answer["token"], "polis.example"), process.pid
    finally:
        process.terminate()
        process.wait(15)
