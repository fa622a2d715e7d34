"""The IdP's own certificate in a chain: the authorities in it sign nobody in."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from saml.idp_documents import refusals

# Certificates in one place: an attacker's list costs a check for each pair.
MAX_CERTIFICATES = 20


def end_entity(shown: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificate that has issued none of the others; of several for one key the one that expires last.

    Raises ChainTooLong, ChainHasNoEnd, SeveralKeys, IsAuthority.
    """
    if len(shown) > MAX_CERTIFICATES:
        raise refusals.ChainTooLong(most=MAX_CERTIFICATES)
    ends = [one for one in shown if not has_issued_any(one, shown)]
    if not ends:
        raise refusals.ChainHasNoEnd
    if len({key_of(one) for one in ends}) > 1:
        raise refusals.SeveralKeys(subjects=[one.subject.rfc4514_string()[:100] for one in ends])
    newest = max(ends, key=lambda one: one.not_valid_after_utc)
    if _is_authority(newest) and newest.issuer != newest.subject:
        raise refusals.IsAuthority(subject=newest.subject.rfc4514_string()[:100])
    return newest


def has_issued_any(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> bool:
    """Whether it has issued a certificate of another key: one that has issued only itself is no authority."""
    return any(key_of(certificate) != key_of(other) and _has_issued(certificate, other) for other in others)


def key_of(certificate: x509.Certificate) -> bytes:
    """The public key's bytes, which are the same in each certificate for it. Raises UnknownKeyKind."""
    try:
        return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise refusals.UnknownKeyKind from None


def _has_issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether one has issued the other, by name and signature; by name alone if the signature's kind is unknown."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, InvalidSignature):
        return False
    except (TypeError, UnsupportedAlgorithm):
        return certificate.issuer == issuer.subject
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, ValueError):
        return False
