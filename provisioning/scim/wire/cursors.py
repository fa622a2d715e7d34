"""Cursors (RFC 9865): the key at which a page has ended, signed, so that it opens the list that it was made for only.

Nothing is kept: any process on any host reads it. It holds no more than the row that the client has seen.
"""

import datetime
import hashlib
from dataclasses import dataclass
from typing import Any

from django.core import signing

from provisioning.scim.wire import refusals

# Seconds between two pages.
TIMEOUT = 3600
_SALT = "scim cursor"


@dataclass(frozen=True)
class Place:
    """A place in a list: behind a row, or before it."""

    value: Any
    key: int
    total: int
    is_back: bool = False
    # Whether the filter was read with each + as it stands.
    is_literal: bool = False


def written(place: Place, listed: tuple[Any, ...], count: int) -> str:
    value = place.value
    if isinstance(value, datetime.datetime):
        value = [value.isoformat()]
    flags = place.is_back + 2 * place.is_literal
    return _signer().sign_object([_named(listed), count, value, place.key, place.total, flags])


def read(cursor: str, listed: tuple[Any, ...], count: int) -> Place:
    """The place, if the cursor was made for this list. Raises ExpiredCursor, InvalidCursor, InvalidCount."""
    try:
        name, asked, value, key, total, flags = _signer().unsign_object(cursor, max_age=TIMEOUT)
    except signing.SignatureExpired:
        raise refusals.ExpiredCursor(seconds=TIMEOUT) from None
    except (signing.BadSignature, ValueError):
        raise refusals.InvalidCursor from None
    if name != _named(listed):
        raise refusals.ForeignCursor
    if asked != count:
        raise refusals.CountChanged(count=asked)
    if isinstance(value, list):
        value = datetime.datetime.fromisoformat(value[0])
    return Place(value, key, total, is_back=bool(flags & 1), is_literal=bool(flags & 2))


def is_literal(cursor: str) -> bool:
    """Whether it was made for the filter with each + as it stands. Any other cursor says no, and is looked at later."""
    try:
        flags = _signer().unsign_object(cursor)[-1]
    except (signing.BadSignature, ValueError):
        return False
    return bool(flags & 2)


def _signer() -> signing.TimestampSigner:
    # The characters of a cursor are those that a URL need not encode.
    return signing.TimestampSigner(sep=".", salt=_SALT)


def _named(listed: tuple[Any, ...]) -> str:
    return hashlib.blake2b(repr(listed).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
