"""Signing in with a password. Every session names this class by its dotted path: it has to stay where it is."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

BY_PASSWORD = "members.signin.PasswordBackend"


class PasswordBackend(ModelBackend):
    """The backend of sessions with a password. It checks nothing: the forms do, which count and record refusals."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        return None
