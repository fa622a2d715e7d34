import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0014_licence_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="Synchronization",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="synchronization",
                        serialize=False,
                        to="members.member",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="synchronizations",
                        to="members.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "last sync",
                "verbose_name_plural": "last syncs",
                "indexes": [models.Index(fields=["organization", "at", "member"], name="synchronized_in_order")],
            },
        ),
    ]
