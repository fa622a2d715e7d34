"""The keeper of an account: its owner, the organization, or the organization's IdP."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Q
from django.utils import timezone

from members import mail, values
from members.actors import Actor
from members.models import audit
from members.models.account import Account
from members.models.audit import Event
from members.models.licence import Product, Subscription, licence_changes
from members.models.member import refusals
from members.models.member.roles import Role
from members.models.member.row import MemberRow
from members.models.member.synchronization import Synchronization
from members.models.second_factor import SecondFactor
from members.models.work import pending
from members.refusals import Refusal

if TYPE_CHECKING:
    from members.models.member.member import Member


class TypeVerbs(MemberRow):
    class Meta:
        abstract = True

    def mark_provisioned(self, *, by: Actor, has_changed: bool = True) -> None:
        """Make the IdP the keeper of this account, which it has written. Raises a NotEligible."""
        with self.locked():
            self.require_editable(by)
            is_new = self.account.type != Account.Type.PROVISIONED
            # Not a change of the resource: modified_at stays.
            Synchronization.note(self, has_changed=has_changed or is_new)
            if is_new:
                self._change_type(Account.Type.PROVISIONED, Event.ACCOUNT_MATCHED, by)

    def convert_to_managed(self, *, by: Actor) -> None:
        """Make a Nulab Account this organization's: password and sessions end, memberships elsewhere stay.

        Raises AlreadyManaged, ManagedElsewhere, DomainNotVerified, AdministratorElsewhere, NoFreeLicence,
        or what guards the last emergency administrator.
        """
        with self.locked():
            account = self.account
            self._require_manageable(by)
            account.set_unusable_password()
            SecondFactor.objects.filter(account=account).delete()
            self.write_account(
                type=Account.Type.MANAGED,
                managed_by=self.organization,
                password=account.password,
                brought_up_to_date_at=timezone.now(),
            )
            held = self.licences
            self.take_pass()
            self.write(has_pass=self.has_pass)
            account.sessions.all().delete()
            self._record_type(Account.Type.NULAB, Event.ACCOUNT_TYPE_CHANGED, by, held)
            mail.to_accounts(self.organization, "account_became_managed", [account], member=self)

    def _require_manageable(self, by: Actor) -> None:
        account = self.account
        if account.is_managed:
            kind = refusals.AlreadyManaged if self.is_own else refusals.ManagedElsewhere
            raise kind(member=account.name)
        if self.organization.is_sandbox:
            raise refusals.ReservedForSandbox
        self.require_addresses_in(self.verified_domains())
        elsewhere = account.memberships.exclude(pk=self.pk)
        if elsewhere.filter(Q(role=Role.ADMIN) | Q(is_plan_admin=True)).exists():
            raise refusals.AdministratorElsewhere(member=account.name)
        cast("Member", self).require_emergency_elsewhere(by)

    def require_addresses_in(self, verified_domains: set[str]) -> None:
        """Require both addresses to be fit for a Managed Account. Raises what `values.address` raises."""
        for field in ("user_name", "email"):
            values.address(field, getattr(self.account, field), verified_domains)

    def reason_to_stay_nulab(self, by: Actor) -> Refusal | None:
        """The refusal that convert_to_managed would raise, or None. Takes no lock: a page asks often."""
        try:
            self._require_manageable(by)
            if self.account.is_active:
                self.require_pass_free()
        except Refusal as reason:
            return reason
        return None

    def convert_to_nulab(self, *, by: Actor) -> None:
        """Make the owner the keeper, who sets a password by a mailed link.

        Raises ActiveOnly, NoNulabInSandbox, a NotEligible.
        """
        with self.locked():
            self.require_editable(by)
            account = self.account
            if self.organization.is_sandbox:
                raise refusals.NoNulabInSandbox
            if not account.is_active:
                raise refusals.ActiveOnly(member=account.name)
            before, held = account.type, self.licences
            self.write_account(type=Account.Type.NULAB, managed_by=None)
            if self.has_pass:
                Subscription.give_back(self.organization_id, Product.PASS)
            self.write(external_id=None, has_pass=False)
            account.sessions.all().delete()
            self._record_type(before, Event.ACCOUNT_TYPE_CHANGED, by, held)
            mail.to_accounts(
                self.organization, "account_became_nulab", [account], member=self, link=mail.set_password_link(account)
            )

    def bring_up_to_date(self, *, by: Actor) -> None:
        """The Update action for accounts older than 16 January 2023. Raises NeedsNoUpdate, a NotEligible."""
        with self.locked():
            if not self.is_own:
                self.require_editable(by)
            if self.account.is_up_to_date:
                raise refusals.NeedsNoUpdate(member=self.account.name)
            self.write_account(brought_up_to_date_at=timezone.now())
            audit.record(Event.ACCOUNT_UPDATED, self.organization, by=by, member=self)

    def _change_type(self, wanted: Account.Type, event: Event, by: Actor) -> None:
        before = self.account.type
        self.account.type = wanted
        # No other field changes, and the type is not on the SCIM wire: modified_at stays.
        pending().update(self.account, ["type"])
        self._record_type(before, event, by, self.licences)

    def _record_type(self, before: str, event: Event, by: Actor, held: Collection[Product]) -> None:
        """Record the type, and the licences that have moved with it; `held` are all those of before."""
        changes: dict[str, list[Any]] = {"type": [before, self.account.type]}
        taken = [product for product in self.licences if product not in held]
        given = [product for product in held if product not in self.licences]
        moved = licence_changes(before=given, after=taken)
        audit.record(
            event, self.organization, by=by, member=self, changes={**changes, **moved},
            derived=licence_changes(before=held, after=self.licences) if moved else None,
        )  # fmt: skip
        self.record_elsewhere(Event.ACCOUNT_TYPE_CHANGED, changes, by=by)
