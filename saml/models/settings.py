"""An organization's SAML settings: what the IdP said, what has been tested, what is live.

Entity ID and endpoint become live only by passing Test sign-in; until then they are a
draft and the former ones go on working. Certificates are added and removed one by one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import mail
from members.actors import Actor
from members.guards import Occasion, ask
from members.models import Event, Organization, audit
from members.refusals import Refusal
from saml import certificates, refusals, sign_in_refusals
from saml.models.certificate import SamlCertificate

if TYPE_CHECKING:
    from saml.metadata import IdpMetadata
    from saml.models.request import SignInRequest

# Each is tried for each signature that arrives.
MOST_CERTIFICATES = 10


class SamlSettings(models.Model):
    organization = models.OneToOneField(Organization, models.PROTECT, primary_key=True, related_name="saml")
    idp_entity_id = models.CharField(_("IdP Entity ID"), max_length=1024, blank=True)
    idp_sso_url = models.CharField(_("IdP Endpoint URL"), max_length=2048, blank=True)
    draft_entity_id = models.CharField(max_length=1024, blank=True)
    draft_sso_url = models.CharField(max_length=2048, blank=True)
    tested_at = models.DateTimeField(null=True)
    enabled_at = models.DateTimeField(null=True)
    # A sign-in that begins at the IdP, without a request of ours.
    accepts_unsolicited = models.BooleanField(default=True)
    # Raised by every change, so that what is made of these settings can be kept until then.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("SAML settings")
        constraints = [
            models.CheckConstraint(
                name="saml_enabled_only_with_tested_values",
                condition=Q(enabled_at=None) | (~Q(idp_entity_id="") & ~Q(idp_sso_url="") & Q(tested_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"SAML of {self.organization}"

    @staticmethod
    def of(organization: Organization) -> "SamlSettings":
        return SamlSettings.objects.get_or_create(organization=organization)[0]

    @staticmethod
    def is_enabled_for(organization: Organization) -> bool:
        return SamlSettings.objects.filter(organization=organization, enabled_at__isnull=False).exists()

    @property
    def is_enabled(self) -> bool:
        return self.enabled_at is not None

    @property
    def has_draft(self) -> bool:
        return bool(self.draft_entity_id or self.draft_sso_url)

    @property
    def sp_entity_id(self) -> str:
        return f"{settings.BASE_URL}/signin/spaces/{self.organization.space_key}/saml"

    @property
    def acs_url(self) -> str:
        return f"{self.sp_entity_id}/callback"

    def require_open(self) -> None:
        """People can sign in through the IdP. Raises SandboxSignsNobodyIn, SamlIsOff, SiteHasNoKey."""
        if self.organization.is_sandbox:
            raise sign_in_refusals.SandboxSignsNobodyIn
        if not self.is_enabled:
            raise sign_in_refusals.SamlIsOff
        if not settings.SAML_SP_KEY:
            raise sign_in_refusals.SiteHasNoKey

    @property
    def proposed(self) -> tuple[str, str]:
        """Entity ID and endpoint that Test sign-in tries out: the draft where there is one."""
        return (self.draft_entity_id, self.draft_sso_url) if self.has_draft else (self.idp_entity_id, self.idp_sso_url)

    def why_not_testable(self) -> Refusal | None:
        """What stands in the way of Test sign-in, or None."""
        if not settings.SAML_SP_KEY:
            return sign_in_refusals.SiteHasNoKey()
        if not all(self.proposed) or not self.certificates.exists():
            return refusals.SamlIncomplete()
        return None

    def require_unchanged_since(self, sent: "SignInRequest") -> None:
        """The values that are tested, and that who tests them may make them live. Raises TestIsOutdated."""
        may_still = self.organization.members.administrators().filter(account=sent.tester).exists()
        if (sent.idp_entity_id, sent.idp_sso_url) != self.proposed or not may_still:
            raise sign_in_refusals.TestIsOutdated

    def propose(self, *, entity_id: str, sso_url: str, by: Actor) -> None:
        """Another entity ID or endpoint, as a draft until Test sign-in passes with it."""
        entity_id, sso_url = entity_id.strip(), sso_url.strip()
        if not 0 < len(entity_id) <= 1024:
            raise refusals.InvalidEntityId
        if not _is_safe_endpoint(sso_url):
            raise refusals.InvalidEndpoint(url=sso_url[:200])
        with self.locked():
            wanted = (entity_id, sso_url)
            if wanted == (self.draft_entity_id, self.draft_sso_url):
                return
            live = (self.idp_entity_id, self.idp_sso_url)
            before = (self.draft_entity_id, self.draft_sso_url) if self.has_draft else live
            self.draft_entity_id, self.draft_sso_url = ("", "") if wanted == live else wanted
            self._save("draft_entity_id", "draft_sso_url")
            changes = {
                name: [old, new]
                for name, old, new in zip(("idp_entity_id", "idp_sso_url"), before, wanted, strict=True)
                if old != new
            }
            if changes:
                audit.record(Event.SAML_CHANGED, self.organization, by=by, changes=changes)

    def record_test_result(self, *, passed: bool, by: Actor) -> None:
        """What Test sign-in came to; a passed one makes the draft live."""
        with self.locked():
            audit.record(Event.SAML_TESTED, self.organization, by=by, changes={"passed": [None, passed]})
            if not passed:
                return
            if self.has_draft:
                self.idp_entity_id, self.idp_sso_url = self.draft_entity_id, self.draft_sso_url
                self.draft_entity_id = self.draft_sso_url = ""
            self.tested_at = timezone.now()
            self._save("idp_entity_id", "idp_sso_url", "draft_entity_id", "draft_sso_url", "tested_at")

    def why_not_enabled(self) -> Refusal | None:
        """What stands in the way of turning SAML on, or None."""
        if not self.certificates.exists() or not (self.idp_entity_id or self.draft_entity_id):
            return refusals.SamlIncomplete()
        if self.has_draft or self.tested_at is None:
            return refusals.SamlNotTested()
        if not self.organization.members.emergency().exists():
            return refusals.NoEmergencyAdministrator()
        return None

    def enable(self, *, by: Actor) -> None:
        """Raises SamlIncomplete, SamlNotTested, NoEmergencyAdministrator."""
        with self.locked():
            if self.is_enabled:
                return
            if reason := self.why_not_enabled():
                raise reason
            self.enabled_at = timezone.now()
            self._save("enabled_at")
            row = audit.record(Event.SAML_ENABLED, self.organization, by=by)
            mail.to_all_administrators(row, "saml")

    def disable(self, *, by: Actor) -> None:
        """Raises what other apps' guards say: not while user provisioning is enabled."""
        with self.locked():
            if not self.is_enabled:
                return
            ask(Occasion.DISABLES_SAML, self.organization, by)
            self.enabled_at = None
            self._save("enabled_at")
            row = audit.record(Event.SAML_DISABLED, self.organization, by=by)
            mail.to_all_administrators(row, "saml")

    def change_unsolicited(self, accepted: bool, *, by: Actor) -> None:
        """Whether people may start at the IdP's own page of apps."""
        with self.locked():
            if accepted == self.accepts_unsolicited:
                return
            self.accepts_unsolicited = accepted
            self._save("accepts_unsolicited")
            changes = {"accepts_unsolicited": [not accepted, accepted]}
            audit.record(Event.SAML_CHANGED, self.organization, by=by, changes=changes)

    def import_metadata(self, found: "IdpMetadata", *, by: Actor) -> int:
        """What the IdP's metadata says, as a draft; returns how many certificates were new. All of it or nothing."""
        with self.locked():
            self.propose(entity_id=found.entity_id, sso_url=found.sso_url, by=by)
            trusted = set(self.certificates.values_list("fingerprint", flat=True))
            new = [one for one in found.certificates if certificates.fingerprint(certificates.read(one)) not in trusted]
            for one in new:
                self.add_certificate(one, by=by)
        return len(new)

    def add_certificate(self, typed: str, *, by: Actor) -> SamlCertificate:
        """Trust one more signing key.

        Raises NotACertificate, KeyTooShort, UnknownKeyKind, CertificateAdded, TooManyCertificates.
        """
        certificate = certificates.read(typed)
        fingerprint = certificates.fingerprint(certificate)
        with self.locked():
            if self.certificates.count() >= MOST_CERTIFICATES:
                raise refusals.TooManyCertificates(most=MOST_CERTIFICATES)
            row, is_new = SamlCertificate.objects.get_or_create(
                settings=self,
                fingerprint=fingerprint,
                defaults={
                    "pem": certificates.pem(certificate),
                    "subject": certificate.subject.rfc4514_string()[:255],
                    "expires_at": certificate.not_valid_after_utc,
                },
            )
            if not is_new:
                raise refusals.CertificateAdded
            self._save()
            audit.record(Event.SAML_CERTIFICATE_ADDED, self.organization, by=by, subject=fingerprint)
        return row

    def remove_certificate(self, certificate: SamlCertificate, *, by: Actor) -> None:
        """Raises LastCertificate while SAML is on."""
        with self.locked():
            if self.is_enabled and not self.certificates.exclude(pk=certificate.pk).exists():
                raise refusals.LastCertificate
            if self.certificates.filter(pk=certificate.pk).delete()[0]:
                self._save()
                audit.record(Event.SAML_CERTIFICATE_REMOVED, self.organization, by=by, subject=certificate.fingerprint)

    def _save(self, *fields: str) -> None:
        """These columns and the next version."""
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One transaction with the organization locked and these settings read afresh."""
        with transaction.atomic():
            self.organization.lock()
            self.refresh_from_db(fields=[field.name for field in self._meta.fields if not field.primary_key])
            yield


def _is_safe_endpoint(url: str) -> bool:
    parts = urlsplit(url)
    is_local = settings.DEBUG and parts.hostname in ("localhost", "127.0.0.1")
    return (
        len(url) <= 2048 and bool(parts.hostname) and (parts.scheme == "https" or (is_local and parts.scheme == "http"))
    )
