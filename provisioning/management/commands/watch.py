from typing import Any

from django.core.management.base import BaseCommand

from members.mail.licence_watch import watch_licences
from provisioning.monitoring.watching import watch


class Command(BaseCommand):
    help = "Mail administrators whose synchronization stops or works again, or whose licences run out. For a timer."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"changes told: {watch()}, of licences: {watch_licences()}")
