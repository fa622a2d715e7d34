"""Lets a line of the sync activity name somebody by a given and a family name of 256 characters each.

SQLite knows no limit, and would copy the table.
"""

from typing import Any

from django.db import migrations, models


def widen(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE "provisioning_syncactivity" ALTER "subject" TYPE varchar(513)')


class Migration(migrations.Migration):
    dependencies = [
        ("provisioning", "0010_unrecorded_calls"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="syncactivity",
                    name="subject",
                    field=models.CharField(blank=True, max_length=513),
                ),
            ],
        ),
        migrations.RunPython(widen, migrations.RunPython.noop),
    ]
