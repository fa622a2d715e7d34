from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """A browser session that can be found by its account, so that whoever is out is out at once."""

    account = models.ForeignKey("members.Account", models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> Any:
        from members.sessions import SessionStore

        return SessionStore
