"""Tried passwords and codes, and their limits: per account and place, per place, per account.

What a stranger does must not lock the owner out, so a browser in which the owner has signed in before is counted by
itself.
"""

import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from members.keys import key_of
from members.models.sign_in_attempt_refusals import TooManyForAddress, TooManyFromNetwork, TooManyPasswords
from members.pruning import delete_in_steps
from members.refusals import TryLater
from members.sealing import fingerprint

WINDOW = datetime.timedelta(minutes=15)
LONG_WINDOW = datetime.timedelta(hours=1)
# For one account from one place, within WINDOW.
MAX_ATTEMPTS = 10
# From one place whatever the account, within WINDOW. A right password takes the wrong ones before it out of the count.
MAX_FROM_NETWORK = 30
# For one account from everywhere, within LONG_WINDOW.
MAX_FOR_ADDRESS = 50
KEPT_FOR = datetime.timedelta(days=1)


def fingerprint_of(address: str) -> str:
    """A keyed hash of the typed address. Strangers type anything into the form, passwords too."""
    return fingerprint(key_of(address))


def _codes_of(account_id: int) -> str:
    return fingerprint(f"codes of {account_id}")


class SignInAttemptManager(models.Manager["SignInAttempt"]):
    def begin(self, address: str, network: str, browser: str) -> "SignInAttempt":
        """Count an attempt before the password is checked, so that none of several at once slips through."""
        return self.create(address=fingerprint_of(address), network=network, browser=browser)

    def forgive(self, address: str, network: str, browser: str) -> None:
        """Forget the attempts before a right password: they were typing errors."""
        self.filter(address=fingerprint_of(address), network=network, browser=browser).delete()

    def count_wrong_code(self, account_id: int, browser: str) -> int:
        """Count a wrong code of the second factor in a known browser; returns their number."""
        self.create(address=_codes_of(account_id), network="", browser=browser)
        return self.wrong_codes(account_id, browser)

    def wrong_codes(self, account_id: int, browser: str) -> int:
        since = timezone.now() - WINDOW
        return self.filter(address=_codes_of(account_id), browser=browser, at__gt=since).count()

    def forgive_codes(self, account_id: int, browser: str) -> None:
        self.filter(address=_codes_of(account_id), browser=browser).delete()

    def prune(self) -> int:
        return delete_in_steps(self.filter(at__lt=timezone.now() - KEPT_FOR))


class SignInAttempt(models.Model):
    """An attempt that is going on, or was wrong."""

    # A keyed hash, whether or not anybody has the address.
    address = models.CharField(max_length=64)
    network = models.CharField(max_length=50)
    # The name of the known browser, "" for all others.
    browser = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[SignInAttemptManager] = SignInAttemptManager()

    class Meta:
        indexes = [
            models.Index(fields=["address", "at"], name="attempt_by_address"),
            models.Index(fields=["network", "at"], name="attempt_by_network"),
            models.Index(fields=["at"], name="attempt_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

    def excess(self) -> type[TryLater] | None:
        """The refusal of the limit that this attempt exceeds, or None."""
        if self._alike().count() > MAX_ATTEMPTS:
            return TooManyPasswords
        if self.browser:
            return None
        others = SignInAttempt.objects.filter(browser="")
        if others.filter(network=self.network, at__gt=timezone.now() - WINDOW).count() > MAX_FROM_NETWORK:
            return TooManyFromNetwork
        if others.filter(address=self.address, at__gt=timezone.now() - LONG_WINDOW).count() > MAX_FOR_ADDRESS:
            return TooManyForAddress
        return None

    def is_last(self) -> bool:
        """Whether the next attempt will be refused without a check."""
        return self._alike().count() >= MAX_ATTEMPTS

    def _alike(self) -> "models.QuerySet[SignInAttempt]":
        """The attempts that count together with this one: from the same browser if it is known, else place."""
        alike = SignInAttempt.objects.filter(address=self.address, at__gt=timezone.now() - WINDOW, browser=self.browser)
        return alike if self.browser else alike.filter(network=self.network)
