"""An organization's SAML settings: the draft, its test, and the live values.

Entity ID and endpoint become live only by passing Test sign-in; until then they are a
draft and the former ones go on working, each IdP with certificates of its own.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import mail
from members.actors import Actor
from members.models import Organization, audit
from members.refusals import Refusal
from saml import addresses
from saml.events import SamlEvent
from saml.idp_documents import certificates
from saml.models import settings_refusals as refusals
from saml.models.settings_certificates import CertificateVerbs
from saml.openings import TURNS_SAML_OFF

if TYPE_CHECKING:
    from saml.idp_documents.metadata import IdpMetadata
    from saml.models.request import SignInRequest


class SamlSettings(CertificateVerbs):
    class Meta:
        verbose_name = verbose_name_plural = _("SAML settings")
        constraints = [
            models.CheckConstraint(
                name="saml_enabled_only_with_tested_values",
                condition=Q(enabled_at=None) | (~Q(idp_entity_id="") & ~Q(idp_sso_url="") & Q(tested_at__isnull=False)),
            )
        ]

    @staticmethod
    def of(organization: Organization) -> "SamlSettings":
        return SamlSettings.objects.get_or_create(organization=organization)[0]

    @staticmethod
    def is_enabled_for(organization: Organization) -> bool:
        return SamlSettings.objects.filter(organization=organization, enabled_at__isnull=False).exists()

    def why_not_testable(self) -> Refusal | None:
        """The refusal of Test sign-in as things stand, or None."""
        if not settings.SAML_SP_KEY:
            return refusals.SiteHasNoKey()
        if not all(self.proposed) or not self.proposed_certificates.exists():
            return refusals.SamlIncomplete()
        return None

    def require_unchanged_since(self, sent: "SignInRequest") -> None:
        """Require the tested values and a tester who may still make them live. Raises TestIsOutdated."""
        may_still = self.organization.members.administrators().filter(account=sent.tester).exists()
        if (sent.idp_entity_id, sent.idp_sso_url) != self.proposed or not may_still:
            raise refusals.TestIsOutdated

    def propose(self, *, entity_id: str, sso_url: str, by: Actor) -> int:
        """Set entity ID and endpoint, as a draft until Test sign-in passes with it; the live values end a draft.

        Returns how many certificates ended with a draft of another IdP. Raises the refusals of addresses.py.
        """
        wanted = addresses.entity_id(entity_id), addresses.endpoint(sso_url)
        with self.locked():
            if wanted == self.proposed:
                return 0
            self._name_first_idp(wanted[0])
            before = self.proposed
            self._draft(*(("", "") if wanted == self.live else wanted))
            self._record_values(before, wanted, by)
            return self._end_former(by=by)

    def discard_draft(self, *, by: Actor) -> int:
        """Discard the draft; returns how many certificates ended with it."""
        with self.locked():
            if not self.has_draft:
                return 0
            self._name_first_idp("")
            before = self.draft
            self._draft("", "")
            self._record_values(before, self.live, by)
            return self._end_former(by=by)

    def record_test_result(self, *, passed: bool, by: Actor) -> None:
        """Record the result of Test sign-in; a passed one makes the draft live and ends the former IdP's certificates.

        Raises TestIsOutdated where no certificate is left that it can have passed with.
        """
        with self.locked():
            changes = {"passed": [None, passed]}
            if passed:
                self._require_certificate()
                changes |= self._bring_into_force(by)
            audit.record(SamlEvent.TESTED, self.organization, by=by, changes=changes)

    def _require_certificate(self) -> None:
        if not self.proposed_certificates.exists():
            raise refusals.TestIsOutdated

    def _bring_into_force(self, by: Actor) -> dict[str, list[Any]]:
        """Make the draft live; returns the changes."""
        before, now = self.live, self.proposed
        self._name_first_idp(now[0])
        self.idp_entity_id, self.idp_sso_url = now
        self.draft_entity_id = self.draft_sso_url = ""
        self.tested_at = timezone.now()
        self._save("idp_entity_id", "idp_sso_url", "draft_entity_id", "draft_sso_url", "tested_at")
        self._end_former(by=by)
        return _changes(before, now)

    def _draft(self, entity_id: str, sso_url: str) -> None:
        self.draft_entity_id, self.draft_sso_url = entity_id, sso_url
        self._save("draft_entity_id", "draft_sso_url")

    def _record_values(self, before: tuple[str, str], now: tuple[str, str], by: Actor) -> None:
        if changes := _changes(before, now):
            audit.record(SamlEvent.CHANGED, self.organization, by=by, changes=changes)

    def why_not_enabled(self) -> Refusal | None:
        """The refusal of turning SAML on as things stand, or None."""
        if not self.first_entity_id or not self.certificates_of(self.first_entity_id).exists():
            return refusals.SamlIncomplete()
        if self.has_draft or self.tested_at is None:
            return refusals.SamlNotTested()
        if not self.organization.members.emergency().exists():
            return refusals.NoEmergencyAdministrator()
        return None

    def enable(self, *, by: Actor) -> None:
        """Turn SAML on. Raises SamlIncomplete, SamlNotTested, NoEmergencyAdministrator."""
        with self.locked():
            if self.is_enabled:
                return
            if reason := self.why_not_enabled():
                raise reason
            self.enabled_at = timezone.now()
            self._save("enabled_at")
            row = audit.record(SamlEvent.ENABLED, self.organization, by=by)
            mail.to_all_administrators(row, "saml")

    def why_not_disabled(self, by: Actor) -> Refusal | None:
        """The refusal of turning SAML off as things stand, or None."""
        try:
            if self.is_enabled:
                TURNS_SAML_OFF.ask(self.organization, by)
        except Refusal as refusal:
            return refusal
        return None

    def disable(self, *, by: Actor) -> None:
        """Turn SAML off. Raises the refusals of other apps' guards: not while user provisioning is enabled."""
        with self.locked():
            if not self.is_enabled:
                return
            if reason := self.why_not_disabled(by):
                raise reason
            self.enabled_at = None
            self._save("enabled_at")
            row = audit.record(SamlEvent.DISABLED, self.organization, by=by)
            mail.to_all_administrators(row, "saml")

    def change_unsolicited(self, accepted: bool, *, by: Actor) -> None:
        """Allow or forbid sign-ins that start at the IdP's own page of apps."""
        with self.locked():
            if accepted == self.accepts_unsolicited:
                return
            self.accepts_unsolicited = accepted
            self._save("accepts_unsolicited")
            changes = {"accepts_unsolicited": [not accepted, accepted]}
            audit.record(SamlEvent.CHANGED, self.organization, by=by, changes=changes)

    def import_metadata(self, found: "IdpMetadata", *, by: Actor) -> "Imported":
        """Take entity ID and endpoint of the metadata as a draft, and its certificates for this IdP. All or nothing.

        Metadata of the live IdP that says nothing new of it leaves a draft of another IdP alone.
        """
        with self.locked():
            ended, before = 0, self.version
            if not (self.drafts_another_idp and (found.entity_id, found.sso_url) == self.live):
                ended = self.propose(entity_id=found.entity_id, sso_url=found.sso_url, by=by)
            added = self._add_new(found, by=by)
            if self.version != before:
                self._record_unusable(found, by)
        return Imported(added, ended)

    def _add_new(self, found: "IdpMetadata", *, by: Actor) -> int:
        trusted = set(self.certificates_of(found.entity_id).values_list("fingerprint", flat=True))
        new = [one for one in found.certificates if certificates.fingerprint(certificates.read(one)) not in trusted]
        for one in new:
            self.add_certificate(one, idp=found.entity_id, by=by)
        return len(new)

    def _record_unusable(self, found: "IdpMetadata", by: Actor) -> None:
        for one in found.unusable:
            changes: dict[str, list[Any]] = {
                "idp_entity_id": [None, found.entity_id],
                "refusal": [one.reason.code, one.reason.figures],
            }
            audit.record(
                SamlEvent.CERTIFICATE_UNUSABLE, self.organization, by=by, subject=str(one.number), changes=changes
            )


class Imported(NamedTuple):
    """The number of new certificates, and of those that ended with a draft of another IdP."""

    added: int
    ended: int


def _changes(before: tuple[str, str], now: tuple[str, str]) -> dict[str, list[Any]]:
    columns = ("idp_entity_id", "idp_sso_url")
    return {name: [old, new] for name, old, new in zip(columns, before, now, strict=True) if old != new}
