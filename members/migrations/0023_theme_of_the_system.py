"""Lets those follow their system who have the theme that everybody was given: light.

To the release before, the new value is no theme, which it shows as light.
"""

from typing import Any

from django.db import migrations, models, transaction

BATCH = 1000


def follow(apps: Any, schema_editor: Any) -> None:
    accounts = apps.get_model("members", "Account").objects
    after = 0
    while keys := list(accounts.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            accounts.filter(pk__in=keys, theme="light").update(theme="auto")
        after = keys[-1]


class Migration(migrations.Migration):
    # A batch is a transaction.
    atomic = False

    dependencies = [
        ("members", "0022_find_by_request"),
    ]

    operations = [
        # The database knows neither the choices nor the default; SQLite would copy the table for them.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="account",
                    name="theme",
                    field=models.CharField(
                        choices=[("auto", "As the system"), ("light", "Light"), ("dark", "Dark")],
                        default="auto",
                        max_length=5,
                        verbose_name="theme",
                    ),
                ),
            ],
        ),
        migrations.RunPython(follow, migrations.RunPython.noop),
    ]
