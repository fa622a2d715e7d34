"""The second factor of a Nulab Account: an authenticator app (RFC 6238), and recovery codes for its loss."""

import base64
import datetime
import secrets
import time
from typing import ClassVar
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django_otp.oath import hotp

from members.actors import Actor
from members.keys import key_of
from members.models import second_factor_refusals as refusals
from members.models import security
from members.models.account import Account
from members.models.account_refusals import HasNoPassword
from members.models.audit import Event
from members.models.changing import changing
from members.models.sign_in import Method
from members.models.sign_in_attempt import SignInAttempt
from members.refusals import Refusal
from members.sealing import fingerprint, seal, unseal

STEP = 30
MAX_WRONG_CODES = 5
LOCKED_FOR = datetime.timedelta(minutes=15)
RECOVERY_CODES = 10
# Letters that do not look alike; 12 of these 31 are 59 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """160 bits in Base32, as authenticator apps read it."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def pairing_link(account: Account, secret: str) -> str:
    """The “Key URI” that authenticator apps read from a QR code."""
    issuer = urlsplit(settings.BASE_URL).hostname
    query = urlencode({"secret": secret, "issuer": f"Nulab ({issuer})"}, quote_via=quote)
    return f"otpauth://totp/{quote(f'Nulab ({issuer}):{account.user_name}')}?{query}"


def step_of(secret: str, code: str, *, after: int = 0) -> int | None:
    """The time step whose code it is: this one or a neighbour, for clocks that differ; none up to `after`."""
    key, now = base64.b32decode(secret), int(time.time()) // STEP
    steps = (step for step in (now - 1, now, now + 1) if step > after)
    return next((step for step in steps if constant_time_compare(f"{hotp(key, step):06d}", code)), None)


def _plain(code: str) -> str:
    """The code without the typed grouping, letter case and width."""
    return key_of(code).replace(" ", "").replace("-", "")


class SecondFactorManager(models.Manager["SecondFactor"]):
    def of(self, account: Account) -> "SecondFactor":
        """The account's second factor. Raises NoSecondFactor."""
        factor = self.filter(account=account).select_related("account").first()
        if factor is None:
            raise refusals.NoSecondFactor(account=account.name)
        return factor

    def set_up(self, account: Account, secret: str, code: str, *, by: Actor, keep: str = "") -> list[str]:
        """The recovery codes, to be shown once. Raises WrongCode, HasNoPassword, SecondFactorIsThere."""
        step = step_of(secret, _plain(code))
        if step is None:
            raise refusals.WrongCode
        with changing():
            account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
            if account.is_managed or not account.is_active:
                raise HasNoPassword
            if self.filter(account=account).exists():
                raise refusals.SecondFactorIsThere
            factor = self.create(account=account, secret=seal(secret), last_step=step)
            security.changed(account, Event.SECOND_FACTOR_SET_UP, by=by, keep=keep)
            return factor.write_recovery_codes()


class SecondFactor(models.Model):
    account = models.OneToOneField(Account, models.CASCADE, related_name="second_factor")
    # Sealed: it has to be read again to compute codes.
    secret = models.CharField(max_length=255)
    # A code works once: this is the time step of the last one.
    last_step = models.BigIntegerField()
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    set_up_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[SecondFactorManager] = SecondFactorManager()

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return str(self.account_id)

    def accept(self, code: str, *, by: Actor, browser: str = "") -> Method:
        """A code of the app or a recovery code, each good once. Raises WrongCode, CodesLocked.

        `browser` is a known one's name: its wrong codes are counted by themselves, so that whoever has got hold of
        the password does not lock the owner out.
        """
        with changing():
            factor = SecondFactor.objects.select_for_update().select_related("account").filter(pk=self.pk).first()
            found = factor._judge(_plain(code), by, browser) if factor else refusals.WrongCode()
        # Only now, so that a wrong code stays counted.
        if isinstance(found, Refusal):
            raise found
        return found

    def _judge(self, code: str, by: Actor, browser: str) -> Method | Refusal:
        # No number of guesses finds one of these, so they are good in any case.
        if self._spend_recovery_code(code):
            security.tell(self.account, Event.RECOVERY_CODE_USED, by=by)
            return self._forgive(Method.RECOVERY_CODE, browser)
        if self._is_locked(browser):
            return refusals.CodesLocked()
        secret = unseal(self.secret)
        if secret and (step := step_of(secret, code, after=self.last_step)):
            self.last_step = step
            return self._forgive(Method.CODE, browser)
        return self._count_wrong_code(by, browser)

    def _is_locked(self, browser: str) -> bool:
        if browser:
            return SignInAttempt.objects.wrong_codes(self.account_id, browser) >= MAX_WRONG_CODES
        return self.locked_until is not None and timezone.now() < self.locked_until

    def _forgive(self, method: Method, browser: str) -> Method:
        if browser:
            SignInAttempt.objects.forgive_codes(self.account_id, browser)
        else:
            self.wrong_codes = 0
        self.save(update_fields=["last_step", "wrong_codes"])
        return method

    def _spend_recovery_code(self, code: str) -> bool:
        wanted = fingerprint(code)
        spent = [kept.pk for kept in self.recovery_codes.all() if constant_time_compare(kept.hash, wanted)]
        return bool(RecoveryCode.objects.filter(pk__in=spent).delete()[0])

    def _count_wrong_code(self, by: Actor, browser: str) -> Refusal:
        if browser:
            wrong = SignInAttempt.objects.count_wrong_code(self.account_id, browser)
        else:
            self.wrong_codes = wrong = self.wrong_codes + 1
        is_too_many = wrong >= MAX_WRONG_CODES
        if is_too_many:
            security.tell(self.account, Event.SECOND_FACTOR_LOCKED, by=by)
        if is_too_many and not browser:
            self.wrong_codes, self.locked_until = 0, timezone.now() + LOCKED_FOR
        self.save(update_fields=["wrong_codes", "locked_until"])
        return refusals.CodesLocked() if is_too_many else refusals.WrongCode()

    def renew_recovery_codes(self, *, by: Actor, keep: str = "") -> list[str]:
        """New ones, to be shown once; the former ones are void."""
        with changing():
            SecondFactor.objects.select_for_update().filter(pk=self.pk).first()
            codes = self.write_recovery_codes()
            security.changed(self.account, Event.RECOVERY_CODES_RENEWED, by=by, keep=keep)
            return codes

    def write_recovery_codes(self) -> list[str]:
        codes = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(RECOVERY_CODES)]
        self.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(factor=self, hash=fingerprint(code)) for code in codes)
        return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]

    def remove(self, *, by: Actor, keep: str = "") -> None:
        """The password alone signs in again."""
        with changing():
            if SecondFactor.objects.filter(pk=self.pk).delete()[0]:
                security.changed(self.account, Event.SECOND_FACTOR_REMOVED, by=by, keep=keep)


class RecoveryCode(models.Model):
    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.factor_id)
