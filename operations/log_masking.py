"""Log lines without secrets: links that work once, tokens, passwords, keys of sessions.

A link takes its reader to an address without the secret at once (members/console/one_time_links.py), so this is the
second lock: for links that are cut short, forms sent to a wrong address, exceptions that quote what they were given.
"""

import logging
import re

MASK = "…"
SLASH = r"(?:/|%(?:25){0,3}2[Ff])"
# Rest of a path, up to a character that ends it in a line of a log.
REST = r"[^\s?#&\"'<>()\[\]{},;]"
NAME = r"(?:passw(?:or)?d|token|secret|api[_-]?key|saml(?:response|request)|relaystate|authorization)"
# Characters between a name and its value: name=, "name": ", 'name': ['.
EQUALS = r"[\"']?\s{0,9}[=:]\s{0,9}\[?(?:b?[\"'])?"
# The numbers of an organization's own invitations are short and may be read.
_LINK = rf"({SLASH}(?:invitations|profile{SLASH}address){SLASH})(?!open{SLASH}){REST}{{20,}}"
_SET_PASSWORD = rf"({SLASH}set-password{SLASH})(?!open{SLASH}){REST}+"
# A part of each path that the two above mask.
_MARKS = ("set-password", "invitations", "profile/address")
# Bounded on both sides of the name, so that no text takes long.
_VALUES = rf"({NAME}[\w.-]{{0,40}}{EQUALS})(?!Bearer|Basic)[^\s\"'&,;)}}\]]+"
_COOKIES = r"\b((?:__(?:Host|Secure)-)?(?:session|csrftoken|code)=)[^\s\"'&;,]+"
_PATTERNS = [
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in [
        (_SET_PASSWORD, rf"\1{MASK}"),
        (_LINK, rf"\1{MASK}"),
        (r"\b(Bearer|Basic)\s{1,9}[\w.~+/=-]+", rf"\1 {MASK}"),
        (r"(nlb_(?:scim|app|pat)_\w{6})[\w-]{9,}", rf"\1{MASK}"),
        (r"(whsec_)[\w+/=-]{9,}", rf"\1{MASK}"),
        (_VALUES, rf"\1{MASK}"),
        (_COOKIES, rf"\1{MASK}"),
    ]
]


def masked(text: str) -> str:
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def masked_path(path: str, status: int) -> str:
    """The path of a request, masked where it may hold a secret: masking costs as much as the rest of its line."""
    return masked(path) if status >= 400 or any(mark in path for mark in _MARKS) else path


class SecretsMasked(logging.Filter):
    """Masks a record in place, whichever handlers it goes on to; what was refused takes one line, not a stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            record.msg, record.args = masked(record.getMessage()), ()
        except (TypeError, ValueError):
            # A record that cannot be formatted: its handler says what is wrong.
            return True
        if isinstance(status := getattr(record, "status_code", None), int) and status < 500:
            record.exc_info = record.exc_text = None
        elif record.exc_info and not record.exc_text:
            record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        return True
