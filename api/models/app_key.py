"""Keys of the apps: made by support staff, shown once, kept as a hash, good for every organization."""

from typing import ClassVar

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from api.models import key_refusals as refusals
from api.models.app_record import MAX_PERSON, AppEvent, AppRecord, person_of
from api.scopes import Scope, scopes_in, written
from members import values
from members.actors import Actor
from members.models.changing import changing
from members.sealing import NewSecret

SECRET_START = "nlb_app_"
# Places of an app for live keys: two, so that a key is replaced without downtime.
SLOTS = (1, 2)
MAX_NAME = 60
# As long as all scopes together may become.
MAX_SCOPES = 400


class App(models.TextChoices):
    BACKLOG = "backlog", "Backlog"
    CACOO = "cacoo", "Cacoo"
    TYPETALK = "typetalk", "Typetalk"
    PASS = "pass", "Nulab Pass"


class AppKeyManager(models.Manager["AppKey"]):
    def make(self, *, app: App, name: str, scopes: list[str], by: Actor) -> "tuple[AppKey, str]":
        """A key and its secret, which nobody can read again. Raises TwoKeysAlready, NameMissing."""
        secret = NewSecret.random(SECRET_START)
        key = AppKey(
            app=app,
            name=values.name(name, MAX_NAME),
            scopes=written(scopes),
            hash=secret.hash,
            prefix=secret.prefix,
            made_by=person_of(by),
        )
        with changing():
            taken = set(self.filter(app=app, slot__isnull=False).values_list("slot", flat=True))
            key.slot = next((slot for slot in SLOTS if slot not in taken), None)
            if key.slot is None:
                raise refusals.TwoKeysAlready(app=app.label)
            try:
                with transaction.atomic():
                    key.save(force_insert=True)
            except IntegrityError:  # Somebody else has made one since.
                raise refusals.TwoKeysAlready(app=app.label) from None
            AppRecord.objects.note(AppEvent.KEY_MADE, key, by=by, scopes=["", key.scopes])
        return key, secret.text


class AppKey(models.Model):
    app = models.CharField(_("app"), max_length=8, choices=App)
    name = models.CharField(_("name"), max_length=MAX_NAME)
    # Scopes with blanks between them.
    scopes = models.CharField(_("scopes"), max_length=MAX_SCOPES)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("key"), max_length=16, editable=False)
    # One of SLOTS; None once it is revoked. Two keys in one place cannot be.
    slot = models.PositiveSmallIntegerField(null=True, editable=False)
    # People of the support staff by name, because the row outlives their accounts.
    made_by = models.CharField(_("made by"), max_length=MAX_PERSON)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_by = models.CharField(_("revoked by"), max_length=MAX_PERSON, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    objects: ClassVar[AppKeyManager] = AppKeyManager()

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("API key of an app")
        verbose_name_plural = _("API keys of the apps")
        constraints = [
            models.UniqueConstraint(fields=["app", "slot"], name="app_key_two_live"),
            models.CheckConstraint(
                name="app_key_live_in_a_slot",
                condition=Q(revoked_at=None, slot__isnull=False) | Q(revoked_at__isnull=False, slot=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def scope_labels(self) -> list[str]:
        held = scopes_in(self.scopes)
        return [str(scope.label) for scope in Scope if scope in held]

    def revoke(self, *, by: Actor) -> None:
        """End the key at once and for good. Raises KeyIsNotLive."""
        now = timezone.now()
        with transaction.atomic():
            live = AppKey.objects.filter(pk=self.pk, revoked_at=None)
            if not live.update(revoked_at=now, slot=None, revoked_by=person_of(by)):
                raise refusals.KeyIsNotLive
            AppRecord.objects.note(AppEvent.KEY_REVOKED, self, by=by)
        self.refresh_from_db()
