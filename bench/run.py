"""make bench: what a SCIM request, a Members page and a sign-in cost, as ratios, and whether they grow.

Starts a throwaway PostgreSQL with fsync on and the server as in production, fills
two organizations of different size through SCIM, then measures in turns, so that
whatever the machine does meanwhile meets all of them alike.
"""

import argparse
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import client, pages, saml
from saml.sso.keys import make_pair
from tests.postgresql import throwaway
from tests.processes import free_port, interrupted_with_parent

ROOT = Path(__file__).parent.parent
WORKS: list[Callable[[client.Connection], None]] = [
    client.read,
    client.filter_hit,
    client.filter_miss,
    client.initial,
    client.incremental,
    client.first_page,
    client.deep_page,
]
ORGANIZATIONS = [
    ("aozora", "aiko.tanaka@aozora.example", "aozora.example"),
    ("hakata", "ren.kobayashi@hakata.example", "hakata.example"),
]
ENOUGH_LICENCES = """
from members import actors
from members.models import Organization, Product, Subscription
for organization in Organization.objects.filter(is_sandbox=False):
    Subscription.objects.buy(organization, Product.PASS, 2_000_000, by=actors.command("bench"))
"""
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Measure:
    rate: float  # requests per second
    server: float  # CPU milliseconds per request
    database: float
    slow: float  # milliseconds, 99th percentile

    @property
    def cpu(self) -> float:
        return self.server + self.database


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--members", type=int, nargs=2, default=[1000, 20_000], metavar=("SMALL", "LARGE"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2, help="for each measurement")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--threads", type=int, default=4, help="of each worker")
    parser.add_argument("--only-pages", action="store_true", help="leave SCIM out")
    return parser.parse_args()


def manage(*command: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


@contextmanager
def server(application: str, port: int, environment: dict[str, str], threads: int) -> Iterator[int]:
    """granian as docs/operations.md starts it; yields the process id."""
    workers = str(os.cpu_count() or 1)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", workers, "--blocking-threads", str(threads)),
            *("--workers-kill-timeout", "5", application),
        ],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        preexec_fn=interrupted_with_parent,
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                if process.poll() is not None:
                    sys.exit("The server did not start; what it said stands above.")
                time.sleep(0.1)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def cpu_seconds(*roots: int) -> float:
    """User and system time of these processes and all below them, ended children included."""
    ticks, below = {}, defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks[int(stat.parent.name)] = sum(int(value) for value in fields[11:15])
        below[int(fields[1])].append(int(stat.parent.name))
    found = list(roots)
    for process in found:
        found += below[process]
    return sum(ticks.get(process, 0) for process in found) / TICK


def postmaster(url: str) -> int:
    return int((Path(url.split("@/")[1]).parent / "data" / "postmaster.pid").read_text().split()[0])


def measure(
    work: Callable[[client.Connection], None],
    target: client.Target,
    options: argparse.Namespace,
    server: int,
    database: int,
) -> Measure:
    before = cpu_seconds(server), cpu_seconds(database)
    # What creates members is kept short, so that the organizations stay the size they are.
    limit = {"units": 200} if work is client.initial else {"seconds": options.seconds}
    result = client.play(work, target, options.connections, **limit)
    spent = cpu_seconds(server) - before[0], cpu_seconds(database) - before[1]
    if result.wrong:
        sys.exit(f"{len(result.wrong)} of {len(result.seconds)} answers were wrong, for instance:\n{result.wrong[0]}")
    asked = len(result.seconds)
    slow = sorted(result.seconds)[int(asked * 0.99)]
    return Measure(asked / result.elapsed, spent[0] / asked * 1000, spent[1] / asked * 1000, slow * 1000)


def organization(slug: str, issuer: str, domain: str, environment: dict[str, str]) -> client.Target:
    issued = manage("issue_scim_token", slug, "--issuer", issuer, "--enable", "--json", environment=environment)
    answer = json.loads(issued)
    return client.Target(answer["scim_url"].rstrip("/"), answer["token"], domain)


