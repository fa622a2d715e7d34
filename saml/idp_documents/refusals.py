"""Certificates and metadata that cannot be used, by what they are instead."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue

# -- pasted.py


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


# -- chain.py


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


# -- certificates.py


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


# -- files.py


class MetadataUnreadable(InvalidValue):
    code = "metadata_unreadable"
    sentence = _("This is not an XML file. Download the federation metadata XML from the IdP.")


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


# -- metadata.py


class MetadataTooLarge(InvalidValue):
    code = "metadata_too_large"
    sentence = _("The file is larger than %(kilobytes)s KB. Upload the metadata of one IdP, not of a federation.")


class MetadataTooComplex(InvalidValue):
    code = "metadata_too_complex"
    sentence = _(
        "The file contains more elements, attributes or levels than the metadata of an IdP needs. Upload the metadata "
        "of one IdP, not of a federation."
    )


class MetadataBroken(InvalidValue):
    code = "metadata_broken"
    sentence = _(
        "The XML cannot be read from line %(line)s on. It may have been changed when it was copied: download the file "
        "from the IdP again and upload it as it is."
    )


class MetadataForbidden(InvalidValue):
    code = "metadata_forbidden"
    sentence = _(
        "The file contains a document type or an entity, which SAML metadata never needs. Download it from the IdP "
        "again, or enter the values by hand."
    )


class NotMetadata(InvalidValue):
    code = "not_metadata"
    sentence = _("This is XML, but not SAML 2.0 metadata. Download the federation metadata XML from the IdP.")


class NoIdpInMetadata(InvalidValue):
    code = "no_idp_in_metadata"
    sentence = _(
        "This metadata describes no identity provider for SAML 2.0; it may be the metadata of a service provider, such "
        "as this site's own. Download the metadata of the IdP."
    )


class SeveralIdpsInMetadata(InvalidValue):
    code = "several_idps_in_metadata"
    sentence = _("There are %(count)s identity providers in this metadata. Upload the metadata of one of them.")


class NoRedirectInMetadata(InvalidValue):
    code = "no_redirect_in_metadata"
    sentence = _(
        "The identity provider in this metadata offers no sign-in address for HTTP-Redirect. Turn that binding on "
        "there and download the metadata again, or enter its address for it by hand."
    )


# -- keys_shown.py


class NoCertificateInMetadata(InvalidValue):
    code = "no_certificate_in_metadata"
    sentence = _(
        "There is no signing certificate in this metadata. Create one at the IdP and download the metadata again, or "
        "enter the values by hand."
    )


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
