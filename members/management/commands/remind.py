from typing import Any

from django.core.management.base import BaseCommand

from members.mail.reminders import remind


class Command(BaseCommand):
    help = "Mail administrators about what expires soon. For a daily timer; each reminder is sent once."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"reminders: {remind()}")