def fill(target: client.Target, members: int, options: argparse.Namespace) -> None:
    result = client.play(client.create, target, options.connections, units=members)
    if result.wrong:
        sys.exit(f"{len(result.wrong)} creations were refused, for instance:\n{result.wrong[0]}")
    target.people = result.made
    slow = sorted(result.seconds)[int(len(result.seconds) * 0.99)] * 1000
    print(f"{members:,} members created in {result.elapsed:.0f} s, p99 {slow:.0f} ms", flush=True)


def report(measures: dict[tuple[str, int], list[Measure]], sizes: list[int]) -> None:
    def middle(work: str, size: int, figure: str) -> float:
        return median(float(getattr(one, figure)) for one in measures[work, size])

    empty = middle("bare", 0, "rate"), middle("bare", 0, "cpu")
    print(f"\nEmpty view: {empty[0]:.0f} requests/s, {empty[1]:.2f} ms of CPU a request\n")
    heads = ["members", "req/s", "ratio", "CPU ms", "server", "db", "x empty", "p99 ms", "growth"]
    print(f"{'':14}" + "".join(f"{head:>9}" for head in heads))
    for work in WORKS:
        name = work.__name__
        for size in sizes:
            rate, cpu = middle(name, size, "rate"), middle(name, size, "cpu")
            print(
                f"{name.replace('_', ' '):14}{size:>9,}{rate:>9.0f}{rate / empty[0]:>9.2f}{cpu:>9.2f}"
                f"{middle(name, size, 'server'):>9.2f}{middle(name, size, 'database'):>9.2f}"
                f"{cpu / empty[1]:>9.1f}{middle(name, size, 'slow'):>9.1f}"
                + (f"{cpu / middle(name, sizes[0], 'cpu'):>9.2f}" if size != sizes[0] else "")
            )
    print("\nratio: requests/s to the empty view's; growth: CPU a request to the smaller organization's")


def measure_scim(
    options: argparse.Namespace, url: str, targets: list[client.Target], site: int, empty: int, bare_port: int
) -> None:
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{options.connections} connections, {options.rounds} rounds of {options.seconds:g} s",
        flush=True,
    )
    for target, members in zip(targets, options.members, strict=True):
        fill(target, members, options)
    measures: dict[tuple[str, int], list[Measure]] = defaultdict(list)
    for _ in range(options.rounds):
        bare = client.Target(f"http://localhost:{bare_port}")
        measures["bare", 0].append(measure(client.bare, bare, options, empty, postmaster(url)))
        for work in WORKS:
            for target, members in zip(targets, options.members, strict=True):
                measures[work.__name__, members].append(measure(work, target, options, site, postmaster(url)))
    report(measures, options.members)


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        url = stack.enter_context(throwaway(durable=True)).url
        keys = stack.enter_context(tempfile.TemporaryDirectory())
        port, bare_port = free_port(), free_port()
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DEBUG": "0",
            "SECRET_KEY": "bench",
            "BASE_URL": f"http://localhost:{port}",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "WARNING",
            "SAML_SP_KEY": f"{keys}/pair/sp.key",
            "SAML_SP_CERTIFICATE": f"{keys}/pair/sp.crt",
        }
        make_pair(Path(environment["SAML_SP_KEY"]), Path(environment["SAML_SP_CERTIFICATE"]), "bench")
        manage("migrate", "--verbosity", "0", environment=environment)
        # The demo organizations need DEBUG; what is measured runs without.
        manage("seed_demo", environment={**environment, "DEBUG": "1"})
        manage("collectstatic", "--no-input", "--verbosity", "0", environment=environment)
        manage("shell", "--verbosity", "0", "--command", ENOUGH_LICENCES, environment=environment)
        targets = [organization(*row, environment=environment) for row in ORGANIZATIONS]
        site = stack.enter_context(server("nulab_org.wsgi:application", port, environment, options.threads))
        empty = stack.enter_context(server("bench.bare:application", bare_port, environment, options.threads))
        if not options.only_pages:
            measure_scim(options, url, targets, site, empty, bare_port)
        pages.report(environment["BASE_URL"], environment)
        saml.report(environment)


if __name__ == "__main__":
    main()
