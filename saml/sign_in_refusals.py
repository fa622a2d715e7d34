"""Every way in which a sign-in through an IdP is refused.

The sentence is for the organization's administrator, who reads it in the audit log and on Test
sign-in: what was wrong and what to mend. `advice` is for the person who stands before the door.
"""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal

AGAIN = _("Start again from the sign-in page, in the same browser window.")
ASK_ABOUT_SETTINGS = _(
    "Ask your administrator to compare the SAML settings of this site with those of the identity provider (IdP)."
)
ASK_ABOUT_ACCOUNT = _("Ask your administrator whether you have an account here and under which address.")


class SignInRefused(Refusal):
    code = "saml_refused"
    advice: ClassVar[str | Promise] = ASK_ABOUT_SETTINGS
    mended_at = "saml"


# -- the message as such


class NoResponse(SignInRefused):
    code = "saml_no_response"
    sentence = _("No SAML response arrived. The IdP must send it to the ACS address by HTTP POST.")
    advice = AGAIN


class ResponseTooLarge(SignInRefused):
    code = "saml_too_large"
    sentence = _("The SAML response is larger than %(kilobytes)s KB. Let the IdP send fewer attributes and groups.")


class Unreadable(SignInRefused):
    code = "saml_unreadable"
    sentence = _("What arrived is not Base64 of well-formed XML in UTF-8.")


class ForbiddenXml(SignInRefused):
    code = "saml_forbidden_xml"
    sentence = _(
        "The SAML response contains a document type, an entity, a comment or a processing instruction. No IdP needs "
        "them, and attacks are made of them."
    )


class NotAResponse(SignInRefused):
    code = "saml_not_a_response"
    sentence = _("What arrived is XML, but not a SAML 2.0 Response of the form that the standard asks for.")


class DuplicateId(SignInRefused):
    code = "saml_duplicate_id"
    sentence = _("Two elements of the SAML response have the same ID, so it is unclear what is signed.")


class NotOneAssertion(SignInRefused):
    code = "saml_not_one_assertion"
    sentence = _("The SAML response must contain exactly one assertion, in its place; it contains %(count)s.")


class MisplacedSignature(SignInRefused):
    code = "saml_misplaced_signature"
    sentence = _("A signature in the SAML response does not cover exactly the response or the assertion it stands in.")


class IdpReportsFailure(SignInRefused):
    code = "saml_idp_failure"
    sentence = _("The IdP did not sign the person in and reports: %(status)s. Its own sign-in log says more.")
    advice = _("The identity provider (IdP) did not let you in. Ask your administrator whether the app is assigned.")


# -- signature and encryption


class Unsigned(SignInRefused):
    code = "saml_unsigned"
    sentence = _("Neither the response nor the assertion is signed. Turn signing on at the IdP.")


class WeakAlgorithm(SignInRefused):
    code = "saml_weak_algorithm"
    sentence = _("It is signed or encrypted with %(algorithm)s. Choose RSA-SHA256 at the IdP.")


class WrongSignature(SignInRefused):
    code = "saml_wrong_signature"
    sentence = _(
        "The signature fits none of the certificates that are trusted here, or the message was altered on its way. If "
        "the IdP has a new certificate, add it."
    )


class NotForOurKey(SignInRefused):
    code = "saml_not_decrypted"
    sentence = _(
        "The assertion is encrypted and cannot be opened with this site's key. Let the IdP read the SP metadata "
        "again, or turn encryption off there."
    )


# -- who says it, to whom, when


class WrongIssuer(SignInRefused):
    code = "saml_wrong_issuer"
    sentence = _("It comes from “%(issuer)s”, but the IdP Entity ID here is “%(expected)s”.")


class WrongDestination(SignInRefused):
    code = "saml_wrong_destination"
    sentence = _("Its Destination is “%(destination)s” instead of this organization's ACS address, “%(expected)s”.")


class WrongRecipient(SignInRefused):
    code = "saml_wrong_recipient"
    sentence = _("Its Recipient is “%(recipient)s” instead of this organization's ACS address, “%(expected)s”.")


class WrongAudience(SignInRefused):
    code = "saml_wrong_audience"
    sentence = _("It is meant for “%(audience)s” instead of this organization's SP Entity ID, “%(expected)s”.")


