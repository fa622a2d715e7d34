"""Checks of the keys that sign Security Event Tokens, run when the site starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from api.sets.keys import LEAST_BITS, bits_of


@register
def signing_keys_are_there(**_: Any) -> list[CheckMessage]:
    hint = "docs/operations.md says how to make one."
    return [
        Error(f"SET_SIGNING_KEYS: {path!r} is no RSA key of {LEAST_BITS} bits at least.", hint=hint, id="api.E001")
        for path in settings.SET_SIGNING_KEYS
        if bits_of(path) < LEAST_BITS
    ]
