"""The one form of a text, for storing and for finding.

What is compared without regard to case, is compared by its key. SQL's LOWER folds ASCII only on SQLite and depends
on the collation on PostgreSQL, so the key is made here and stored beside the value.
"""

import re
import unicodedata

# Characters that do not show or that turn the direction of text; the joiners stay, which emoji and some scripts need.
_INVISIBLE = dict.fromkeys(
    [
        *(0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFFF9, 0xFFFC),
    ]
)
# Categories of characters that show nothing when they stand alone: spaces, joiners, marks for a letter before them.
_UNSEEN = ("Zs", "Zl", "Zp", "Cf", "Mn", "Me")
# Letters and a symbol by their categories, which are drawn as nothing.
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_BREAK = "\t\n\v\f\r\x85\u2028\u2029"
_BREAKS = re.compile(rf"(?<! ) *+[{_BREAK}][ {_BREAK}]*+")


def visible(text: str) -> str:
    """The visible characters in one line: tabs and line breaks are one space."""
    if text.isascii() and text.isprintable():
        return text
    return _BREAKS.sub(" ", text.translate(_INVISIBLE))


def plain(text: str) -> str:
    """The text as it is stored: its visible characters, without spaces at the ends; "" if none of it can be seen."""
    stripped = visible(text).strip()
    return stripped if stripped.isascii() or any(map(_is_seen, stripped)) else ""


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and character not in _FILLERS


def folded(text: str) -> str:
    """A part of a text in NFKC and folded case; done twice, because folding can undo the normal form."""
    if text.isascii() and text.isprintable():
        return text.lower()
    once = unicodedata.normalize("NFKC", visible(text)).casefold()
    return unicodedata.normalize("NFKC", once).casefold()


def key_of(text: str) -> str:
    """The key of a whole text, however it was written; folding may make a space of what stands at an end."""
    if text.isascii() and text.isprintable():
        return text.strip().lower()
    return folded(plain(text)).strip()


def domain_of(address: str) -> str:
    """The mail domain as it stands in Domain.name, or "" where there is none."""
    local, at, domain = key_of(address).rpartition("@")
    return domain if local and at else ""
