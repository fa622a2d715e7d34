"""Lets a name have 256 characters, as Entra's displayName may, and whatever holds a name or its key as many as that needs.

PostgreSQL notes a wider limit without looking at a row. A release that serves meanwhile asks again where it had
prepared a statement on the narrower column (operations/faults.py). SQLite knows no limit, and would copy the table.
"""

from typing import Any

from django.db import migrations, models

WIDER = {
    "account": [
        "display_name", "display_name_key", "email_type", "family_name", "family_name_key", "formatted_name",
        "formatted_name_key", "given_name", "given_name_key", "locale", "name", "name_key", "preferred_language",
        "time_zone_as_sent", "user_name",
    ],
    "address": ["key"],
    "auditevent": ["operator_name", "subject"],
    "deletedaccount": ["name", "user_name"],
    "emergencylock": ["by_name"],
    "invitation": ["email_key", "inviter"],
    "member": ["email_key", "external_id", "user_name_key"],
}


def widen(apps: Any, schema_editor: Any) -> None:
    """Each table is locked once, for a moment, and on its own."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    for name, columns in WIDER.items():
        meta = apps.get_model("members", name)._meta
        changes = ", ".join(f'ALTER "{one}" TYPE {meta.get_field(one).db_type(connection)}' for one in columns)
        schema_editor.execute(f'ALTER TABLE "{meta.db_table}" {changes}')


class Migration(migrations.Migration):
    # A table is a transaction.
    atomic = False

    dependencies = [
        ("members", "0023_theme_of_the_system"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="account",
                    name="display_name",
                    field=models.CharField(blank=True, max_length=256),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="display_name_key",
                    field=models.CharField(blank=True, editable=False, max_length=512),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="email_type",
                    field=models.CharField(db_default="work", default="work", editable=False, max_length=256),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="family_name",
                    field=models.CharField(blank=True, max_length=256),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="family_name_key",
                    field=models.CharField(blank=True, editable=False, max_length=512),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="formatted_name",
                    field=models.CharField(blank=True, max_length=256),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="formatted_name_key",
                    field=models.CharField(blank=True, editable=False, max_length=512),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="given_name",
                    field=models.CharField(blank=True, max_length=256),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="given_name_key",
                    field=models.CharField(blank=True, editable=False, max_length=512),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="locale",
                    field=models.CharField(blank=True, editable=False, max_length=256, null=True),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="name",
                    field=models.CharField(max_length=513, verbose_name="name"),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="name_key",
                    field=models.CharField(editable=False, max_length=1025),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="preferred_language",
                    field=models.CharField(blank=True, editable=False, max_length=256, null=True),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="time_zone_as_sent",
                    field=models.CharField(blank=True, editable=False, max_length=256, null=True),
                ),
                migrations.AlterField(
                    model_name="account",
                    name="user_name",
                    field=models.CharField(max_length=256, verbose_name="user name"),
                ),
                migrations.AlterField(
                    model_name="address",
                    name="key",
                    field=models.CharField(max_length=512),
                ),
                migrations.AlterField(
                    model_name="auditevent",
                    name="operator_name",
                    field=models.CharField(max_length=513),
                ),
                migrations.AlterField(
                    model_name="auditevent",
                    name="subject",
                    field=models.CharField(blank=True, max_length=513),
                ),
                migrations.AlterField(
                    model_name="deletedaccount",
                    name="name",
                    field=models.CharField(max_length=513, verbose_name="name"),
                ),
                migrations.AlterField(
                    model_name="deletedaccount",
                    name="user_name",
                    field=models.CharField(max_length=256, verbose_name="user name"),
                ),
                migrations.AlterField(
                    model_name="emergencylock",
                    name="by_name",
                    field=models.CharField(max_length=513),
                ),
                migrations.AlterField(
                    model_name="invitation",
                    name="email_key",
                    field=models.CharField(max_length=512),
                ),
                migrations.AlterField(
                    model_name="invitation",
                    name="inviter",
                    field=models.CharField(max_length=513),
                ),
                migrations.AlterField(
                    model_name="member",
                    name="email_key",
                    field=models.CharField(editable=False, max_length=512),
                ),
                migrations.AlterField(
                    model_name="member",
                    name="external_id",
                    field=models.CharField(blank=True, max_length=256, null=True),
                ),
                migrations.AlterField(
                    model_name="member",
                    name="user_name_key",
                    field=models.CharField(editable=False, max_length=512),
                ),
            ],
        ),
        migrations.RunPython(widen, migrations.RunPython.noop),
    ]
