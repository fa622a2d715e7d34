from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from members.pruning import delete_in_steps
from members.sessions import SessionStore


class Session(AbstractBaseSession):
    """A browser session that can be found by its account, so that a deactivation ends it at once."""

    account = models.ForeignKey("members.Account", models.CASCADE, null=True, related_name="sessions")

    @staticmethod
    def prune() -> int:
        """The expired ones."""
        return delete_in_steps(Session.objects.filter(expire_date__lt=timezone.now()))

    @classmethod
    def get_session_store_class(cls) -> Any:
        return SessionStore
