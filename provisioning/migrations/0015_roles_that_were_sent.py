"""Notes, in batches, that the identity provider has sent the roles of those whom it keeps, where it sends roles at all.

Of each single one nobody knows. What is taken for sent beats the team rules, so that nobody is raised by mistake.
"""

from typing import Any

from django.db import migrations, transaction

BATCH = 1000


def note(apps: Any, schema_editor: Any) -> None:
    settings = apps.get_model("provisioning", "ProvisioningSettings").objects.exclude(sent_fields="")
    for organization, fields in settings.values_list("organization_id", "sent_fields"):
        if "role" in fields.split():
            _note(apps.get_model("members", "Member"), organization)


def _note(member: Any, organization: int) -> None:
    kept = member.objects.filter(organization=organization, account__type="provisioned", role_is_sent=False)
    after = 0
    while keys := list(kept.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            member.objects.filter(pk__in=keys).update(role_is_sent=True)
        after = keys[-1]


class Migration(migrations.Migration):
    # A batch is a transaction.
    atomic = False

    dependencies = [("members", "0032_find_by_rule"), ("provisioning", "0014_refused_burst")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
