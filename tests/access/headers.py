"""What an answer has to tell the browser, whoever asks."""

import re
from collections.abc import Iterator
from typing import Any

from members.single_sign_on import FORMS_LEAD_TO

_INLINE = re.compile(rb"<[^>]+\s(?:style|on\w+)=|<script(?![^>]*\ssrc=)[^>]*>(?!\s*[\[{])")


def untold(answer: Any) -> Iterator[str]:
    """What the answer leaves open to the browser."""
    yield from (f"the header {name} is weak" for name in weak_headers(answer))
    yield from (f"the cookie {name} is weak" for name in weak_cookies(answer))
    if found := _INLINE.search(answer.getvalue()):
        yield f"it has something inline: {found[0]!r}"


def may_be_kept(answer: Any) -> bool:
    """Whether a cache may keep the answer."""
    return "no-store" not in answer.headers.get("Cache-Control", "")


def weak_headers(answer: Any) -> list[str]:
    """Those that are missing or too generous."""
    policy = {
        name: values.split() for name, _, values in
        (part.strip().partition(" ") for part in answer.headers.get("Content-Security-Policy", "").split(";"))
    }  # fmt: skip
    wanted = {
        "default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"],
        "frame-ancestors": ["'none'"], "base-uri": ["'none'"],
    }  # fmt: skip
    headers = {
        "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }  # fmt: skip
    weak = [name for name, value in wanted.items() if policy.get(name) != value]
    # Some forms end at an IdP.
    weak += ["form-action"] if policy.get("form-action") not in (["'self'"], ["'self'", *FORMS_LEAD_TO]) else []
    weak += [name for name, value in headers.items() if answer.headers.get(name) != value]
    return weak


def weak_cookies(answer: Any) -> list[str]:
    """Those that a script could read or another site's form would bring along."""
    return [
        name
        for name, cookie in answer.cookies.items()
        if cookie.value and not (cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["domain"])
    ]
