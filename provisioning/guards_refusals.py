"""Changes elsewhere that user provisioning forbids."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from members.refusals import Protected, Refusal


class IsTokenIssuer(Protected):
    code = "is_token_issuer"
    sentence = _(
        "%(member)s is the issuer of the live SCIM token %(token)s and must stay an active administrator. Change the "
        "issuer under Organization Settings › Access Management › User Provisioning first; the token stays valid."
    )
    mended_at = "provisioning"

    def __init__(self, *, token: str = "", prefix: str = "", **figures: Any) -> None:
        """`prefix` stands in rows from before tokens had names."""
        super().__init__(token=token or f"{prefix}…", **figures)


class LastDomain(Refusal):
    code = "last_domain"
    sentence = _(
        "“%(domain)s” is the last verified domain, and user provisioning is enabled. "
        "Verify another domain or disable user provisioning first."
    )
    mended_at = "provisioning"


class SamlIsNeeded(Refusal):
    code = "saml_is_needed"
    sentence = _("SAML authentication cannot be turned off while user provisioning is enabled. Disable that first.")
    mended_at = "provisioning"


class ReactivationByIdp(Refusal):
    code = "reactivation_by_idp"
    sentence = _(
        "%(member)s is kept by the identity provider. Activate the person there; or disable user provisioning if the "
        "identity provider cannot be reached."
    )
    mended_at = "provisioning"
