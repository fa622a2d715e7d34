"""Certificates as people paste them: PEM with other text around it, bare Base64 or hexadecimal, PKCS #7."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key, pkcs7

from saml.idp_documents import private_keys, refusals, text_forms

CERTIFICATE = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
PKCS7 = ("PKCS7", "PKCS #7 SIGNED DATA", "CMS")
# Characters of the shortest certificate; anything shorter is a word around one.
SHORTEST_BASE64 = 200
UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm)


def certificates_in(text: str) -> list[x509.Certificate]:
    """The certificates in the text, each once.

    Raises PrivateKeyPasted, MetadataPasted, PublicKeyPasted, RequestPasted, NotACertificate.
    """
    if private_keys.are_in(text):
        raise refusals.PrivateKeyPasted
    if "EntityDescriptor" in text:
        raise refusals.MetadataPasted
    found = list(dict.fromkeys(_all_in(text_forms.plain(text))))
    if not found:
        raise refusals.NotACertificate
    return found


def _all_in(plain: str) -> Iterator[x509.Certificate]:
    blocks = list(text_forms.pem_blocks(plain))
    for kind, body in blocks:
        yield from _in_block(kind, body)
    if not blocks:
        yield from _in_bare(plain)


def _in_block(kind: str, body: str) -> Iterator[x509.Certificate]:
    if kind.endswith("PUBLIC KEY"):
        raise refusals.PublicKeyPasted
    if kind.endswith("CERTIFICATE REQUEST"):
        raise refusals.RequestPasted
    if kind in CERTIFICATE + PKCS7:
        # OpenSSL's own form says behind the certificate what it is trusted for.
        yield from _in_der(text_forms.of_block(body), most=1 if kind == "TRUSTED CERTIFICATE" else None)


def _in_bare(plain: str) -> Iterator[x509.Certificate]:
    if whole := text_forms.as_hexadecimal(plain):
        yield from _in_der(whole)
    else:
        for piece in map(_without_words, text_forms.bare_pieces(plain)):
            if len(piece) >= SHORTEST_BASE64:
                yield from _in_der(text_forms.from_base64(piece))


def _without_words(piece: str) -> str:
    """The text from where DER may begin: MII is a long SEQUENCE, LS0t are the dashes of a PEM."""
    return piece if piece.startswith("LS0t") else piece[max(piece.find("MII"), 0) :]


def _in_der(data: bytes | None, *, most: int | None = None) -> Iterator[x509.Certificate]:
    if data is None:
        raise refusals.NotACertificate
    if data.startswith(b"-----BEGIN"):
        # Base64 of PEM, as Kubernetes keeps it.
        yield from certificates_in(data.decode("ascii", "replace"))
        return
    for element in islice(text_forms.der_elements(data), most):
        yield from _in_element(element)


def _in_element(der: bytes) -> list[x509.Certificate]:
    if _is(_read, der):
        return [_read(der)]
    if _is(load_der_public_key, der):
        raise refusals.PublicKeyPasted
    if _is(x509.load_der_x509_csr, der):
        raise refusals.RequestPasted
    try:
        return list(pkcs7.load_der_pkcs7_certificates(der))
    except UNREADABLE:
        raise refusals.NotACertificate from None


def _read(der: bytes) -> x509.Certificate:
    """The certificate, parsed in full: cryptography parses its parts only when they are asked for."""
    certificate = x509.load_der_x509_certificate(der)
    _ = certificate.subject.rfc4514_string(), certificate.issuer, certificate.not_valid_after_utc
    return certificate


def _is(read: Callable[[bytes], Any], der: bytes) -> bool:
    try:
        read(der)
    except UNREADABLE:
        return False
    return True
