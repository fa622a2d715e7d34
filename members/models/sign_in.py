"""Sign-ins as the account's owner sees them, whatever organizations it belongs to."""

import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.account import Account
from members.models.audit import Event
from members.pruning import delete_in_steps

KEPT_FOR = datetime.timedelta(days=90)
# Days for which a place counts as the account's after a sign-in from there.
AT_HOME_FOR = datetime.timedelta(days=30)


class Method(models.TextChoices):
    PASSWORD = "password", _("Password")
    CODE = "code", _("Password and code of the second factor")
    RECOVERY_CODE = "recovery_code", _("Password and recovery code")
    INVITATION = "invitation", _("Link of an invitation")
    IDP = "idp", _("Identity provider")


class SignInManager(models.Manager["SignIn"]):
    def is_at_home(self, account: Account | None, network: str) -> bool:
        """Whether the account signed in from there lately. Also asked without an account: the time must not tell."""
        since = timezone.now() - AT_HOME_FOR
        return self.filter(
            account_id=account.pk if account else 0, at__gt=since, network=network, event=Event.SIGNED_IN
        ).exists()

    def prune(self) -> int:
        return delete_in_steps(self.filter(at__lt=timezone.now() - KEPT_FOR))


class SignIn(models.Model):
    """A sign-in of the account, successful or refused."""

    # None where nobody has the address that was typed.
    account = models.ForeignKey(Account, models.CASCADE, null=True, db_index=False, related_name="sign_ins")
    at = models.DateTimeField(default=timezone.now)
    # Event, as in the audit log.
    event = models.CharField(max_length=40)
    changes = models.JSONField(default=dict)
    ip_address = models.GenericIPAddressField(null=True)
    network = models.CharField(max_length=50, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    objects: ClassVar[SignInManager] = SignInManager()

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="sign_in_by_account")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.event}"

    @property
    def action(self) -> str:
        return self.event.partition(".")[2]
