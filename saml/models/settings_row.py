"""SAML settings as a row: its columns, its lock, and what they say.

The verbs that change it stand in settings_certificates.py and settings.py.
"""

from contextlib import AbstractContextManager

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Organization
from saml.models.settings_refusals import SamlIsOff, SandboxSignsNobodyIn, SiteHasNoKey


class SettingsRow(models.Model):
    organization = models.OneToOneField(Organization, models.PROTECT, primary_key=True, related_name="saml")
    idp_entity_id = models.CharField(_("IdP Entity ID"), max_length=1024, blank=True)
    idp_sso_url = models.CharField(_("IdP Endpoint URL"), max_length=2048, blank=True)
    draft_entity_id = models.CharField(max_length=1024, blank=True)
    draft_sso_url = models.CharField(max_length=2048, blank=True)
    tested_at = models.DateTimeField(null=True)
    enabled_at = models.DateTimeField(null=True)
    # A sign-in that begins at the IdP, without a request of ours.
    accepts_unsolicited = models.BooleanField(default=True)
    # Version, raised by every change: what is computed from these settings can be kept until then.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.organization)

    @property
    def is_enabled(self) -> bool:
        return self.enabled_at is not None

    @property
    def live(self) -> tuple[str, str]:
        """Entity ID and endpoint that people sign in with."""
        return self.idp_entity_id, self.idp_sso_url

    @property
    def draft(self) -> tuple[str, str]:
        return self.draft_entity_id, self.draft_sso_url

    @property
    def has_draft(self) -> bool:
        return any(self.draft)

    @property
    def proposed(self) -> tuple[str, str]:
        """Entity ID and endpoint that Test sign-in tries out: the draft where there is one."""
        return self.draft if self.has_draft else self.live

    @property
    def drafts_another_idp(self) -> bool:
        """Whether the draft is another IdP, with certificates of its own, and not a new endpoint of the live one."""
        return self.has_draft and bool(self.idp_entity_id) and self.draft_entity_id != self.idp_entity_id

    @property
    def first_entity_id(self) -> str:
        """The IdP of a certificate that names none: the live one, or the draft while none is live."""
        return self.idp_entity_id or self.draft_entity_id

    @property
    def sp_entity_id(self) -> str:
        return f"{settings.BASE_URL}/signin/spaces/{self.organization.space_key}/saml"

    @property
    def acs_url(self) -> str:
        return f"{self.sp_entity_id}/callback"

    def require_open(self) -> None:
        """Require that people can sign in through the IdP. Raises SandboxSignsNobodyIn, SamlIsOff, SiteHasNoKey."""
        if self.organization.is_sandbox:
            raise SandboxSignsNobodyIn
        if not self.is_enabled:
            raise SamlIsOff
        if not settings.SAML_SP_KEY:
            raise SiteHasNoKey

    def _save(self, *fields: str) -> None:
        """Save these columns and the next version."""
        self.version += 1
        self.save(update_fields=[*fields, "version"])

    def locked(self) -> AbstractContextManager[None]:
        """One transaction with the organization locked and these settings read afresh."""
        return self.organization.locked(self)
