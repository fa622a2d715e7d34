"""Uploaded metadata: from the bytes of a file, in any encoding, to XML in UTF-8."""

import codecs
import re

from saml.idp_documents import refusals

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # UTF-32 comes first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0, appendix F: a “<” without a byte order mark.
BEGINNINGS = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
DECLARATION = re.compile(r"<\?xml\s[^>]*>")
DECLARED = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s{0,20}=\s{0,20}["']([A-Za-z0-9._:-]{1,40})["']""")
# Codecs that are no encodings of text, such as zip and rot13, are left out.
KNOWN = re.compile(
    "utf-8|ascii|iso8859-[0-9]+|cp125[0-8]|cp932|shift_jis|euc_jp|iso2022_jp|euc_kr|gb2312|gbk|gb18030|big5|koi8-[ru]"
)
WEB_PAGE = re.compile(r"<(!doctype\s+html|html)[\s/>]", re.IGNORECASE)
# Shift_JIS as Windows has it: with more characters, under another name in Python.
WINDOWS = dict.fromkeys(("shift_jis", "shift-jis", "windows-31j", "x-sjis"), "cp932")
# Characters that are enough to tell the kind of document.
BEGINNING = 2000


def as_xml(document: bytes) -> bytes:
    """The root element alone, in UTF-8 without declaration.

    Raises MetadataEncoding, MetadataIsWebPage, MetadataIsJson, MetadataIsCertificate, PrivateKeyPasted,
    MetadataUnreadable.
    """
    text = DECLARATION.sub("", _decoded(document).strip("\ufeff\0"), count=1).strip()
    _require_xml(text)
    # A browser's “This XML file does not appear to have any style information …”, the dashes of its tree.
    return text[text.index("<") : text.rindex(">") + 1].encode("utf-8", "replace")


def _require_xml(text: str) -> None:
    start = text[:BEGINNING]
    if WEB_PAGE.search(start):
        raise refusals.MetadataIsWebPage
    if "PRIVATE KEY-----" in start:
        raise refusals.PrivateKeyPasted
    if "-----BEGIN" in start and "<" not in start:
        raise refusals.MetadataIsCertificate
    if start.startswith(("{", "[")):
        raise refusals.MetadataIsJson
    if "<" not in text or ">" not in text[text.index("<") :]:
        raise refusals.MetadataUnreadable


def _decoded(document: bytes) -> str:
    name = _encoding(document)
    try:
        return document.decode(name)
    except UnicodeDecodeError:
        raise refusals.MetadataEncoding(encoding=name) from None


def _encoding(document: bytes) -> str:
    """The encoding. The bytes count before the declaration, which editors leave as it was when they save."""
    for beginning, name in (*BYTE_ORDER_MARKS, *BEGINNINGS):
        if document.startswith(beginning):
            return name
    if document.startswith(b"\x30\x82"):
        raise refusals.MetadataIsCertificate
    declared = DECLARED.search(document[:BEGINNING])
    said = declared[1].decode("ascii").lower() if declared else "utf-8"
    if said.startswith(("utf-16", "utf16", "utf-32", "ucs-2", "unicode")):
        return "utf-8"
    try:
        name = codecs.lookup(WINDOWS.get(said, said)).name
    except LookupError:
        name = ""
    if not KNOWN.fullmatch(name):
        raise refusals.MetadataEncoding(encoding=said)
    return name
