"""The certificates of which administrators are reminded."""

import datetime
from collections.abc import Iterator

from django.db.models import F, Q
from django.utils import timezone

from members.mail.reminders import Expiring, Reminder
from members.openings import REMINDERS
from saml.models import SamlCertificate


@REMINDERS.register
def certificates() -> Reminder:
    return Reminder(days=(60, 30, 7), story="certificate_expires", page="saml", expiring=expiring_certificates)


def expiring_certificates(before: datetime.datetime) -> Iterator[Expiring]:
    """The certificates in force that expire before a moment, also those that another one outlasts."""
    trusted = SamlCertificate.objects.filter(
        # Certificates of a draft are not in force yet.
        Q(idp_entity_id=F("settings__idp_entity_id")) | Q(idp_entity_id=""),
        settings__enabled_at__isnull=False,
        settings__organization__is_sandbox=False,
        expires_at__gt=timezone.now(),
        expires_at__lte=before,
    )
    for certificate in trusted.select_related("settings__organization").order_by("expires_at").iterator():
        yield Expiring(
            certificate.settings.organization,
            f"saml-certificate:{certificate.pk}",
            certificate.expires_at,
            {"certificate": certificate},
        )
