"""Mails on their way: written in the transaction of the change, sent and tried again by `manage.py deliver`."""

import datetime
import logging
import uuid
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.actors import Actor
from members.mail.letters import Letter
from members.mail.stories import STORIES
from members.models import audit
from members.models.audit import Event
from members.models.changing import changing
from members.models.organization import Organization
from members.pruning import delete_in_steps

FIRST_PAUSE, MAX_PAUSE = datetime.timedelta(minutes=1), datetime.timedelta(hours=6)
TRIED_FOR = datetime.timedelta(days=3)
# Time of a claim: if the process dies, the mail is sent by another one afterwards.
CLAIMED_FOR = datetime.timedelta(minutes=2)
SENT_KEPT_FOR, FAILED_KEPT_FOR = datetime.timedelta(days=3), datetime.timedelta(days=30)
MAX_ERROR = 500

log = logging.getLogger(__name__)


class OutgoingManager(models.Manager["Outgoing"]):
    def post(self, mails: "Iterable[Outgoing]") -> "list[Outgoing]":
        """Put mails into the outbox, in the caller's transaction: they go out exactly if the change is kept."""
        return self.bulk_create(mails)

    def due(self) -> "models.QuerySet[Outgoing]":
        return self.filter(state=Outgoing.State.WAITING, due_at__lte=timezone.now())

    def claim(self) -> "Outgoing | None":
        """The mail that has waited longest, for this process only; None if nothing is due."""
        # Asked first without a transaction: on SQLite every transaction takes the lock of the writers.
        if not self.due().exists():
            return None
        with transaction.atomic():
            rows = self.due().select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
            mail = rows.order_by("due_at", "pk").first()
            if mail:
                mail.due_at = timezone.now() + CLAIMED_FOR
                mail.save(update_fields=["due_at"])
        return mail


class Outgoing(models.Model):
    """One mail to one reader. Its text may hold a one-time link, so it is sealed, and deleted once sent."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    organization = models.ForeignKey(Organization, models.SET_NULL, null=True, related_name="+")
    # The name of the template, such as “token_expires”.
    story = models.CharField(_("kind of mail"), max_length=40)
    # Empty: written to nobody, because an answer must take as long as if there were somebody.
    recipient = models.CharField(_("recipient"), max_length=255)
    # Base of the Message-ID, by which a mail that arrives twice can be recognized.
    number = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sealed = models.TextField(editable=False)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    ended_at = models.DateTimeField(_("sent or given up"), null=True)
    last_error = models.CharField(_("last error"), max_length=MAX_ERROR, blank=True)

    objects: ClassVar[OutgoingManager] = OutgoingManager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="mails_that_wait"),
            models.Index(fields=["state", "ended_at"], name="mails_by_end"),
        ]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")

    def __str__(self) -> str:
        return f"{self.kind}: {self.recipient}"

    @property
    def kind(self) -> str:
        return str(STORIES.get(self.story, self.story))

    @staticmethod
    def waiting() -> int:
        """The number of mails still to be sent."""
        return Outgoing.objects.filter(state=Outgoing.State.WAITING).count()

    @staticmethod
    def failed() -> int:
        """The number of mails that were given up and not sent again."""
        return Outgoing.objects.filter(state=Outgoing.State.FAILED).count()

    @property
    def message_id(self) -> str:
        return f"<{self.number}@{settings.MAIL_DOMAIN}>"

    def message(self) -> EmailMultiAlternatives | None:
        """The message for the mail server; None if it was sealed with another SECRET_KEY."""
        letter = Letter.unseal(self.sealed)
        if letter is None:
            return None
        headers = {"Message-ID": self.message_id, "Auto-Submitted": "auto-generated"}
        message = EmailMultiAlternatives(letter.subject, letter.text, None, [self.recipient], headers=headers)
        message.attach_alternative(letter.html, "text/html")
        return message

    def record_sent(self) -> None:
        self._end(Outgoing.State.SENT, sealed="", last_error="")

    def record_failure(self, error: str) -> None:
        """Note a failed try: the next one after a pause that doubles, none after three days."""
        self.tries += 1
        self.last_error = " ".join(error.replace("\x00", "").split())[:MAX_ERROR]
        if timezone.now() - self.created_at >= TRIED_FOR:
            self.give_up(self.last_error)
            return
        pause = min(FIRST_PAUSE * 2 ** min(self.tries - 1, 10), MAX_PAUSE)
        self.due_at = timezone.now() + pause
        self.save(update_fields=["tries", "last_error", "due_at"])
        log.warning("mail %s (%s) not sent, tried again in %s: %s", self.number, self.story, pause, self._masked(error))

    def give_up(self, error: str) -> None:
        self._end(Outgoing.State.FAILED, last_error=error)
        log.error("mail %s (%s) given up after %s tries: %s", self.number, self.story, self.tries, self._masked(error))

    def send_again(self, *, by: Actor) -> None:
        """Give a failed mail three more days. A sent one cannot be sent again: its text is deleted."""
        again = {"state": Outgoing.State.WAITING, "tries": 0, "due_at": timezone.now(), "created_at": timezone.now()}
        with changing():
            failed = Outgoing.objects.filter(pk=self.pk, state=Outgoing.State.FAILED)
            if failed.update(**again, ended_at=None) and self.organization:
                audit.record(Event.MAIL_SENT_AGAIN, self.organization, by=by, subject=self.recipient)

    @staticmethod
    def prune() -> int:
        now = timezone.now()
        sent = models.Q(state=Outgoing.State.SENT, ended_at__lt=now - SENT_KEPT_FOR)
        failed = models.Q(state=Outgoing.State.FAILED, ended_at__lt=now - FAILED_KEPT_FOR)
        return delete_in_steps(Outgoing.objects.filter(sent | failed))

    def _masked(self, error: str) -> str:
        """The error for the log, without addresses."""
        return error.replace(self.recipient, "…")

    def _end(self, state: State, **fields: str) -> None:
        Outgoing.objects.filter(pk=self.pk).update(state=state, tries=self.tries, ended_at=timezone.now(), **fields)
