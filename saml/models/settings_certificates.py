"""The trusted keys of each IdP: a certificate belongs to the entity ID that it came with."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from members.actors import Actor
from members.models import audit
from members.refusals import Refusal
from saml.events import SamlEvent
from saml.idp_documents import certificates
from saml.models.certificate import SamlCertificate
from saml.models.settings_refusals import CertificateAdded, LastCertificate, OtherIdpMeanwhile, TooManyCertificates
from saml.models.settings_row import SettingsRow

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

# Certificates of one IdP. Each is tried for each signature that arrives.
MAX_CERTIFICATES = 10


class CertificateVerbs(SettingsRow):
    if TYPE_CHECKING:
        certificates: RelatedManager[SamlCertificate]

    class Meta:
        abstract = True

    def certificates_of(self, entity_id: str) -> QuerySet[SamlCertificate]:
        """The keys of this IdP and of no other."""
        names = [entity_id, ""] if entity_id == self.first_entity_id else [entity_id]
        return self.certificates.filter(idp_entity_id__in=names)

    @property
    def live_certificates(self) -> QuerySet[SamlCertificate]:
        return self.certificates_of(self.idp_entity_id)

    @property
    def proposed_certificates(self) -> QuerySet[SamlCertificate]:
        """The certificates that Test sign-in trusts."""
        return self.certificates_of(self.proposed[0])

    def add_certificate(self, typed: str, *, idp: str = "", by: Actor) -> SamlCertificate:
        """Trust one more signing key of the IdP with that entity ID: the live one or the draft, which is the default.

        Raises the refusals of certificates.read, OtherIdpMeanwhile, CertificateAdded, TooManyCertificates.
        """
        certificate = certificates.read(typed)
        fingerprint = certificates.fingerprint(certificate)
        with self.locked():
            entity_id = idp or self.proposed[0]
            if entity_id not in (self.proposed[0], self.idp_entity_id):
                raise OtherIdpMeanwhile(idp=entity_id)
            trusted = self.certificates_of(entity_id)
            if trusted.filter(fingerprint=fingerprint).exists():
                raise CertificateAdded
            if trusted.count() >= MAX_CERTIFICATES:
                raise TooManyCertificates(most=MAX_CERTIFICATES)
            row = self.certificates.create(
                idp_entity_id=entity_id,
                fingerprint=fingerprint,
                pem=certificates.pem(certificate),
                subject=certificate.subject.rfc4514_string()[:255],
                expires_at=certificate.not_valid_after_utc,
            )
            self._save()
            changes = {"idp_entity_id": [None, entity_id]} if entity_id else {}
            audit.record(SamlEvent.CERTIFICATE_ADDED, self.organization, by=by, subject=fingerprint, changes=changes)
        return row

    def remove_certificate(self, certificate: SamlCertificate, *, by: Actor) -> None:
        """Trust the key no longer. Raises LastCertificate for the last one that people sign in with."""
        with self.locked():
            if reason := self.why_not_removable(certificate):
                raise reason
            self._remove(self.certificates.filter(pk=certificate.pk), by=by)

    def why_not_removable(self, certificate: SamlCertificate) -> Refusal | None:
        """LastCertificate of the last one that people sign in with, or None."""
        live = self.live_certificates
        if self.is_enabled and live.filter(pk=certificate.pk).exists() and live.count() == 1:
            return LastCertificate()
        return None

    def _name_first_idp(self, entity_id: str) -> None:
        """Give the certificates that name no IdP to the first one, which is this one if there has been none."""
        self.certificates.filter(idp_entity_id="").update(idp_entity_id=self.first_entity_id or entity_id)

    def _end_former(self, *, by: Actor) -> int:
        """Remove the certificates of an IdP that is neither live nor a draft any more; returns their number."""
        return self._remove(
            self.certificates.exclude(idp_entity_id__in=[self.idp_entity_id, self.draft_entity_id]), by=by
        )

    def _remove(self, ended: QuerySet[SamlCertificate], *, by: Actor) -> int:
        removed = list(ended)
        for certificate in removed:
            self._record_removal(certificate, by)
            certificate.delete()
        if removed:
            self._save()
        return len(removed)

    def _record_removal(self, certificate: SamlCertificate, by: Actor) -> None:
        entity_id = certificate.idp_entity_id or self.first_entity_id
        changes: dict[str, list[Any]] = {"idp_entity_id": [entity_id, None]} if entity_id else {}
        audit.record(
            SamlEvent.CERTIFICATE_REMOVED, self.organization, by=by, subject=certificate.fingerprint, changes=changes
        )
