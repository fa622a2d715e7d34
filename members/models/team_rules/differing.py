"""The members whose role or licences are not what rules make them: the function of brought.py, for the database.

Grouped by member, so that each membership is read once, however many rules there are.
tests/members/team_rules/test_any_order.py holds the two to each other.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Case, CharField, F, IntegerField, Max, Min, Q, TextField, Value, When
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
# Place and team of each rule, by what it gives.
Places = dict[Gives, list[tuple[int, int]]]


def differing(organization: "Organization") -> "MemberQuerySet":
    """These members, each with `wanted_role`, and for each product `gets_…` and `loses_…`, which it shall take or give
    back.
    """
    places = _places(organization)
    members = _ruled(organization, places).annotate(
        own_role_now=Coalesce("role_without_rules", "role"),
        first_place=_first_place(places),
        **{f"given_{product.value}": _is_given(places[Gives(product.value)]) for product in GIVEN},
    )
    members = members.annotate(
        wanted_role=_wanted_role(places),
        # SQLite cannot look into a list.
        _returned=Cast("returned_licences", TextField()),
    )
    members = members.annotate(**{name: condition for product in GIVEN for name, condition in _moves(product)})
    return members.filter(_differs(What.ROLE) | _differs(What.CACOO) | _differs(What.TYPETALK))


def lacking(members: "MemberQuerySet", what: What) -> "MemberQuerySet":
    """Those of the differing whose role, or whose licence, differs."""
    return members.filter(_differs(what))


def _places(organization: "Organization") -> Places:
    places: Places = {gives: [] for gives in Gives}
    for gives, place, team in organization.team_rules.values_list("gives", "place", "team_id"):
        places[Gives(gives)].append((place, team))
    return places


def _ruled(organization: "Organization", places: Places) -> "MemberQuerySet":
    """The members whom rules concern: of teams that have one, or with something that a rule gave."""
    from members.models.team import TeamMembership

    teams = {team for those in places.values() for _, team in those}
    in_teams = TeamMembership.objects.filter(team__in=teams).values("member")
    return organization.members.filter(Q(pk__in=in_teams) | MARKED)


def _differs(what: What) -> Q:
    if what == What.ROLE:
        return ~Q(wanted_role=F("role"))
    return Q(**{f"gets_{what.value}": True}) | Q(**{f"loses_{what.value}": True})


def _first_place(places: Places) -> Any:
    """The place of the first rule about roles of the member's teams; None without one."""
    rules = sorted(one for gives, those in places.items() if gives.role for one in those)
    firsts: dict[int, int] = {}
    for place, team in rules:
        firsts.setdefault(team, place)
    whens = [When(team_memberships__team=team, then=place) for team, place in firsts.items()]
    return Min(Case(*whens, default=None, output_field=IntegerField()))


def _is_given(rules: list[tuple[int, int]]) -> Any:
    """1 for members of a team that gives it."""
    teams = [team for _, team in rules]
    return Max(Case(When(team_memberships__team__in=teams, then=1), default=0, output_field=IntegerField()))


def _wanted_role(places: Places) -> Case:
    makes = {gives: Q(first_place__in=[place for place, _ in places[gives]]) for gives in (Gives.ADMIN, Gives.USER)}
    return Case(
        When(makes[Gives.ADMIN] & Q(role_is_sent=False), then=Value(Role.ADMIN.value)),
        When(makes[Gives.USER] & Q(role_is_sent=False, own_role_now=Role.GUEST.value), then=Value(Role.USER.value)),
        default=F("own_role_now"),
        output_field=CharField(),
    )


def _moves(product: Product) -> Iterator[tuple[str, Case]]:
    held = Q(account__is_active=True, **{product.holder_field: True}) | Q(
        account__is_active=False, _returned__contains=f'"{product.value}"'
    )
    given, by_rule = Q(**{f"given_{product.value}": 1}), Q(**{f"{product.value}_by_rule": True})
    yield f"gets_{product.value}", _flag(given & ~held)
    yield f"loses_{product.value}", _flag(~given & held & by_rule)


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False))
