from typing import Any

import django.contrib.postgres.indexes
from django.db import migrations, models

from members.online import AddIndexOnline, UnindexFieldOnline

TABLE, WORDS = "provisioning_syncactivity", "activity_search"
# Vacuum after 2 % of the lines are dead: the default, a fifth, would be 50 million of them.
VACUUM = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor"
# Kilobytes of new words that wait to be sorted in, by the writer that comes when they are full. 4096 by default: that
# writer would wait for seconds, and every search look through all of them.
WAITING = 256


def tell_the_database(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        given = ", ".join(f"{name} = 0.02" for name in VACUUM.split(", "))
        schema_editor.execute(f"ALTER TABLE {TABLE} SET ({given})")
        schema_editor.execute(f"ALTER INDEX {WORDS} SET (gin_pending_list_limit = {WAITING})")


def forget_it(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {TABLE} RESET ({VACUUM})")
        schema_editor.execute(f"ALTER INDEX {WORDS} RESET (gin_pending_list_limit)")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("provisioning", "0012_walks")]

    operations = [
        AddIndexOnline(
            model_name="syncactivity",
            index=django.contrib.postgres.indexes.HashIndex(fields=["request_id"], name="activity_of_request"),
        ),
        UnindexFieldOnline(model_name="syncactivity", name="request_id", field=models.CharField(max_length=32)),
        migrations.RunPython(tell_the_database, forget_it),
    ]
