from django.db import migrations, models
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce, Substr


def fill(apps, schema_editor):
    """What the verbs keep up from now on: the beginnings of the names, and who is active."""
    Account, Member, Headcount = (apps.get_model("members", name) for name in ("Account", "Member", "Headcount"))
    names = Account.objects.filter(pk=OuterRef("account_id")).values(beginning=Substr("name_key", 1, 200))
    Member.objects.update(name_order=Subquery(names))
    active = (
        Member.objects.filter(organization_id=OuterRef("pk"), account__is_active=True)
        .order_by()
        .values("organization_id")
        .annotate(people=Count("pk"))
        .values("people")
    )
    Headcount.objects.update(active=Coalesce(Subquery(active, output_field=IntegerField()), 0))


class Migration(migrations.Migration):
    dependencies = [("members", "0002_event_choices")]

    operations = [
        migrations.AddField("headcount", "active", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "member", "name_order", models.CharField(editable=False, max_length=200, default=""), preserve_default=False
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            "member", models.Index(fields=["organization", "name_order", "id"], name="member_by_name")
        ),
        migrations.AddIndex(
            "member", models.Index(fields=["organization", "role", "name_order", "id"], name="member_by_role")
        ),
        migrations.AddIndex(
            "member", models.Index(fields=["organization", "synchronized_at", "id"], name="member_by_sync")
        ),
    ]
