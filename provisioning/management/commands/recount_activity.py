from typing import Any

from django.core.management.base import BaseCommand

from provisioning.models import ActivityHour, ProvisioningSettings, SyncActivity
from provisioning.models.hours import recount


class Command(BaseCommand):
    help = "Count the requests of the last month hour by hour anew. After an upgrade; safe at any moment."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for organization_id in ProvisioningSettings.objects.values_list("pk", flat=True):
            found += recount(organization_id, SyncActivity.objects.all(), ActivityHour.objects.all())
        self.stdout.write(f"hours: {found}")
