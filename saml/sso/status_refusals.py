"""Refusals that an IdP reports, one for each status of saml-core-2.0-os, 3.2.2.2."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from members.texts import Text
from saml.refusals import AGAIN, ASK_ABOUT_SETTINGS, SignInRefused

# Refusals by the last word of the status.
BY_STATUS: dict[str, type["IdpReportsFailure"]] = {}


class IdpReportsFailure(SignInRefused):
    code = "saml_idp_failure"
    sentence = _("The IdP did not sign the person in and reports: %(status)s. See its sign-in log for details.")
    advice: ClassVar[Text] = _(
        "The identity provider (IdP) did not let you in. Ask your administrator whether the app is assigned."
    )
    reported: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        BY_STATUS.update(dict.fromkeys(cls.reported, cls))


class IdpCannotNameByEmail(IdpReportsFailure):
    code = "saml_idp_name_id_policy"
    reported = ("InvalidNameIDPolicy",)
    sentence = _(
        "The IdP cannot send the e-mail address as NameID (%(status)s). Choose it there. Entra: Single sign-on, "
        "Attributes & Claims, Unique User Identifier (Name ID), format Email address. Okta: SAML Settings, Name ID "
        "format, EmailAddress. OneLogin: Parameters, SAML NameID, Email."
    )
    advice = ASK_ABOUT_SETTINGS


class IdpCannotMeetContext(IdpReportsFailure):
    code = "saml_idp_no_authn_context"
    reported = ("NoAuthnContext",)
    sentence = _(
        "The IdP could not sign the person in as its rules require (%(status)s). This site does not ask for a "
        "particular method: check the sign-in rules for this app. Entra: Conditional Access. Okta: Sign On, User "
        "authentication. OneLogin: Access, Policy."
    )
    advice = _(
        "Your identity provider (IdP) requires another way of signing in, such as a second factor. Sign out there, "
        "then start again from the sign-in page."
    )


class IdpDenies(IdpReportsFailure):
    code = "saml_idp_request_denied"
    reported = ("RequestDenied",)
    sentence = _(
        "The IdP does not allow this person, or anyone, to use this app (%(status)s). Assign the person there. Entra: "
        "Users and groups, and Properties, Assignment required. Okta: Assignments. OneLogin: Users, Applications."
    )


class IdpAuthenticationFailed(IdpReportsFailure):
    code = "saml_idp_authn_failed"
    reported = ("AuthnFailed",)
    sentence = _(
        "The person did not pass the sign-in at the IdP: a wrong password, a missing second factor, or a rule there "
        "(%(status)s). The IdP's sign-in log shows which."
    )
    advice = _("The sign-in at your identity provider (IdP) failed. Try again, or ask your administrator.")


class IdpCouldNotAsk(IdpReportsFailure):
    code = "saml_idp_no_passive"
    reported = ("NoPassive",)
    sentence = _(
        "The IdP needed to ask the person something, but was not allowed to (%(status)s). This site never forbids "
        "that: turn passive sign-in (IsPassive) off at the IdP or at the proxy in front of it."
    )


class IdpDoesNotKnowPerson(IdpReportsFailure):
    code = "saml_idp_unknown_principal"
    reported = ("UnknownPrincipal",)
    sentence = _("The IdP does not know the person who tried to sign in (%(status)s). Create the account there.")
    advice = _(
        "Your identity provider (IdP) does not know you. Sign in there with another account, or ask your administrator."
    )


class IdpDoesNotSupportRequest(IdpReportsFailure):
    code = "saml_idp_request_unsupported"
    reported = ("RequestUnsupported",)
    sentence = _(
        "The IdP does not support sign-in requests of this kind (%(status)s). Check that the IdP Endpoint URL is its "
        "address for HTTP-Redirect, and import its metadata again."
    )
    advice = ASK_ABOUT_SETTINGS


class IdpDoesNotSupportBinding(IdpReportsFailure):
    code = "saml_idp_unsupported_binding"
    reported = ("UnsupportedBinding",)
    sentence = _(
        "The IdP cannot answer by HTTP POST to the ACS address (%(status)s). Enter the SP Endpoint URL (ACS) there "
        "as SAML authentication shows it here, with the binding HTTP-POST, or let the IdP read the SP metadata."
    )
    advice = ASK_ABOUT_SETTINGS


class IdpProxiesTooFar(IdpReportsFailure):
    code = "saml_idp_proxy_count"
    reported = ("ProxyCountExceeded",)
    sentence = _(
        "The request was passed on through too many IdPs (%(status)s). Enter the IdP that holds the accounts here, not "
        "the proxy in front of it, or shorten the chain."
    )
    advice = ASK_ABOUT_SETTINGS


class IdpFindsNoIdp(IdpReportsFailure):
    code = "saml_idp_no_idp"
    reported = ("NoAvailableIDP", "NoSupportedIDP")
    sentence = _(
        "The IdP passes sign-ins on to another one, which it cannot reach or does not support (%(status)s). Check "
        "the connection between the two."
    )
    advice = AGAIN


class IdpRejectsAttributes(IdpReportsFailure):
    code = "saml_idp_attributes"
    reported = ("InvalidAttrNameOrValue", "UnknownAttrProfile")
    sentence = _(
        "The IdP could not provide the attributes that are configured there for this app (%(status)s). This site needs "
        "only the NameID: remove the others there, or correct them."
    )
    advice = ASK_ABOUT_SETTINGS


class IdpSpeaksAnotherVersion(IdpReportsFailure):
    code = "saml_idp_version"
    reported = ("VersionMismatch", "RequestVersionDeprecated", "RequestVersionTooHigh", "RequestVersionTooLow")
    sentence = _("The IdP does not support SAML 2.0 at this address (%(status)s). Enter its address for SAML 2.0.")
    advice = ASK_ABOUT_SETTINGS


class IdpDoesNotKnowUs(IdpReportsFailure):
    code = "saml_idp_unknown_app"
    reported = ("ResourceNotRecognized",)
    sentence = _(
        "The IdP does not recognize this app (%(status)s). Enter the SP Entity ID there exactly as SAML "
        "authentication shows it here. Entra: Basic SAML Configuration, Identifier. Okta: SAML Settings, Audience "
        "URI."
    )
    advice = ASK_ABOUT_SETTINGS


class IdpFindsRequestWrong(IdpReportsFailure):
    """The status at the top, where the IdP gives no reason below it."""

    code = "saml_idp_requester"
    reported = ("Requester",)
    sentence = _(
        "The IdP reports a problem with the request or with how this app is set up there (%(status)s). Compare the SP "
        "Entity ID and the SP Endpoint URL (ACS) there with those that SAML authentication shows here, and check the "
        "IdP's sign-in log."
    )
    advice = ASK_ABOUT_SETTINGS
