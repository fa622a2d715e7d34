"""SCIM tokens: shown once, kept as a hash, each standing in an administrator's name."""

import datetime
import hashlib
import secrets
from typing import ClassVar

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import mail
from members.actors import Actor, Kind
from members.models import Event, Member, Organization, audit
from provisioning import refusals

SECRET_START = "nlb_scim_"
PREFIX_LENGTH = len(SECRET_START) + 6
MOST_LIVE = 2
WARN_BEFORE = datetime.timedelta(days=30)


class Lifetime(models.TextChoices):
    QUARTER = "90d", _("90 days")
    YEAR = "1y", _("1 year")
    TWO_YEARS = "2y", _("2 years")
    NEVER = "never", _("Does not expire")

    def end(self, start: datetime.datetime) -> datetime.datetime | None:
        days = {"90d": 90, "1y": 365, "2y": 730}.get(self.value)
        return start + datetime.timedelta(days=days) if days else None


def hash_of(secret: str) -> str:
    """A plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class TokenQuerySet(models.QuerySet["ScimToken"]):
    def live(self) -> "TokenQuerySet":
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)


class TokenManager(models.Manager["ScimToken"]):
    def get_queryset(self) -> TokenQuerySet:
        return TokenQuerySet(self.model, using=self._db)

    def live(self) -> TokenQuerySet:
        return self.get_queryset().live()

    def issue(
        self, organization: Organization, *, issuer: Member, by: Actor, lifetime: Lifetime = Lifetime.YEAR
    ) -> "tuple[ScimToken, str]":
        """A token and its secret, which nobody can read again.

        Raises TwoTokensAlready, IssuerMustBeAdministrator, SupportIssuesNoTokens, NotEnabled,
        or the precondition that is missing.
        """
        from provisioning.models.settings import ProvisioningSettings, require_preconditions

        if by.kind is Kind.SUPPORT:
            raise refusals.SupportIssuesNoTokens
        secret = SECRET_START + secrets.token_urlsafe(32)
        with transaction.atomic():
            organization.lock()
            require_preconditions(organization)
            if not ProvisioningSettings.is_enabled_for(organization):
                raise refusals.NotEnabled
            if self.live().filter(organization=organization).count() >= MOST_LIVE:
                raise refusals.TwoTokensAlready
            token = ScimToken(
                organization=organization,
                hash=hash_of(secret),
                prefix=secret[:PREFIX_LENGTH],
                issuer=_fit_issuer(organization, issuer),
                expires_at=lifetime.end(timezone.now()),
            )
            token.save(force_insert=True)
            row = audit.record(
                Event.TOKEN_ISSUED, organization, by=by, subject=token.prefix,
                changes={"issuer": ["", issuer.account.name], "lifetime": ["", lifetime.value]},
            )  # fmt: skip
            mail.to_all_administrators(row, "provisioning")
        return token, secret


def _fit_issuer(organization: Organization, issuer: Member) -> Member:
    """Read afresh under the lock. Raises IssuerMustBeAdministrator."""
    fit = organization.members.administrators().filter(pk=issuer.pk).first()
    if fit is None:
        raise refusals.IssuerMustBeAdministrator
    return fit


class ScimToken(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="scim_tokens")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    # Enough to recognize it, useless to sign in with.
    prefix = models.CharField(_("token"), max_length=16, editable=False)
    # A live token's issuer is protected by a guard; a dead token outlives its issuer.
    issuer = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="issued_tokens")
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)

    objects: ClassVar[TokenManager] = TokenManager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("SCIM token")
        verbose_name_plural = _("SCIM tokens")

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())

    @property
    def expires_soon(self) -> bool:
        return self.is_live and self.expires_at is not None and self.expires_at - timezone.now() < WARN_BEFORE

    def revoke(self, *, by: Actor) -> None:
        """At once and for good. Raises TokenIsNotLive."""
        with transaction.atomic():
            self.organization.lock()
            self.refresh_from_db()
            if not self.is_live:
                raise refusals.TokenIsNotLive
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])
            row = audit.record(Event.TOKEN_REVOKED, self.organization, by=by, subject=self.prefix)
            mail.to_all_administrators(row, "provisioning")

    def change_issuer(self, issuer: Member, *, by: Actor) -> None:
        """Another active administrator answers for the token, which stays valid.

        Raises TokenIsNotLive, IssuerMustBeAdministrator.
        """
        with transaction.atomic():
            self.organization.lock()
            self.refresh_from_db()
            if not self.is_live:
                raise refusals.TokenIsNotLive
            fit = _fit_issuer(self.organization, issuer)
            if fit.pk == self.issuer_id:
                return
            before = self.issuer.account.name if self.issuer else ""
            self.issuer = fit
            self.save(update_fields=["issuer"])
            row = audit.record(
                Event.TOKEN_ISSUER_CHANGED, self.organization, by=by, subject=self.prefix,
                changes={"issuer": [before, fit.account.name]},
            )  # fmt: skip
            mail.to_all_administrators(row, "provisioning")
