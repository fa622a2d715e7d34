"""What the SAML settings refuse, and the emergency administrator whom they protect."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Protected, Refusal, Taken


class LastEmergencyAdministrator(Protected):
    code = "last_emergency_administrator"
    sentence = _(
        "%(member)s is the last administrator with a Nulab Account, who can sign in when the identity provider cannot "
        "be reached. Make another Nulab Account an administrator first, or turn SAML authentication off."
    )
    mended_at = "members"


class NoEmergencyAdministrator(Refusal):
    code = "no_emergency_administrator"
    sentence = _(
        "SAML authentication needs an emergency account: an active administrator with a Nulab Account and a password. "
        "Invite one first."
    )
    mended_at = "members"


class SamlNotTested(Refusal):
    code = "saml_not_tested"
    sentence = _("Test sign-in has not passed with these settings yet. Run Test sign-in first.")
    mended_at = "saml"


class SamlIncomplete(Refusal):
    code = "saml_incomplete"
    sentence = _("Enter the IdP Entity ID, the IdP Endpoint URL and a certificate first.")
    mended_at = "saml"


class NotACertificate(InvalidValue):
    code = "not_a_certificate"
    sentence = _("This is not an X.509 certificate. Copy the Base64 text of the signing certificate from the IdP.")


class KeyTooShort(InvalidValue):
    code = "key_too_short"
    sentence = _("The certificate's key has %(bits)s bits; at least 2048 are needed. Make a new one at the IdP.")


class CertificateAdded(Taken):
    code = "certificate_added"
    sentence = _("This certificate is trusted already.")


class LastCertificate(Refusal):
    code = "last_certificate"
    sentence = _("SAML authentication is on and needs a certificate. Add the new one before removing the last.")


class InvalidEndpoint(InvalidValue):
    code = "invalid_endpoint"
    sentence = _("“%(url)s” is not an https:// address. Copy the sign-in address from the IdP.")


class InvalidEntityId(InvalidValue):
    code = "invalid_entity_id"
    sentence = _("The IdP Entity ID is empty or too long. Copy it from the IdP.")
