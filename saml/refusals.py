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


class PrivateKeyPasted(InvalidValue):
    code = "private_key_pasted"
    sentence = _(
        "This contains a private key, which must never leave the IdP. It was not stored here. Stop using that key: "
        "create a new key pair at the IdP, revoke the certificate of the old one, and paste the new certificate."
    )


class PublicKeyPasted(InvalidValue):
    code = "public_key_pasted"
    sentence = _("This is a public key without its certificate. Copy the signing certificate from the IdP.")


class RequestPasted(InvalidValue):
    code = "request_pasted"
    sentence = _(
        "This is a request for a certificate (CSR), not the certificate. Copy the signing certificate from the IdP."
    )


class MetadataPasted(InvalidValue):
    code = "metadata_pasted"
    sentence = _("This is metadata. Save it as a file and upload it with “Read metadata”.")


class ChainTooLong(InvalidValue):
    code = "chain_too_long"
    sentence = _("There are more than %(most)s certificates in one place. Use the IdP's signing certificate only.")


class ChainHasNoEnd(InvalidValue):
    code = "chain_has_no_end"
    sentence = _(
        "These certificates have issued each other, so it is unclear which of them the IdP signs with. Use its signing "
        "certificate only."
    )


class SeveralKeys(InvalidValue):
    code = "several_keys"
    sentence = _(
        "These certificates contain different keys, and it is unclear which one the IdP signs with: %(subjects)s. Use "
        "its signing certificate only, or add them one at a time."
    )


class IsAuthority(InvalidValue):
    code = "is_authority"
    sentence = _(
        "“%(subject)s” is the certificate of a certificate authority (CA), not the one that the IdP signs with. "
        "Copy the signing certificate from the IdP."
    )


class KeyTooShort(InvalidValue):
    code = "key_too_short"
    sentence = _("The certificate's key has %(bits)s bits; at least 2048 are needed. Create a new one at the IdP.")


class CurveTooShort(InvalidValue):
    code = "curve_too_short"
    sentence = _(
        "The certificate's key is on an elliptic curve of %(bits)s bits; at least %(least)s are needed. Create a new "
        "one at the IdP."
    )


class UnknownKeyKind(InvalidValue):
    code = "unknown_key_kind"
    sentence = _("The certificate's key is neither RSA nor ECDSA. Create an RSA key of 2048 bits or more at the IdP.")


class TooManyCertificates(Refusal):
    code = "too_many_certificates"
    sentence = _("%(most)s certificates of this IdP are already trusted. Remove those that it no longer uses.")
    mended_at = "saml"


class CertificateAdded(Taken):
    code = "certificate_added"
    sentence = _("This certificate is already trusted.")


class LastCertificate(Refusal):
    code = "last_certificate"
    sentence = _(
        "SAML authentication is on and needs a certificate of the IdP in force. Add the new one before you remove the "
        "last one."
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
        "The IdP Entity ID contains a space, a line break or an invisible character (%(character)s). Copy it from the "
        "IdP again, without the characters around it."
    )


class EndpointHasOddCharacter(InvalidValue):
    code = "endpoint_has_odd_character"
    sentence = _(
        "The IdP Endpoint URL contains a character that is not allowed in an address (%(character)s), such as a space, "
        "a line break or a bracket. Copy the address from the IdP again, without the characters around it."
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
        "The IdP Endpoint URL contains a “#”. The part after it never reaches the IdP. Remove it, or copy the sign-in "
        "address from the IdP again."
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
        "The settings have changed in the meantime: “%(idp)s” is no longer the IdP in force or the draft. Nothing was "
        "added. Choose the IdP again."
    )


class MetadataTooLarge(InvalidValue):
    code = "metadata_too_large"
    sentence = _("The file is larger than %(kilobytes)s KB. Upload the metadata of one IdP, not of a federation.")


class MetadataUnreadable(InvalidValue):
    code = "metadata_unreadable"
    sentence = _("This is not an XML file. Download the federation metadata XML from the IdP.")


class MetadataBroken(InvalidValue):
    code = "metadata_broken"
    sentence = _(
        "The XML cannot be read from line %(line)s on. It may have been changed when it was copied: download the file "
        "from the IdP again and upload it as it is."
    )


class MetadataEncoding(InvalidValue):
    code = "metadata_encoding"
    sentence = _(
        "The file cannot be read as text in the encoding “%(encoding)s”. Download it from the IdP again, or save it as "
        "UTF-8."
    )


class MetadataIsWebPage(InvalidValue):
    code = "metadata_is_web_page"
    sentence = _(
        "This is a web page, not metadata: the IdP has probably shown its sign-in page instead. "
        "Sign in to the IdP first, then download the federation metadata XML."
    )


class MetadataIsJson(InvalidValue):
    code = "metadata_is_json"
    sentence = _(
        "This is JSON, as OpenID Connect uses it, not SAML metadata. "
        "Download the federation metadata XML for SAML from the IdP."
    )


class MetadataIsCertificate(InvalidValue):
    code = "metadata_is_certificate"
    sentence = _(
        "This is a certificate, not metadata. Paste its Base64 text into the field “X.509 Certificate” under "
        "Certificates, or download the federation metadata XML from the IdP."
    )


class MetadataForbidden(InvalidValue):
    code = "metadata_forbidden"
    sentence = _("The file contains a document type or an entity, which SAML metadata never needs.")


class NotMetadata(InvalidValue):
    code = "not_metadata"
    sentence = _("This is XML, but not SAML 2.0 metadata. Download the federation metadata XML from the IdP.")


class NoIdpInMetadata(InvalidValue):
    code = "no_idp_in_metadata"
    sentence = _("This metadata describes no identity provider; it may be the metadata of a service provider.")


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


class NoUsableCertificateInMetadata(InvalidValue):
    code = "no_usable_certificate_in_metadata"
    sentence = _("None of the certificates in this metadata can be used. %(reasons)s")


class HasIssuedAnother(InvalidValue):
    code = "has_issued_another"
    sentence = _(
        "“%(subject)s” has issued another certificate in this metadata, so it is a certificate authority's (CA)."
    )
