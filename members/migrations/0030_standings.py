"""Each member's standing in a column that PostgreSQL keeps by itself: members/models/standing.py, decision 34.

No model has the column, and triggers write it, so the release before fills it too. SQLite looks through the rows.
"""

from typing import Any

from django.db import migrations, transaction

# Few enough for a request to wait for: who changes one of them waits for the transaction.
BATCH = 100
SET = """
CREATE OR REPLACE FUNCTION members_set_standing() RETURNS trigger LANGUAGE plpgsql AS $function$
-- The account's type, whose it is, whether it needs the Update action, and an own account's mail domains, for which
-- all behind the first @ will do. No key has a line break.
DECLARE
  account members_account;
BEGIN
  SELECT * INTO account FROM members_account WHERE id = NEW.account_id;
  NEW.standing := account.type;
  IF account.managed_by_id <> NEW.organization_id THEN
    NEW.standing := NEW.standing || E'\\nelsewhere';
  ELSIF account.managed_by_id = NEW.organization_id THEN
    NEW.standing := concat_ws(
      E'\\n',
      NEW.standing,
      CASE WHEN account.created_at < '2023-01-16Z' AND account.brought_up_to_date_at IS NULL THEN 'outdated' END,
      substr(NEW.user_name_key, strpos(NEW.user_name_key || '@', '@')),
      substr(NEW.email_key, strpos(NEW.email_key || '@', '@'))
    );
  END IF;
  -- An entry of an index has room for 2,700 bytes.
  IF length(NEW.standing) > 500 THEN
    NEW.standing := md5(NEW.standing);
  END IF;
  RETURN NEW;
END
$function$
"""
PASS_ON = """
CREATE OR REPLACE FUNCTION members_pass_standing_on() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
  UPDATE members_member SET standing = NULL WHERE account_id = NEW.id;
  RETURN NULL;
END
$function$
"""
TRIGGERS = {
    "member_has_standing": (
        "members_member",
        "BEFORE INSERT ON members_member FOR EACH ROW EXECUTE FUNCTION members_set_standing()",
    ),
    "member_changes_standing": (
        "members_member",
        """BEFORE UPDATE OF standing, account_id, user_name_key, email_key ON members_member FOR EACH ROW
        WHEN (NEW.standing IS NULL OR (NEW.account_id, NEW.user_name_key, NEW.email_key)
            IS DISTINCT FROM (OLD.account_id, OLD.user_name_key, OLD.email_key))
        EXECUTE FUNCTION members_set_standing()""",
    ),
    "account_changes_standing": (
        "members_account",
        """AFTER UPDATE OF type, managed_by_id, created_at, brought_up_to_date_at ON members_account FOR EACH ROW
        WHEN ((NEW.type, NEW.managed_by_id, NEW.created_at, NEW.brought_up_to_date_at)
            IS DISTINCT FROM (OLD.type, OLD.managed_by_id, OLD.created_at, OLD.brought_up_to_date_at))
        EXECUTE FUNCTION members_pass_standing_on()""",
    ),
}


def keep_the_standings(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute('ALTER TABLE members_member ADD COLUMN IF NOT EXISTS standing text COLLATE "C"')
    for statement in (SET, PASS_ON):
        schema_editor.execute(statement)
    for name, (_table, text) in TRIGGERS.items():
        # Readers need not wait for it, as they would for a DROP.
        schema_editor.execute(f"CREATE OR REPLACE TRIGGER {name} {text}")


def fill(apps: Any, schema_editor: Any) -> None:
    """A batch is a transaction. Rows that are there already are written before the index is, which costs less."""
    if schema_editor.connection.vendor != "postgresql":
        return
    members, after = apps.get_model("members", "Member").objects.order_by("pk"), 0
    while keys := list(members.filter(pk__gt=after).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE members_member SET standing = NULL WHERE id BETWEEN %s AND %s AND standing IS NULL",
                [keys[0], keys[-1]],
            )
        after = keys[-1]


def index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        # An invalid one is there if a former attempt was broken off.
        schema_editor.execute("DROP INDEX CONCURRENTLY IF EXISTS member_standing")
        schema_editor.execute(
            "CREATE INDEX CONCURRENTLY member_standing ON members_member (organization_id, standing)"
        )
        schema_editor.execute("ANALYZE members_member")


def forget_the_standings(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name, (table, _text) in TRIGGERS.items():
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        for function in ("members_set_standing", "members_pass_standing_on"):
            schema_editor.execute(f"DROP FUNCTION {function}()")
        schema_editor.execute("ALTER TABLE members_member DROP COLUMN standing")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0029_teams_of_the_idp")]

    operations = [
        migrations.RunPython(keep_the_standings, forget_the_standings),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(index, migrations.RunPython.noop),
    ]
