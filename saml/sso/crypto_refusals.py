"""Refusals of signatures and encryption, one for each cause."""

from django.utils.translation import gettext_lazy as _

from saml.refusals import AGAIN, SignInRefused


class MisplacedSignature(SignInRefused):
    code = "saml_misplaced_signature"
    sentence = _(
        "A signature in the SAML response does not cover exactly the response or the assertion that contains it."
    )


class Unsigned(SignInRefused):
    code = "saml_unsigned"
    sentence = _("Neither the response nor the assertion is signed. Turn signing on at the IdP.")


class WeakSignature(SignInRefused):
    code = "saml_weak_algorithm"
    sentence = _("It is signed with %(algorithm)s. Choose RSA-SHA256 as signing algorithm at the IdP.")


class WeakDigest(SignInRefused):
    code = "saml_weak_digest"
    sentence = _("The digest in its signature is %(algorithm)s. Choose SHA-256 as digest algorithm at the IdP.")


class UnknownCanonicalization(SignInRefused):
    code = "saml_canonicalization"
    sentence = _(
        "Its signature is made over XML that was canonicalized with %(algorithm)s. Choose exclusive canonicalization "
        "(http://www.w3.org/2001/10/xml-exc-c14n#) at the IdP, as the SAML standard requires."
    )


class WrongSignature(SignInRefused):
    code = "saml_wrong_signature"
    sentence = _(
        "The signature matches none of the certificates that are trusted here, or the message was changed on its way. "
        "If the IdP has a new certificate, add it."
    )


class TookTooLong(SignInRefused):
    code = "saml_took_too_long"
    sentence = _(
        "It took too long to check its signature, so the check was stopped. Let the IdP send fewer attributes and "
        "groups."
    )
    advice = AGAIN


class UnknownKeyTransport(SignInRefused):
    code = "saml_key_transport"
    sentence = _(
        "The key of the encrypted assertion is encrypted with %(algorithm)s, which is too weak or not supported here. "
        "Choose RSA-OAEP at the IdP."
    )


class UnknownEncryption(SignInRefused):
    code = "saml_data_encryption"
    sentence = _(
        "The assertion is encrypted with %(algorithm)s, which is not supported here. Choose AES-256-GCM or AES-256-CBC "
        "at the IdP."
    )


class NotForOurKey(SignInRefused):
    """The key does not fit; of an unsigned response any fault inside the cipher: nobody may learn that by trying."""

    code = "saml_not_decrypted"
    sentence = _(
        "The encrypted assertion cannot be opened with this site's key, or it is not signed by a certificate that is "
        "trusted here. Let the IdP read the SP metadata again, sign the assertion, and add its new certificate here if "
        "it has one."
    )
