import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

WARN_BEFORE = datetime.timedelta(days=60)


class SamlCertificate(models.Model):
    """A signing certificate of the IdP. What is trusted is its key: an expired one warns and locks nobody out."""

    settings = models.ForeignKey("saml.SamlSettings", models.CASCADE, related_name="certificates")
    pem = models.TextField()
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    subject = models.CharField(_("subject"), max_length=255)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        ordering = ["expires_at"]
        constraints = [models.UniqueConstraint(fields=["settings", "fingerprint"], name="saml_certificate_once")]
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
