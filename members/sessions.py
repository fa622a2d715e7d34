"""The session engine: Django's database sessions, with the account in a column of its own, a hash in place of the
key, and an end that no activity puts off."""

import datetime
import time
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from members.sealing import hash_of

# Keys of a session's beginning. At an IdP the person may have signed in before the session began.
SIGNED_IN_AT, STARTED_AT = "signed_in_at", "session_started_at"
ENDS_AFTER = 24 * 3600
# Longer than the keys that browsers hold, so that no hash can be used as a key.
HASH_LENGTH = 40


def key_hash(key: str) -> str:
    """The hash in the table: as much as its column takes, 160 bits."""
    return hash_of(key)[:HASH_LENGTH]


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> Any:
        from members.models import Session

        return Session

    def _get_session_from_db(self) -> Any:
        row = self._rows(self.session_key).filter(expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        if self._left(data) <= 0:
            self._session_key = None
            return {}
        return data

    def exists(self, session_key: str) -> bool:
        return bool(self._rows(session_key).exists())

    def delete(self, session_key: str | None = None) -> None:
        self._rows(session_key or self.session_key).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = data.get("_auth_user_id")
        row.session_key = key_hash(row.session_key)
        return row

    def get_expiry_age(self, **kwargs: Any) -> int:
        chosen: int = super().get_expiry_age(**kwargs)
        return chosen if "expiry" in kwargs else max(0, int(min(chosen, self._left(self))))

    def get_expiry_date(self, **kwargs: Any) -> datetime.datetime:
        return timezone.now() + datetime.timedelta(seconds=self.get_expiry_age(**kwargs))

    def _rows(self, key: str | None) -> Any:
        return self.model.objects.filter(session_key=key_hash(key)) if key else self.model.objects.none()

    @staticmethod
    def _left(data: Any) -> float:
        """Seconds to the end; no end before anybody has signed in."""
        began = data.get(STARTED_AT) or data.get(SIGNED_IN_AT)
        return began + ENDS_AFTER - time.time() if began else float("inf")
