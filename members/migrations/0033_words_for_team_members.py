from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0032_find_by_rule")]

    operations = [
        migrations.AddField(
            model_name="teammembership",
            name="display",
            field=models.CharField(blank=True, editable=False, max_length=256, null=True),
        ),
    ]