class MissingConditions(SignInRefused):
    code = "saml_missing_conditions"
    sentence = _("The assertion does not say for whom and until when it is valid (Conditions, NotOnOrAfter).")


class UnknownCondition(SignInRefused):
    code = "saml_unknown_condition"
    sentence = _("The assertion is valid under a condition that this site does not know: %(condition)s.")


class NotBearer(SignInRefused):
    code = "saml_not_bearer"
    sentence = _("The assertion has no bearer confirmation for its subject, so it is not meant for signing in.")


class MissingAuthnStatement(SignInRefused):
    code = "saml_no_authn_statement"
    sentence = _("The assertion does not say that the person has signed in at the IdP (AuthnStatement).")


class InvalidTime(SignInRefused):
    code = "saml_invalid_time"
    sentence = _("“%(value)s” is not a time of the form that SAML asks for.")


class TooEarly(SignInRefused):
    code = "saml_too_early"
    sentence = _(
        "It is valid from %(time)s on, which is more than a minute from now. The clock of the IdP or of this site is "
        "wrong."
    )
    advice = AGAIN


class Expired(SignInRefused):
    code = "saml_expired"
    sentence = _("It was valid until %(time)s. The person was too slow, or a clock is wrong.")
    advice = AGAIN


class StaleAuthentication(SignInRefused):
    code = "saml_stale"
    sentence = _("The person was to prove who they are once more, but the IdP relied on a sign-in of %(time)s.")
    advice = _("Sign out at the identity provider (IdP), then start again from the sign-in page.")


# -- which request it answers


class ForeignRequest(SignInRefused):
    code = "saml_foreign_request"
    sentence = _("It answers a request that this site has not sent for this organization.")
    advice = AGAIN


class RequestAnswered(SignInRefused):
    code = "saml_request_answered"
    sentence = _("It answers a request that has been answered already.")
    advice = AGAIN


class RequestExpired(SignInRefused):
    code = "saml_request_expired"
    sentence = _("It answers a request of more than an hour ago.")
    advice = AGAIN


class OtherBrowser(SignInRefused):
    code = "saml_other_browser"
    sentence = _("It answers a request that was sent from another browser, or the browser has refused the cookie.")
    advice = AGAIN


class InResponseToDiffers(SignInRefused):
    code = "saml_in_response_to"
    sentence = _("The response and its assertion do not say alike which request they answer (InResponseTo).")


class Unsolicited(SignInRefused):
    code = "saml_unsolicited"
    sentence = _("Sign-in was started at the IdP, which this organization has switched off.")
    advice = AGAIN


class Replayed(SignInRefused):
    code = "saml_replayed"
    sentence = _("This assertion has signed somebody in before. Each one does so once.")
    advice = AGAIN


# -- the person


class MissingNameId(SignInRefused):
    code = "saml_no_name_id"
    sentence = _("The assertion contains no readable NameID. Let the IdP send the e-mail address as NameID.")


class WrongNameIdFormat(SignInRefused):
    code = "saml_name_id_format"
    sentence = _(
        "The NameID “%(name_id)s” has the format %(format)s. Choose the format emailAddress at the IdP, and the "
        "e-mail address as its value."
    )


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


# -- the organization


class SamlIsOff(SignInRefused):
    code = "saml_is_off"
    sentence = _("SAML authentication is not turned on for this organization.")
    advice = _("Ask your administrator to turn SAML authentication on.")


class SiteHasNoKey(SignInRefused):
    code = "saml_site_has_no_key"
    sentence = _(
        "Whoever runs this site has not given it a SAML key pair yet, so requests to the IdP cannot be signed. Contact "
        "support."
    )
    advice = _("Signing in through an identity provider (IdP) is not set up on this site. Contact support.")
    mended_at = ""


class SandboxSignsNobodyIn(SignInRefused):
    code = "saml_sandbox"
    sentence = _("This organization is a sandbox: its people are invented, and none of them can sign in.")
    advice = _("Only the sandbox's administrators can sign in, with their own e-mail address and password.")


class TestIsOutdated(SignInRefused):
    code = "saml_test_outdated"
    sentence = _("The settings were changed while the test was running. Run Test sign-in again.")
    advice = AGAIN
