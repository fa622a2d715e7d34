from typing import Any

from django.db import migrations, models

from members.online import AddIndexOnline


def count_them(apps: Any, schema_editor: Any) -> None:
    from provisioning.models.hours import recount

    calls = apps.get_model("provisioning", "SyncActivity").objects.all()
    hours = apps.get_model("provisioning", "ActivityHour").objects.all()
    for organization_id in apps.get_model("provisioning", "ProvisioningSettings").objects.values_list("pk", flat=True):
        recount(organization_id, calls, hours)


class Migration(migrations.Migration):
    # A day at a time, and an index that nobody waits for.
    atomic = False
    dependencies = [("provisioning", "0005_requests_by_the_hour")]
    operations = [
        AddIndexOnline(
            model_name="syncactivity",
            index=models.Index(
                condition=models.Q(("is_lasting", True)), fields=["organization", "-at"], name="activity_lasting"
            ),
        ),
        migrations.RunPython(count_them, migrations.RunPython.noop),
    ]
