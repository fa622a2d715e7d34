"""Gives those whom no IdP has written a given and a family name. The release before goes on leaving them as they are."""

from typing import Any

from django.db import migrations, transaction

from members.keys import key_of
from members.values import parts_of

BATCH = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    accounts = apps.get_model("members", "Account").objects
    nameless = accounts.filter(formatted_name="", given_name="", family_name="").exclude(type="provisioned")
    after = 0
    while rows := list(nameless.filter(pk__gt=after).order_by("pk").values_list("pk", "name")[:BATCH]):
        with transaction.atomic():
            for pk, name in rows:
                given, family = parts_of(name)
                nameless.filter(pk=pk).update(
                    given_name=given, given_name_key=key_of(given),
                    family_name=family, family_name_key=key_of(family), name_is_split=True,
                )  # fmt: skip
        after = rows[-1][0]


class Migration(migrations.Migration):
    # A batch is a transaction.
    atomic = False

    dependencies = [
        ("members", "0020_name_is_split"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
