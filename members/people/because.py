"""Why a member has a role and licences: in words for the member's page."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from members.models import Member, Product, Role
from members.models.team_rules.brought import Rule


@dataclass(frozen=True)
class Because:
    # "" where the role was given by hand and no rule gives it.
    role: str
    licences: dict[Product, str] = field(default_factory=dict)
    # Products that a rule gives, which nobody can withdraw by hand.
    ruled: set[Product] = field(default_factory=set)


def because(member: Member) -> Because:
    brought = member.brought()
    return Because(
        _why_role(member, brought.role_by),
        {product: _why_licence(member, product, rule) for product, rule in brought.products.items()},
        set(brought.products),
    )


def least_role(member: Member) -> Rule | None:
    """The rule that gives the member at least a role, if no other role is sent."""
    return member.brought(role=Role.GUEST, is_sent=False).role_by


def _why_role(member: Member, rule: Rule | None) -> str:
    if member.role_is_sent:
        return _("sent by the IdP")
    if rule and rule.gives.role == member.role:
        return _("because of team %(team)s (rule %(number)s)") % _figures(rule)
    return ""


def _why_licence(member: Member, product: Product, rule: Rule) -> str:
    if not member.is_entitled(product):
        return _("The team %(team)s should give one (rule %(number)s).") % _figures(rule)
    if member.is_by_rule(product):
        return _("because of team %(team)s (rule %(number)s)") % _figures(rule)
    return _("given by hand; the team %(team)s gives it, too (rule %(number)s)") % _figures(rule)


def _figures(rule: Rule) -> dict[str, str]:
    return {"team": rule.team, "number": str(rule.number)}
