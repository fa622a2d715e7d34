import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from members.mail.delivery import deliver, deliver_for_ever
from members.models.team_rules.following import go_on_everywhere


class Command(BaseCommand):
    help = (
        "Send the mails that wait, and let members follow team rules, until it is stopped (SIGTERM). Several may run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now and end; for a timer")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            result = deliver()
            while go_on_everywhere():
                pass
            self.stdout.write(f"sent: {result.sent}, not sent: {result.failed}")
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            # The mail that is being sent is finished first.
            signal.signal(number, lambda *_: stop.set())
        deliver_for_ever(stop)
