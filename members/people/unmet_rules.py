"""Roles and licences that rules cannot give or take yet, as pages show them, each with the rule that wants it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from members.models import TeamRule, Unmet
from members.models.team_rules.brought import Brought, Facts, Gives, Rule, brought
from members.models.team_rules.unmet import What


@dataclass(frozen=True)
class Shown:
    row: Unmet
    # The rule that wants it; None where none does any more, and what is there ought to go.
    rule: Rule | None
    # The role or licence that ought to be.
    wanted: str


def shown(rows: Sequence[Unmet]) -> list[Shown]:
    """These rows, of one organization, with their members; one statement for all rules."""
    rules: dict[int, list[Rule]] = {row.member_id: [] for row in rows}
    found = TeamRule.objects.filter(team__memberships__member__in=list(rules)).order_by("place")
    columns = found.values_list("place", "team_id", "team__name", "gives", F("team__memberships__member"))
    for place, team_id, name, gives, member in columns if rules else ():
        if member in rules:
            rules[member].append(Rule(place, team_id, name, Gives(gives)))
    return [_shown(row, rules[row.member_id]) for row in rows]


def _shown(row: Unmet, rules: list[Rule]) -> Shown:
    member = row.member
    facts = Facts(member.own_role, member.role_is_sent, member.own_licences)
    return Shown(row, *_wanted(row, brought(facts, rules)))


def _wanted(row: Unmet, wanted: Brought) -> tuple[Rule | None, str]:
    if row.what == What.ROLE:
        return wanted.role_by, str(wanted.role.label)
    return next((rule for product, rule in wanted.products.items() if product == row.what), None), str(
        row.get_what_display()
    )
