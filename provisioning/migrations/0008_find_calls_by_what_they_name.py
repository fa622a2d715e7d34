from typing import Any

from django.db import migrations

import provisioning.models.words

INDEX = "activity_search"


def index_the_words(apps: Any, schema_editor: Any) -> None:
    """Only PostgreSQL can; nobody waits for it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX CONCURRENTLY {INDEX} ON provisioning_syncactivity USING gin (string_to_array(search, ' '))"
        )


def forget_the_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX CONCURRENTLY {INDEX}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("provisioning", "0007_told_health")]
    operations = [
        migrations.AddField(
            model_name="syncactivity",
            name="search",
            field=provisioning.models.words.WordsField(blank=True, db_default="", editable=False),
        ),
        migrations.RunPython(index_the_words, forget_the_index),
    ]
