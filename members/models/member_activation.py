"""Out, at once; and back, with everything that still fits."""

from members import refusals
from members.actors import Actor
from members.guards import Occasion, ask
from members.models import audit
from members.models.audit import Event
from members.models.licence import Product, Subscription
from members.models.member_row import LICENCE_FIELDS, MemberRow


class ActivationVerbs(MemberRow):
    class Meta:
        abstract = True

    def deactivate(self, *, by: Actor) -> None:
        """Sessions, licences and sign-in end in this transaction, in every organization.

        By the IdP, or by an administrator as emergency stop. Raises a Protected, a NotEligible.
        """
        with self.locked():
            self.require_editable(by)
            if not self.account.is_active:
                return
            self.require_dispensable(by)
            self.require_plan_admin_elsewhere()
            self.write_account(is_active=False)
            self.account.sessions.all().delete()
            given_back: list[str] = []
            for place in self._places():
                products = place.give_back_licences()
                place.write(**_licences_of(place), returned_licences=[product.value for product in products])
                if place.pk == self.pk:
                    given_back = [product.label for product in products]
            audit.record(
                Event.ACCOUNT_DEACTIVATED, self.organization, by=by, member=self,
                changes={"active": [True, False], "licences": [given_back, []]},
            )  # fmt: skip

    def reactivate(self, *, by: Actor) -> None:
        """Back with the same id, role, teams and history; licences as far as they are free.

        Raises NoFreeLicence for the one Pass licence that an active account must have.
        """
        with self.locked():
            self.require_editable(by)
            if self.account.is_active:
                return
            if not by.is_identity_provider:
                ask(Occasion.REACTIVATES, self, by)
            self.write_account(is_active=True)
            restored: list[str] = []
            missed: list[str] = []
            for place in self._places():
                place.take_pass()
                for product in map(Product, place.returned_licences):
                    if product is not Product.PASS and place.pk == self.pk:
                        (restored if _take_if_free(place, product) else missed).append(product.label)
                    elif product is not Product.PASS:
                        _take_if_free(place, product)
                place.write(**_licences_of(place), returned_licences=[])
            changes = {"active": [False, True], "licences": [[], restored]}
            if missed:
                changes["licences_without_room"] = [missed, []]
            audit.record(Event.ACCOUNT_REACTIVATED, self.organization, by=by, member=self, changes=changes)

    def _places(self) -> "list[MemberRow]":
        """The account's places everywhere, this one as the object at hand."""
        elsewhere = self.account.memberships.exclude(pk=self.pk).select_related("organization").order_by("pk")
        for place in elsewhere:
            place.account = self.account
        return [self, *elsewhere]


def _licences_of(place: MemberRow) -> dict[str, bool]:
    return {field: getattr(place, field) for field in LICENCE_FIELDS}


def _take_if_free(place: MemberRow, product: Product) -> bool:
    try:
        Subscription.take(place.organization, product)
    except refusals.Refusal:
        return False
    setattr(place, product.holder_field, True)
    return True
