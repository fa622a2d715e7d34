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


class UnknownKeyKind(InvalidValue):
    code = "unknown_key_kind"
    sentence = _("The certificate's key is neither RSA nor ECDSA. Make an RSA key of 2048 bits or more at the IdP.")


class TooManyCertificates(Refusal):
    code = "too_many_certificates"
    sentence = _("%(most)s certificates of this IdP are trusted already. Remove those that it no longer uses.")
    mended_at = "saml"


class CertificateAdded(Taken):
    code = "certificate_added"
    sentence = _("This certificate is trusted already.")


class LastCertificate(Refusal):
    code = "last_certificate"
    sentence = _(
        "SAML authentication is on and needs a certificate of the IdP in force. "
        "Add the new one before removing the last."
    )


class InvalidEndpoint(InvalidValue):
    code = "invalid_endpoint"
    sentence = _("“%(url)s” is not an https:// address. Copy the sign-in address from the IdP.")


class InvalidEntityId(InvalidValue):
    code = "invalid_entity_id"
    sentence = _("The IdP Entity ID is empty or too long. Copy it from the IdP.")


class EntityIdHasOddCharacter(InvalidValue):
    code = "entity_id_has_odd_character"
    sentence = _(
        "The IdP Entity ID contains a space, a line break or an invisible character (%(character)s). "
        "Copy it from the IdP again, without what stands around it."
    )


class EndpointHasOddCharacter(InvalidValue):
    code = "endpoint_has_odd_character"
    sentence = _(
        "The IdP Endpoint URL contains a character that no address has (%(character)s), such as a space, a line break "
        "or a bracket. Copy the address from the IdP again, without what stands around it."
    )


class EndpointHasPassword(InvalidValue):
    code = "endpoint_has_password"
    sentence = _(
        "The IdP Endpoint URL contains a user name or password before an “@”. Browsers do not send people there. "
        "Enter the address without it."
    )


class EndpointHasForeignHost(InvalidValue):
    code = "endpoint_has_foreign_host"
    sentence = _(
        "The host “%(host)s” in the IdP Endpoint URL contains letters other than a to z. "
        "Enter the form of it that starts with xn--, as a browser's address bar copies it."
    )


class EndpointHasFragment(InvalidValue):
    code = "endpoint_has_fragment"
    sentence = _(
        "The IdP Endpoint URL contains a “#”. What follows it never reaches the IdP. "
        "Remove it, or copy the sign-in address from the IdP again."
    )


class EndpointHasEmptyQuery(InvalidValue):
    code = "endpoint_has_empty_query"
    sentence = _("The IdP Endpoint URL ends in “?” or “&”. Remove that character.")


class EndpointHasRequest(InvalidValue):
    code = "endpoint_has_request"
    sentence = _(
        "The IdP Endpoint URL contains “%(parameter)s”, which belongs to one sign-in only. "
        "Copy the address from the IdP's settings, not from the address bar of a browser."
    )


class OtherIdpMeanwhile(InvalidValue):
    code = "other_idp_meanwhile"
    sentence = _(
        "The settings were changed meanwhile: “%(idp)s” is neither the IdP in force nor the draft any more. "
        "Nothing was added. Choose the IdP again."
    )


class MetadataTooLarge(InvalidValue):
    code = "metadata_too_large"
    sentence = _("The file is larger than %(kilobytes)s KB. Upload the metadata of one IdP, not of a federation.")


class MetadataUnreadable(InvalidValue):
    code = "metadata_unreadable"
    sentence = _("This is not an XML file in UTF-8. Download the federation metadata XML from the IdP.")


class MetadataForbidden(InvalidValue):
    code = "metadata_forbidden"
    sentence = _("The file contains a document type or an entity, which SAML metadata never needs.")


class NotMetadata(InvalidValue):
    code = "not_metadata"
    sentence = _("This is XML, but not SAML 2.0 metadata. Download the federation metadata XML from the IdP.")


class NoIdpInMetadata(InvalidValue):
    code = "no_idp_in_metadata"
    sentence = _("There is no identity provider in this metadata; it may be that of a service provider.")


class SeveralIdpsInMetadata(InvalidValue):
    code = "several_idps_in_metadata"
    sentence = _("There are %(count)s identity providers in this metadata. Upload the metadata of one of them.")


class NoRedirectInMetadata(InvalidValue):
    code = "no_redirect_in_metadata"
    sentence = _("The identity provider in this metadata offers no sign-in address for HTTP-Redirect.")


class NoCertificateInMetadata(InvalidValue):
    code = "no_certificate_in_metadata"
    sentence = _("There is no signing certificate in this metadata.")


class BadCertificateInMetadata(InvalidValue):
    code = "bad_certificate_in_metadata"
    sentence = _("Certificate %(number)s in this metadata cannot be used: %(reason)s")
