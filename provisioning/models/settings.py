"""The settings of user provisioning, and their preconditions."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import mail
from members.actors import Actor
from members.models import Member, Organization, Product, audit
from members.refusals import Refusal
from provisioning.events import ProvisioningEvent
from provisioning.models import settings_refusals as refusals
from provisioning.models.token import Lifetime, ScimToken
from saml.models import SamlSettings


def preconditions(organization: Organization) -> list[tuple[Refusal, bool]]:
    """The refusals of missing preconditions, each with whether it is met. A sandbox needs none."""
    if organization.is_sandbox:
        return []
    return [
        (refusals.NeedsPass(), has_pass(organization)),
        (refusals.NeedsDomain(), bool(organization.verified_domains())),
        (refusals.NeedsSaml(), SamlSettings.is_enabled_for(organization)),
    ]


def require_preconditions(organization: Organization) -> None:
    for refusal, is_met in preconditions(organization):
        if not is_met:
            raise refusal


def has_pass(organization: Organization) -> bool:
    return organization.subscriptions.filter(product=Product.PASS, ended_at=None).exists()


class ProvisioningSettings(models.Model):
    organization = models.OneToOneField(Organization, models.PROTECT, primary_key=True, related_name="provisioning")
    enabled_at = models.DateTimeField(null=True)
    # Fields that the IdP has ever sent, as the member page names them: "email language name".
    sent_fields = models.CharField(max_length=200, db_default="", editable=False)
    # Verdict that the administrators were mailed last: a word of Health, and the cause where it is closed.
    told_health = models.CharField(_("state told last"), max_length=60, db_default="", editable=False)
    told_at = models.DateTimeField(_("told"), null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("provisioning settings")

    def __str__(self) -> str:
        return str(self.organization)

    @staticmethod
    def of(organization: Organization) -> "ProvisioningSettings":
        return ProvisioningSettings.objects.get_or_create(organization=organization)[0]

    @staticmethod
    def is_enabled_for(organization: Organization) -> bool:
        return ProvisioningSettings.objects.filter(organization=organization, enabled_at__isnull=False).exists()

    @staticmethod
    def note_sent(organization_id: int, fields: set[str]) -> None:
        """Note the fields of a write of the IdP, which holds the organization's lock."""
        mine = ProvisioningSettings.objects.filter(pk=organization_id)
        known = mine.values_list("sent_fields", flat=True).first() or ""
        mine.update(sent_fields=" ".join(sorted(fields | set(known.split()))))

    @property
    def is_enabled(self) -> bool:
        return self.enabled_at is not None

    @property
    def scim_url(self) -> str:
        return f"{settings.BASE_URL}/spaces/{self.organization.space_key}/scim/v2/"

    def enable(self, *, issuer: Member, by: Actor, name: str = "", lifetime: Lifetime = Lifetime.YEAR) -> str | None:
        """Turn it on. Returns the first token, to be shown once, or None if a live one stands.

        Raises NeedsPass, NeedsDomain, NeedsSaml, IssuerMustBeAdministrator.
        """
        with self.organization.locked(self):
            require_preconditions(self.organization)
            if not self.is_enabled:
                # Not on this object yet: issuing the token below may be refused.
                ProvisioningSettings.objects.filter(pk=self.pk).update(enabled_at=timezone.now())
                row = audit.record(ProvisioningEvent.ENABLED, self.organization, by=by)
                mail.to_all_administrators(row, "provisioning")
            secret = None
            if not ScimToken.objects.live().filter(organization=self.organization).exists():
                _, secret = ScimToken.objects.issue(
                    self.organization, issuer=issuer, name=name, lifetime=lifetime, by=by
                )
            self.refresh_from_db(fields=["enabled_at"])
        return secret

    def disable(self, *, by: Actor) -> None:
        """Turn it off: every SCIM call is answered 403; accounts, types, externalIds and tokens stay."""
        with self.organization.locked(self):
            if self.is_enabled:
                self.enabled_at = None
                self.save(update_fields=["enabled_at"])
                row = audit.record(ProvisioningEvent.DISABLED, self.organization, by=by)
                mail.to_all_administrators(row, "provisioning")
