"""The function of the former indexes of search boxes, which migration 40 left for the release that asked for them."""

from importlib import import_module
from typing import Any

from django.db import migrations

FORMER = import_module("members.migrations.0026_find_by_parts_of_words")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION IF EXISTS members_grams(bigint, text[], text[])")


def make_again(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORMER.GRAMS)


class Migration(migrations.Migration):
    dependencies = [("members", "0040_drop_the_former_search")]

    operations = [migrations.RunPython(drop, make_again)]
