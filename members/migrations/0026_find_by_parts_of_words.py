"""Indexes of what search boxes find: members/models/finding.py. SQLite looks through the rows."""

from typing import Any

from django.db import migrations

GRAMS = """
CREATE OR REPLACE FUNCTION members_grams(organization bigint, texts text[], others text[]) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 AS $function$
-- All runs of one, two and three characters within the words of these texts, and the others as they are;
-- each behind the organization's number.
DECLARE
  prefix text := organization || ' ';
  found text[] := '{}';
  word text;
  letters text[];
  one text;
  two text;
  other text;
BEGIN
  FOREACH word IN ARRAY string_to_array(array_to_string(texts, ' '), ' ') LOOP
    letters := string_to_array(word, NULL);
    FOR place IN 1..cardinality(letters) LOOP
      one := prefix || letters[place];
      found := found || one;
      IF place < cardinality(letters) THEN
        two := one || letters[place + 1];
        found := found || two;
        IF place + 1 < cardinality(letters) THEN
          found := found || (two || letters[place + 2]);
        END IF;
      END IF;
    END LOOP;
  END LOOP;
  FOREACH other IN ARRAY others LOOP
    IF other IS NOT NULL THEN
      found := found || (prefix || other);
    END IF;
  END LOOP;
  RETURN found;
END
$function$
"""
# Columns of the row itself: the release before writes them, and the index with them. `=` leads an id as a whole;
# `>` stands for a name that is longer than its beginning here.
MEMBERS = """
CREATE INDEX CONCURRENTLY member_search ON members_member USING gin ((
    members_grams(
        organization_id,
        ARRAY[name_order, user_name_key, NULLIF(email_key, user_name_key), unique_id_key],
        ARRAY['=' || lower(external_id), CASE WHEN length(name_order) = 200 THEN '>' END]
    ) COLLATE "C"
)) WITH (fastupdate = on, gin_pending_list_limit = 256)
"""
TEAMS = """
CREATE INDEX CONCURRENTLY team_search ON members_team USING gin ((
    members_grams(organization_id, ARRAY[name_key], ARRAY[]::text[]) COLLATE "C"
)) WITH (fastupdate = on, gin_pending_list_limit = 256)
"""


def index_the_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(GRAMS)
        for name, statement in (("member_search", MEMBERS), ("team_search", TEAMS)):
            # An invalid one is there if a former attempt was broken off.
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.execute(statement)
        # What the planner knows of an expression, it knows from statistics alone.
        schema_editor.execute("ANALYZE members_member, members_team")


def forget_the_indexes(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in ("member_search", "team_search"):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        schema_editor.execute("DROP FUNCTION members_grams(bigint, text[], text[])")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0025_narrower_indexes")]

    operations = [migrations.RunPython(index_the_words, forget_the_indexes)]
