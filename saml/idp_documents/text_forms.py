"""The forms in which keys and certificates are written down, taken apart: PEM, Base64, hexadecimal, DER.

No regular expression here takes longer than the text is long.
"""

import html
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote

INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff]")
DASHES = re.compile("[-\u2010-\u2015\u2212]{2,}")
# Escapes of JSON and of shells.
ESCAPED = re.compile(r"\\(?:u00([0-9A-Fa-f]{2})|([nrt/]))")
NO_BASE64, UNPADDED = re.compile("[^A-Za-z0-9+/=]+"), re.compile("[^=]+")
# Between the strings of a program.
CONCATENATION = re.compile(r"""["']\s*\+\s*["']""")
BETWEEN_DIGITS, SEQUENCE = re.compile(r"[\s:]+"), re.compile("(0x)?3082[0-9A-Fa-f]*")


def plain(text: str) -> str:
    """The text without the escapes and marks of other formats."""
    if "%" in text:
        text = unquote(text)
    text = ESCAPED.sub(_unescaped, html.unescape(text))
    return DASHES.sub("-----", INVISIBLE.sub("", text))


def pem_blocks(text: str) -> Iterator[tuple[str, str]]:
    """The label and content of each PEM block, also where the END line is missing."""
    for line, body in pairwise(text.split("-----")):
        words = line.split()
        if words[:1] == ["BEGIN"]:
            yield " ".join(words[1:]).upper(), body


def from_url_alphabet(text: str) -> str:
    """The Base64 of addresses and JSON Web Keys in the letters of the usual one."""
    return INVISIBLE.sub("", unquote(text)).replace("-", "+").replace("_", "/")


def bare_pieces(text: str) -> Iterator[str]:
    """The pieces that may be Base64, between tags, quotes, commas and dashes, without white space."""
    without_tags = ",".join(part.rpartition(">")[2] for part in text.split("<"))
    yield from NO_BASE64.split("".join(without_tags.split()))


def as_hexadecimal(text: str) -> bytes | None:
    """A long SEQUENCE in digits, with or without colons."""
    digits = BETWEEN_DIGITS.sub("", text)
    if len(digits) % 2 or not SEQUENCE.fullmatch(digits):
        return None
    return bytes.fromhex(digits.removeprefix("0x"))


def of_block(body: str) -> bytes | None:
    """Marks of quotation stay behind in the lines, and the + between a program's strings, which Base64 has too."""
    return from_base64(NO_BASE64.sub("", CONCATENATION.sub("", body)))


def from_base64(text: str) -> bytes | None:
    """The bytes, None if it is no Base64. Several in a row are split at their padding, missing padding is added."""
    parts = UNPADDED.findall(text)
    try:
        return b"".join(b64decode(part + "=" * (-len(part) % 4), validate=True) for part in parts)
    except (NotBase64, ValueError):
        return None


def der_elements(data: bytes) -> Iterator[bytes]:
    """The elements in a row; a rest whose length does not fit comes as it is."""
    while data:
        count = data[1] & 0x7F if len(data) > 1 and data[1] & 0x80 else 0
        length = 2 + count + (int.from_bytes(data[2 : 2 + count]) if count else data[1] if len(data) > 1 else 0)
        if count > 4 or (count == 0 and len(data) > 1 and data[1] == 0x80):
            length = len(data)
        yield data[:length]
        data = data[length:]


def _unescaped(found: re.Match[str]) -> str:
    if found[1]:
        return chr(int(found[1], 16))
    return "/" if found[2] == "/" else "\n"
