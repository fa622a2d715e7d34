"""The audit events of SAML."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SamlEvent(models.TextChoices):
    CHANGED = "saml.changed", _("SAML settings changed")
    TESTED = "saml.tested", _("SAML sign-in tested")
    ENABLED = "saml.enabled", _("SAML authentication turned on")
    DISABLED = "saml.disabled", _("SAML authentication turned off")
    CERTIFICATE_ADDED = "saml.certificate_added", _("SAML certificate added")
    CERTIFICATE_REMOVED = "saml.certificate_removed", _("SAML certificate removed")
    CERTIFICATE_UNUSABLE = "saml.certificate_unusable", _("SAML certificate in the IdP’s metadata not added")
    SIGNED_IN = "saml.signed_in", _("Signed in through the IdP")
    REFUSED = "saml.refused", _("Sign-in through the IdP refused")
