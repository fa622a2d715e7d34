"""Fills the table in batches. The column and its index stay in the database: the release before goes on writing them."""

from typing import Any

from django.db import migrations, transaction

BATCH = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    members = apps.get_model("members", "Member").objects.filter(synchronized_at__isnull=False).order_by("pk")
    synchronization = apps.get_model("members", "Synchronization")
    columns, after = ("pk", "organization_id", "synchronized_at"), 0
    while rows := list(members.filter(pk__gt=after).values_list(*columns)[:BATCH]):
        with transaction.atomic():
            synchronization.objects.bulk_create(
                [synchronization(member_id=pk, organization_id=place, at=at) for pk, place, at in rows],
                ignore_conflicts=True,
            )
        after = rows[-1][0]


class Migration(migrations.Migration):
    # A batch is a transaction.
    atomic = False

    dependencies = [
        ("members", "0015_synchronizations"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex(model_name="member", name="member_by_sync"),
                migrations.RemoveField(model_name="member", name="synchronized_at"),
            ],
        ),
    ]
