"""The one place that reads XML from outside. Nothing here trusts what it reads."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from saml.sso.limits import Bounded
from saml.sso.limits import TooComplexError as TooComplexError
from saml.sso.limits import UnreadableError as UnreadableError

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
XENC11 = "{http://www.w3.org/2009/xmlenc11#}"
EXC_C14N = "{http://www.w3.org/2001/10/xml-exc-c14n#}"

WHITE_SPACE = re.compile(r"\s+")
DECLARED_ENCODING = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")


class ForbiddenError(ValueError):
    """A document type, an entity, a comment or a processing instruction."""


def from_base64(text: str, *, most: int) -> bytes:
    """The bytes. Raises UnreadableError, OverflowError above `most` bytes."""
    compact = WHITE_SPACE.sub("", text)
    if len(compact) > most * 4 // 3 + 4:
        raise OverflowError
    try:
        return b64decode(compact, validate=True)
    except (NotBase64, ValueError) as error:
        raise UnreadableError from error


def parse(document: bytes, *, allow_comments: bool = False) -> Element:
    """The root of a document in UTF-8 without document type, entities, comments and instructions.

    `allow_comments` passes over comments and instructions: for metadata, where nothing is signed for us. The encoding
    is held to UTF-8 because xmlsec1 reads the document too, with another parser: both must see the same characters.
    Raises UnreadableError, ForbiddenError, TooComplexError.
    """
    _require_utf8(document)
    parser = DefusedXMLParser(
        target=Bounded(insert_comments=not allow_comments, insert_pis=not allow_comments),
        forbid_dtd=True,
        forbid_entities=True,
    )
    try:
        parser.feed(document)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise ForbiddenError from error
    except UnreadableError:
        raise
    # Expat raises ValueError or RecursionError where it cannot go on.
    except (ParseError, ValueError, RecursionError) as error:
        raise UnreadableError from error
    if not allow_comments and not all(_is_element(node) for node in root.iter()):
        raise ForbiddenError
    return root


def elements(parent: Element) -> Iterator[Element]:
    """The child elements, comments and instructions left out."""
    return filter(_is_element, parent)


def text_of(element: Element | None) -> str:
    """The element's own text without XML's white space around it; "" for none or for one with children."""
    if element is None or len(element):
        return ""
    return (element.text or "").strip(" \t\r\n")


def algorithm_of(element: Element) -> str:
    """The Algorithm attribute, cut to a length that can be shown; “none” without one."""
    return element.get("Algorithm", "")[:200] or "none"


def decoded(text: str) -> bytes:
    """The bytes of Base64 in a document, with line breaks or without; b"" if it is none."""
    try:
        return b64decode("".join(text.split()), validate=True)
    except ValueError:
        return b""


def without_namespace(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _is_element(node: Any) -> bool:
    """Comments and instructions have a function for a tag."""
    return isinstance(node.tag, str)


def _require_utf8(document: bytes) -> None:
    declared = DECLARED_ENCODING.match(document.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise UnreadableError
    try:
        text = document.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError from error
    if "\0" in text:
        raise UnreadableError
