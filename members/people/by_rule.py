"""Roles and licences as team rules want them, for pages: each with its rule, and with what stands in its way."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F

from members.models import Member, Product, TeamRule, Unmet
from members.models.team_rules.brought import Brought, Facts, Gives, Rule, brought
from members.models.team_rules.unmet import What
from members.refusals import Refusal


@dataclass(frozen=True)
class ByRule:
    what: What
    # The rule that wants it; None where none does any more, and what is there ought to go.
    rule: Rule | None
    # The role or licence that ought to be.
    wanted: str
    # The reason for which it is not; None also where it waits for its turn.
    refusal: Refusal | None = None
    is_waiting: bool = False
    member: Member | None = None


def unmet(rows: Sequence[Unmet]) -> list[ByRule]:
    """These rows, of one organization, with their members; one statement for all rules."""
    rules = _rules({row.member_id for row in rows})
    return [_of(row.member, What(row.what), _brought(row.member, rules[row.member_id]), row) for row in rows]


def by_rule(members: Sequence[Member]) -> dict[int, list[ByRule]]:
    """The lines of each of these members, of one organization, by their keys. Two statements."""
    keys = {member.pk for member in members}
    rules = _rules(keys)
    rows = {(row.member_id, row.what): row for row in Unmet.objects.filter(member__in=keys)}
    return {member.pk: list(_all_of(member, rules[member.pk], rows)) for member in members}


def wanted_of(what: What, by: Brought) -> tuple[Rule | None, str]:
    """The rule that wants the role or licence, and which one."""
    if what == What.ROLE:
        return by.role_by, str(by.role.label)
    return by.products.get(Product(what.value)), str(what.label)


def _all_of(member: Member, rules: list[Rule], rows: dict[tuple[int, str], Unmet]) -> Iterator[ByRule]:
    by = _brought(member, rules)
    for what in What:
        row = rows.get((member.pk, what.value))
        if row:
            row.member = member
        if row or wanted_of(what, by)[0]:
            yield _of(member, what, by, row)


def _of(member: Member, what: What, by: Brought, row: Unmet | None) -> ByRule:
    refusal = row.refusal if row else None
    return ByRule(what, *wanted_of(what, by), refusal, is_waiting=bool(row and not row.code), member=member)


def _rules(members: Collection[int]) -> dict[int, list[Rule]]:
    """The rules of each member's teams, in their order."""
    rules: dict[int, list[Rule]] = {member: [] for member in members}
    found = TeamRule.objects.filter(team__memberships__member__in=list(rules)).order_by("place")
    columns = found.values_list("place", "team_id", "team__name", "gives", F("team__memberships__member"))
    for place, team_id, name, gives, member in columns if rules else ():
        if member in rules:
            rules[member].append(Rule(place, team_id, name, Gives(gives)))
    return rules


def _brought(member: Member, rules: list[Rule]) -> Brought:
    return brought(Facts(member.own_role, member.role_is_sent), rules)
