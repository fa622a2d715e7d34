"""A member as a row: its columns, its lock, and the rules that say something about it.

The verbs that change it are told in member_*.py, a story each; Member puts them together.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import refusals, values
from members.actors import Actor
from members.guards import Occasion, ask
from members.keys import domain_of, key_of
from members.models.account import Account
from members.models.licence import Product, Subscription
from members.models.organization import Organization


class Role(models.TextChoices):
    """The value is the one on the SCIM wire; the order is from the highest down."""

    ADMIN = "ADMIN", _("Administrator")
    USER = "USER", _("Member")
    GUEST = "GUEST", _("Guest")


def new_scim_id() -> str:
    return str(uuid.uuid4())


class MemberRow(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="members")
    account = models.ForeignKey(Account, models.PROTECT, related_name="memberships")
    # Opaque, stable, never used again: what SCIM and our URLs call the member.
    scim_id = models.CharField(max_length=36, unique=True, default=new_scim_id, editable=False)
    external_id = models.CharField(max_length=values.TEXT_MOST, null=True, blank=True)  # noqa: DJ001 - unique where set
    role = models.CharField(_("role"), max_length=5, choices=Role, default=Role.GUEST)
    is_plan_admin = models.BooleanField(_("plan admin"), default=False)
    can_invite = models.BooleanField(_("may invite users"), default=False)
    is_audit_log_admin = models.BooleanField(_("audit log admin"), default=False)
    unique_id = models.CharField(_("Unique ID"), max_length=50)
    unique_id_key = models.CharField(max_length=50, editable=False)
    # SCIM echoes a Unique ID only once somebody has chosen it.
    unique_id_is_chosen = models.BooleanField(default=False, editable=False)
    # The account's addresses again, so that searching them reads this organization's rows only.
    user_name_key = models.CharField(max_length=values.KEY_MOST, editable=False)
    email_key = models.CharField(max_length=values.KEY_MOST, editable=False)
    # One licence each; Pass follows the account's state by itself.
    has_pass = models.BooleanField(default=False, editable=False)
    has_cacoo = models.BooleanField(default=False, editable=False)
    has_typetalk = models.BooleanField(default=False, editable=False)
    # Products given back at the last deactivation, to be restored as far as they fit.
    returned_licences = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    synchronized_at = models.DateTimeField(null=True, editable=False)

    _is_locked = False

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.account.name} ({self.organization.slug})"

    # -- how a verb begins and ends

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One transaction with the organization, then this member locked and read afresh.

        Verbs called inside share it, so a door may open it around several. Raises
        DoesNotExist when the member has gone meanwhile.
        """
        if self._is_locked:
            yield
            return
        with transaction.atomic():
            self.organization.lock()
            self.refresh_from_db(from_queryset=type(self)._default_manager.select_related("account"))
            self.account.managed_by = self.organization if self.account.managed_by_id == self.organization_id else None
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False

    def write(self, **fields: Any) -> None:
        """Save these columns and the time of the change, nothing else."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.modified_at = timezone.now()
        self.save(update_fields=[*fields, "modified_at"])

    def write_account(self, **fields: Any) -> None:
        """Save columns of the account; its places in all organizations count as modified."""
        for name, value in fields.items():
            setattr(self.account, name, value)
        self.account.save(update_fields=list(fields))
        self.modified_at = timezone.now()
        self.account.memberships.update(modified_at=self.modified_at)

    # -- rules

    @property
    def is_own(self) -> bool:
        """This organization manages the account."""
        return self.account.managed_by_id == self.organization_id

    @property
    def is_active(self) -> bool:
        return self.account.is_active

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMIN and self.account.is_active

    @property
    def is_emergency_administrator(self) -> bool:
        """Gets in without the IdP: an active administrator with a Nulab Account."""
        return self.is_administrator and not self.account.is_managed

    @property
    def licences(self) -> list[Product]:
        return [product for product in Product if getattr(self, product.holder_field)]

    def ineligibility(self, verified_domains: set[str]) -> refusals.NotEligible | None:
        """Why the IdP may not write this account, or None if it may."""
        name = self.account.name
        if not self.account.is_managed:
            return refusals.IsNulabAccount(member=name)
        if not self.is_own:
            return refusals.ManagedElsewhere(member=name)
        if self.organization.is_sandbox:
            return None
        if not self.account.is_up_to_date:
            return refusals.NeedsUpdate(member=name)
        for address in (self.account.user_name, self.account.email):
            if domain_of(address) not in verified_domains:
                return refusals.AddressOutsideDomains(member=name, domain=domain_of(address))
        return None

    def require_editable(self, by: Actor) -> None:
        """Own Managed Accounts only; for the IdP, eligible ones. Raises a NotEligible."""
        if by.is_identity_provider:
            reason = self.ineligibility(self.organization.verified_domains())
            if reason:
                raise reason
        elif not self.account.is_managed:
            raise refusals.IsNulabAccount(member=self.account.name)
        elif not self.is_own:
            raise refusals.ManagedElsewhere(member=self.account.name)

    def others(self) -> "models.QuerySet[Any]":
        """The other active members of the organization."""
        return self.organization.members.filter(account__is_active=True).exclude(pk=self.pk)

    def is_last_administrator(self) -> bool:
        return self.is_administrator and not self.others().filter(role=Role.ADMIN).exists()

    def is_last_plan_admin(self) -> bool:
        return self.is_plan_admin and self.is_active and not self.others().filter(is_plan_admin=True).exists()

    def is_last_emergency_administrator(self) -> bool:
        return (
            self.is_emergency_administrator
            and not self.others().filter(role=Role.ADMIN, account__type=Account.Type.NULAB).exists()
        )

    def require_dispensable(self, by: Actor) -> None:
        """Nobody depends on this member as administrator. Raises a Protected."""
        if self.is_last_administrator():
            raise refusals.LastAdministrator(member=self.account.name)
        if self.is_administrator:
            ask(Occasion.LEAVES_ADMINISTRATION, self, by)
        if self.is_emergency_administrator:
            ask(Occasion.LEAVES_EMERGENCY, self, by)

    def require_plan_admin_elsewhere(self) -> None:
        if self.is_last_plan_admin():
            raise refusals.LastPlanAdmin(member=self.account.name)

    def protection(self, by: Actor) -> refusals.Protected | None:
        """Why this member must stay for now, or None: for a page that says so before anybody tries."""
        try:
            self.require_dispensable(by)
            self.require_plan_admin_elsewhere()
        except refusals.Protected as reason:
            return reason
        return None

    # -- what several stories do

    def take_pass(self) -> None:
        """Every active Managed Account holds one Pass licence in the organization that manages it."""
        if self.is_own and self.account.is_active and not self.has_pass and not self.organization.is_sandbox:
            Subscription.take(self.organization, Product.PASS)
            self.has_pass = True

    def give_back_licences(self) -> list[Product]:
        """All of them, in memory and in the figures; the caller writes the columns."""
        given = self.licences
        Subscription.give_back(self.organization_id, given)
        for product in given:
            setattr(self, product.holder_field, False)
        return given

    def copy_addresses(self) -> None:
        """After the account's addresses have changed: the columns that mirror them."""
        self.user_name_key, self.email_key = key_of(self.account.user_name), key_of(self.account.email)


LICENCE_FIELDS = [product.holder_field for product in Product]
