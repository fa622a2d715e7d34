"""Certificates as people paste them: PEM with whatever stands around it, bare Base64 or hexadecimal, PKCS #7.

No regular expression here takes longer than the text is long.
"""

import html
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key, pkcs7

from members.refusals import InvalidValue
from saml import refusals

CERTIFICATE = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE")
PKCS7 = ("PKCS7", "PKCS #7 SIGNED DATA", "CMS")
INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
DASHES = re.compile("[-\u2010-\u2015\u2212]{2,}")
# JSON's and a shell's way to write what is no letter.
ESCAPED = re.compile(r"\\(?:u00([0-9A-Fa-f]{2})|([nrt/]))")
# Shorter than any certificate: the words around one.
SHORTEST_BASE64 = 200
# SEQUENCE { INTEGER 3: a PKCS #12 file, which holds a private key.
PKCS12 = re.compile(rb"\x30(?:\x82..|\x83...|\x80)\x02\x01\x03\x30", re.DOTALL)
UNREADABLE = (ValueError, TypeError, x509.InvalidVersion, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm)


def certificates_in(text: str) -> list[x509.Certificate]:
    """All that are in it, each once. Raises PrivateKeyPasted, MetadataPasted, PublicKeyPasted, RequestPasted,
    NotACertificate."""
    plain = _plain(text)
    blocks = list(_pem_blocks(plain))
    if any("PRIVATE KEY" in kind for kind, _body in blocks) or "PuTTY-User-Key-File" in text:
        raise refusals.PrivateKeyPasted
    if "EntityDescriptor" in text:
        raise refusals.MetadataPasted
    found = [one for kind, body in blocks for one in _in_block(kind, body)] if blocks else _in_bare(plain)
    if not found:
        raise refusals.NotACertificate
    return list(dict.fromkeys(found))


def holds_private_key(text: str) -> bool:
    """Such text is not shown again either."""
    try:
        certificates_in(text)
    except refusals.PrivateKeyPasted:
        return True
    except InvalidValue:
        return False
    return False


def _plain(text: str) -> str:
    """Without the marks that other formats put into it."""
    if "%" in text:
        text = unquote(text)
    text = ESCAPED.sub(_unescaped, html.unescape(text))
    return DASHES.sub("-----", INVISIBLE.sub("", text))


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return "/" if found[2] == "/" else "\n"


def _pem_blocks(text: str) -> Iterator[tuple[str, str]]:
    """(“CERTIFICATE”, what stands below it), also where the END line is missing."""
    for line, body in pairwise(text.split("-----")):
        words = line.split()
        if words[:1] == ["BEGIN"]:
            yield " ".join(words[1:]).upper(), body


def _in_block(kind: str, body: str) -> list[x509.Certificate]:
    if kind.endswith("PUBLIC KEY"):
        raise refusals.PublicKeyPasted
    if kind.endswith("CERTIFICATE REQUEST"):
        raise refusals.RequestPasted
    if kind not in CERTIFICATE + PKCS7:
        return []
    # Marks of quotation stay behind in the lines, and the + between a program's strings, which Base64 has too.
    der = _from_base64(re.sub("[^A-Za-z0-9+/=]", "", re.sub(r"""["']\s*\+""", "", body)))
    return _in_der(der, most=1 if kind == "TRUSTED CERTIFICATE" else None)


def _in_bare(text: str) -> list[x509.Certificate]:
    """Base64 or hexadecimal without a header, between tags, quotes, commas or words."""
    text = _without_tags(text)
    digits = re.sub(r"[\s:]", "", text)
    if re.match("(0x)?3082[0-9A-Fa-f]*$", digits):
        return _in_der(_from_hex(digits.removeprefix("0x")))
    pieces = map(_without_words, re.split("[^A-Za-z0-9+/=]+", "".join(text.split())))
    return [one for piece in pieces if len(piece) >= SHORTEST_BASE64 for one in _in_der(_from_base64(piece))]


def _without_tags(text: str) -> str:
    return ",".join(part.rpartition(">")[2] for part in text.split("<"))


def _without_words(piece: str) -> str:
    """From where DER may begin: MII is a long SEQUENCE, LS0t are the dashes of a PEM."""
    return piece if piece.startswith("LS0t") else piece[max(piece.find("MII"), 0) :]


def _from_base64(text: str) -> bytes:
    """Several one after another are taken apart at their padding; padding that is missing is added."""
    parts = re.findall("[^=]+", text)
    try:
        return b"".join(b64decode(part + "=" * (-len(part) % 4), validate=True) for part in parts)
    except (NotBase64, ValueError):
        raise refusals.NotACertificate from None


def _from_hex(digits: str) -> bytes:
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise refusals.NotACertificate from None


def _in_der(data: bytes, *, most: int | None = None) -> list[x509.Certificate]:
    if data.startswith(b"-----BEGIN"):
        # Base64 of PEM, as Kubernetes keeps it.
        return certificates_in(data.decode("ascii", "replace"))
    return [one for element in islice(_der_elements(data), most) for one in _in_element(element)]


def _der_elements(data: bytes) -> Iterator[bytes]:
    """Each element that stands one after another; what has no length that fits comes as it is."""
    while data:
        count = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
        length = 2 + count + (int.from_bytes(data[2 : 2 + count]) if count else data[1] if len(data) > 1 else 0)
        if count > 4 or (count == 0 and len(data) > 1 and data[1] == 0x80):
            length = len(data)
        yield data[:length]
        data = data[length:]


def _in_element(der: bytes) -> list[x509.Certificate]:
    if _is(_read, der):
        return [_read(der)]
    if PKCS12.match(der) or _is(load_der_private_key, der, None) or _is_encrypted_key(der):
        raise refusals.PrivateKeyPasted
    if _is(load_der_public_key, der):
        raise refusals.PublicKeyPasted
    if _is(x509.load_der_x509_csr, der):
        raise refusals.RequestPasted
    try:
        return list(pkcs7.load_der_pkcs7_certificates(der))
    except UNREADABLE:
        raise refusals.NotACertificate from None


def _read(der: bytes) -> x509.Certificate:
    """With all that is asked of it later: cryptography parses when it is asked."""
    certificate = x509.load_der_x509_certificate(der)
    _ = certificate.subject.rfc4514_string(), certificate.issuer, certificate.not_valid_after_utc
    return certificate


def _is(read: Callable[..., Any], *arguments: Any) -> bool:
    try:
        read(*arguments)
    except UNREADABLE:
        return False
    return True


def _is_encrypted_key(der: bytes) -> bool:
    """cryptography asks for the password of a private key that has one."""
    try:
        load_der_private_key(der, None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return False
