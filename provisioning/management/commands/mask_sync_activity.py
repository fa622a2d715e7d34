from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from provisioning.models import SyncActivity
from provisioning.scim.remasking import FIELDS, mask_again


class Command(BaseCommand):
    help = (
        "Hide in the sync activity what was kept before only the values of stored attributes were. "
        "Once after the upgrade; may be interrupted and repeated at any moment."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", type=int, default=1000, metavar="LINES", help="in a transaction; default: 1000")

    def handle(self, *args: Any, batch: int, **options: Any) -> None:
        seen = changed = after = 0
        while lines := list(SyncActivity.objects.filter(pk__gt=after).order_by("pk")[:batch]):
            masked = [line for line in lines if mask_again(line)]
            SyncActivity.objects.bulk_update(masked, FIELDS)
            seen, changed, after = seen + len(lines), changed + len(masked), lines[-1].pk
        self.stdout.write(f"{changed} of {seen} lines masked")
