"""Ways in which the apps are told of events: made by support staff, paused when nothing is taken for a day."""

import base64
import datetime
import random
import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from api.addresses import MAX_URL, checked_url
from api.models import endpoint_refusals as refusals
from api.models.app_key import App
from api.models.app_record import AppEvent, AppRecord
from members import mail, values
from members.actors import Actor, command
from members.models import Account
from members.sealing import seal, unseal

SECRET_START = "whsec_"
# Time for which a former secret signs as well.
ROLL_OVER = datetime.timedelta(hours=24)
# Time for which an event is tried, and after which an endpoint that takes nothing is paused.
TRIED_FOR = datetime.timedelta(hours=24)
FIRST_PAUSE, MAX_PAUSE = datetime.timedelta(seconds=2), datetime.timedelta(minutes=5)
MAX_ERROR = 300
# The actor where nobody is: the process that posts.
DELIVERY = command("deliver_events")
MAX_OF_APP = 5


def pause_after(failures: int) -> datetime.timedelta:
    """The time until the next try: doubled each time, and up to a quarter shorter, so that not all come at once."""
    doubled: datetime.timedelta = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), MAX_PAUSE)
    return doubled * random.uniform(0.75, 1)  # noqa: S311


class Method(models.TextChoices):
    WEBHOOK = "webhook", _("Webhooks")
    PUSH = "push", _("Tokens, posted (RFC 8935)")
    POLL = "poll", _("Tokens, fetched (RFC 8936)")


class PausedBecause(models.TextChoices):
    SUPPORT = "support", _("By support staff")
    FAILED = "failed", _("It took nothing for a day")
    GONE = "gone", _("It said that it is gone (410)")


class EndpointManager(models.Manager["Endpoint"]):
    def make(
        self, *, app: App, url: str, contact: str, with_changes: bool, by: Actor, method: Method = Method.WEBHOOK
    ) -> "tuple[Endpoint, str]":
        """An endpoint and the secret of its webhooks, which nobody can read again; it is told what changes from now on.

        Raises NotAnEndpoint, PolledHasNoAddress, NoSigningKey, InvalidEmail, TooManyEndpoints.
        """
        endpoint = Endpoint(app=app, method=method, made_by_id=by.account_id)
        endpoint._take(url=url, contact=contact, with_changes=with_changes)
        if endpoint.is_of_tokens and not settings.SET_SIGNING_KEYS:
            raise refusals.NoSigningKey
        secret = "" if endpoint.is_of_tokens else endpoint._new_secret()
        with transaction.atomic():
            if self.filter(app=app).count() >= MAX_OF_APP:
                raise refusals.TooManyEndpoints(app=App(app).label, most=MAX_OF_APP)
            endpoint.save(force_insert=True)
            endpoint.feeds.begin(endpoint)
            AppRecord.objects.note(
                AppEvent.ENDPOINT_MADE, endpoint, by=by, method=["", method], contact=["", endpoint.contact],
                with_changes=["", with_changes],
            )  # fmt: skip
        return endpoint, secret

    def awake(self) -> "models.QuerySet[Endpoint]":
        """Those that may be tried at this moment."""
        return self.filter(Q(away_until=None) | Q(away_until__lte=timezone.now()), paused_at=None)


