"""Assertions encrypted by hand, for what xmlsec1 cannot write: `sealed(xml, certificate, digest="sha256")`."""

import base64
import os
import re
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from tests.cast.saml_messages import DS, XENC

XENC11 = "http://www.w3.org/2009/xmlenc11#"
MGF1P, OAEP = f"{XENC}rsa-oaep-mgf1p", f"{XENC11}rsa-oaep"
DIGEST_NAMES = {
    "sha1": f"{DS}sha1",
    "sha224": "http://www.w3.org/2001/04/xmldsig-more#sha224",
    "sha256": f"{XENC}sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": f"{XENC}sha512",
}


def sealed(
    xml: str,
    certificate: str,
    *,
    transport: str = OAEP,
    digest: str = "",
    mask: str = "",
    made_with_mask: str = "",
    label: bytes = b"",
    cipher: str = f"{XENC11}aes256-gcm",
    kind: str = f' Type="{XENC}Element"',
    spoil: Callable[[bytes], bytes] = lambda sealed: sealed,
) -> str:
    """The response with its assertion encrypted. `digest` and `mask` are named where they are not ""."""
    [plain] = re.findall(r"<saml:Assertion\b.*</saml:Assertion>", xml, flags=re.DOTALL)
    key = os.urandom(int(cipher.rpartition("aes")[2][:3]) // 8)
    oaep = padding.OAEP(padding.MGF1(made_with(made_with_mask or mask)), made_with(digest), label or None)
    public = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    method = _named("ds:DigestMethod", DIGEST_NAMES.get(digest, "")) + _named("x11:MGF", mask and f"{XENC11}mgf1{mask}")
    params = f"<xenc:OAEPparams>{_b64(label)}</xenc:OAEPparams>" if label else ""
    wrapped = (
        f'<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:x11="{XENC11}" xmlns:ds="{DS}"{kind}>'
        f'<xenc:EncryptionMethod Algorithm="{cipher}"/><ds:KeyInfo><xenc:EncryptedKey>'
        f'<xenc:EncryptionMethod Algorithm="{transport}">{params}{method}</xenc:EncryptionMethod>'
        f"<xenc:CipherData><xenc:CipherValue>{_b64(public.encrypt(key, oaep))}</xenc:CipherValue></xenc:CipherData>"
        "</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>"
        f"{_b64(spoil(_closed(cipher, key, plain.encode())))}</xenc:CipherValue></xenc:CipherData>"
        "</xenc:EncryptedData></saml:EncryptedAssertion>"
    )
    return xml.replace(plain, wrapped)


def _closed(cipher: str, key: bytes, plain: bytes) -> bytes:
    if cipher.endswith("gcm"):
        nonce = os.urandom(12)
        return nonce + AESGCM(key).encrypt(nonce, plain, None)
    vector, short = os.urandom(16), 16 - len(plain) % 16
    encryptor = Cipher(AES(key), modes.CBC(vector)).encryptor()
    return vector + encryptor.update(plain + bytes(short - 1) + bytes([short])) + encryptor.finalize()


def made_with(name: str) -> hashes.HashAlgorithm:
    kind: type[hashes.HashAlgorithm] = getattr(hashes, (name or "sha1").upper())
    return kind()


def _named(tag: str, algorithm: str) -> str:
    return f'<{tag} Algorithm="{algorithm}"/>' if algorithm else ""


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
