"""A mail server of the tests, which can also refuse, be silent, or hang up in the middle."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest


class SmtpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[EmailMessage] = []
        self.connections = 0
        # Addresses that are refused; whether it says nothing at all; whether it hangs up once a mail is there.
        self.refused: set[str] = set()
        self.is_silent = False
        self.hangs_up = False
        self.takes = 0.0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def numbers(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.received]


class _Conversation(socketserver.StreamRequestHandler):
    server: SmtpServer

    def handle(self) -> None:
        self.server.connections += 1
        with suppress(OSError):
            if self.server.is_silent:
                self.rfile.read()
            self._say("220 ready")
            while line := self.rfile.readline():
                if not self._answer(line.decode().strip()):
                    return

    def _answer(self, line: str) -> bool:
        """False: it hangs up."""
        verb = line[:4].upper()
        if verb == "DATA":
            self._say("354 go on")
            time.sleep(self.server.takes)
            self.server.received.append(message_from_bytes(self._mail(), policy=policy.default))
            if self.server.hangs_up:
                return False
            self._say("250 taken")
        elif verb == "RCPT" and any(address in line for address in self.server.refused):
            self._say("550 nobody of that name")
        else:
            self._say("221 bye" if verb == "QUIT" else "250 fine")
        return verb != "QUIT"

    def _mail(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    """The site's mail server for this test."""
    with SmtpServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_TIMEOUT = 1
        yield server
        server.shutdown()
        thread.join()
