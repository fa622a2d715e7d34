"""Smaller indexes of what search boxes find: members/models/finding.py, decision 24. SQLite looks through the rows.

A run of three letters is an entry for the shorter ones that it begins with, too: a third of the entries that the former
indexes have, which migration 40 drops.
"""

from typing import Any

from django.db import migrations

RUNS = """
CREATE OR REPLACE FUNCTION members_runs(organization bigint, texts text[], others text[]) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 AS $function$
-- What stands at each letter of the words of these texts: three characters, or as many as the word has left; and the
-- others as they are. Each behind the organization's number.
DECLARE
  prefix text := organization || ' ';
  found text[] := '{}';
  word text;
  other text;
BEGIN
  FOREACH word IN ARRAY string_to_array(array_to_string(texts, ' '), ' ') LOOP
    FOR place IN 1..length(word) LOOP
      found := found || (prefix || substr(word, place, 3));
    END LOOP;
  END LOOP;
  FOREACH other IN ARRAY others LOOP
    IF other IS NOT NULL THEN
      found := found || (prefix || other);
    END IF;
  END LOOP;
  RETURN array_to_tsvector(found);
END
$function$
"""
# Columns of the row itself: the release before writes them, and the index with them. `=` leads an id as a whole;
# `>` stands for a name that is longer than its beginning here.
MEMBERS = """
CREATE INDEX CONCURRENTLY member_runs ON members_member USING gin (
    members_runs(
        organization_id,
        ARRAY[name_order, user_name_key, NULLIF(email_key, user_name_key), unique_id_key],
        ARRAY['=' || lower(external_id), CASE WHEN length(name_order) = 200 THEN '>' END]
    )
) WITH (fastupdate = on, gin_pending_list_limit = 1024)
"""
TEAMS = """
CREATE INDEX CONCURRENTLY team_runs ON members_team USING gin (
    members_runs(organization_id, ARRAY[name_key], ARRAY[]::text[])
) WITH (fastupdate = on, gin_pending_list_limit = 256)
"""
INDEXES = {"member_runs": MEMBERS, "team_runs": TEAMS}


def index_the_runs(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(RUNS)
        for name, statement in INDEXES.items():
            # An invalid one is there if a former attempt was broken off.
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.execute(statement)
        # What the planner knows of an expression, it knows from statistics alone.
        schema_editor.execute("ANALYZE members_member, members_team")


def forget_the_runs(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.execute("DROP FUNCTION members_runs(bigint, text[], text[])")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0038_vacuum_sooner")]

    operations = [migrations.RunPython(index_the_runs, forget_the_runs)]
