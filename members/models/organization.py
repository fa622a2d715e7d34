import secrets
import string
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import values
from members.actors import Actor
from members.models import audit
from members.models import organization_refusals as refusals
from members.models.address import SITE
from members.models.audit import Event
from members.models.changing import changing
from members.models.work import pending

SPACE_KEY_ALPHABET = string.ascii_uppercase + string.digits


def new_space_key() -> str:
    return "".join(secrets.choice(SPACE_KEY_ALPHABET) for _ in range(10))


class OrganizationManager(models.Manager["Organization"]):
    def register(self, *, name: str, slug: str, by: Actor, is_sandbox: bool = False) -> "Organization":
        """A new organization without members. Raises OrganizationIdTaken, InvalidOrganizationId."""
        with changing():
            organization = Organization(
                name=values.name(name, values.MAX_ORGANIZATION), slug=values.slug(slug), is_sandbox=is_sandbox
            )
            organization._reserve(organization.slug)
            organization.save(force_insert=True)
            UsedOrganizationId.objects.filter(slug=organization.slug).update(organization=organization)
            Headcount.objects.create(organization=organization)
            audit.record(Event.ORGANIZATION_CREATED, organization, by=by, subject=organization.name)
        return organization


class Organization(models.Model):
    """A customer: where its members, domains, licences and rules of sign-in live."""

    space_key = models.CharField(_("space key"), max_length=10, unique=True, default=new_space_key, editable=False)
    slug = models.CharField(_("organization ID"), max_length=values.MAX_SLUG, unique=True)
    name = models.CharField(_("name"), max_length=values.MAX_ORGANIZATION)
    is_sandbox = models.BooleanField(_("sandbox"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[OrganizationManager] = OrganizationManager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> int:
        """The scope in which its Managed Accounts' addresses are unique: the site's, or a sandbox's own."""
        return self.pk if self.is_sandbox else SITE

    def locked(self, *rows: models.Model) -> AbstractContextManager[None]:
        """Begin a verb: one transaction with the organization locked before anything is counted, these rows
        read afresh, and the objects as they were if it fails.
        """
        return changing(self, rows=rows)

    def verified_domains(self) -> set[str]:
        return set(self.domains.filter(verified_at__isnull=False).values_list("name", flat=True))

    def rename(self, *, by: Actor, name: str | None = None, slug: str | None = None) -> None:
        """Change the name, the organization ID or both; the former ID stays reserved for ever."""
        with self.locked(self):
            changes: dict[str, list[Any]] = {}
            if name is not None and (name := values.name(name, values.MAX_ORGANIZATION)) != self.name:
                changes["name"] = [self.name, name]
                self.name = name
            if slug is not None and slug != self.slug:
                changes["slug"] = [self.slug, values.slug(slug)]
                self._reserve(slug)
                UsedOrganizationId.objects.filter(slug=slug).update(organization=self)
                self.slug = slug
            if changes:
                self.save(update_fields=list(changes))
                audit.record(Event.ORGANIZATION_RENAMED, self, by=by, subject=self.name, changes=changes)

    def _reserve(self, slug: str) -> None:
        _, is_new = UsedOrganizationId.objects.get_or_create(slug=slug)
        if not is_new:
            raise refusals.OrganizationIdTaken(slug=slug)


class UsedOrganizationId(models.Model):
    """An organization ID that is or was used: none is given out twice."""

    slug = models.CharField(max_length=values.MAX_SLUG, primary_key=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="used_ids")

    def __str__(self) -> str:
        return self.slug


class Headcount(models.Model):
    """The numbers of members and of active ones, so that nobody counts a million rows.

    A row of its own and written last in a transaction: deleting a Managed Account ends
    memberships in organizations that the deleter must not lock.
    """

    organization = models.OneToOneField(Organization, models.CASCADE, primary_key=True, related_name="headcount")
    members = models.PositiveIntegerField(default=0)
    active = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.members}"

    @staticmethod
    def shift(organization_ids: list[int], by: int, *, active: int) -> None:
        """Add to the counts of each organization, in the order of ids, so that two transactions cannot deadlock."""
        for organization_id in sorted(organization_ids):
            pending().shift(Headcount, {"organization_id": organization_id}, members=by, active=active)
