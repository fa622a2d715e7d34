from collections import Counter

from django.db import migrations, models
from django.db.models import Q


def count(apps, schema_editor):
    """What the verbs keep up from now on."""
    Member, Subscription = apps.get_model("members", "Member"), apps.get_model("members", "Subscription")
    returned = Counter()
    for organization, products in Member.objects.values_list("organization_id", "returned_licences").iterator():
        returned.update((organization, product) for product in products)
    for (organization, product), figure in returned.items():
        Subscription.objects.filter(organization_id=organization, product=product).update(returned=figure)


class Migration(migrations.Migration):
    dependencies = [("members", "0006_password_resets")]

    operations = [
        migrations.AddField("subscription", "returned", models.PositiveIntegerField(default=0, editable=False)),
        migrations.RunPython(count, migrations.RunPython.noop),
        *(
            migrations.AddIndex(
                "member",
                models.Index(
                    condition=Q((f"has_{product}", True)),
                    fields=["organization", "name_order", "id"],
                    name=f"member_{product}_holders",
                ),
            )
            for product in ("pass", "cacoo", "typetalk")
        ),
    ]
