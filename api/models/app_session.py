"""Sign-ins handed over to the apps: a code that works once, then a session that lasts as long as the one here."""

import datetime
import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from api.models.app_key import App
from members.models import Session
from members.models.account import Account
from members.pruning import delete_in_steps
from members.sealing import hash_of
from members.sessions import HASH_LENGTH, key_hash

CODE_START, SESSION_START = "nlb_code_", "nlb_ses_"
CODE_LIVES = datetime.timedelta(seconds=60)
# No session here lives longer.
KEPT_FOR = datetime.timedelta(days=2)
MAX_ADDRESS = 2048


class AppSessionManager(models.Manager["AppSession"]):
    def hand_over(self, app: App, account: Account, session_key: str, return_to: str) -> str:
        """The code for an app about the session with this key."""
        code = CODE_START + secrets.token_urlsafe(24)
        self.create(
            app=app, account_id=account.pk, session_key=key_hash(session_key),
            code_hash=hash_of(code), code_for=hash_of(return_to), code_ends_at=timezone.now() + CODE_LIVES,
        )  # fmt: skip
        return code

    def take(self, app: str, code: str, return_to: str) -> "tuple[AppSession, str] | None":
        """The session of the code and its secret, once; None for a code that is used, late, or another app's."""
        secret = SESSION_START + secrets.token_urlsafe(32)
        waiting = self.living().filter(
            app=app, code_hash=hash_of(code), code_for=hash_of(return_to), code_ends_at__gt=timezone.now()
        )
        if not waiting.update(code_hash=None, hash=hash_of(secret)):
            return None
        return self.get(hash=hash_of(secret)), secret

    def living(self) -> "models.QuerySet[AppSession]":
        """Those whose session here has not ended: by its time, by signing out, by deactivation."""
        here = Session.objects.filter(
            session_key=OuterRef("session_key"), account_id=OuterRef("account_id"), expire_date__gt=timezone.now()
        )
        return self.filter(Exists(here))


class AppSession(models.Model):
    """No foreign keys: it ends with the row of the session, which is looked for each time, and deletes nothing."""

    app = models.CharField(max_length=8, choices=App)
    account_id = models.BigIntegerField()
    # Session here, as its table has it.
    session_key = models.CharField(max_length=HASH_LENGTH)
    # Hash of the secret that the app holds; None until the code is taken.
    hash = models.CharField(max_length=64, unique=True, null=True)
    code_hash = models.CharField(max_length=64, unique=True, null=True)
    # Hash of the address that the code was sent to.
    code_for = models.CharField(max_length=64)
    code_ends_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[AppSessionManager] = AppSessionManager()

    def __str__(self) -> str:
        return f"{self.app}: {self.account_id}"

    @staticmethod
    def prune() -> int:
        return delete_in_steps(AppSession.objects.filter(created_at__lt=timezone.now() - KEPT_FOR))
