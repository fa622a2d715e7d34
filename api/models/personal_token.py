"""Personal access tokens: an administrator's own, for one organization, ended with the right to administer it."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from api.audit_events import ApiEvent
from api.models import key_refusals as refusals
from members import mail, values
from members.actors import Actor
from members.keys import key_of
from members.models import Member, Role, audit
from members.sealing import NewSecret

SECRET_START = "nlb_pat_"
MAX_LIVE, MAX_NAME = 10, 60
# Time before the end in which a token is marked and its owner reminded; of a token for a month, the last week.
WARN_BEFORE, WARN_BEFORE_OF_SHORT = datetime.timedelta(days=30), datetime.timedelta(days=7)


class Lifetime(models.TextChoices):
    MONTH = "30d", pgettext_lazy("lifetime", "30 days")
    QUARTER = "90d", _("90 days")
    YEAR = "1y", _("1 year")

    def end(self, start: datetime.datetime) -> datetime.datetime:
        return start + datetime.timedelta(days={"30d": 30, "90d": 90, "1y": 365}[self.value])


class PersonalTokenManager(models.Manager["PersonalToken"]):
    def live(self) -> "models.QuerySet[PersonalToken]":
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())

    def issue(self, member: Member, *, name: str, lifetime: Lifetime, by: Actor) -> "tuple[PersonalToken, str]":
        """A token of the member and its secret, which nobody can read again.

        Raises OwnerMustBeAdministrator, TooManyPersonalTokens, PersonalTokenNameTaken, NameMissing.
        """
        name = values.name(name, MAX_NAME)
        secret = NewSecret.random(SECRET_START)
        with member.locked():
            if not member.is_administrator:
                raise refusals.OwnerMustBeAdministrator
            live = list(self.live().filter(member=member))
            if len(live) >= MAX_LIVE:
                raise refusals.TooManyPersonalTokens(most=MAX_LIVE)
            if key_of(name) in {key_of(token.name) for token in live}:
                raise refusals.PersonalTokenNameTaken(name=name)
            token = PersonalToken(
                member=member, name=name, hash=secret.hash, prefix=secret.prefix,
                expires_at=lifetime.end(timezone.now()),
            )  # fmt: skip
            token.save(force_insert=True)
            row = audit.record(
                ApiEvent.TOKEN_ISSUED, member.organization, by=by, member=member,
                changes={"token": ["", str(token)], "token_lifetime": ["", lifetime.value]},
            )  # fmt: skip
            mail.to_all_administrators(row, "audit-log")
        return token, secret.text

    def end_of(self, member: Member, *, by: Actor) -> None:
        """End all tokens of a member who is no longer an administrator, or no longer there."""
        mine = self.live().filter(member_id=member.pk)
        ended = [str(token) for token in mine]
        if ended:
            mine.update(revoked_at=timezone.now())
            audit.record(
                ApiEvent.TOKEN_ENDED, member.organization, by=by, member=member, changes={"token": [ended, []]}
            )


class PersonalToken(models.Model):
    # Without a constraint of the database, which each deletion of a member would look at. A token without its member
    # opens nothing.
    member = models.ForeignKey(Member, models.CASCADE, db_constraint=False, related_name="personal_tokens")
    name = models.CharField(_("name"), max_length=MAX_NAME)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("token"), max_length=16, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    objects: ClassVar[PersonalTokenManager] = PersonalTokenManager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("personal access token")
        verbose_name_plural = _("personal access tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def expires_soon(self) -> bool:
        is_short = self.expires_at - self.created_at <= WARN_BEFORE
        return self.expires_at - timezone.now() <= (WARN_BEFORE_OF_SHORT if is_short else WARN_BEFORE)

    @staticmethod
    def opens() -> Q:
        """The condition under which a token opens the door: its owner is an active administrator at this moment."""
        return Q(revoked_at=None, member__role=Role.ADMIN, member__account__is_active=True)

    def revoke(self, *, by: Actor) -> None:
        """End the token at once and for good. Raises PersonalTokenIsNotLive."""
        with self.member.organization.locked():
            live = PersonalToken.objects.live().filter(pk=self.pk)
            if not live.update(revoked_at=timezone.now()):
                raise refusals.PersonalTokenIsNotLive
            row = audit.record(
                ApiEvent.TOKEN_REVOKED, self.member.organization, by=by, member=self.member,
                changes={"token": [str(self), ""]},
            )  # fmt: skip
            mail.to_all_administrators(row, "audit-log")
