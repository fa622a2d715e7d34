from typing import Any

import django.contrib.postgres.indexes
from django.db import migrations, models

from members.online import AddIndexOnline, RemoveIndexOnline

# Vacuum after 2 % of the events are dead: the default, a fifth, would be tens of millions of them.
VACUUM = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor"


def tell_the_database(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        given = ", ".join(f"{name} = 0.02" for name in VACUUM.split(", "))
        schema_editor.execute(f"ALTER TABLE members_auditevent SET ({given})")


def forget_it(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE members_auditevent RESET ({VACUUM})")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0026_find_by_parts_of_words")]

    operations = [
        AddIndexOnline(
            model_name="auditevent",
            index=django.contrib.postgres.indexes.HashIndex(
                condition=models.Q(("request_id", ""), _negated=True), fields=["request_id"], name="audit_of_request"
            ),
        ),
        RemoveIndexOnline(model_name="auditevent", name="audit_by_request"),
        migrations.RunPython(tell_the_database, forget_it),
    ]
