"""The members whose role or licences are not what rules make them: the function of brought.py, for the database.

tests/members/models/test_team_rules.py holds the two to each other.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce

from members.models.licence import Product
from members.models.member.roles import Role
from members.models.team_rules.brought import GIVEN, Gives
from members.models.team_rules.unmet import What

if TYPE_CHECKING:
    from members.models.member.member import MemberQuerySet
    from members.models.organization import Organization

# The members with something that a rule gave.
MARKED = Q(role_without_rules__isnull=False)
for _product in GIVEN:
    MARKED |= Q(**{f"{_product.value}_by_rule": True})


def differing(organization: "Organization") -> "MemberQuerySet":
    """These members, each with `wanted_role`, and for each product `gets_…` and `loses_…`, which it shall take or give
    back.
    """
    members = ruled(organization).annotate(
        own_role_now=Coalesce("role_without_rules", "role"), ruled_role=_first_role(organization)
    )
    members = members.annotate(wanted_role=_wanted_role(), **_given(organization), _returned=_returned())
    members = members.annotate(**{name: condition for product in GIVEN for name, condition in _moves(product)})
    found: MemberQuerySet = members.filter(_differs(What.ROLE) | _differs(What.CACOO) | _differs(What.TYPETALK))
    return found


def ruled(organization: "Organization") -> "MemberQuerySet":
    """The members whom rules concern: of teams that have one, or with something that a rule gave."""
    from members.models.team import TeamMembership

    in_teams = TeamMembership.objects.filter(team__rules__organization=organization).values("member")
    found: MemberQuerySet = organization.members.filter(Q(pk__in=in_teams) | MARKED)  # type: ignore[assignment]
    return found


def lacking(members: "MemberQuerySet", what: What) -> "MemberQuerySet":
    """Those of the differing whose role, or whose licence, differs."""
    return members.filter(_differs(what))


def _differs(what: What) -> Q:
    if what == What.ROLE:
        return ~Q(wanted_role=F("role"))
    return Q(**{f"gets_{what.value}": True}) | Q(**{f"loses_{what.value}": True})


def _first_role(organization: "Organization") -> Subquery:
    roles = [gives.value for gives in Gives if gives.role]
    rules = organization.team_rules.filter(gives__in=roles, team__memberships__member=OuterRef("pk"))
    return Subquery(rules.order_by("place").values("gives")[:1])


def _wanted_role() -> Case:
    raised = Q(ruled_role=Role.ADMIN.value) | Q(ruled_role=Role.USER.value, own_role_now=Role.GUEST.value)
    return Case(
        When(Q(role_is_sent=False) & raised, then=F("ruled_role")),
        default=F("own_role_now"),
        output_field=CharField(),
    )


def _given(organization: "Organization") -> dict[str, Exists]:
    return {
        f"gives_{product.value}": Exists(
            organization.team_rules.filter(gives=product.value, team__memberships__member=OuterRef("pk"))
        )
        for product in GIVEN
    }


def _returned() -> Any:
    """The products that an inactive member would take again, as text: SQLite cannot look into a list."""
    return Cast("returned_licences", TextField())


def _moves(product: Product) -> Any:
    held = Q(account__is_active=True, **{product.holder_field: True}) | Q(
        account__is_active=False, _returned__contains=f'"{product.value}"'
    )
    given, by_rule = Q(**{f"gives_{product.value}": True}), Q(**{f"{product.value}_by_rule": True})
    yield f"gets_{product.value}", _flag(given & ~held)
    yield f"loses_{product.value}", _flag(~given & held & by_rule)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))
