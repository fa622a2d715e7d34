import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0013_domain_lookups'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscription',
            name='told',
            field=models.CharField(blank=True, db_default='', editable=False, max_length=8),
        ),
        migrations.CreateModel(
            name='LicenceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('used', models.PositiveIntegerField()),
                ('subscription', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='days', to='members.subscription')),
            ],
            options={
                'verbose_name': 'licences of a day',
                'verbose_name_plural': 'licences of a day',
                'constraints': [models.UniqueConstraint(fields=('subscription', 'day'), name='licence_day')],
            },
        ),
    ]
