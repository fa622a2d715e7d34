"""An identity provider at work: so many SCIM requests a second, whatever happens to the site meanwhile."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.cast.deployment import trusting

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@dataclass
class Answer:
    at: float
    method: str
    # An exception's name where there was no answer.
    status: int | str
    seconds: float
    retry_after: str | None = None
    body: bytes = b""
    request_id: str = ""


@dataclass
class DirectoryClient:
    """Filter, create, change and read in turn; remembers every write that was answered as done."""

    scim_url: str
    token: str
    rate: float = 60
    # The number of its connections: to a slow site it sends less often.
    at_once: int = 60
    answers: list[Answer] = field(default_factory=list)
    # SCIM id → the display name that the site has confirmed; absent while the last write's fate is unknown.
    confirmed: dict[str, str] = field(default_factory=dict)
    # What reads answered that was not so: SCIM id, what it should have been, and what was said.
    untrue: list[tuple[str, str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _room: threading.Semaphore = field(init=False)
    _free: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._room = threading.Semaphore(self.at_once)

    @contextmanager
    def working(self) -> Iterator[None]:
        """At `rate` for as long as the block takes."""
        stop = threading.Event()
        pacer = threading.Thread(target=self._pace, args=(stop,))
        pacer.start()
        try:
            yield
        finally:
            stop.set()
            pacer.join()

    def _pace(self, stop: threading.Event) -> None:
        run, due, number = f"{time.time_ns():x}"[-10:], time.monotonic(), 0
        with ThreadPoolExecutor(self.at_once) as connections:
            while not stop.is_set():
                self._room.acquire()
                connections.submit(self._unit, run, number).add_done_callback(lambda _: self._room.release())
                number, due = number + 1, max(due, time.monotonic()) + 1 / self.rate
                stop.wait(max(0.0, due - time.monotonic()))

    def _unit(self, run: str, number: int) -> None:
        kind, name = number % 4, f"{run}-{number - number % 4}@aozora.example"
        if kind == 0:
            self.call("GET", f"Users?filter=userName%20eq%20%22{name}%22")
        elif kind == 1:
            self._create(name)
        elif kind == 2:
            self._change(f"Changed {number}")
        elif self.confirmed:
            self._look(random.choice([*self.confirmed]))

    def _look(self, scim_id: str) -> None:
        expected = self.confirmed.get(scim_id)
        answer = self.call("GET", f"Users/{scim_id}")
        # Unless it was changed meanwhile.
        if answer.status in (200, 404) and expected is not None and self.confirmed.get(scim_id) == expected:
            found = json.loads(answer.body).get("displayName")
            if found != expected:
                self.untrue.append((scim_id, expected, found))

    def _create(self, name: str) -> None:
        answer = self.call("POST", "Users", {"schemas": [USER], "userName": name, "displayName": name, "active": False})
        if answer.status == 201:
            scim_id = json.loads(answer.body)["id"]
            with self._lock:
                self.confirmed[scim_id] = name
                self._free.append(scim_id)

    def _change(self, name: str) -> None:
        with self._lock:
            if not self._free:
                return
            scim_id = self._free.pop(0)
            self.confirmed.pop(scim_id)
        operation = {"op": "replace", "path": "displayName", "value": name}
        answer = self.call("PATCH", f"Users/{scim_id}", {"schemas": [PATCH], "Operations": [operation]})
        with self._lock:
            if answer.status == 200:
                self.confirmed[scim_id] = name
                self._free.append(scim_id)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        site = urlsplit(self.scim_url)
        connection: http.client.HTTPConnection
        if site.scheme == "https":
            connection = http.client.HTTPSConnection(site.hostname or "", site.port, context=trusting(), timeout=40)
        else:
            connection = http.client.HTTPConnection(site.hostname or "", site.port, timeout=40)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        began = time.monotonic()
        try:
            connection.request(method, site.path + path, json.dumps(body) if body else None, headers)
            response = connection.getresponse()
            answer = Answer(began, method, response.status, 0, response.headers["Retry-After"], response.read())
            answer.request_id = response.headers["X-Request-Id"] or ""
        except (OSError, http.client.HTTPException) as error:
            answer = Answer(began, method, type(error).__name__, 0)
        finally:
            connection.close()
        answer.seconds = time.monotonic() - began
        with self._lock:
            self.answers.append(answer)
        return answer

    def statuses(self) -> Counter[int | str]:
        return Counter(answer.status for answer in self.answers)

    def done(self) -> set[str]:
        """The request ids of the writes that were answered as done."""
        return {a.request_id for a in self.answers if a.method != "GET" and a.status in (200, 201, 204)}

    def unexpected(self) -> list[Answer]:
        """Neither done nor “try again in N seconds” in the form of SCIM."""
        return [answer for answer in self.answers if not _is_fine(answer)]

    def lost(self, most: int = 150) -> dict[str, tuple[str, Any]]:
        """Confirmed writes that a read does not find: the newest are read."""
        wrong = {}
        for scim_id, name in [*self.confirmed.items()][-most:]:
            answer = self.call("GET", f"Users/{scim_id}")
            found = json.loads(answer.body).get("displayName") if answer.status == 200 else answer.status
            if found != name:
                wrong[scim_id] = (name, found)
        return wrong


def _is_fine(answer: Answer) -> bool:
    if answer.status == 503:
        return str(answer.retry_after).isdecimal() and json.loads(answer.body)["status"] == "503"
    # A POST or PUT that was repeated by hand of the proxy finds its own work.
    return answer.status in (200, 201, 204, 404, 409)
