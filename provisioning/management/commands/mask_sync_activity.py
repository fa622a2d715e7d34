from typing import Any

from django.core.management.base import BaseCommand

from provisioning.models import SyncActivity
from provisioning.scim.remasking import FIELDS, mask_again

# Lines in a transaction.
BATCH = 1000


class Command(BaseCommand):
    help = (
        "Hide in the sync activity what was kept before only the values of stored attributes were. "
        "Once after the upgrade; may be interrupted and repeated at any moment."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        seen = changed = after = 0
        while lines := list(SyncActivity.objects.filter(pk__gt=after).order_by("pk")[:BATCH]):
            masked = [line for line in lines if mask_again(line)]
            SyncActivity.objects.bulk_update(masked, FIELDS)
            seen, changed, after = seen + len(lines), changed + len(masked), lines[-1].pk
        self.stdout.write(f"{changed} of {seen} lines masked")
