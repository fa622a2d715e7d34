"""Certificates that authorities have issued, for what metadata and administrators show of them."""

import datetime
import functools
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes, PrivateKeyTypes
from cryptography.x509.oid import NameOID

from tests.cast.saml_messages import KeyPair

PEM = serialization.Encoding.PEM


def bare(pem: str) -> str:
    """The Base64 between its first and last line, in one."""
    return "".join(line for line in pem.splitlines() if "-----" not in line)


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: PrivateKeyTypes

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def bare(self) -> str:
        return bare(self.pem)

    @property
    def pair(self) -> KeyPair:
        return KeyPair(self.private_pem(), self.pem)

    def private_pem(self, password: bytes = b"") -> str:
        lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, lock).decode()


@functools.cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def issue(
    name: str,
    by: Issued | None = None,
    *,
    ca: bool | None = None,
    key: CertificateIssuerPrivateKeyTypes | None = None,
    bits: int = 2048,
    days: int = 365,
) -> Issued:
    """Self-signed where nobody else issues it; `ca` is what BasicConstraints says, None leaves them out."""
    own = key or rsa_key(name, bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder(by.certificate.subject if by else subject, subject, own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    signer = by.key if by else own
    digest = None if isinstance(signer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Issued(builder.sign(signer, digest), own)  # type: ignore[arg-type]


@functools.cache
def chain() -> tuple[Issued, Issued, Issued]:
    """An IdP's own certificate, the intermediate authority that issued it, and the root."""
    root = issue("Root CA", ca=True)
    middle = issue("Issuing CA", root, ca=True)
    return issue("login.corp.example", middle, ca=False), middle, root
