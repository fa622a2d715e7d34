"""Commands that run a program of the demo, which is a web server for this machine, until they are stopped."""

from abc import abstractmethod
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class ServingCommand(BaseCommand):
    title: str
    # Setting with the address that the site knows.
    known_as: str
    usual_port: int

    def add_arguments(self, parser: CommandParser) -> None:
        default = urlsplit(getattr(settings, self.known_as)).port or self.usual_port
        parser.add_argument("--port", type=int, default=default, help=f"default: {default}, of {self.known_as}")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(f"{self.title} is for trying out: it runs only with DEBUG=1.")
        try:
            server, url = self.start(options["port"])
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise CommandError(
                f"Port {options['port']} cannot be used: {reason}. Choose another with --port."
            ) from None
        self.stdout.write(f"{self.title}: {url}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()

    @abstractmethod
    def start(self, port: int) -> tuple[ThreadingHTTPServer, str]:
        """The server and its address."""
