"""Drops what only releases before the one that serves have written: the tables of django-axes, and a column of
members that moved into a table of its own (0016). Neither costs more than a moment: no row is looked at.
"""

from typing import Any

from django.db import migrations

# Order: the first one refers to the last.
TABLES = ["axes_accessattemptexpiration", "axes_accesslog", "axes_accessfailurelog", "axes_accessattempt"]


def drop(apps: Any, schema_editor: Any) -> None:
    connection, quoted = schema_editor.connection, schema_editor.quote_name
    for table in TABLES:
        schema_editor.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "members_member")
    if any(column.name == "synchronized_at" for column in columns):
        schema_editor.execute(f"ALTER TABLE {quoted('members_member')} DROP COLUMN {quoted('synchronized_at')}")


class Migration(migrations.Migration):
    dependencies = [("members", "0033_words_for_team_members")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
