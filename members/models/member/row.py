"""A member as a row: its columns, its lock, and the rules that say something about it.

The verbs that change it stand in the other files here, a story each; Member puts them together.
"""

import datetime
import uuid
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self, cast

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import actors, values
from members.actors import Actor
from members.keys import key_of
from members.models import audit
from members.models.account import Account
from members.models.audit import Event
from members.models.licence import Product, Subscription
from members.models.member import eligibility, reading, refusals
from members.models.member.roles import Role
from members.models.organization import Organization
from members.models.work import current, pending
from members.refusals import NotEligible
from members.statements import made

if TYPE_CHECKING:
    from collections.abc import Callable

    from members.models.member.reading import Known
    from members.statements import Rows
    from operations.postgresql.asking import Statement

MAX_NAME_ORDER = 200
# Columns of the account, and those here that mirror them.
MIRRORED = {"user_name": "user_name_key", "email": "email_key", "name": "name_order"}


def new_scim_id() -> str:
    return str(uuid.uuid4())


class MemberRow(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="members")
    account = models.ForeignKey(Account, models.PROTECT, related_name="memberships")
    # Identifier in SCIM and our URLs: opaque, stable, never used again.
    scim_id = models.CharField(max_length=36, unique=True, default=new_scim_id, editable=False)
    external_id = models.CharField(max_length=values.MAX_TEXT, null=True, blank=True)
    role = models.CharField(_("role"), max_length=5, choices=Role, default=Role.GUEST)
    # The role that is left without team rules; None: the same (decision 31).
    role_without_rules = models.CharField(max_length=5, null=True, editable=False)
    # Whether the identity provider has sent the role, which then beats the rules.
    role_is_sent = models.BooleanField(default=False, db_default=False, editable=False)
    is_plan_admin = models.BooleanField(_("plan admin"), default=False)
    can_invite = models.BooleanField(_("may invite users"), default=False)
    is_audit_log_admin = models.BooleanField(_("audit log admin"), default=False)
    unique_id = models.CharField(_("Unique ID"), max_length=50)
    unique_id_key = models.CharField(max_length=50, editable=False)
    # SCIM echoes a Unique ID only once somebody has chosen it.
    unique_id_is_chosen = models.BooleanField(default=False, editable=False)
    # The account's addresses again, so that searching them reads this organization's rows only.
    user_name_key = models.CharField(max_length=values.MAX_KEY, editable=False)
    email_key = models.CharField(max_length=values.MAX_KEY, editable=False)
    # The beginning of the account's name_key: as much as sorts people, and as an index takes.
    name_order = models.CharField(max_length=MAX_NAME_ORDER, editable=False)
    # One licence each; Pass follows the account's state by itself.
    has_pass = models.BooleanField(default=False, editable=False)
    has_cacoo = models.BooleanField(default=False, editable=False)
    has_typetalk = models.BooleanField(default=False, editable=False)
    # Licences that are there because of team rules alone, held or to be taken again.
    cacoo_by_rule = models.BooleanField(default=False, db_default=False, editable=False)
    typetalk_by_rule = models.BooleanField(default=False, db_default=False, editable=False)
    # Products given back at the last deactivation, to be restored as far as they fit.
    returned_licences = models.JSONField(default=list, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    # Read while locked, when it cannot change.
    _known: "Known | None" = None
    # The row of `reading.beside`, if it was asked.
    _brought: "Rows | None" = None

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.account.name} ({self.organization.slug})"

    # -- how a verb begins and ends

    def locked(self) -> AbstractContextManager[None]:
        """One transaction with the organization and the account locked, and this member read afresh.

        Verbs called inside share it, so a door may open it around several. Raises
        DoesNotExist when the member has gone meanwhile.
        """
        return self.organization.locked(self)

    def lock_rows(self) -> None:
        """Lock the organization and the account."""
        reading.lock(self)

    def read_again(self) -> list[models.Model]:
        self._known = reading.read(self)
        return [self, self.account]

    def read_unlocked(self) -> "tuple[Statement, Callable[[], Statement]]":
        """Read without a lock; returns what locks, and what makes a statement that finds a row while nothing of it has
        changed that was asked by then.
        """
        self._known, as_it_was = reading.read_unlocked(self, self._brought)
        return reading.lock_statement(self), as_it_was

    @classmethod
    def called(cls, organization: Organization, scim_id: str, brought: "Rows | None" = None) -> Self:
        """The member with this id in the organization, of whom nothing is read before it is locked; `brought` is what
        has been read without a lock.
        """
        member = made(cls, ("organization_id", "scim_id"), (organization.pk, scim_id))
        member._state.fields_cache["organization"] = organization
        member._brought = brought
        return member

    def know(self, known: "Known") -> None:
        """Take the facts about a new member, which nobody else has seen."""
        self._known = known
        self._state.fields_cache["emergency_lock"] = None

    @property
    def known(self) -> "Known | None":
        """The facts that came with it, if it is held."""
        work = current()
        return self._known if work and work.holds(self) else None

    def write(self, **fields: Any) -> None:
        """Write these columns and the time of the change, nothing else."""
        for name, value in fields.items():
            setattr(self, name, value)
        self.modified_at = timezone.now()
        pending().update(self, [*fields, "modified_at"])

    def never_changed(self) -> None:
        """Whether the member is as it was created: all writes so far were part of the creation."""
        if self.modified_at != self.created_at:
            self.modified_at = self.created_at
            pending().update(self, ["modified_at"])

    def write_account(self, **fields: Any) -> bool:
        """Save columns of the account; its places in all organizations count as modified and know its new name.

        Whether it has a place in another organization, which sees the change as well: `record_elsewhere`.
        """
        account = self.account
        for name, value in fields.items():
            setattr(account, name, value)
        pending().update(account, fields)
        mirrored: dict[str, Any] = {"modified_at": timezone.now()}
        if written := MIRRORED.keys() & fields.keys():
            self.copy_from_account()
            mirrored |= {MIRRORED[name]: getattr(self, MIRRORED[name]) for name in written}
        self.modified_at = mirrored["modified_at"]
        pending().update(self, mirrored)
        if self.known and not self.known.is_elsewhere:
            return False
        return self.account.memberships.exclude(pk=self.pk).update(**mirrored) > 0

    def record_elsewhere(self, event: Event, changes: dict[str, list[Any]], *, by: Actor) -> None:
        """Record a change of the account in the audit logs of its other organizations."""
        for place in self.everywhere():
            if place is not self:
                audit.record(event, place.organization, by=self.as_seen_at(place, by), member=place, changes=changes)

    # -- rules

    @property
    def is_own(self) -> bool:
        """This organization manages the account."""
        return self.account.managed_by_id == self.organization_id

    @property
    def is_managed_elsewhere(self) -> bool:
        return self.account.is_managed and not self.is_own

    @property
    def is_active(self) -> bool:
        return self.account.is_active

    @property
    def is_administrator(self) -> bool:
        return self.role == Role.ADMIN and self.account.is_active

    @property
    def synchronized_at(self) -> datetime.datetime | None:
        """The time of the IdP's last write to the account; to the day where it changed nothing."""
        found = getattr(self, "synchronization", None)
        return found.at if found else None

    def may_open_settings(self) -> bool:
        return self.is_administrator

    def may_invite(self) -> bool:
        return self.is_administrator or (self.can_invite and self.account.is_active)

    def may_see_licences(self) -> bool:
        return self.is_administrator or self.is_plan_admin

    def may_read_audit_log(self) -> bool:
        return self.is_administrator or self.is_audit_log_admin

    @property
    def is_emergency_administrator(self) -> bool:
        """Whether this is an active administrator with a Nulab Account and a password, who needs no IdP to sign in."""
        return self.is_administrator and not self.account.is_managed and self.account.has_usable_password()

    @property
    def licences(self) -> list[Product]:
        return [product for product, field in _HOLDERS if getattr(self, field)]

    def ineligibility(self, verified_domains: set[str]) -> NotEligible | None:
        """The refusal for an account that the IdP may not write, or None if it may."""
        return eligibility.reason_against(self, verified_domains)

    def verified_domains(self) -> set[str]:
        """The organization's verified domains; none for a sandbox, which needs none."""
        if self.organization.is_sandbox:
            return set()
        known = self.known
        return known.domains if known else self.organization.verified_domains()

    def require_editable(self, by: Actor) -> None:
        """Require an own Managed Account; for the IdP, an eligible one. Raises a NotEligible."""
        if by.is_identity_provider:
            reason = self.ineligibility(self.verified_domains())
            if reason:
                raise reason
        elif not self.account.is_managed:
            raise refusals.IsNulabAccount(member=self.account.name)
        elif not self.is_own:
            raise refusals.ManagedElsewhere(member=self.account.name)

    def teams_of(self) -> list[tuple[int, str, str]]:
        """Key, SCIM id and name of each team."""
        known = self.known
        return known.teams if known else reading.teams(self.pk)

    # -- steps of several stories

    def take_pass(self) -> list[Product]:
        """Take the Pass licence that every active Managed Account holds; returns the products taken."""
        if self.is_own and self.account.is_active and not self.has_pass and not self.organization.is_sandbox:
            Subscription.take(self.organization, Product.PASS, self.known.passes if self.known else None)
            self.has_pass = True
            return [Product.PASS]
        return []

    def require_pass_free(self) -> None:
        """Raise the refusal of take_pass for an active Managed Account of this organization; takes nothing."""
        if not self.organization.is_sandbox:
            Subscription.require_free(self.organization, Product.PASS)

    def everywhere(self) -> list[Self]:
        """The account's places in all organizations, this one as the object at hand.

        In the order of the organizations: verbs that take or give back licences in several
        do it in this order, so that two of them cannot deadlock.
        """
        if self.known and not self.known.is_elsewhere:
            return [self]
        elsewhere = self.account.memberships.exclude(pk=self.pk).select_related("organization")
        places = cast("list[Self]", [self, *elsewhere])
        for place in places:
            place.account = self.account
        return sorted(places, key=lambda place: place.organization_id)

    def as_seen_at(self, place: "MemberRow", by: Actor) -> Actor:
        """The actor for that member's audit log: people of another organization are not named there."""
        return by if place.organization_id == self.organization_id else actors.MANAGING_ORGANIZATION

    def give_back_licences(self) -> list[Product]:
        """Give all licences back, in memory and in the figures; the caller writes the columns."""
        given = self.licences
        for product in given:
            Subscription.give_back(self.organization_id, product)
            setattr(self, product.holder_field, False)
        return given

    def remember_licences(self, products: list[Product]) -> None:
        """Set what an inactive member would take again, in memory and in the figures; the caller writes the column."""
        Subscription.shift_returned(self.organization_id, self.returned_licences, -1)
        Subscription.shift_returned(self.organization_id, products, 1)
        self.returned_licences = [product.value for product in products]

    def copy_from_account(self) -> None:
        """Set the columns that mirror the account's addresses and name."""
        account = self.account
        self.user_name_key, self.email_key = key_of(account.user_name), key_of(account.email)
        self.name_order = account.name_key[:MAX_NAME_ORDER]


_HOLDERS = [(product, product.holder_field) for product in Product]
LICENCE_FIELDS = [field for _, field in _HOLDERS]
