"""The release before goes on refusing a second one by itself; the constraint is not what it asks."""

from django.db import migrations, models

REMOVE = migrations.RemoveConstraint(model_name="member", name="member_external_id")


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0017_find_by_external_id"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[REMOVE],
            # SQLite makes the table anew, and must keep the column that only the release before knows.
            database_operations=[
                migrations.SeparateDatabaseAndState(
                    state_operations=[
                        migrations.AddField("member", "synchronized_at", models.DateTimeField(null=True)),
                        migrations.AddIndex(
                            "member",
                            models.Index(fields=["organization", "synchronized_at", "id"], name="member_by_sync"),
                        ),
                    ]
                ),
                REMOVE,
            ],
        ),
    ]
