import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from members.online import AddFieldOnline


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0030_standings"),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "gives",
                    models.CharField(
                        choices=[
                            ("ADMIN", "At least Administrator"),
                            ("USER", "At least Member"),
                            ("cacoo", "A Cacoo licence"),
                            ("typetalk", "A Typetalk licence"),
                        ],
                        max_length=8,
                        verbose_name="gives",
                    ),
                ),
                ("place", models.PositiveIntegerField(verbose_name="place")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "team rule",
                "verbose_name_plural": "team rules",
                "ordering": ["place"],
            },
        ),
        migrations.CreateModel(
            name="Unmet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("role", "Role"), ("cacoo", "Cacoo"), ("typetalk", "Typetalk")], max_length=8
                    ),
                ),
                ("code", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("figures", models.JSONField(default=dict)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("caused_by", models.CharField(blank=True, db_default="", default="", max_length=513)),
            ],
            options={
                "verbose_name": "unmet team rule",
                "verbose_name_plural": "unmet team rules",
            },
        ),
        AddFieldOnline(
            model_name="member",
            name="cacoo_by_rule",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        AddFieldOnline(
            model_name="member",
            name="role_is_sent",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        AddFieldOnline(
            model_name="member",
            name="role_without_rules",
            field=models.CharField(editable=False, max_length=5, null=True),
        ),
        AddFieldOnline(
            model_name="member",
            name="typetalk_by_rule",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="teamrule",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="team_rules",
                to="members.organization",
            ),
        ),
        migrations.AddField(
            model_name="teamrule",
            name="team",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rules",
                to="members.team",
            ),
        ),
        migrations.AddField(
            model_name="unmet",
            name="member",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="unmet_rules",
                to="members.member",
            ),
        ),
        migrations.AddField(
            model_name="unmet",
            name="organization",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="unmet_rules",
                to="members.organization",
            ),
        ),
        migrations.AddIndex(
            model_name="teamrule",
            index=models.Index(fields=["organization", "place"], name="team_rules_in_order"),
        ),
        migrations.AddConstraint(
            model_name="teamrule",
            constraint=models.UniqueConstraint(fields=("team", "gives"), name="team_rule_once"),
        ),
        migrations.AddIndex(
            model_name="unmet",
            index=models.Index(fields=["organization", "what", "id"], name="unmet_in_order"),
        ),
        migrations.AddIndex(
            model_name="unmet",
            index=models.Index(condition=models.Q(("code", "")), fields=["organization", "id"], name="unmet_waiting"),
        ),
        migrations.AddConstraint(
            model_name="unmet",
            constraint=models.UniqueConstraint(fields=("member", "what"), name="unmet_once"),
        ),
    ]
