"""Private keys, found in any text, because they must never be stored, shown again or logged."""

import re
from collections.abc import Iterator
from itertools import islice

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from saml.idp_documents import text_forms

# Marks of a private key: PEM, PuTTY's file, .NET's XML, a JSON Web Key.
SPELLED = re.compile(
    r"BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|PuTTY-User-Key-File|<D>[A-Za-z0-9+/= ]{40}"
    r"""|["']d\\?["'] ?: ?\\?["'][A-Za-z0-9+/_= -]{40}"""
)
# Beginning of a PKCS #12 file, SEQUENCE { INTEGER 3, which holds one.
PKCS12 = re.compile(rb"\x30(?:\x82..|\x83...|\x80)\x02\x01\x03\x30", re.DOTALL)
# An Ed25519 key has 64 letters in Base64.
SHORTEST = 60
# Beginning of DER in Base64, for text with words in front.
BEGINNING = re.compile("M[CHI][A-Za-z0-9+/]{2}")
MAX_TRIED = 20
# Characters of a text that is searched piece by piece; of a longer one, which no form takes, the marks are looked for.
MAX_SEARCHED = 100_000


def are_in(text: str) -> bool:
    """Whether the text has a private key, also beside certificates and, unless it is too long, without a mark."""
    plain = text_forms.plain(text)
    if SPELLED.search(" ".join(plain.split())):
        return True
    if len(text) > MAX_SEARCHED:
        return False
    return any(_holds_one(data) for data in (*_candidates(plain), *_in_pieces(text_forms.from_url_alphabet(text))))


def _candidates(plain: str) -> Iterator[bytes]:
    if whole := text_forms.as_hexadecimal(plain):
        yield whole
    bodies = [body for _kind, body in text_forms.pem_blocks(plain)]
    yield from filter(None, map(text_forms.of_block, bodies))
    yield from _in_pieces(plain)


def _in_pieces(text: str) -> Iterator[bytes]:
    for piece in text_forms.bare_pieces(text):
        if len(piece) >= SHORTEST:
            begins = [0, *(found.start() for found in islice(BEGINNING.finditer(piece), MAX_TRIED))]
            yield from filter(None, (text_forms.from_base64(piece[start:]) for start in begins))


def _holds_one(data: bytes) -> bool:
    if data.startswith(b"-----BEGIN"):
        return b"PRIVATE KEY" in data
    if data.startswith(b"{"):
        return bool(SPELLED.search(data.decode("ascii", "replace")))
    return any(_is_one(element) for element in islice(text_forms.der_elements(data), MAX_TRIED))


def _is_one(der: bytes) -> bool:
    if PKCS12.match(der):
        return True
    try:
        load_der_private_key(der, None)
    except TypeError:
        # Encrypted: it asks for a password.
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True
