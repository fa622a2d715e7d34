import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0008_invitations"), ("provisioning", "0004_name_the_tokens_there_are")]
    operations = [
        migrations.CreateModel(
            name="ActivityHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("outcome", models.PositiveSmallIntegerField(choices=[(0, "Read"), (1, "Changed"), (2, "Refused")])),
                ("calls", models.PositiveIntegerField(default=0)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activity_hours",
                        to="members.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "requests of an hour",
                "verbose_name_plural": "requests of an hour",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "hour", "outcome"), name="activity_hour")
                ],
            },
        ),
    ]
