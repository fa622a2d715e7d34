"""Lets a team be known to an IdP and kept by it, count its changes, and have as long a name as Entra gives.

PostgreSQL notes new columns with their defaults, and a wider limit, without looking at a row. It would make the search
index anew within the lock, though, so that goes first and comes back afterwards: until then searching reads the rows.
"""

from typing import Any

import django.utils.timezone
from django.db import migrations, models
from django.db.models.functions import Now

from members.online import AddIndexOnline

AT_ONCE = 5000
SEARCH = """
CREATE INDEX CONCURRENTLY team_search ON members_team USING gin ((
    members_grams(organization_id, ARRAY[name_key], ARRAY[]::text[]) COLLATE "C"
)) WITH (fastupdate = on, gin_pending_list_limit = 256)
"""
WIDER = {"name": 256, "name_key": 512}


def widen(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS team_search")
    changes = ", ".join(f'ALTER "{name}" TYPE varchar({most})' for name, most in WIDER.items())
    schema_editor.execute(f"ALTER TABLE members_team {changes}")
    schema_editor.execute(SEARCH)
    schema_editor.execute("ANALYZE members_team")


def say_when(apps: Any, schema_editor: Any) -> None:
    """A team that nobody has changed was changed last when it was made; the release before leaves that so."""
    teams = apps.get_model("members", "Team").objects
    last = teams.aggregate(last=models.Max("pk"))["last"] or 0
    for first in range(0, last + 1, AT_ONCE):
        teams.filter(pk__gte=first, pk__lt=first + AT_ONCE).update(modified_at=models.F("created_at"))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0028_pace")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="external_id",
            field=models.CharField(blank=True, max_length=256, null=True),
        ),
        migrations.AddField(
            model_name="team",
            name="is_kept_by_idp",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="kept by the IdP"
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="revision",
            field=models.BigIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="team",
            name="modified_at",
            field=models.DateTimeField(db_default=Now(), default=django.utils.timezone.now, editable=False),
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="team", name="name", field=models.CharField(max_length=256, verbose_name="name")
                ),
                migrations.AlterField(
                    model_name="team", name="name_key", field=models.CharField(editable=False, max_length=512)
                ),
            ],
        ),
        migrations.RunPython(widen, migrations.RunPython.noop),
        migrations.RunPython(say_when, migrations.RunPython.noop),
        AddIndexOnline(
            model_name="team",
            index=models.Index(fields=["organization", "id"], name="team_in_order"),
        ),
        AddIndexOnline(
            model_name="team",
            index=models.Index(fields=["organization", "external_id", "id"], name="team_by_external_id"),
        ),
    ]
