from django.db import migrations
from django.db.models import Case, F, OuterRef, Subquery, When

BATCH = 1000


def name_the_idp(apps, schema_editor):
    """Certificates that are there belong to the live IdP, or to the draft where none is live."""
    certificates = apps.get_model('saml', 'SamlCertificate').objects
    first = Case(When(idp_entity_id='', then=F('draft_entity_id')), default=F('idp_entity_id'))
    its_settings = apps.get_model('saml', 'SamlSettings').objects.filter(pk=OuterRef('settings_id')).annotate(first=first)
    last = 0
    while batch := list(certificates.filter(pk__gt=last).order_by('pk').values_list('pk', flat=True)[:BATCH]):
        last = batch[-1]
        certificates.filter(pk__in=batch, idp_entity_id='').update(idp_entity_id=Subquery(its_settings.values('first')))


class Migration(migrations.Migration):
    # A batch a transaction: nobody waits for the whole.
    atomic = False

    dependencies = [
        ('saml', '0003_certificates_of_an_idp'),
    ]

    operations = [
        migrations.RunPython(name_the_idp, migrations.RunPython.noop),
    ]
