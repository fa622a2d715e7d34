"""Counts an organization's teams in a row that PostgreSQL keeps by itself: members/models/team_count.py, decision 38.

Triggers write it, so what the release before makes and deletes is counted, too. SQLite counts when it is asked.
"""

from typing import Any

from django.db import migrations, transaction

# Once a statement, however many rows: a row that one transaction writes often is slow to find.
COUNT = """
CREATE OR REPLACE FUNCTION members_count_teams() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO members_teamcount (organization_id, teams)
    SELECT organization_id, count(*) FROM those GROUP BY organization_id ORDER BY organization_id
    ON CONFLICT (organization_id) DO UPDATE SET teams = members_teamcount.teams + EXCLUDED.teams;
  ELSE
    UPDATE members_teamcount SET teams = greatest(teams - gone.number, 0)
    FROM (SELECT organization_id, count(*) AS number FROM those GROUP BY organization_id) gone
    WHERE members_teamcount.organization_id = gone.organization_id;
  END IF;
  RETURN NULL;
END
$function$
"""
TRIGGERS = {
    "team_is_made": "AFTER INSERT ON members_team REFERENCING NEW TABLE AS those",
    "team_is_deleted": "AFTER DELETE ON members_team REFERENCING OLD TABLE AS those",
}


def keep_the_count(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(COUNT)
        for name, moment in TRIGGERS.items():
            schema_editor.execute(
                f"CREATE OR REPLACE TRIGGER {name} {moment} FOR EACH STATEMENT EXECUTE FUNCTION members_count_teams()"
            )


def fill(apps: Any, schema_editor: Any) -> None:
    """Count under each organization's lock, which whoever makes or deletes a team holds."""
    if schema_editor.connection.vendor != "postgresql":
        return
    organizations, teams, counts = (apps.get_model("members", name) for name in ("Organization", "Team", "TeamCount"))
    for key in organizations.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            organizations.objects.select_for_update(no_key=True).get(pk=key)
            if number := teams.objects.filter(organization=key).count():
                counts.objects.update_or_create(organization_id=key, defaults={"teams": number})


def forget_the_count(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON members_team")
        schema_editor.execute("DROP FUNCTION IF EXISTS members_count_teams()")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0035_team_count")]

    operations = [
        migrations.RunPython(keep_the_count, forget_the_count),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
