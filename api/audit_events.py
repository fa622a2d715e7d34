"""The audit events of personal access tokens."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiEvent(models.TextChoices):
    TOKEN_ISSUED = "personal_token.issued", _("Personal access token issued")
    TOKEN_REVOKED = "personal_token.revoked", _("Personal access token revoked")
    TOKEN_ENDED = "personal_token.ended", _("Personal access token ended with its owner's rights")
