from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('provisioning', '0006_count_the_requests_there_are'),
    ]

    operations = [
        migrations.AddField(
            model_name='provisioningsettings',
            name='told_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='told'),
        ),
        migrations.AddField(
            model_name='provisioningsettings',
            name='told_health',
            field=models.CharField(db_default='', editable=False, max_length=60, verbose_name='state told last'),
        ),
    ]
