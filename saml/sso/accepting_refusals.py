"""Refusals before the message is read, and after it was verified."""

from django.utils.translation import gettext_lazy as _

from saml.refusals import AGAIN, ASK_ABOUT_ACCOUNT, SignInRefused

# -- before it is read


class NoResponse(SignInRefused):
    code = "saml_no_response"
    sentence = _("No SAML response arrived. The IdP must send it to the ACS address by HTTP POST.")
    advice = AGAIN


class NotAtAcs(SignInRefused):
    code = "saml_not_at_acs"
    sentence = _(
        "The IdP sent its answer to “%(url)s”. Enter the SP Endpoint URL (ACS) there as the address for answers: "
        "“%(expected)s”."
    )


class NotByPost(SignInRefused):
    code = "saml_not_by_post"
    sentence = _(
        "The IdP sent its answer by HTTP-Redirect or HTTP-Artifact. Choose the binding HTTP-POST for the SP Endpoint "
        "URL (ACS) there, or let it read the SP metadata."
    )


class ResponseTooLarge(SignInRefused):
    code = "saml_too_large"
    sentence = _("The SAML response is larger than %(kilobytes)s KB. Let the IdP send fewer attributes and groups.")


# -- after it was verified


class Unsolicited(SignInRefused):
    code = "saml_unsolicited"
    sentence = _("Sign-in was started at the IdP, which this organization has switched off.")
    advice = AGAIN


class Replayed(SignInRefused):
    code = "saml_replayed"
    sentence = _("This assertion has already been used to sign in. Each assertion can be used only once.")
    advice = AGAIN


class NameIdUnknown(SignInRefused):
    code = "saml_name_id_unknown"
    sentence = _(
        "No Managed Account of this organization has the address “%(name_id)s”. Provision the person, or correct the "
        "address here or at the IdP."
    )
    advice = ASK_ABOUT_ACCOUNT
    mended_at = "members"


class NotManagedHere(SignInRefused):
    code = "saml_not_managed_here"
    sentence = _(
        "“%(name_id)s” belongs to an account that this organization does not manage, so its IdP cannot sign it in."
    )
    advice = _(
        "Sign in with your e-mail address on the sign-in page. Your account is not managed by this organization."
    )
    mended_at = "members"


class AccountInactive(SignInRefused):
    code = "saml_account_inactive"
    sentence = _(
        "The account of “%(name_id)s” is inactive. Reactivate it at the IdP, or here if the IdP does not keep it."
    )
    advice = _("Your account has been deactivated. Ask your administrator.")
    mended_at = "members"
