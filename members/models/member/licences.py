"""Cacoo and Typetalk licences, which administrators assign; Pass follows the account by itself."""

from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.models.licence import Product, Subscription, licence_changes
from members.models.member import refusals
from members.models.member.row import MemberRow


class LicenceVerbs(MemberRow):
    class Meta:
        abstract = True

    def assign_licence(self, product: Product, *, by: Actor) -> None:
        """Give a licence. Raises NoFreeLicence, NoSubscription, InactiveHoldsNoLicence, PassBelongsToManaged."""
        with self.locked():
            if product is Product.PASS:
                raise refusals.PassBelongsToManaged
            if not self.account.is_active:
                raise refusals.InactiveHoldsNoLicence(member=self.account.name)
            if product not in self.licences:
                Subscription.take(self.organization, product)
                self._hold(product, True, Event.LICENCE_ASSIGNED, by)

    def withdraw_licence(self, product: Product, *, by: Actor) -> None:
        """Take the licence back. Raises PassBelongsToManaged."""
        with self.locked():
            if product is Product.PASS:
                raise refusals.PassBelongsToManaged
            if product in self.licences:
                Subscription.give_back(self.organization_id, product)
                self._hold(product, False, Event.LICENCE_WITHDRAWN, by)

    def _hold(self, product: Product, holds: bool, event: Event, by: Actor) -> None:
        self.write(**{product.holder_field: holds})
        changes = licence_changes(after=[product]) if holds else licence_changes(before=[product])
        audit.record(event, self.organization, by=by, member=self, changes=changes)
