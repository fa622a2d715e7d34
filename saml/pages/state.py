"""The state of SAML authentication for a badge, and its certificates by IdP."""

import datetime
from dataclasses import dataclass, replace

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
    """The badge. `certificates` are in the order of expiry: the last one counts."""
    if not saml.is_enabled:
        return Badge(_("Testing"), "yellow", "flask") if saml.has_draft else Badge(_("Off"), "grey")
    left = certificates[-1].expires_at - timezone.now() if certificates else WARN_BEFORE
    if left <= datetime.timedelta():
        return Badge(_("Certificate has expired"), "red", "alert-triangle")
    if left < WARN_BEFORE:
        words = ngettext("Certificate expires in %(days)s day", "Certificate expires in %(days)s days", left.days)
        return Badge(words % {"days": left.days}, "yellow", "alert-triangle")
    return Badge(_("On"), "green", "check")


@dataclass(frozen=True)
class CertificateGroup:
    """The certificates of one IdP, by their expiry; without a title where there is one IdP only."""

    entity_id: str
    is_live: bool
    certificates: list[SamlCertificate]
    title: str = ""

    @property
    def safe_to_remove(self) -> set[int]:
        """The keys of certificates that were used once, and another one since."""
        used = [one.last_used_at for one in self.certificates if one.last_used_at]
        return {one.pk for one in self.certificates if one.last_used_at and one.last_used_at < max(used)}


def groups(saml: SamlSettings) -> list[CertificateGroup]:
    """The live IdP's and those of a draft of another IdP, which come into force with it; never empty."""
    first = saml.first_entity_id
    of_first = CertificateGroup(first, bool(saml.idp_entity_id), list(saml.certificates_of(first)))
    if not saml.drafts_another_idp:
        return [of_first]
    of_draft = CertificateGroup(saml.draft_entity_id, False, list(saml.proposed_certificates), _("Draft"))
    return [replace(of_first, title=_("In force")), of_draft]
