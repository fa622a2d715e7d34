"""Stored secrets: sealed with the SECRET_KEY where they must be read again, as a hash where they need not be."""

import base64
import hashlib
import secrets
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str | None:
    """The text that was sealed; None if it was sealed with another key."""
    try:
        return _fernet().decrypt(sealed).decode()
    except InvalidToken:
        return None


def hash_of(secret: str) -> str:
    """The SHA-256 of a random secret. No salt or stretching: there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class NewSecret(NamedTuple):
    """A secret that is shown once, and what a row keeps of it."""

    text: str
    hash: str
    # Beginning of the text: enough to recognize it, useless to come in with.
    prefix: str

    @classmethod
    def random(cls, start: str) -> "NewSecret":
        """43 random characters behind a start that tells people, and scanners of source code, what it is."""
        text = start + secrets.token_urlsafe(32)
        return cls(text, hash_of(text), text[: len(start) + 6])


def fingerprint(text: str) -> str:
    """A keyed hash, so that the database alone does not let anybody try guesses."""
    return salted_hmac("members.sealing.fingerprint", text, algorithm="sha256").hexdigest()


def _fernet() -> Fernet:
    key = salted_hmac("members.sealing.key", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