class Endpoint(models.Model):
    app = models.CharField(_("app"), max_length=8, choices=App)
    method = models.CharField(_("told by"), max_length=7, choices=Method, default="webhook", db_default="webhook")
    # Empty where the app polls.
    url = models.CharField(_("address"), max_length=MAX_URL, blank=True)
    # Address of those who are mailed when it is paused.
    contact = models.CharField(_("contact"), max_length=values.MAX_ADDRESS)
    with_changes = models.BooleanField(_("with before and after"), default=False)
    sealed = models.TextField(editable=False)
    # The secret before this one.
    former_sealed = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(_("former secret signs until"), null=True, editable=False)
    made_by = models.ForeignKey(
        Account, models.SET_NULL, null=True, db_constraint=False, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    # Beginning and number of the failures since anything was taken; until then it is left alone.
    failing_since = models.DateTimeField(_("failing since"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    away_until = models.DateTimeField(_("next try"), null=True)
    last_error = models.CharField(_("last error"), max_length=MAX_ERROR, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True)
    paused_because = models.CharField(_("paused because"), max_length=7, choices=PausedBecause, blank=True)
    resumed_at = models.DateTimeField(_("resumed"), default=timezone.now)

    objects: ClassVar[EndpointManager] = EndpointManager()

    class Meta:
        ordering = ["app", "pk"]
        verbose_name = _("endpoint of events")
        verbose_name_plural = _("endpoints of events")

    def __str__(self) -> str:
        return f"{self.get_app_display()}: {self.audience}"

    @property
    def is_of_tokens(self) -> bool:
        """Whether it is told by Security Event Tokens."""
        return self.method != Method.WEBHOOK

    @property
    def audience(self) -> str:
        """The address that events go to, or that they are fetched from: the audience of their tokens."""
        return self.url or f"{settings.BASE_URL}{reverse('api-sets', args=[self.pk])}"

    def secrets(self) -> list[str]:
        """The secrets that sign at this moment, the newer first; none if they were sealed with another SECRET_KEY."""
        is_rolling = self.former_until is not None and self.former_until > timezone.now()
        sealed = [self.sealed, self.former_sealed] if is_rolling else [self.sealed]
        return [secret for one in sealed if (secret := unseal(one))]

    def change(self, *, url: str, contact: str, with_changes: bool, by: Actor) -> None:
        """Raises NotAnEndpoint, PolledHasNoAddress, InvalidEmail."""
        before = {name: getattr(self, name) for name in ("url", "contact", "with_changes")}
        self._take(url=url, contact=contact, with_changes=with_changes)
        changes = {name: [was, getattr(self, name)] for name, was in before.items() if was != getattr(self, name)}
        with transaction.atomic():
            if changes:
                self.save(update_fields=[*changes])
                AppRecord.objects.note(AppEvent.ENDPOINT_CHANGED, self, by=by, **changes)

    def roll_secret(self, *, by: Actor) -> str:
        """A new secret. The former one signs beside it for a day, so that the receiver can be brought up to date.

        Raises HasNoSecret.
        """
        if self.is_of_tokens:
            raise refusals.HasNoSecret
        self.former_sealed, self.former_until = self.sealed, timezone.now() + ROLL_OVER
        secret = self._new_secret()
        with transaction.atomic():
            self.save(update_fields=["sealed", "former_sealed", "former_until"])
            AppRecord.objects.note(AppEvent.SECRET_ROLLED, self, by=by)
        return secret

    def pause(self, *, by: Actor) -> None:
        """Leave it alone until it is resumed. Raises AlreadyPaused."""
        if not self._pause(PausedBecause.SUPPORT, by):
            raise refusals.AlreadyPaused

    def stop(self, because: PausedBecause) -> None:
        """Pause it, as delivery does by itself, and mail the contact."""
        with transaction.atomic():
            if self._pause(because, DELIVERY):
                mail.to_address(self.contact, None, "endpoint_paused", endpoint=self, why=because.label)

    def resume(self, *, by: Actor) -> None:
        """Go on where it stopped; what is older than a day is tried for a day more. Raises NotPaused."""
        again = {"paused_at": None, "paused_because": "", "failing_since": None, "failures": 0, "away_until": None}
        with transaction.atomic():
            paused = Endpoint.objects.filter(pk=self.pk).exclude(paused_at=None)
            if not paused.update(**again, resumed_at=timezone.now()):
                raise refusals.NotPaused
            self.feeds.retry_at_once()
            AppRecord.objects.note(AppEvent.ENDPOINT_RESUMED, self, by=by)
        self.refresh_from_db()

    def record_success(self) -> None:
        """Written after failures only: a row that each delivery writes would make them wait for each other."""
        if self.failing_since:
            well = {"failing_since": None, "failures": 0, "away_until": None, "last_error": ""}
            Endpoint.objects.filter(pk=self.pk).update(**well)
            self.failing_since = None

    def record_failure(self, error: str, *, is_away: bool) -> None:
        """Note that nothing was taken. One that is away is left alone for a while; after a day it is paused."""
        now = timezone.now()
        with transaction.atomic():
            fresh = Endpoint.objects.select_for_update().get(pk=self.pk)
            fresh.failing_since = self.failing_since = fresh.failing_since or now
            fresh.last_error = error[:MAX_ERROR]
            # Of several that fail at once, one counts.
            if is_away and (fresh.away_until is None or fresh.away_until <= now):
                fresh.failures += 1
                fresh.away_until = now + pause_after(fresh.failures)
            fresh.save(update_fields=["failing_since", "last_error", "failures", "away_until"])
            if now - fresh.failing_since >= TRIED_FOR:
                fresh.stop(PausedBecause.FAILED)

    def _pause(self, because: PausedBecause, by: Actor) -> bool:
        """Whether it was not paused yet."""
        now = timezone.now()
        with transaction.atomic():
            awake = Endpoint.objects.filter(pk=self.pk, paused_at=None)
            if not awake.update(paused_at=now, paused_because=because):
                return False
            AppRecord.objects.note(AppEvent.ENDPOINT_PAUSED, self, by=by, paused_because=["", because])
        self.paused_at, self.paused_because = now, because
        return True

    def _take(self, *, url: str, contact: str, with_changes: bool) -> None:
        """Nothing of it if one is refused."""
        if self.method == Method.POLL and url:
            raise refusals.PolledHasNoAddress
        address = "" if self.method == Method.POLL else checked_url(url)
        self.url, self.contact, self.with_changes = address, values.nulab_address(contact), with_changes

    def _new_secret(self) -> str:
        secret = SECRET_START + base64.b64encode(secrets.token_bytes(32)).decode()
        self.sealed = seal(secret)
        return secret
