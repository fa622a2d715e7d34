import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0034_drop_what_former_releases_wrote")]

    operations = [
        migrations.CreateModel(
            name="TeamCount",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="team_count",
                        serialize=False, to="members.organization",
                    ),
                ),
                ("teams", models.IntegerField(default=0)),
            ],
        ),
    ]
