"""Paths and filters as the sync activity keeps them: names, and the values of stored attributes."""

import re
from collections.abc import Callable
from functools import lru_cache

from provisioning.scim.wire.attributes import Attributes, split_urn
from provisioning.scim.wire.quoting import QUOTED, SINGLE_QUOTED

HIDDEN = "•••"
MAX_NAME = 200
OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
# Types of entries (RFC 7643 §4.1.2) and other words that are no secret anywhere.
PLAIN = ("work", "home", "other", "mobile", "fax", "pager", "photo", "thumbnail", "true", "false", "null")
_TOKEN = re.compile(rf'{QUOTED}|{SINGLE_QUOTED}|[()\[\]]|\s++|[^\s"()\[\]]++', re.DOTALL)
IS_NAME = re.compile(r"[\w.$][\w.$:-]*+,?")


class MaskedText:
    """The masking of texts for one resource: its attributes, and whether a name can be filtered by."""

    def __init__(self, attributes: Attributes, is_filterable: Callable[[str], bool]) -> None:
        self.attributes, self.is_filterable = attributes, is_filterable

    def path(self, text: str) -> str:
        """The path of a PATCH: its names, and of its values those of stored attributes."""
        return _path(self, text) if len(text) <= MAX_NAME else self._scan(text, is_path=True)

    def filter(self, text: str) -> str:
        """The filter, masked. A word that stands in the place of no name may be anything, so it is hidden."""
        return self._scan(text, is_path=False)

    def ignored(self, said: str) -> str:
        """An attribute that was ignored: its path, or the name of a stored one and the value that could not be used."""
        name, colon, _ = said.partition(": ")
        return said[:MAX_NAME] if colon and "[" not in name and self._stored(name) else self.path(said)

    def _scan(self, text: str, *, is_path: bool) -> str:
        shown: list[str] = []
        last, attribute, outer, closed = "", "", "", ""
        tokens = _TOKEN.findall(text[: 3 * MAX_NAME].replace("\x00", "\\0"))
        words = [token for token in tokens if not token.isspace()] + ["", ""]
        at = 0
        for token in tokens:
            if token.isspace():
                shown.append(" ")
                continue
            at += 1
            following = words[at].casefold()
            if token in "()[]":
                closed = outer if token == "]" else closed
                outer = attribute if token == "[" else "" if token == "]" else outer
                shown.append(token)
            elif last.casefold() in OPERATORS and attribute:
                is_kept = token.strip("\"'").casefold() in PLAIN or self._is_compared(attribute, outer)
                shown.append(token if is_kept else _hidden(token))
            elif token.casefold() in ("and", "or", "not") or (attribute and token.casefold() in (*OPERATORS, "pr")):
                shown.append(token)
            elif IS_NAME.fullmatch(token) and (
                following in (*OPERATORS, "pr", "[")
                or self._is_compared(token, outer)
                or (last == "]" and self._is_compared(closed + token, ""))
                or (is_path and (at == 1 or last in ("]", "[") or last.endswith(",")))
            ):
                # Name behind the brackets: a part of the attribute before them.
                attribute = closed + token if last == "]" else token
                shown.append(token)
            else:
                shown.append(_hidden(token))
            last = token
        return "".join(shown)[:MAX_NAME]

    def _is_compared(self, attribute: str, outer: str) -> bool:
        """Whether the name is a stored attribute, on its own or within the brackets of another."""
        name = self.attributes.without_core(attribute)
        name = f"{outer}.{name}".casefold() if outer else name.casefold()
        return self.is_filterable(name) or self._stored(name) is not None

    def _stored(self, path: str) -> tuple[str, str] | None:
        """The stored attribute that a name or a path means, and its part."""
        return _stored(self, path[:MAX_NAME])


@lru_cache(1000)
def _path(masked: MaskedText, text: str) -> str:
    """An identity provider sends the same few paths all day."""
    return masked._scan(text, is_path=True)


@lru_cache(1000)
def _stored(masked: MaskedText, path: str) -> tuple[str, str] | None:
    attributes = masked.attributes
    path = attributes.without_core(path)
    if attributes.is_extension(path):
        return attributes.extension, ""
    urn, attribute = split_urn(path)
    if urn:
        known = attributes.canonical_sub(attributes.extension, attribute)
        return (attributes.extension, known) if known and attributes.is_extension(urn) else None
    head, _, chosen = path.partition("[")
    top, _, sub = head.partition(".")
    sub = sub or chosen.rpartition("]")[2].removeprefix(".")
    name = attributes.canonical(top.strip())
    if name is None or name not in attributes.stored:
        return None
    return (name, sub) if not sub or attributes.canonical_sub(name, sub) else None


def _hidden(token: str) -> str:
    return f'"{HIDDEN}"' if token.startswith('"') else HIDDEN
