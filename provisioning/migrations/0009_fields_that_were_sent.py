import json
from contextlib import suppress
from typing import Any

from django.db import migrations, models

LOOKED_AT = 200


def tell_what_was_sent(apps: Any, schema_editor: Any) -> None:
    """From the last changes of each organization's IdP, as far as their bodies were kept whole."""
    from provisioning.scim.users.sent_fields import sent_fields

    calls = apps.get_model("provisioning", "SyncActivity").objects.filter(is_lasting=True).order_by("-at")
    settings = apps.get_model("provisioning", "ProvisioningSettings").objects.filter(sent_fields="")
    for pk in list(settings.values_list("pk", flat=True)):
        fields: set[str] = set()
        for status, body in calls.filter(organization_id=pk).values_list("status", "body")[:LOOKED_AT]:
            if status < 400 and body:
                with suppress(ValueError):
                    fields |= sent_fields(json.loads(body))
        settings.filter(pk=pk).update(sent_fields=" ".join(sorted(fields)))


class Migration(migrations.Migration):
    # Every call reads this table: the column is there at once, and is filled row by row.
    atomic = False
    dependencies = [("provisioning", "0008_find_calls_by_what_they_name")]
    operations = [
        migrations.AddField(
            model_name="provisioningsettings",
            name="sent_fields",
            field=models.CharField(db_default="", editable=False, max_length=200),
        ),
        migrations.RunPython(tell_what_was_sent, migrations.RunPython.noop),
    ]
