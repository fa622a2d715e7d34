from django.db import migrations, models

from members.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("members", "0021_split_the_names_typed_here"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="request_id",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        AddIndexOnline(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("request_id", ""), _negated=True), fields=["request_id"], name="audit_by_request"
            ),
        ),
    ]
