"""A server that takes webhooks, as an app would run it."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock

from standardwebhooks import Webhook

Read = Callable[[bytes, dict[str, str]], dict[str, Any]]
Status = int | Callable[[dict[str, Any]], int]


@dataclass
class Receiver:
    url: str
    # The answer, or what decides about it.
    status: Status = 200
    secret: str = ""
    # Body of the answer, and how what is posted is read where it is no webhook.
    said: bytes = b"ok"
    read: Read | None = None
    # What was taken, and all that came.
    events: list[dict[str, Any]] = field(default_factory=list)
    came: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    # Connections that were opened.
    connections: int = 0

    def numbers(self, space_key: str) -> list[int]:
        return [one["data"]["number"] for one in self.events if one["data"]["organization"] == space_key]

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        sent = {name.lower(): value for name, value in headers.items()}
        read = self.read or (self._verified if self.secret else lambda body, _: json.loads(body))
        event = read(body, sent)
        self.came.append(event)
        self.headers.append(sent)
        status = self.status(event) if callable(self.status) else self.status
        if 200 <= status < 300:
            self.events.append(event)
        return status

    def _verified(self, body: bytes, headers: dict[str, str]) -> Any:
        """The event; the library's clock is that of the test's mocked hour."""
        clock = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        with mock.patch("standardwebhooks.webhooks.datetime", wraps=datetime) as its:
            its.now.return_value = clock
            return Webhook(self.secret).verify(body, headers)


@contextmanager
def receiving(status: Status = 200, read: Read | None = None, *, in_pieces: bool = False) -> Iterator[Receiver]:
    """A receiver; `in_pieces` sends head and body apart, and the body when the head has been acknowledged."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 0 if in_pieces else -1

        def setup(self) -> None:
            receiver.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(body, dict(self.headers)))
            self.send_header("Content-Length", str(len(receiver.said)))
            self.end_headers()
            self.wfile.write(receiver.said)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}", status, read=read)
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
