from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('provisioning', '0002_index_the_activity_by_status'),
    ]

    operations = [
        migrations.AddField(
            model_name='scimtoken',
            name='first_used_at',
            field=models.DateTimeField(null=True, verbose_name='first used'),
        ),
        migrations.AddField(
            model_name='scimtoken',
            name='last_refused_at',
            field=models.DateTimeField(null=True, verbose_name='last refused'),
        ),
        migrations.AddField(
            model_name='scimtoken',
            name='last_used_by',
            field=models.CharField(db_default='', max_length=300, verbose_name='last used by'),
        ),
        migrations.AddField(
            model_name='scimtoken',
            name='name',
            field=models.CharField(db_default='', max_length=60, verbose_name='name'),
        ),
    ]
