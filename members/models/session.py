from typing import Any

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Length
from django.utils import timezone

from members.pruning import delete_in_steps
from members.sessions import KEY_LENGTH, SessionStore, key_hash


class Session(AbstractBaseSession):
    """A browser session that can be found by its account, so that a deactivation ends it at once."""

    account = models.ForeignKey("members.Account", models.CASCADE, null=True, related_name="sessions")

    @staticmethod
    def prune() -> int:
        """Expired ones; and no key of the former release's stays to be read."""
        for row in Session.objects.annotate(length=Length("session_key")).filter(length=KEY_LENGTH).iterator():
            Session.objects.filter(pk=row.pk).update(session_key=key_hash(row.session_key))
        return delete_in_steps(Session.objects.filter(expire_date__lt=timezone.now()))

    @classmethod
    def get_session_store_class(cls) -> Any:
        return SessionStore
