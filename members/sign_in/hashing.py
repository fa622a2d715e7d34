"""Passwords are hashed slowly on purpose (Argon2, 100 MiB, all cores): a few at a time, so that a flood of sign-ins
takes neither the memory nor every thread of a process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from members.sign_in.refusals import TooBusy

AT_ONCE = 2
# Seconds to wait, for two people who press the button in the same moment.
PATIENCE = 0.5
_room = BoundedSemaphore(AT_ONCE)


@contextmanager
def room() -> Iterator[None]:
    """A place for one hash. Raises TooBusy if none is free."""
    if not _room.acquire(timeout=PATIENCE):
        raise TooBusy
    try:
        yield
    finally:
        _room.release()


class BoundedArgon2(Argon2PasswordHasher):
    """Django's Argon2 hasher within these limits; reads existing hashes."""

    def encode(self, password: str, salt: str) -> str:
        with room():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with room():
            return super().verify(password, encoded)
