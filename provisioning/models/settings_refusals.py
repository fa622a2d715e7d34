"""Refusals of enabling user provisioning, and of calls while it is closed."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class NeedsPass(Refusal):
    code = "needs_pass"
    sentence = _("User provisioning needs a Nulab Pass subscription. Contact support to start one.")
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
