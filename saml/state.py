"""SAML authentication in a word."""

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from saml.models import SamlCertificate, SamlSettings
from saml.models.certificate import WARN_BEFORE


@dataclass(frozen=True)
class Badge:
    label: str
    variant: str
    icon: str = ""


def badge(saml: SamlSettings, certificates: list[SamlCertificate]) -> Badge:
    """`certificates` by their expiry: what counts is the last one to expire."""
    if not saml.is_enabled:
        return Badge(_("Testing"), "yellow", "flask") if saml.has_draft else Badge(_("Off"), "grey")
    left = certificates[-1].expires_at - timezone.now() if certificates else WARN_BEFORE
    if left <= datetime.timedelta():
        return Badge(_("Certificate has expired"), "red", "alert-triangle")
    if left < WARN_BEFORE:
        words = ngettext("Certificate expires in %(days)s day", "Certificate expires in %(days)s days", left.days)
        return Badge(words % {"days": left.days}, "yellow", "alert-triangle")
    return Badge(_("On"), "green", "check")
