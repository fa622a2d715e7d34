from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from demo.key import distrusting
from demo.server import DemoIdpServer


class Command(BaseCommand):
    help = "Run a small identity provider that sends Microsoft Entra ID's requests. Only while DEBUG is on."

    def add_arguments(self, parser: CommandParser) -> None:
        default = urlsplit(settings.DEMO_IDP_URL).port or 8001
        parser.add_argument("--port", type=int, default=default, help=f"default: {default}, of DEMO_IDP_URL")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo identity provider is for trying out: it runs only with DEBUG=1.")
        try:
            server = DemoIdpServer(options["port"])
        except (OSError, OverflowError) as problem:
            reason = getattr(problem, "strerror", None) or problem
            raise CommandError(
                f"Port {options['port']} cannot be used: {reason}. Choose another with --port."
            ) from None
        for sentence in distrusting(server.url):
            self.stderr.write(sentence)
        self.stdout.write(f"Demo identity provider: {server.url}/")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            server.server_close()
