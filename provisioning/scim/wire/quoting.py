"""Quotes of values in filters and paths, where they are missing or single.

Only what can mean one thing is completed; anything else stays as malformed as it came.
"""

import re

from scim2_models import ScimFilter

# Unended quotations match, too, so that nothing is read twice.
QUOTED = r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
SINGLE_QUOTED = r"'[^'\"\\()\[\]]*+'(?=[\s)\]]|\Z)"
_BARE_WORD = re.compile(
    rf"""({QUOTED})|(?<=\s)(eq|ne|co|sw|ew|gt|ge|lt|le)(\s++)([^\s"'()\[\]][^\s"()\[\]]*+)""",
    re.IGNORECASE | re.DOTALL,
)
_ENTRY_COMPARED = re.compile(rf"({QUOTED})|\](?=\s++(?:eq|ne|co|sw|ew|gt|ge|lt|le|pr)\b)", re.IGNORECASE | re.DOTALL)
_IN_SINGLE_QUOTES = re.compile(rf"({QUOTED})|(?<=\s)({SINGLE_QUOTED})", re.DOTALL)


def completed(text: str) -> str:
    """A filter with its values in quotes, like a path; an entry that is itself compared stands for its value."""
    return _ENTRY_COMPARED.sub(lambda match: match[1] or "].value", completed_path(text))


def completed_path(path: str) -> str:
    """A path of a PATCH with its values in quotes, which came without or in single ones."""
    return _quoted(_IN_SINGLE_QUOTES.sub(lambda match: match[1] or ScimFilter.quote(match[2][1:-1]), path))


def _quoted(text: str) -> str:
    def quote(match: re.Match[str]) -> str:
        value = match[4]
        if match[1] or value.casefold() in ("true", "false", "null"):
            return match[0]
        return match[2] + match[3] + ScimFilter.quote(value)

    return _BARE_WORD.sub(quote, text)
