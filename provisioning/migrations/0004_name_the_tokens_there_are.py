from itertools import groupby
from typing import Any

from django.db import migrations
from django.db.models import F


def name_them(apps: Any, schema_editor: Any) -> None:
    """“Token 1” and so on, by age; and since when each has been in use, as far as the activity still tells."""
    tokens = apps.get_model("provisioning", "ScimToken").objects.order_by("organization_id", "created_at", "pk")
    for _organization, own in groupby(tokens.iterator(), key=lambda token: token.organization_id):
        for number, token in enumerate(own, start=1):
            tokens.filter(pk=token.pk, name="").update(name=f"Token {number}")
            _tell_its_first_use(apps, token)
    tokens.filter(first_used_at=None).update(first_used_at=F("last_used_at"))


def _tell_its_first_use(apps: Any, token: Any) -> None:
    calls = apps.get_model("provisioning", "SyncActivity").objects.filter(organization_id=token.organization_id)
    since = calls.filter(at__gte=token.created_at, token_prefix=token.prefix)
    first = token.last_used_at and since.order_by("at").values_list("at", flat=True).first()
    type(token).objects.filter(pk=token.pk, first_used_at=None).update(first_used_at=first)


class Migration(migrations.Migration):
    # A row at a time: the table stays free for the door.
    atomic = False
    dependencies = [("provisioning", "0003_tokens_have_names")]
    operations = [migrations.RunPython(name_them, migrations.RunPython.noop)]
