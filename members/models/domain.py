"""Mail domains that an organization has proved to be its own."""

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import dns, values
from members.actors import Actor
from members.models import audit
from members.models import domain_refusals as refusals
from members.models.audit import Event
from members.models.domain_lookup import DomainLookup
from members.models.organization import Organization
from members.models.standing import accounts_by_domain
from members.openings import REMOVES_DOMAIN
from members.refusals import Refusal


def new_code() -> str:
    return secrets.token_hex(16)


class DomainManager(models.Manager["Domain"]):
    def add(self, organization: Organization, name: str, *, by: Actor) -> "Domain":
        """Put a domain on the list, to be verified. Raises InvalidDomain, DomainAdded."""
        name = values.domain(name)
        with organization.locked():
            domain, is_new = Domain.objects.get_or_create(organization=organization, name=name)
            if not is_new:
                raise refusals.DomainAdded(domain=name)
            audit.record(Event.DOMAIN_ADDED, organization, by=by, subject=name)
        return domain


class Domain(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="domains")
    name = models.CharField(_("domain"), max_length=values.MAX_DOMAIN)
    code = models.CharField(max_length=32, default=new_code)
    verified_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField(default=timezone.now)

    objects = DomainManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="domain_once_an_organization")]
        verbose_name = _("domain")
        verbose_name_plural = _("domains")

    def __str__(self) -> str:
        return self.name

    @property
    def txt_record(self) -> str:
        return f"nulab-domain-verification={self.code}"

    def verify(self, *, by: Actor) -> None:
        """Look the TXT record up and remember that it was there. Raises DomainHasNoCode, TooManyLookups, DnsBusy."""
        DomainLookup.count_in(self.organization)
        if self.txt_record not in dns.look_up(self.name):
            raise refusals.DomainHasNoCode(domain=self.name, record=self.txt_record)
        self._mark_verified("dns", by)

    def vouch(self, *, by: Actor) -> None:
        """Mark as verified without DNS: the operator of the site has checked by other means."""
        self._mark_verified("operator", by)

    def _mark_verified(self, proof: str, by: Actor) -> None:
        with self.organization.locked(self):
            if self.verified_at is None:
                self.verified_at = timezone.now()
                self.save(update_fields=["verified_at"])
                audit.record(
                    Event.DOMAIN_VERIFIED, self.organization, by=by, subject=self.name, changes={"proof": ["", proof]}
                )

    def _require_dispensable(self, by: Actor) -> None:
        if self.verified_at:
            if used := accounts_by_domain(self.organization)[self.name]:
                raise refusals.DomainInUse(domain=self.name, accounts=used)
            REMOVES_DOMAIN.ask(self, by)

    def protection(self, by: Actor) -> Refusal | None:
        """The refusal that remove() would raise now, or None: pages show it beforehand."""
        try:
            self._require_dispensable(by)
        except Refusal as reason:
            return reason
        return None

    def remove(self, *, by: Actor) -> None:
        """Take the domain off the list. Raises DomainInUse and the refusals of other apps' guards."""
        with self.organization.locked(self):
            self._require_dispensable(by)
            audit.record(Event.DOMAIN_REMOVED, self.organization, by=by, subject=self.name)
            self.delete()
