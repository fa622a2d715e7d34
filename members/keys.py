"""How texts are brought to one form, for writing and for finding alike.

What is compared without regard to case, is compared by its key. SQL's LOWER folds ASCII only on SQLite and depends
on the collation on PostgreSQL, so the key is made here and stored beside the value.
"""

import re
import unicodedata

# What nobody sees and what turns the text after it around; the joiners stay, which emoji and some scripts need.
_INVISIBLE = dict.fromkeys(
    [
        *(0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFFF9, 0xFFFC),
    ]
)
_BREAK = "\t\n\v\f\r\x85\u2028\u2029"
_BREAKS = re.compile(rf"(?<! ) *+[{_BREAK}][ {_BREAK}]*+")


def visible(text: str) -> str:
    """What people can see of it, in one line: tabs and line breaks are one space."""
    if text.isascii() and text.isprintable():
        return text
    return _BREAKS.sub(" ", text.translate(_INVISIBLE))


def plain(text: str) -> str:
    """As texts are stored: what can be seen, without spaces at the ends."""
    return visible(text).strip()


def folded(text: str) -> str:
    """NFKC and case folding, twice over, because folding can undo the normal form: for parts of a text."""
    once = unicodedata.normalize("NFKC", visible(text)).casefold()
    return unicodedata.normalize("NFKC", once).casefold()


def key_of(text: str) -> str:
    """The key of a whole text, however it was written; folding may make a space of what stands at an end."""
    return folded(plain(text)).strip()


def domain_of(address: str) -> str:
    """The mail domain as it stands in Domain.name, or "" where there is none."""
    local, at, domain = key_of(address).rpartition("@")
    return domain if local and at else ""
