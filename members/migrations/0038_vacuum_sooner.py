"""Members and teams are vacuumed after 2 % of them have changed, in place of a fifth.

A jump to a page in the middle counts in an index alone, as long as PostgreSQL knows which blocks of the table everybody
may see. Any change in a block takes that away, and a vacuum brings it back: after 5 % of changes, spread evenly, it is
known of none, and the jump reads the rows.
"""

from typing import Any

from django.db import migrations

TABLES = ("members_member", "members_team")
VACUUM = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor"


def tell_the_database(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        given = ", ".join(f"{name} = 0.02" for name in VACUUM.split(", "))
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} SET ({given})")


def forget_it(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} RESET ({VACUUM})")


class Migration(migrations.Migration):
    dependencies = [("members", "0037_longer_list_of_new_words")]

    operations = [migrations.RunPython(tell_the_database, forget_it)]
