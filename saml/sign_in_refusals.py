"""Every way in which a sign-in through an IdP is refused.

The sentence is for the organization's administrator, who reads it in the audit log and on Test
sign-in: what was wrong and what to mend. `advice` is for the person who stands before the door.
"""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal
from saml.visible import visible

AGAIN = _("Start again from the sign-in page, in the same browser window.")
ASK_ABOUT_SETTINGS = _(
    "Ask your administrator to compare the SAML settings of this site with those of the identity provider (IdP)."
)
ASK_ABOUT_ACCOUNT = _("Ask your administrator whether you have an account here and under which address.")


class SignInRefused(Refusal):
    code = "saml_refused"
    advice: ClassVar[str | Promise] = ASK_ABOUT_SETTINGS
    mended_at = "saml"
    # Of the page that says so, and after how many seconds to try again, if that helps.
    status: ClassVar[int] = 403
    wait: ClassVar[int] = 0

    def __init__(self, **figures: Any) -> None:
        """Most figures are what somebody has sent."""
        super().__init__(**{name: visible(said) if isinstance(said, str) else said for name, said in figures.items()})


# -- before anything is looked at


class TooManyRefused(SignInRefused):
    code = "saml_too_many_refused"
    sentence = _(
        "More than %(most)s sign-ins from the same network were refused within a minute, so this one was not checked."
    )
    advice = _(
        "Start again from your organization's sign-in link or from the sign-in page, not from the IdP. If that does "
        "not help, wait a minute."
    )
    status, wait = 429, 60


class SiteIsBusy(SignInRefused):
    code = "saml_busy"
    sentence = _("Too many sign-ins were being checked at the same time. Nothing is wrong with this one.")
    advice = _("Wait a few seconds, then start again from the sign-in page.")
    status, wait = 503, 5


class SiteCannotCheck(SignInRefused):
    code = "saml_cannot_check"
    sentence = _(
        "The program that checks signatures on this site could not be run. Nothing is wrong with this sign-in. Contact "
        "support."
    )
    advice = _("This site cannot check sign-ins at the moment. Try again in a minute, or contact support.")
    mended_at = ""
    status, wait = 503, 60


# -- the message as such


class NoResponse(SignInRefused):
    code = "saml_no_response"
    sentence = _("No SAML response arrived. The IdP must send it to the ACS address by HTTP POST.")
    advice = AGAIN


class ResponseTooLarge(SignInRefused):
    code = "saml_too_large"
    sentence = _("The SAML response is larger than %(kilobytes)s KB. Let the IdP send fewer attributes and groups.")


class TooComplex(SignInRefused):
    code = "saml_too_complex"
    sentence = _(
        "The SAML response holds more elements, attributes, namespaces or levels than any IdP needs. Let the IdP send "
        "fewer attributes and groups."
    )


class Unreadable(SignInRefused):
    code = "saml_unreadable"
    sentence = _("The SAML response is not Base64 of well-formed XML in UTF-8.")


class ForbiddenXml(SignInRefused):
    code = "saml_forbidden_xml"
    sentence = _(
        "The SAML response contains a document type, an entity, a comment or a processing instruction. IdPs do not "
        "need them, and attackers use them."
    )


class NotAResponse(SignInRefused):
    code = "saml_not_a_response"
    sentence = _("The message is XML, but not a SAML 2.0 Response in the form that the standard requires.")


class DuplicateId(SignInRefused):
    code = "saml_duplicate_id"
    sentence = _("Two elements of the SAML response have the same ID, so it is unclear what is signed.")


class NotOneAssertion(SignInRefused):
    code = "saml_not_one_assertion"
    sentence = _("The SAML response must contain exactly one assertion, in the right place; it contains %(count)s.")


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
    sentence = _("“%(value)s” is not a time in the form that SAML requires.")


class TooEarly(SignInRefused):
    code = "saml_too_early"
    sentence = _(
        "It is valid from %(time)s on, which is more than a minute from now. The clock of the IdP or of this site is "
        "wrong."
    )
    advice = AGAIN


class TooOld(SignInRefused):
    code = "saml_too_old"
    sentence = _(
        "The assertion was issued at %(time)s. It is accepted for a day at most, whatever validity the IdP sets."
    )
    advice = AGAIN


class Expired(SignInRefused):
    code = "saml_expired"
    sentence = _("It was valid until %(time)s. The sign-in took too long, or a clock is wrong.")
    advice = AGAIN


class StaleAuthentication(SignInRefused):
    code = "saml_stale"
    sentence = _("A new sign-in was required, but the IdP used an earlier one of %(time)s.")
    advice = _("Sign out at the identity provider (IdP), then start again from the sign-in page.")


# -- which request it answers


class ForeignRequest(SignInRefused):
    code = "saml_foreign_request"
    sentence = _("It answers a request that this site has not sent for this organization.")
    advice = AGAIN


class RequestAnswered(SignInRefused):
    code = "saml_request_answered"
    sentence = _("It answers a request that has already been answered.")
    advice = AGAIN


class RequestExpired(SignInRefused):
    code = "saml_request_expired"
    sentence = _("It answers a request that is more than an hour old.")
    advice = AGAIN


class OtherBrowser(SignInRefused):
    code = "saml_other_browser"
    sentence = _("It answers a request that was sent from another browser, or the browser blocks cookies.")
    advice = AGAIN


class InResponseToDiffers(SignInRefused):
    code = "saml_in_response_to"
    sentence = _(
        "The response says that it answers “%(response)s”, the bearer confirmation in its assertion “%(assertion)s” "
        "(InResponseTo). The IdP must name the request in both, or in neither if the sign-in started there."
    )


class Unsolicited(SignInRefused):
    code = "saml_unsolicited"
    sentence = _("Sign-in was started at the IdP, which this organization has switched off.")
    advice = AGAIN


class Replayed(SignInRefused):
    code = "saml_replayed"
    sentence = _("This assertion has already been used to sign in. Each assertion can be used only once.")
    advice = AGAIN


# -- the person


class MissingNameId(SignInRefused):
    code = "saml_no_name_id"
    sentence = _("The assertion contains no readable NameID. Let the IdP send the e-mail address as NameID.")


class WrongNameIdFormat(SignInRefused):
    code = "saml_name_id_format"
    sentence = _(
        "The NameID “%(name_id)s” has the format “%(format)s”. Choose the format "
        "“urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress” at the IdP, and the e-mail address as its value."
    )


class NameIdIsNoAddress(SignInRefused):
    code = "saml_name_id_no_address"
    sentence = _(
        "The NameID “%(name_id)s” is not an e-mail address. Choose the e-mail address as its value at the IdP."
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
    sentence = _("This site has no SAML key pair yet, so requests to the IdP cannot be signed. Contact support.")
    advice = _("Signing in through an identity provider (IdP) is not set up on this site. Contact support.")
    mended_at = ""


class SandboxSignsNobodyIn(SignInRefused):
    code = "saml_sandbox"
    sentence = _("This organization is a sandbox: its people are invented and cannot sign in.")
    advice = _("Only the sandbox's administrators can sign in, with their own e-mail address and password.")


class TestIsOutdated(SignInRefused):
    code = "saml_test_outdated"
    sentence = _("The settings were changed while the test was running. Run Test sign-in again.")
    advice = AGAIN
