"""Opening an encrypted assertion with the site's own key, by `cryptography` (xmlenc-core1, 5.2 and 5.5).

Nothing is fetched, whatever the message points at: the key of the cipher stands in it or beside it.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, XMLPullParser
from xml.sax.saxutils import quoteattr

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from saml.sso import ciphers, crypto_refusals
from saml.sso.xml import DS, XENC, XENC11, algorithm_of, decoded, text_of

AN_ELEMENT = "http://www.w3.org/2001/04/xmlenc#Element"
OAEP_MGF1P = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
OAEP = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
# PKCS #1 v1.5 tells an attacker too much about what it cannot open (Bleichenbacher).
KEY_TRANSPORTS = (OAEP_MGF1P, OAEP)
DIGESTS: dict[str, hashes.HashAlgorithm] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": hashes.SHA1(),  # noqa: S303 - not for signing
    "http://www.w3.org/2001/04/xmldsig-more#sha224": hashes.SHA224(),
    "http://www.w3.org/2001/04/xmlenc#sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384(),
    # Under this name it is in no standard, but in programs.
    "http://www.w3.org/2001/04/xmlenc#sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512(),
}
MGF1 = {f"http://www.w3.org/2009/xmlenc11#mgf1{digest.name}": digest for digest in DIGESTS.values()}
SHA1 = DIGESTS["http://www.w3.org/2000/09/xmldsig#sha1"]
# One for each receiver that the IdP might have meant.
MAX_KEYS = 4


def require_readable(wrapper: Element) -> None:
    """Require one cipher, of an element, with known algorithms; all of that shows from outside.

    Raises NotForOurKey, UnknownEncryption, UnknownKeyTransport.
    """
    closed = list(wrapper.iter(f"{XENC}EncryptedData"))
    if len(closed) != 1 or closed[0] not in wrapper or closed[0].get("Type", AN_ELEMENT) != AN_ELEMENT:
        raise crypto_refusals.NotForOurKey
    method = closed[0].find(f"{XENC}EncryptionMethod")
    if method is None or algorithm_of(method) not in ciphers.KNOWN:
        raise crypto_refusals.UnknownEncryption(algorithm="none" if method is None else algorithm_of(method))
    keys = _keys(wrapper)
    if not keys or len(keys) > MAX_KEYS:
        raise crypto_refusals.NotForOurKey
    unknown = [one for key in keys if (one := _unknown_in(key))]
    if len(unknown) == len(keys):
        raise crypto_refusals.UnknownKeyTransport(algorithm=unknown[0])


def opened(document: bytes, wrapper: Element, key_file: str) -> bytes | None:
    """The content of the cipher as a document, with the names in scope there; None if the key does not fit."""
    data = wrapper.find(f"{XENC}EncryptedData")
    method = None if data is None else data.find(f"{XENC}EncryptionMethod")
    # Before anything is opened, because it takes time by the size of the document.
    names = _names_at_cipher(document)
    if data is None or method is None:
        return None
    for key in _keys(wrapper):
        for session_key in _session_keys(key, _private_key(key_file)):
            plain = ciphers.opened(algorithm_of(method), session_key, _cipher_value(data))
            if plain is not None:
                return _in_scope(names, plain)
    return None


def size_of(wrapper: Element) -> int:
    """The bytes of the cipher, which are about those of its content, whether or not it can be opened."""
    return sum(len(_cipher_value(data)) for data in wrapper.findall(f"{XENC}EncryptedData"))


def _keys(wrapper: Element) -> list[Element]:
    """The encrypted keys, in the cipher or beside it (saml-core-2.0-os, 2.2.4; Shibboleth does the latter)."""
    return list(wrapper.iter(f"{XENC}EncryptedKey"))


def _unknown_in(key: Element) -> str:
    """The algorithm with which this key cannot be opened, or ""."""
    method = key.find(f"{XENC}EncryptionMethod")
    if method is None or algorithm_of(method) not in KEY_TRANSPORTS:
        return "none" if method is None else algorithm_of(method)
    digest, mgf = method.find(f"{DS}DigestMethod"), method.find(f"{XENC11}MGF")
    if digest is not None and algorithm_of(digest) not in DIGESTS:
        return algorithm_of(digest)
    return algorithm_of(mgf) if mgf is not None and algorithm_of(mgf) not in MGF1 else ""


def _session_keys(key: Element, private: rsa.RSAPrivateKey) -> Iterator[bytes]:
    method = key.find(f"{XENC}EncryptionMethod")
    if method is None or _unknown_in(key):
        return
    label = decoded(text_of(method.find(f"{XENC}OAEPparams")))
    for digest, mgf in _oaep(method):
        try:
            yield private.decrypt(_cipher_value(key), padding.OAEP(padding.MGF1(mgf), digest, label))
        except ValueError:
            continue


def _oaep(method: Element) -> Iterator[tuple[hashes.HashAlgorithm, hashes.HashAlgorithm]]:
    """Digest and mask generation. Where no mask is named it is SHA-1's, but some programs take the digest's."""
    named, mgf = method.find(f"{DS}DigestMethod"), method.find(f"{XENC11}MGF")
    digest = SHA1 if named is None else DIGESTS[algorithm_of(named)]
    if mgf is not None and algorithm_of(method) == OAEP:
        yield digest, MGF1[algorithm_of(mgf)]
        return
    yield digest, SHA1
    if digest is not SHA1:
        yield digest, digest


def _cipher_value(element: Element) -> bytes:
    return decoded(text_of(element.find(f"{XENC}CipherData/{XENC}CipherValue")))


@lru_cache(maxsize=4)
def _private_key(key_file: str) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(Path(key_file).read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _in_scope(names: list[tuple[str, str]], plain: bytes) -> bytes:
    """The plaintext as a document of its own; it may use prefixes that are declared around the cipher."""
    declared = "".join(f" xmlns{prefix and ':'}{prefix}={quoteattr(uri)}" for prefix, uri in names)
    return f"<opened{declared}>".encode() + plain + b"</opened>"


def _names_at_cipher(document: bytes) -> list[tuple[str, str]]:
    """Prefixes and namespaces where the cipher stands, the innermost of each prefix. The document has been parsed."""
    scope: list[tuple[str, str]] = []
    own: list[tuple[str, str]] = []
    parser: Any = XMLPullParser(("start-ns", "end-ns", "start"))
    parser.feed(document)
    for event, found in parser.read_events():
        if event == "start-ns":
            own.append(found)
        elif event == "end-ns":
            scope.pop()
        elif found.tag == f"{XENC}EncryptedData":
            break
        else:
            scope, own = scope + own, []
    return list(dict(scope).items())
