"""The site's SAML key pair: two PEM files that the environment names."""

import contextlib
import datetime
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

YEARS = 10


def self_signed(common_name: str, years: int = YEARS) -> tuple[bytes, bytes]:
    """A new RSA key and its certificate, both in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=years * 365))
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret, certificate.public_bytes(Encoding.PEM)


def make_pair(key_file: Path, certificate_file: Path, common_name: str) -> None:
    """Make the key pair unless it is there; of several processes at once one wins. Both files share a folder."""
    folder = key_file.parent
    if key_file.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    secret, certificate = self_signed(common_name)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".saml-"))
    (fresh / key_file.name).touch(mode=0o600)
    (fresh / key_file.name).write_bytes(secret)
    (fresh / certificate_file.name).write_bytes(certificate)
    with contextlib.suppress(OSError):
        fresh.rename(folder)
