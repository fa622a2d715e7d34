import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from api.webhooks.delivering import deliver, deliver_for_ever


class Command(BaseCommand):
    help = "Post events to the endpoints of the apps, until it is stopped (SIGTERM). Several may run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="post what is due now and end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            self.stdout.write(f"taken: {deliver()}")
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            # Events that are on their way are finished first.
            signal.signal(number, lambda *_: stop.set())
        deliver_for_ever(stop)
