from django.db import migrations, models

from members.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("members", "0016_fill_the_synchronizations"),
    ]

    operations = [
        AddIndexOnline(
            model_name="member",
            index=models.Index(fields=["organization", "external_id", "id"], name="member_by_external_id"),
        ),
    ]
