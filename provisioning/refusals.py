"""What user provisioning refuses."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Protected, Refusal


class NeedsPass(Refusal):
    code = "needs_pass"
    sentence = _("User provisioning needs a Nulab Pass subscription. Start one, or contact support.")
    mended_at = "licences"


class NeedsDomain(Refusal):
    code = "needs_domain"
    sentence = _(
        "User provisioning needs at least one verified domain. Verify one under Organization Settings › Domains."
    )
    mended_at = "domains"


class NeedsSaml(Refusal):
    code = "needs_saml"
    sentence = _(
        "User provisioning needs SAML authentication. "
        "Turn it on under Organization Settings › Access Management › SAML Authentication."
    )
    mended_at = "saml"


class NotEnabled(Refusal):
    code = "provisioning_disabled"
    sentence = _(
        "User provisioning is disabled for this organization. An administrator can enable it under "
        "Organization Settings › Access Management › User Provisioning."
    )
    mended_at = "provisioning"


class PassHasEnded(Refusal):
    code = "pass_has_ended"
    sentence = _(
        "The organization's Nulab Pass subscription has ended, so nothing can be synchronized. "
        "Renew it; the token stays valid."
    )
    mended_at = "licences"


class TwoTokensAlready(Refusal):
    code = "two_tokens_already"
    sentence = _("There are already two live tokens, which is the limit. Revoke one first.")
    mended_at = "provisioning"


class TokenNameTaken(InvalidValue):
    code = "token_name_taken"
    sentence = _(
        "There is already a live token called “%(name)s”. Choose another name, so that you can tell the two apart."
    )


class SupportIssuesNoTokens(Refusal):
    code = "support_issues_no_tokens"
    sentence = _(
        "Support staff can revoke tokens but not issue them. Ask an administrator of the organization to issue one."
    )


class IssuerMustBeAdministrator(InvalidValue):
    code = "issuer_must_be_administrator"
    sentence = _("Only an active administrator of this organization can be the issuer of a token.")


class TokenIsNotLive(Refusal):
    code = "token_is_not_live"
    sentence = _("This token has already been revoked or has expired.")


class IsTokenIssuer(Protected):
    code = "is_token_issuer"
    sentence = _(
        "%(member)s is the issuer of the live SCIM token %(token)s and must stay an active administrator. Change the "
        "issuer under Organization Settings › Access Management › User Provisioning first; the token stays valid."
    )
    mended_at = "provisioning"

    def __init__(self, *, token: str = "", prefix: str = "", **figures: Any) -> None:
        """`prefix` is what was kept of it before tokens had names."""
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


class NobodyInList(Refusal):
    code = "nobody_in_list"
    sentence = _("The list contains no people. It needs a column Email or userName, or only addresses.")
