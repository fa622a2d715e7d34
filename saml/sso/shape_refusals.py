"""Messages that do not have the form of a SAML response."""

from django.utils.translation import gettext_lazy as _

from saml.refusals import SignInRefused


class Unreadable(SignInRefused):
    code = "saml_unreadable"
    sentence = _("The SAML response is not Base64 of well-formed XML in UTF-8.")


class ForbiddenXml(SignInRefused):
    code = "saml_forbidden_xml"
    sentence = _(
        "The SAML response contains a document type, an entity, a comment or a processing instruction. IdPs do not "
        "need them, and attackers use them."
    )


class TooComplex(SignInRefused):
    code = "saml_too_complex"
    sentence = _(
        "The SAML response holds more elements, attributes, namespaces or levels than any IdP needs. Let the IdP send "
        "fewer attributes and groups."
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
