"""A member as team rules see it: its own role and licences, the rules of its teams, and what is not met."""

from typing import Any

from members.actors import Actor
from members.models.licence import Product
from members.models.member import reading
from members.models.member.roles import Role
from members.models.member.row import MemberRow
from members.models.team_rules.brought import GIVEN, Brought, Facts, Rule, brought
from members.models.team_rules.unmet import Unmet, What
from members.refusals import Refusal


class RuledMember(MemberRow):
    class Meta:
        abstract = True

    def rules(self) -> list[Rule]:
        """The rules of the member's teams, in their order."""
        if self.known is None:
            return reading.rules(self.pk)
        if self.known.rules is None:
            self.known.rules = reading.rules(self.pk)
        return self.known.rules

    def forget_rules(self) -> None:
        """Forget what was read of the member's rules: its teams, or the rules, are others now."""
        if self.known:
            self.known.rules = None

    @property
    def own_role(self) -> Role:
        """The role that the member has without rules: sent, or given by hand."""
        return Role(self.role_without_rules or self.role)

    def is_entitled(self, product: Product) -> bool:
        """Whether the member holds the licence, or, while inactive, would take it again."""
        return product in self._entitled

    @property
    def _entitled(self) -> "list[Product] | list[str]":
        return self.licences if self.account.is_active else self.returned_licences

    def is_by_rule(self, product: Product) -> bool:
        return product in GIVEN and bool(getattr(self, f"{product.value}_by_rule"))

    def brought(self, *, role: Role | None = None, is_sent: bool | None = None) -> Brought:
        """The role that the member ought to have, also with another one of its own, and who gives licences."""
        is_sent = self.role_is_sent if is_sent is None else is_sent
        return brought(Facts(role or self.own_role, is_sent), self.rules())

    # -- what is not met

    def is_unmet(self, what: What) -> bool:
        if self.known:
            return what in self.known.unmet
        return Unmet.objects.filter(member_id=self.pk, what=what).exists()

    def met(self, what: What) -> None:
        """Strike off what is met now."""
        if self.is_unmet(what):
            Unmet.objects.filter(member_id=self.pk, what=what).delete()
            if self.known:
                self.known.unmet.discard(what)

    def not_met(self, what: What, refusal: Refusal, by: Actor) -> None:
        Unmet.note(self, what, refusal, by.caused_by)
        if self.known:
            self.known.unmet.add(what)
            self.known.is_any_unmet = True


def because(rule: Rule | None, by: Actor) -> dict[str, list[Any]]:
    """The rule, and who caused it, among the changes that the audit log keeps."""
    changes: dict[str, list[Any]] = {"team_rule": ["", str(rule)]} if rule else {}
    return changes | ({"caused_by": ["", by.caused_by]} if by.caused_by else {})
