"""A SCIM client that costs little: one process a connection, a plain socket each.

A kind of work is a function that plays one unit of it (a cycle of an identity
provider for one user, say) on a connection.
"""

import itertools
import json
import multiprocessing
import random
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Target:
    """What is asked: an address, and for an organization its token and its people as (id, userName)."""

    url: str
    token: str = ""
    domain: str = ""
    people: list[tuple[str, str]] = field(default_factory=list)


class Connection:
    def __init__(self, target: Target, number: int) -> None:
        self.target = target
        self.random = random.Random(f"{number} {time.time_ns()}")
        self.names = (f"p{number}x{time.time_ns():x}x{serial}" for serial in itertools.count())
        self.seconds: list[float] = []
        self.wrong: list[str] = []
        self.made: list[tuple[str, str]] = []
        address = urlsplit(target.url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = self.socket.makefile("rb")
        self.path = address.path
        self.head = f"Host: {address.netloc}\r\nAuthorization: Bearer {target.token}\r\n"

    def ask(self, method: str, path: str, body: Any = None, expect: int = 200) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: application/scim+json\r\nContent-Length: {len(content)}\r\n" if content else ""
        began = time.perf_counter()
        self.socket.sendall(f"{method} {self.path}{path} HTTP/1.1\r\n{self.head}{kind}\r\n".encode() + content)
        status = self.answer.readline()[9:12].decode()
        content = self._content()
        self.seconds.append(time.perf_counter() - began)
        if status != str(expect):
            self.wrong.append(f"{method} {path[:80]}: {status} {content[:300].decode()}")
            return {}
        return json.loads(content) if content else {}

    def _content(self) -> bytes:
        length = None
        while (line := self.answer.readline().lower()) != b"\r\n":
            if not line:
                raise ConnectionError("The server closed the connection.")
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        if length is not None:
            return self.answer.read(length)
        chunks = []
        while size := int(self.answer.readline(), 16):
            chunks.append(self.answer.read(size + 2)[:-2])
        self.answer.readline()
        return b"".join(chunks)

    def find(self, name: str) -> Any:
        return self.ask("GET", "/Users?filter=" + quote(f'userName eq "{name}"'))


def bare(connection: Connection) -> None:
    connection.ask("GET", "/")


def read(connection: Connection) -> None:
    connection.ask("GET", "/Users/" + connection.random.choice(connection.target.people)[0])


def filter_hit(connection: Connection) -> None:
    connection.find(connection.random.choice(connection.target.people)[1])


def filter_miss(connection: Connection) -> None:
    connection.find(f"{next(connection.names)}@{connection.target.domain}")


def create(connection: Connection) -> None:
    name = f"{next(connection.names)}@{connection.target.domain}"
    user = {
        "schemas": [USER],
        "externalId": name,
        "userName": name,
        "active": True,
        "displayName": f"Person {name}",
        "name": {"givenName": "Person", "familyName": name[:40]},
        "emails": [{"primary": True, "type": "work", "value": name}],
        "preferredLanguage": "ja-JP",
        "roles": [{"primary": True, "value": "USER"}],
    }
    created = connection.ask("POST", "/Users", user, expect=201)
    connection.made.append((created.get("id", "none"), name))


def initial(connection: Connection) -> None:
    filter_miss(connection)
    create(connection)
    connection.ask("GET", "/Users/" + connection.made[-1][0])


def incremental(connection: Connection) -> None:
    found, name = connection.random.choice(connection.target.people)
    connection.find(name)
    change = {"op": "Replace", "path": "displayName", "value": f"Person {connection.random.random()}"}
    connection.ask("PATCH", f"/Users/{found}", {"schemas": [PATCH], "Operations": [change]})


def first_page(connection: Connection) -> None:
    connection.ask("GET", "/Users?startIndex=1&count=100")


def deep_page(connection: Connection) -> None:
    connection.ask("GET", f"/Users?startIndex={len(connection.target.people) // 2}&count=100")


@dataclass
class Result:
    """Of one run over all connections."""

    elapsed: float
    seconds: list[float]
    wrong: list[str]
    made: list[tuple[str, str]]


def play(
    work: Callable[[Connection], None], target: Target, connections: int, *, seconds: float = 1e9, units: float = 1e9
) -> Result:
    """Play units on every connection at once until the time is up or each has played its share."""
    fork = multiprocessing.get_context("fork")
    began = time.perf_counter() + 0.2

    def one(number: int, answers: Any) -> None:
        played: tuple[list[float], list[str], list[tuple[str, str]]] = [], [], []
        try:
            connection = Connection(target, number)
            played = connection.seconds, connection.wrong, connection.made
            time.sleep(max(0.0, began - time.perf_counter()))
            for _ in _until(began + seconds, units / connections):
                work(connection)
        except (OSError, ValueError) as error:
            played[1].append(repr(error))
        answers.put((time.perf_counter() - began, *played))

    answers = fork.SimpleQueue()
    players = [fork.Process(target=one, args=(number, answers), daemon=True) for number in range(connections)]
    for player in players:
        player.start()
    parts = [answers.get() for _ in players]
    for player in players:
        player.join()
    elapsed, *lists = zip(*parts, strict=True)
    return Result(max(elapsed), *(list(itertools.chain(*part)) for part in lists))


def _until(end: float, units: float) -> Iterator[None]:
    while units > 0 and time.perf_counter() < end:
        yield
        units -= 1
