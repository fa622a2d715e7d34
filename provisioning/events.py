"""The audit events of user provisioning and its tokens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProvisioningEvent(models.TextChoices):
    ENABLED = "provisioning.enabled", _("User provisioning enabled")
    DISABLED = "provisioning.disabled", _("User provisioning disabled")
    ACTIVITY_EXPORTED = "provisioning.exported", _("Sync activity exported")
    TOKEN_ISSUED = "token.issued", _("SCIM token issued")
    TOKEN_REVOKED = "token.revoked", _("SCIM token revoked")
    TOKEN_RENAMED = "token.renamed", _("SCIM token renamed")
    TOKEN_ISSUER_CHANGED = "token.issuer_changed", _("Token issuer changed")
