from django.db import migrations, models

from members.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0031_team_rules")]

    operations = [
        AddIndexOnline(
            model_name="member",
            index=models.Index(
                condition=models.Q(("cacoo_by_rule", True)), fields=["organization", "id"], name="member_cacoo_by_rule"
            ),
        ),
        AddIndexOnline(
            model_name="member",
            index=models.Index(
                condition=models.Q(("typetalk_by_rule", True)),
                fields=["organization", "id"],
                name="member_typetalk_by_rule",
            ),
        ),
        AddIndexOnline(
            model_name="member",
            index=models.Index(
                condition=models.Q(("role_without_rules__isnull", False)),
                fields=["organization", "id"],
                name="member_role_by_rule",
            ),
        ),
    ]
