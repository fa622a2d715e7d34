"""Requests for a link to set a forgotten password, and their limits."""

import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from members.keys import key_of
from members.models.account_refusals import TooManyResets
from members.networks import network_of
from members.sealing import fingerprint

WINDOW = datetime.timedelta(hours=1)
# Requests an hour: for an address from a place; from a place; for an address from anywhere, but for its owner.
MAX_RESETS, MAX_FROM_NETWORK, MAX_FOR_ADDRESS = 5, 20, 20


class PasswordResetManager(models.Manager["PasswordReset"]):
    def count_in(self, address: str, ip_address: str | None, *, is_at_home: bool = False) -> None:
        """Count one request, whether or not anybody has the address: the refusal must not tell. Raises TooManyResets.

        The row is there before anybody counts: of several at once none slips through. `is_at_home` is said of a
        browser or a place in which the owner has signed in before.
        """
        self.filter(asked_at__lt=timezone.now() - WINDOW).delete()
        network = network_of(ip_address)
        row = self.create(address=fingerprint(key_of(address)), ip_address=ip_address, network=network)
        is_too_many = self.filter(address=row.address, network=network).count() > MAX_RESETS
        is_too_many |= self.filter(network=network).count() > MAX_FROM_NETWORK
        if not is_at_home:
            is_too_many |= self.filter(address=row.address).count() > MAX_FOR_ADDRESS
        if is_too_many:
            row.delete()
            raise TooManyResets


class PasswordReset(models.Model):
    """One that was asked for in the last hour; the address is a hash, because strangers type what they like."""

    address = models.CharField(max_length=64, db_index=True)
    ip_address = models.GenericIPAddressField(null=True, db_index=True)
    network = models.CharField(max_length=50, db_default="", db_index=True)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects: ClassVar[PasswordResetManager] = PasswordResetManager()

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"
