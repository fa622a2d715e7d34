"""Reading the certificates that an IdP shows: one key, which is what is trusted."""

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from saml.idp_documents import chain, pasted, refusals

SHORTEST_KEY = 2048
# Bits of a curve as strong as that (NIST SP 800-57, part 1, table 2).
SHORTEST_CURVE = 224


def read(typed: str) -> x509.Certificate:
    """The IdP's own certificate, alone or out of its chain.

    Raises what pasted.certificates_in, chain.end_entity and require_good_key raise.
    An expired certificate or a SHA-1 self-signature is accepted: the key is what is trusted.
    """
    return require_good_key(chain.end_entity(pasted.certificates_in(typed)))


def require_good_key(certificate: x509.Certificate) -> x509.Certificate:
    """The certificate, if its key is strong enough. Raises UnknownKeyKind, KeyTooShort, CurveTooShort."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise refusals.UnknownKeyKind from None
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise refusals.UnknownKeyKind
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < SHORTEST_KEY:
        raise refusals.KeyTooShort(bits=str(key.key_size))
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < SHORTEST_CURVE:
        raise refusals.CurveTooShort(bits=str(key.key_size), least=SHORTEST_CURVE)
    return certificate


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
