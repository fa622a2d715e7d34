"""What must be read again but should be of no use to whoever sees the database only: sealed with the SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac


def seal(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str | None:
    """None if it was sealed with another key."""
    try:
        return _fernet().decrypt(sealed).decode()
    except InvalidToken:
        return None


def fingerprint(text: str) -> str:
    """A keyed hash: whoever sees the database only cannot even try guesses."""
    return salted_hmac("members.sealing.fingerprint", text, algorithm="sha256").hexdigest()


def _fernet() -> Fernet:
    key = salted_hmac("members.sealing.key", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
