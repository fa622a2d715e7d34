"""One POST to a receiver: to an address that was checked, within a time, hearing no more than it must.

http.client sends and reads; only the connection is made here, because everything hangs on the address it is made to.
Redirects are not followed: http.client does not.
"""

import http.client
import io
import select
import socket
import ssl
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from api.addresses import Forbidden, NotFound, addresses_of, is_allowed_here

# Seconds for all of it, and for one address; bytes that are read of an answer's body.
MAX_SECONDS, CONNECT_SECONDS, MAX_BODY = 10.0, 4.0, 64 * 1024
# Bytes that are read of an answer at all, whatever lengths it claims.
MAX_HEARD = 16 * MAX_BODY
# Seconds without use, and of age, after which a connection is made anew, and the name looked up again.
MAX_IDLE, MAX_AGE = 15.0, 60.0
# Option of Linux: acknowledge at once. A receiver that sends head and body apart holds the body back until the head is
# acknowledged, which takes 40 ms otherwise. It does not last, so it is set before each read.
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)

# Line that ends the head of an answer.
_BLANK = (b"\r\n", b"\n")


class NoAnswer(Exception):
    """The receiver could not be reached, or did not answer in time."""


class Answer(NamedTuple):
    status: int
    # Its beginning.
    body: bytes


class Line:
    """A connection to one receiver, kept for the next event."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._parts = urlsplit(url)
        self._connection: _Connection | None = None
        self._opened_at = self._used_at = 0.0

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Raises NoAnswer."""
        end = time.monotonic() + MAX_SECONDS
        try:
            if self._is_fresh():
                try:
                    return self._ask(body, headers, end)
                except ConnectionError:
                    # The other side has closed it meanwhile. An event that arrives twice is recognized by its id.
                    self.close()
            self._open(end)
            return self._ask(body, headers, end)
        except (OSError, ValueError, http.client.HTTPException, Forbidden, NotFound) as error:
            # ValueError: http.client reads as many bytes as a piece says, also where it says “-5”.
            self.close()
            raise NoAnswer(_words(error)) from None

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _is_fresh(self) -> bool:
        now = time.monotonic()
        is_fresh = now - self._used_at < MAX_IDLE and now - self._opened_at < MAX_AGE
        if self._connection and not (is_fresh and _is_quiet(self._connection.sock)):
            self.close()
        return self._connection is not None

    def _open(self, end: float) -> None:
        host, port = self._parts.hostname or "", self._parts.port or (443 if self._parts.scheme == "https" else 80)
        tls = ssl.create_default_context() if self._parts.scheme == "https" else None
        addresses = [host] if is_allowed_here(self.url) else addresses_of(host)
        self._connection = _Connection(host, port)
        self._connection.sock = _connected(addresses, port, host, tls, end)
        self._opened_at = time.monotonic()

    def _ask(self, body: bytes, headers: dict[str, str], end: float) -> Answer:
        assert self._connection
        self._connection.end = end
        self._connection.sock.settimeout(_seconds_until(end))
        path = self._parts.path or "/"
        self._connection.request(
            "POST", f"{path}?{self._parts.query}" if self._parts.query else path, body,
            {"Content-Type": "application/json", "User-Agent": "Nulab-Webhooks/1", **headers},
        )  # fmt: skip
        answer = self._connection.getresponse()
        said = answer.read(MAX_BODY + 1)
        if len(said) > MAX_BODY or answer.will_close:
            self.close()
        self._used_at = time.monotonic()
        return Answer(answer.status, said)


class _Connection(http.client.HTTPConnection):
    """One whose answers are read until `end`, however slowly they come."""

    end = 0.0

    def response_class(self, sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:  # type: ignore[override]
        return _Final(_Slow(sock, self.end), *args, **kwargs)  # type: ignore[arg-type]

    def connect(self) -> None:
        """http.client would connect to the name by itself, unchecked."""
        raise ConnectionError("The connection was closed.")


class _Final(http.client.HTTPResponse):
    """The answer behind those that are not final (RFC 9110 §15.2), of which http.client passes over 100 alone."""

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # not in typeshed
        return version, http.client.CONTINUE if 100 <= status < 200 else status, reason

    def begin(self) -> None:
        """Raises HTTPException where the head is cut off, whose beginning http.client takes for all of it."""
        super().begin()
        if self.fp.line not in _BLANK:  # type: ignore[attr-defined]
            raise http.client.HTTPException("The answer is cut off.")


class _Lines(io.BufferedReader):
    """An answer that remembers the last line that was read of it."""

    line = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.line = super().readline(size)
        return self.line


class _Slow(io.RawIOBase):
    """A socket as http.client reads it, until a moment rather than for a time after each byte, and so much at most."""

    def __init__(self, sock: socket.socket, end: float) -> None:
        self._sock, self._end, self._left = sock, end, MAX_HEARD
        # Open for as long as the answer is read, though the connection may be closed before.
        self._file = sock.makefile("rb", buffering=0)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return _Lines(self)

    def close(self) -> None:
        self._file.close()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_seconds_until(self._end))
        if _QUICKACK is not None:
            self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        heard = self._file.readinto(memoryview(buffer)[: self._left]) or 0
        self._left -= heard
        return heard


def _connected(addresses: list[str], port: int, host: str, tls: ssl.SSLContext | None, end: float) -> socket.socket:
    """A connection to the first of the addresses that answers. Raises OSError."""
    for place, address in enumerate(addresses, 1):
        try:
            sock = socket.create_connection((address, port), min(CONNECT_SECONDS, _seconds_until(end)))
            break
        except OSError:
            if place == len(addresses):
                raise
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(_seconds_until(end))
        return tls.wrap_socket(sock, server_hostname=host) if tls else sock
    except OSError:
        sock.close()
        raise


def _is_quiet(sock: socket.socket) -> bool:
    """Whether the other side has neither closed an idle connection nor said what nobody has asked, such as 408: it
    would be taken for the answer to the next event.
    """
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return not poll.poll(0)


def _seconds_until(end: float) -> float:
    """Raises TimeoutError."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("It did not answer in time.")
    return left


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"No answer within {MAX_SECONDS:.0f} seconds."
    return shown(f"{type(error).__name__}: {error}")


def shown(told: str) -> str:
    """Words of a receiver without what cannot be shown or stored."""
    return "".join(one if one.isprintable() else " " for one in told[:1000])
