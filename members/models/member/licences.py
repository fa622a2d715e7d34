"""Cacoo and Typetalk licences, which administrators and team rules give; Pass follows the account by itself."""

from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.models.changing import attempted
from members.models.licence import Product, Subscription, licence_changes
from members.models.member import refusals
from members.models.member.ruled import RuledMember, because
from members.models.team_rules.brought import GIVEN, Rule
from members.models.team_rules.unmet import What
from members.models.work import pending
from members.refusals import Refusal


class LicenceVerbs(RuledMember):
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
                self._hold(product, True, by)
                self._note_rule(product, False)
                self.met(What(product.value))

    def withdraw_licence(self, product: Product, *, by: Actor) -> None:
        """Take the licence back. Raises PassBelongsToManaged, LicenceByRule."""
        with self.locked():
            if product is Product.PASS:
                raise refusals.PassBelongsToManaged
            if product in self.licences:
                if rule := self.brought().products.get(product):
                    raise refusals.LicenceByRule(
                        member=self.account.name, product=product.label, rule=rule.number, team=rule.team
                    )
                Subscription.give_back(self.organization_id, product)
                self._hold(product, False, by)

    def settle_licences(self, *, by: Actor) -> None:
        """Give and take back what rules account for. A refusal is noted, and ends nothing else."""
        given = self.brought().products
        for product in GIVEN:
            if product not in given:
                if self.is_entitled(product) and self.is_by_rule(product):
                    self._lose_by_rule(product, by)
                self.met(What(product.value))
            elif self.is_entitled(product):
                self.met(What(product.value))
            else:
                self._get_by_rule(product, given[product], by)

    def _get_by_rule(self, product: Product, rule: Rule, by: Actor) -> None:
        if self.account.is_active:
            try:
                with attempted(self):
                    Subscription.take(self.organization, product)
                    self._hold(product, True, by, rule)
            except Refusal as refusal:
                self.not_met(What(product.value), refusal, by)
                return
        else:
            self._would_take([*self.returned_licences, product])
        self._note_rule(product, True)
        self.met(What(product.value))

    def _lose_by_rule(self, product: Product, by: Actor) -> None:
        if self.account.is_active:
            Subscription.give_back(self.organization_id, product)
            self._hold(product, False, by)
        else:
            self._would_take([other for other in self.returned_licences if other != product])
        self._note_rule(product, False)

    def _hold(self, product: Product, holds: bool, by: Actor, rule: Rule | None = None) -> None:
        before = self.licences
        self.write(**{product.holder_field: holds})
        event = Event.LICENCE_ASSIGNED if holds else Event.LICENCE_WITHDRAWN
        changes = licence_changes(after=[product]) if holds else licence_changes(before=[product])
        audit.record(
            event, self.organization, by=by, member=self, changes={**changes, **because(rule, by)},
            derived=licence_changes(before=before, after=self.licences),
        )  # fmt: skip

    def _would_take(self, products: list[str]) -> None:
        """Set what an inactive member would take again: no licence moves."""
        self.remember_licences([Product(product) for product in products])
        pending().update(self, ["returned_licences"])

    def _note_rule(self, product: Product, is_by_rule: bool) -> None:
        if self.is_by_rule(product) != is_by_rule:
            column = f"{product.value}_by_rule"
            setattr(self, column, is_by_rule)
            pending().update(self, [column])
