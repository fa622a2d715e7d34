"""The record of the apps' keys and endpoints: who did what, and when. No audit log has it: they are no organization's.

Written by the verbs, so that it holds what was done by a command or by delivery itself as well as in the admin. Kept
for good: there are few rows.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.actors import Actor, Kind
from members.models import Account
from operations import context

if TYPE_CHECKING:
    from api.models.app_key import AppKey
    from api.models.endpoint import Endpoint

MAX_PERSON, MAX_SUBJECT, MAX_THING = 300, 600, 40


class AppEvent(models.TextChoices):
    KEY_MADE = "key.made", _("API key made")
    KEY_REVOKED = "key.revoked", _("API key revoked")
    ENDPOINT_MADE = "endpoint.made", _("Endpoint made")
    ENDPOINT_CHANGED = "endpoint.changed", _("Endpoint changed")
    ENDPOINT_PAUSED = "endpoint.paused", _("Endpoint paused")
    ENDPOINT_RESUMED = "endpoint.resumed", _("Endpoint resumed")
    SECRET_ROLLED = "endpoint.secret_rolled", _("New secret for an endpoint")
    SENT_AGAIN = "endpoint.sent_again", _("Event to be sent again")


class AppRecordManager(models.Manager["AppRecord"]):
    def note(self, event: AppEvent, thing: "AppKey | Endpoint", *, by: Actor, **changes: list[Any]) -> None:
        """Record what was done to a key or an endpoint, within the transaction that does it."""
        request = context.now()
        self.create(
            event=event, app=thing.app, thing=name_of(thing), subject=str(thing)[:MAX_SUBJECT], changes=changes,
            person=person_of(by), ip_address=by.ip_address,
            request_id=request.request_id if request else "",
        )  # fmt: skip


class AppRecord(models.Model):
    at = models.DateTimeField(_("time"), default=timezone.now)
    event = models.CharField(_("event"), max_length=30, choices=AppEvent)
    app = models.CharField(_("app"), max_length=8)
    # Key or endpoint: what it is found by, and what it was called.
    thing = models.CharField(max_length=MAX_THING, db_index=True)
    subject = models.CharField(_("subject"), max_length=MAX_SUBJECT)
    # {"field": [before, after]}
    changes = models.JSONField(default=dict)
    # Somebody of the support staff by name, because the row outlives the account.
    person = models.CharField(_("by"), max_length=MAX_PERSON)
    ip_address = models.GenericIPAddressField(_("IP address"), null=True)
    # X-Request-Id of the answer; "" for commands.
    request_id = models.CharField(max_length=32, blank=True)

    objects: ClassVar[AppRecordManager] = AppRecordManager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("record of keys and endpoints")
        verbose_name_plural = _("history of keys and endpoints")

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.subject}"


def name_of(thing: models.Model) -> str:
    """The name by which the rows about a key or an endpoint are found, such as “appkey:17”."""
    return f"{thing._meta.model_name}:{thing.pk}"


def person_of(by: Actor) -> str:
    """The name and address of somebody of the support staff, whom the audit logs of customers do not name."""
    account = Account.objects.filter(pk=by.account_id).first() if by.kind is Kind.SUPPORT and by.account_id else None
    return str(account or by.name)[:MAX_PERSON]
