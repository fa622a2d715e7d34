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
from urllib.parse import urlsplit


@dataclass
class Target:
    """A server to ask: its address, and for an organization its token and its people as (id, userName)."""

    url: str
    token: str = ""
    domain: str = ""
    people: list[tuple[str, str]] = field(default_factory=list)
    # Members in all.
    size: int = 0
    # Key of an app for the API of the site.
    api_key: str = ""


class Connection:
    def __init__(self, target: Target, number: int) -> None:
        self.target, self.number = target, number
        # Seconds that the present unit has begun too late.
        self.late = 0.0
        self.pages = itertools.count()
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
        self.api_head = f"Host: {address.netloc}\r\nAuthorization: Bearer {target.api_key}\r\n"

    def ask(self, method: str, path: str, body: Any = None, expect: tuple[int, ...] = (200,)) -> Any:
        return self._ask(f"{method} {self.path}{path}", self.head, "application/scim+json", body, expect)

    def ask_api(self, method: str, path: str, body: Any = None) -> Any:
        return self._ask(f"{method} /api/v1{path}", self.api_head, "application/json", body, (200,))

    def _ask(self, called: str, head: str, media: str, body: Any, expect: tuple[int, ...]) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: {media}\r\nContent-Length: {len(content)}\r\n" if content else ""
        began = time.perf_counter()
        self.socket.sendall(f"{called} HTTP/1.1\r\n{head}{kind}\r\n".encode() + content)
        status = self.answer.readline()[9:12].decode()
        content = self._content(status)
        self.seconds.append(time.perf_counter() - began + self.late)
        self.late = 0.0
        if not status.isdecimal() or int(status) not in expect:
            self.wrong.append(f"{called[:80]}: {status} {content[:300].decode()}")
            return {}
        # Only what is needed is parsed: this process takes the processor from the server.
        return json.loads(content) if called.startswith("POST") and content else {}

    def _content(self, status: str) -> bytes:
        length = None
        while (line := self.answer.readline().lower()) != b"\r\n":
            if not line:
                raise ConnectionError("The server closed the connection.")
            if line.startswith(b"content-length:"):
                length = int(line[15:])
        if status == "204":
            return b""
        if length is not None:
            return self.answer.read(length)
        chunks = []
        while size := int(self.answer.readline(), 16):
            chunks.append(self.answer.read(size + 2)[:-2])
        self.answer.readline()
        return b"".join(chunks)

    def somebody(self) -> tuple[str, str]:
        return self.random.choice(self.target.people)

    def own(self) -> tuple[str, str]:
        """Somebody whom no other connection asks for, for what two must not do to one person at once."""
        mine = self.target.people[self.number :: 64]
        return self.random.choice(mine or self.target.people)

    def new_name(self) -> str:
        return f"{next(self.names)}@{self.target.domain}"


@dataclass
class Result:
    """Of one run over all connections."""

    elapsed: float
    seconds: list[float]
    wrong: list[str]
    made: list[tuple[str, str]]


def play(
    work: Callable[[Connection], None],
    target: Target,
    connections: int,
    *,
    seconds: float = 1e9,
    units: float = 1e9,
    pace: float = 0,
) -> Result:
    """Play units on every connection at once until the time is up or each has played its share.

    `pace` is the seconds from the planned start of a unit to that of the next; one that starts late has been waiting.
    """
    fork = multiprocessing.get_context("fork")
    began = time.perf_counter() + 0.2

    def one(number: int, answers: Any) -> None:
        played: tuple[list[float], list[str], list[tuple[str, str]]] = [], [], []
        try:
            connection = Connection(target, number)
            played = connection.seconds, connection.wrong, connection.made
            time.sleep(max(0.0, began - time.perf_counter()))
            for connection.late in _starts(began, began + seconds, units / connections, pace):
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


def _starts(began: float, end: float, units: float, pace: float) -> Iterator[float]:
    """The seconds by which each unit starts too late; waits for its start."""
    planned = began
    while units > 0 and time.perf_counter() < end:
        time.sleep(max(0.0, planned - time.perf_counter()) if pace else 0)
        yield time.perf_counter() - planned if pace else 0.0
        planned += pace
        units -= 1
