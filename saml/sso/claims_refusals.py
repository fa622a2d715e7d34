"""Assertions that say the wrong thing: from whom, for whom, when, about whom."""

from django.utils.translation import gettext_lazy as _

from saml.refusals import AGAIN, SignInRefused

# -- from whom, for whom


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


class InResponseToDiffers(SignInRefused):
    code = "saml_in_response_to"
    sentence = _(
        "The response says that it answers “%(response)s”, the bearer confirmation in its assertion “%(assertion)s” "
        "(InResponseTo). The IdP must name the request in both, or in neither if the sign-in started there."
    )


# -- under which conditions, and when


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


# -- about whom


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
