import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

WARN_BEFORE = datetime.timedelta(days=60)


class SamlCertificate(models.Model):
    """A signing certificate of one IdP. Its key is trusted: an expired one warns and locks nobody out."""

    settings = models.ForeignKey("saml.SamlSettings", models.CASCADE, related_name="certificates")
    # IdP whose responses it verifies; "" is the first one of the organization (SettingsRow.first_entity_id).
    idp_entity_id = models.CharField(_("IdP Entity ID"), max_length=1024, blank=True, default="", db_default="")
    pem = models.TextField()
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    subject = models.CharField(_("subject"), max_length=255)
    expires_at = models.DateTimeField(_("expires"))
    # Time of the newest response that it verified, to the minute.
    last_used_at = models.DateTimeField(_("last used"), null=True)

    class Meta:
        ordering = ["expires_at"]
        constraints = [
            models.UniqueConstraint(fields=["settings", "idp_entity_id", "fingerprint"], name="saml_certificate_of_idp")
        ]
        verbose_name = _("SAML certificate")
        verbose_name_plural = _("SAML certificates")

    def __str__(self) -> str:
        return self.subject

    @property
    def has_expired(self) -> bool:
        return self.expires_at < timezone.now()

    @property
    def expires_soon(self) -> bool:
        return self.expires_at < timezone.now() + WARN_BEFORE

    @property
    def days_left(self) -> int:
        """Whole days until it expires; negative afterwards."""
        return (self.expires_at - timezone.now()).days

    def note_use(self, at: datetime.datetime) -> None:
        """Note that it has verified a sign-in or a test, in one statement and at most once a minute."""
        minute = at.replace(second=0, microsecond=0)
        SamlCertificate.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=minute), pk=self.pk).update(
            last_used_at=minute
        )
