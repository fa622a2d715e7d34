"""The demo identity provider's signing key: one for this checkout, made when first asked for.

`seed_demo` has the demo organizations trust its certificate, `demo_idp` signs with it; both
run only under DEBUG. It stands in a file of the folder that holds what is built, which git
ignores, readable by its owner only. Whoever deletes the file gets another key, which the
organizations that are there already do not trust: `distrusting` tells what to do then.
"""

import datetime
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings

from saml import certificates
from saml.models import SamlSettings


def key_file() -> Path:
    """PEM: the private key, then its certificate."""
    path: Path = settings.DEMO_IDP_KEY
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _put_once(path, _key_and_certificate())
    return path


def certificate() -> str:
    """The signing certificate as an IdP shows it, in PEM."""
    pem = key_file().read_bytes()
    return certificates.pem(x509.load_pem_x509_certificate(pem))


def distrusting(idp_url: str) -> Iterator[str]:
    """What to do, for each organization that signs in at this identity provider and knows another key of it."""
    fingerprint = certificates.fingerprint(certificates.read(certificate()))
    knowing = SamlSettings.objects.filter(idp_entity_id=f"{idp_url}/metadata")
    for saml in knowing.exclude(certificates__fingerprint=fingerprint).select_related("organization"):
        yield (
            f"{saml.organization} trusts another certificate than the demo identity provider signs with. Add the one "
            f"of {idp_url}/metadata on its page SAML authentication, or delete the database and run seed_demo again."
        )


def _put_once(path: Path, content: bytes) -> None:
    """Whole or not at all; whoever comes second leaves the first one's in place."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name) as new:
        # A temporary file is its owner's only (0600), and so is the link to it.
        new.write(content)
        new.flush()
        try:
            os.link(new.name, path)
        except FileExistsError:
            return


def _key_and_certificate() -> bytes:
    """Good for three years."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Demo identity provider")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3 * 365))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + signed.public_bytes(Encoding.PEM)
