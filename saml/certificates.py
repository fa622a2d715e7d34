"""Reading the certificates that an IdP shows."""

import base64
import binascii
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from saml import refusals

SHORTEST_KEY = 2048


def read(typed: str) -> x509.Certificate:
    """From PEM or bare Base64, as IdPs show it. Raises NotACertificate, KeyTooShort, UnknownKeyKind.

    An expired certificate or a SHA-1 self-signature is accepted: the key is what is trusted.
    """
    body = re.sub(r"-----[A-Z ]+-----|\s", "", typed)
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(body, validate=True))
        key = certificate.public_key()
    except (ValueError, binascii.Error, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm):
        raise refusals.NotACertificate from None
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise refusals.UnknownKeyKind
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_KEY:
        raise refusals.KeyTooShort(bits=key.key_size)
    return certificate


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
