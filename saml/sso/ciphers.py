"""The block ciphers of encrypted assertions (xmlenc-core1, 5.2)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES

XMLENC, XMLENC11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
GCM = {f"{XMLENC11}aes{bits}-gcm": bits // 8 for bits in (128, 192, 256)}
CBC = {f"{XMLENC}aes{bits}-cbc": bits // 8 for bits in (128, 192, 256)}
# CBC is opened because IdPs still use it, but not asked for; its content is signed.
TRIPLE_DES = f"{XMLENC}tripledes-cbc"
# The best first: IdPs take the first that they know.
OFFERED = [*reversed(GCM), *reversed(CBC)]
KNOWN = {**GCM, **CBC, TRIPLE_DES: 24}
NONCE, TAG = 12, 16


def opened(algorithm: str, key: bytes, data: bytes) -> bytes | None:
    """The plaintext; None if key or data do not fit this cipher."""
    if len(key) != KNOWN[algorithm]:
        return None
    if algorithm in GCM:
        return _opened_gcm(key, data)
    return _opened_cbc(TripleDES(key) if algorithm == TRIPLE_DES else AES(key), data)


def _opened_gcm(key: bytes, data: bytes) -> bytes | None:
    if len(data) < NONCE + TAG:
        return None
    try:
        return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], None)
    except InvalidTag:
        return None


def _opened_cbc(algorithm: AES | TripleDES, data: bytes) -> bytes | None:
    """The plaintext without padding. Only the last byte of the padding counts: it is the number of bytes."""
    size = algorithm.block_size // 8
    if len(data) < 2 * size or len(data) % size:
        return None
    decryptor = Cipher(algorithm, modes.CBC(data[:size])).decryptor()
    plain = decryptor.update(data[size:]) + decryptor.finalize()
    return plain[: -plain[-1]] if 1 <= plain[-1] <= size else None
