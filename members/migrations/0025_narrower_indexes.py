"""Indexes that the lists need, and no others: what an identity provider changes daily is in none of them.

The release before goes on: it needs no column, and its own lists are slower only where they sort by the last change.
"""

from typing import Any

from django.db import migrations, models

from members.online import AddIndexOnline, RemoveIndexOnline

# Of a former column that nothing writes any more; of unique ids, which nobody asks for by their beginning;
# and one that a longer index begins with.
UNUSED = ["member_by_sync", "members_member_scim_id_3bdf7b87_like", "members_account_managed_by_id_576455bc"]
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
        AddIndexOnline(
            model_name="account",
            index=models.Index(fields=["managed_by", "is_active", "type"], name="account_by_state"),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="account",
                    name="managed_by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="managed_accounts",
                        to="members.organization",
                    ),
                ),
            ],
        ),
        RemoveIndexOnline(model_name="member", name="member_modified"),
        RemoveIndexOnline(model_name="member", name="member_administrators"),
        RemoveIndexOnline(model_name="member", name="member_pass_holders"),
        migrations.RunPython(forget_the_unused, migrations.RunPython.noop),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
