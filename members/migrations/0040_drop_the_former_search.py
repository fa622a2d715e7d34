"""The indexes that migration 39 takes the place of. Each change of a name pays for both as long as they are there.

The release before asks for these and, without them, looks through the members: 30 to 45 µs for each of the site, whatever is
sought. That is for the minutes until its processes have ended; docs/operations.md says how a large site avoids it.
Their function stays for it, until the next release.
"""

from importlib import import_module
from typing import Any

from django.db import migrations

FORMER = import_module("members.migrations.0026_find_by_parts_of_words")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in ("member_search", "team_search"):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def index_again(apps: Any, schema_editor: Any) -> None:
    """For the release before, if this one is taken back."""
    if schema_editor.connection.vendor == "postgresql":
        FORMER.index_the_words(apps, schema_editor)
        schema_editor.execute("ALTER INDEX member_search SET (gin_pending_list_limit = 1024)")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0039_index_each_run_once")]

    operations = [migrations.RunPython(drop, index_again)]
