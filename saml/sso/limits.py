"""Limits of a document before anything is done with it.

A program that canonicalizes XML takes time by the square of an element's attributes and of the namespaces in scope,
and does so before it checks a signature. Of each there may be several times what any IdP sends.
"""

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

# An assertion has about forty; each group that a person is in adds one or two.
MAX_ELEMENTS = 10_000
DEEPEST = 64
MAX_ATTRIBUTES = 30
# Namespaces in scope in one place.
MAX_NAMESPACES = 40
MAX_ATTRIBUTE_LENGTH = 4096
# Characters of a namespace, which the parser writes before the name of each element and attribute.
MAX_NAMESPACE_LENGTH = 256


class UnreadableError(ValueError):
    """Not Base64, not UTF-8, not well-formed."""


class TooComplexError(UnreadableError):
    """More of something than `Bounded` allows."""


class Bounded(TreeBuilder):
    """Builds the tree and stops at the first thing that is too much."""

    def __init__(self, *, insert_comments: bool, insert_pis: bool) -> None:
        super().__init__(insert_comments=insert_comments, insert_pis=insert_pis)
        self._elements = self._depth = self._namespaces = 0

    def start(self, tag: Any, attrs: dict[Any, Any], /) -> Element:
        self._elements += 1
        self._depth += 1
        if self._elements > MAX_ELEMENTS or self._depth > DEEPEST or len(attrs) > MAX_ATTRIBUTES:
            raise TooComplexError
        if any(len(value) > MAX_ATTRIBUTE_LENGTH for value in attrs.values()):
            raise TooComplexError
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> Element:
        self._depth -= 1
        return super().end(tag)

    def start_ns(self, _prefix: str, uri: str) -> None:
        self._namespaces += 1
        if self._namespaces > MAX_NAMESPACES or len(uri) > MAX_NAMESPACE_LENGTH:
            raise TooComplexError

    def end_ns(self, _prefix: str) -> None:
        self._namespaces -= 1
