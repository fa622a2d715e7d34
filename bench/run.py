"""make bench: what SCIM requests, console pages and a sign-in cost, beside others and as the organization grows.

Starts a throwaway PostgreSQL with fsync on, the server as in production, and the peers on databases of their own.
docs/bench.md says what is measured and how to read it.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from bench import client, pages, report, saml, scenarios, works
from bench.measuring import Contender, in_turns, measure
from bench.peers import polis
from bench.servers import machine, postmaster, python, server
from saml.sso.keys import make_pair
from tests.postgresql import Server, throwaway
from tests.processes import free_port

# As fast as the machine can.
UNLIMITED = {"SCIM_RATE": "0", "API_RATE": "0"}
PARTS = ("requests", "events", "scenarios", "pages", "sign-in")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--members", type=int, nargs=2, default=[1000, 100_000], metavar=("SMALL", "LARGE"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5, help="for each measurement")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes of each server")
    parser.add_argument("--threads", type=int, default=1, help="of each worker, as for identity providers")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="these parts")
    parser.add_argument("--no-peers", action="store_true", help="leave Ory Polis and django-scim2 out")
    parser.add_argument("--works", choices=[work.__name__ for work in works.WORKS], nargs="+", help="these requests")
    parser.add_argument("--scale", type=float, default=0.1, help="of the scenarios: 1 is their full size")
    parser.add_argument("--full", action="store_const", const=1.0, dest="scale", help="the same as --scale 1")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        database = stack.enter_context(throwaway(durable=True))
        with database.connect() as connection:
            version = connection.execute("SHOW server_version").fetchone()
        print(f"{machine()}, PostgreSQL {version[0] if version else '?'}")
        print(
            f"{options.workers} workers of {options.threads} threads, {options.connections} connections, "
            f"{options.rounds} rounds of {options.seconds:g} s",
            flush=True,
        )
        environment = stack.enter_context(prepared(database, options.only))
        port = int(environment["BASE_URL"].rpartition(":")[2])
        filled = json.loads(python("-m", "bench.fill", *map(str, options.members), environment=environment))
        targets = [target_of(one, size) for one, size in zip(filled, options.members, strict=True)]
        if "scenarios" in options.only:
            for_scim = {**environment, "LOADED_AT_START": "nulab_org.scim_urls"}
            with server("nulab_org.wsgi:application", port, for_scim, options) as site:
                memory("for SCIM alone", options, site, targets[-1])
        site = stack.enter_context(server("nulab_org.wsgi:application", port, environment, options))
        if "scenarios" in options.only:
            memory("with everything", options, site, targets[-1])
        if "requests" in options.only:
            requests(stack, options, database, environment, site, targets)
        if "events" in options.only:
            count = round(options.rounds * options.seconds * 200)
            print(python("-m", "bench.events", str(max(count, 100)), environment=environment), end="", flush=True)
            seconds = str(options.rounds * options.seconds)
            print(python("-m", "bench.delivery", seconds, environment=environment), end="", flush=True)
        if "scenarios" in options.only:
            play_scenarios(stack, options, environment, targets)
        if "pages" in options.only:
            pages.report(
                environment["BASE_URL"], filled, options.members, rounds=round(options.rounds * options.seconds * 7) + 1
            )
        if "sign-in" in options.only:
            saml.report(environment)


@contextmanager
def prepared(database: Server, parts: Sequence[str]) -> Iterator[dict[str, str]]:
    """The environment of the site; its tables are there."""
    with tempfile.TemporaryDirectory() as keys:
        environment = {
            **os.environ,
            **UNLIMITED,
            "DATABASE_URL": database.url,
            "DEBUG": "0",
            "SECRET_KEY": "bench",
            "BASE_URL": f"http://localhost:{free_port()}",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "WARNING",
            "SAML_SP_KEY": f"{keys}/pair/sp.key",
            "SAML_SP_CERTIFICATE": f"{keys}/pair/sp.crt",
        }
        make_pair(Path(environment["SAML_SP_KEY"]), Path(environment["SAML_SP_CERTIFICATE"]), "bench")
        python("manage.py", "migrate", "--verbosity", "0", environment=environment)
        python("-m", "tests.static_files", environment=environment)
        if "sign-in" in parts:
            # The demo organizations, whose IdP is used, need DEBUG; what is measured runs without.
            python("manage.py", "seed_demo", environment={**environment, "DEBUG": "1"})
        yield environment


def target_of(filled: dict[str, object], size: int) -> client.Target:
    fields = {name: filled[name] for name in ("url", "token", "domain", "people", "api_key")}
    return client.Target(**fields, size=size)  # type: ignore[arg-type]  # as bench.fill prints them


def requests(
    stack: ExitStack,
    options: argparse.Namespace,
    database: Server,
    environment: dict[str, str],
    site: int,
    targets: list[client.Target],
) -> None:
    postgres = postmaster(database.url)
    small, large = (Contender(f"{target.size:,}", target, site, postgres) for target in targets)
    peers = [] if options.no_peers else list(started_peers(stack, options, database, large.target.size))
    vacuum(database)
    port = free_port()
    bare = stack.enter_context(server("bench.bare:application", port, environment, options))
    limits = {"connections": options.connections, "seconds": options.seconds}
    nothing = Contender("bare", client.Target(f"http://localhost:{port}"), bare, postgres)
    empty = [measure(works.bare, nothing, **limits) for _ in range(options.rounds)]
    chosen = [work for work in works.WORKS if work.__name__ in (options.works or [work.__name__])]
    measures = in_turns(chosen, [small, large, *peers], rounds=options.rounds, **limits)
    report.figures(measures, chosen, [small, large, *peers], empty)
    report.ratios(measures, chosen, large, peers)
    report.growth(measures, chosen, small, large)


def vacuum(database: Server) -> None:
    """Bring every contender's tables into the state that autovacuum keeps them in."""
    with database.connect() as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate"
        ).fetchall()
    for (name,) in names:
        with psycopg.connect(host=str(database.folder), user="postgres", dbname=name, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")


def started_peers(stack: ExitStack, options: argparse.Namespace, database: Server, size: int) -> Iterator[Contender]:
    """Each on a database of its own on the same server, with people in it."""
    with database.connect() as connection:
        for name in ("polis", "scim2"):
            connection.execute(f"CREATE DATABASE {name}")
    postgres, url = postmaster(database.url), database.url.removesuffix("postgres")
    if polis.is_there():
        address = f"postgres://postgres@localhost/polis?host={database.folder}"
        target, process = stack.enter_context(polis.running(address, options.workers))
        target.size = size
        made = client.play(works.create, target, options.connections, units=size)
        if made.wrong:
            sys.exit(f"Ory Polis could not be filled: {made.wrong[0]}")
        target.people = made.made
        yield Contender(f"Polis {size:,}", target, process, postgres, works.NOT_IN_POLIS)
    environment = {**os.environ, "PEER_DATABASE_URL": f"{url}scim2"}
    environment["DJANGO_SETTINGS_MODULE"] = "bench.peers.scim2_site.settings"
    people = json.loads(python("-m", "bench.peers.scim2_fill", str(size), environment=environment))
    port = free_port()
    process = stack.enter_context(server("bench.peers.scim2_site.site:application", port, environment, options))
    target = client.Target(f"http://localhost:{port}/scim/v2", "bench", "scim2.example", people, size)
    yield Contender(f"scim2 {size:,}", target, process, postgres, works.NOT_IN_SCIM2)


def memory(kind: str, options: argparse.Namespace, site: int, target: client.Target) -> None:
    """Of one of the site's workers; while no other server runs, which would share their files."""
    print(f"\nMemory of a worker {kind}:", end=" ")
    scenarios.memory_of(site, target, round(300_000 * options.scale), options.connections)


def play_scenarios(
    stack: ExitStack, options: argparse.Namespace, environment: dict[str, str], targets: list[client.Target]
) -> None:
    small, large = targets
    scale, connections = options.scale, options.connections
    sizes = [200] * max(2, min(20, round(200 * scale)))
    many = json.loads(python("-m", "bench.fill", *map(str, sizes), environment=environment))
    organizations = [target_of(one, size) for one, size in zip(many, sizes, strict=True)]
    scenarios.many_organizations(organizations, max(0.5, 60 * scale))
    print("\nA noisy neighbour, without a limit:", end=" ")
    scenarios.noisy_neighbour(small, large, max(0.5, 20 * scale), connections)
    quiet, noisy = as_shipped(stack, options, environment, targets)
    print("With the limit as shipped, which the noisy one does not heed:", end=" ")
    scenarios.noisy_neighbour(quiet, noisy, max(0.5, 20 * scale), connections)
    scenarios.initial_cycle(small, round(100_000 * scale), connections)


def as_shipped(
    stack: ExitStack, options: argparse.Namespace, environment: dict[str, str], targets: list[client.Target]
) -> list[client.Target]:
    """The same organizations at a second site on the same database, whose limits are the defaults."""
    address = f"http://localhost:{free_port()}"
    defaults = {name: value for name, value in environment.items() if name not in UNLIMITED}
    port = int(address.rpartition(":")[2])
    stack.enter_context(server("nulab_org.wsgi:application", port, {**defaults, "BASE_URL": address}, options))
    return [replace(target, url=address + urlsplit(target.url).path) for target in targets]


if __name__ == "__main__":
    main()
