"""The role and licences that rules bring to a member: one function of its own facts and the rules of its teams."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.licence import Product
from members.models.member.roles import Role

# By value: asking an enumeration for one that it does not have is slow.
ROLES, PRODUCTS = {role.value: role for role in Role}, {product.value: product for product in Product}


class Gives(models.TextChoices):
    """The value of a role or of a product."""

    ADMIN = Role.ADMIN.value, _("At least Administrator")
    USER = Role.USER.value, _("At least Member")
    CACOO = Product.CACOO.value, _("A Cacoo licence")
    TYPETALK = Product.TYPETALK.value, _("A Typetalk licence")

    @property
    def role(self) -> Role | None:
        return ROLES.get(self.value)

    @property
    def product(self) -> Product | None:
        return PRODUCTS.get(self.value)


# Products that rules give; Pass follows the account.
GIVEN = (Product.CACOO, Product.TYPETALK)


@dataclass(frozen=True)
class Rule:
    """A rule of a team that the member is in."""

    # Its place in the organization's list, from 1.
    number: int
    team_id: int
    team: str
    gives: Gives

    def __str__(self) -> str:
        return f"{self.team} ({self.number})"


@dataclass(frozen=True)
class Facts:
    """The role that a member has without rules."""

    role: Role
    # Whether the identity provider has sent the role.
    is_sent: bool


@dataclass(frozen=True)
class Brought:
    role: Role
    # The rule that the role comes from; None where it is sent, or given by hand.
    role_by: Rule | None
    # The first rule that gives each product, also to those who hold it by hand.
    products: dict[Product, Rule]


def brought(facts: Facts, rules: Sequence[Rule]) -> Brought:
    """The role that a member of the teams of these rules, given in their order, ought to have, and who gives licences.

    A role that is sent beats the rules. Else the first rule about roles counts, and gives at least that one.
    """
    first = None if facts.is_sent else next((rule for rule in rules if rule.gives.role), None)
    if first and not (first.gives.role and first.gives.role.is_higher_than(facts.role)):
        first = None
    products: dict[Product, Rule] = {}
    for rule in rules:
        if rule.gives.product:
            products.setdefault(rule.gives.product, rule)
    role = first.gives.role if first else None
    return Brought(role or facts.role, first, products)
