"""Indexes that the lists need, and no others: what an identity provider changes daily is in none of them.

The release before goes on: it needs no column, and its own lists are slower only where they sort by the last change.
"""

from typing import Any

from django.db import migrations

from members.online import RemoveIndexOnline

# Of a former column that nothing writes any more; of ids, which nobody asks for by their beginning.
UNUSED = ["member_by_sync", "members_member_scim_id_3bdf7b87_like"]
# Percentage of a page that inserts fill; the rest is for the next version of its rows.
FILLED = 85


def forget_the_unused(apps: Any, schema_editor: Any) -> None:
    online = "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""
    for name in UNUSED:
        schema_editor.execute(f"DROP INDEX {online} IF EXISTS {name}")


def leave_room(apps: Any, schema_editor: Any) -> None:
    """Changes the pages that are filled from now on; locks nobody out."""
    if schema_editor.connection.vendor == "postgresql":
        for table in ("members_member", "members_account"):
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = {FILLED})")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0024_wider_names")]

    operations = [
        RemoveIndexOnline(model_name="member", name="member_modified"),
        RemoveIndexOnline(model_name="member", name="member_administrators"),
        RemoveIndexOnline(model_name="member", name="member_pass_holders"),
        migrations.RunPython(forget_the_unused, migrations.RunPython.noop),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
