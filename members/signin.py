"""Signing in with a password. Every session names this class by its dotted path: it has to stay where it is."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

BY_PASSWORD = "members.signin.PasswordBackend"


class PasswordBackend(ModelBackend):
    """Whose sessions these are. It signs nobody in by itself: the forms do, which count and record what they refuse."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        return None
