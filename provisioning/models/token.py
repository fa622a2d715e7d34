"""SCIM tokens: shown once, kept as a hash, each standing in an administrator's name."""

import datetime
import itertools
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members import mail, values
from members.actors import Actor, Kind
from members.keys import key_of
from members.models import Member, Organization, audit
from members.sealing import NewSecret
from provisioning.events import ProvisioningEvent
from provisioning.models import token_refusals as refusals
from provisioning.models.settings_refusals import NotEnabled

SECRET_START = "nlb_scim_"
MAX_LIVE = 2
MAX_NAME, MAX_USER_AGENT = 60, 300
WARN_BEFORE = datetime.timedelta(days=30)


class Lifetime(models.TextChoices):
    QUARTER = "90d", _("90 days")
    YEAR = "1y", _("1 year")
    TWO_YEARS = "2y", _("2 years")
    NEVER = "never", _("Does not expire")

    def end(self, start: datetime.datetime) -> datetime.datetime | None:
        days = {"90d": 90, "1y": 365, "2y": 730}.get(self.value)
        return start + datetime.timedelta(days=days) if days else None


class TokenQuerySet(models.QuerySet["ScimToken"]):
    def live(self) -> "TokenQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class TokenManager(models.Manager["ScimToken"]):
    def get_queryset(self) -> TokenQuerySet:
        return TokenQuerySet(self.model, using=self._db)

    def live(self) -> TokenQuerySet:
        return self.get_queryset().live()

    def issue(
        self,
        organization: Organization,
        *,
        issuer: Member,
        by: Actor,
        name: str = "",
        lifetime: Lifetime = Lifetime.YEAR,
    ) -> "tuple[ScimToken, str]":
        """A token and its secret, which nobody can read again. Without a name it gets the next number.

        Raises TwoTokensAlready, TokenNameTaken, IssuerMustBeAdministrator, SupportIssuesNoTokens, NotEnabled,
        or the precondition that is missing.
        """
        from provisioning.models.settings import ProvisioningSettings, require_preconditions

        if by.kind is Kind.SUPPORT:
            raise refusals.SupportIssuesNoTokens
        secret = NewSecret.random(SECRET_START)
        with organization.locked():
            require_preconditions(organization)
            if not ProvisioningSettings.is_enabled_for(organization):
                raise NotEnabled
            if self.live().filter(organization=organization).count() >= MAX_LIVE:
                raise refusals.TwoTokensAlready
            token = ScimToken(
                organization=organization,
                name=_free_name(organization, name),
                hash=secret.hash,
                prefix=secret.prefix,
                issuer=_fit_issuer(organization, issuer),
                expires_at=lifetime.end(timezone.now()),
            )
            token.save(force_insert=True)
            row = audit.record(
                ProvisioningEvent.TOKEN_ISSUED, organization, by=by, subject=str(token),
                changes={"issuer": ["", issuer.account.name], "lifetime": ["", lifetime.value]},
            )  # fmt: skip
            mail.to_all_administrators(row, "provisioning")
        return token, secret.text

    def next_name(self, organization: Organization) -> str:
        """The name of a token without a chosen one: the next number that no live one has."""
        taken = {key_of(token.name) for token in self.live().filter(organization=organization)}
        first = self.filter(organization=organization).count() + 1
        names = (gettext("Token %(number)s") % {"number": number} for number in itertools.count(first))
        return next(name for name in names if key_of(name) not in taken)


def _free_name(organization: Organization, name: str, *, besides: int = 0) -> str:
    """The name, if no other live token has it. Raises TokenNameTaken."""
    name = values.text("name", name, MAX_NAME) or ScimToken.objects.next_name(organization)
    others = ScimToken.objects.live().filter(organization=organization).exclude(pk=besides)
    if key_of(name) in {key_of(other.name) for other in others}:
        raise refusals.TokenNameTaken(name=name)
    return name


def _fit_issuer(organization: Organization, issuer: Member) -> Member:
    """The issuer, read afresh under the lock. Raises IssuerMustBeAdministrator."""
    fit = organization.members.administrators().filter(pk=issuer.pk).first()
    if fit is None:
        raise refusals.IssuerMustBeAdministrator
    return fit


class ScimToken(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="scim_tokens")
    # Name, such as “Entra production”; "" only where a former release has issued the token.
    name = models.CharField(_("name"), max_length=MAX_NAME, db_default="")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("token"), max_length=16, editable=False)
    # A live token's issuer is protected by a guard; a dead token outlives its issuer.
    issuer = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="issued_tokens")
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    first_used_at = models.DateTimeField(_("first used"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    # The User-Agent header of that request.
    last_used_by = models.CharField(_("last used by"), max_length=MAX_USER_AGENT, db_default="")
    # Time of a call with it after it was revoked or had expired.
    last_refused_at = models.DateTimeField(_("last refused"), null=True)

    objects: ClassVar[TokenManager] = TokenManager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("SCIM token")
        verbose_name_plural = _("SCIM tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)" if self.name else f"{self.prefix}…"

    @property
    def called(self) -> str:
        return self.name or f"{self.prefix}…"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    @property
    def expires_soon(self) -> bool:
        return self.is_live and self.expires_at is not None and self.expires_at - timezone.now() < WARN_BEFORE

    def revoke(self, *, by: Actor) -> None:
        """End the token at once and for good. Raises TokenIsNotLive."""
        with self.organization.locked(self):
            if not self.is_live:
                raise refusals.TokenIsNotLive
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
            row = audit.record(ProvisioningEvent.TOKEN_REVOKED, self.organization, by=by, subject=str(self))
            mail.to_all_administrators(row, "provisioning")

    def change_issuer(self, issuer: Member, *, by: Actor) -> None:
        """Put the token in another active administrator's name; it stays valid.

        Raises TokenIsNotLive, IssuerMustBeAdministrator.
        """
        with self.organization.locked(self):
            if not self.is_live:
                raise refusals.TokenIsNotLive
            fit = _fit_issuer(self.organization, issuer)
            if fit.pk == self.issuer_id:
                return
            before = self.issuer.account.name if self.issuer else ""
            self.issuer = fit
            self.save(update_fields=["issuer"])
            row = audit.record(
                ProvisioningEvent.TOKEN_ISSUER_CHANGED, self.organization, by=by, subject=str(self),
                changes={"issuer": [before, fit.account.name]},
            )  # fmt: skip
            mail.to_all_administrators(row, "provisioning")

    def rename(self, name: str, *, by: Actor) -> None:
        """Give the token another name. Raises TokenIsNotLive, TokenNameTaken."""
        with self.organization.locked(self):
            if not self.is_live:
                raise refusals.TokenIsNotLive
            before, after = self.name, _free_name(self.organization, name or self.name, besides=self.pk)
            if after == before:
                return
            self.name = after
            self.save(update_fields=["name"])
            changes = {"name": [before, after]}
            audit.record(ProvisioningEvent.TOKEN_RENAMED, self.organization, by=by, subject=str(self), changes=changes)
