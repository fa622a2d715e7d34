from typing import Any

from django.core.management.base import BaseCommand

from provisioning.watching import watch


class Command(BaseCommand):
    help = "Mail administrators whose synchronization stops or works again. For a timer, every five minutes."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"changes told: {watch()}")
