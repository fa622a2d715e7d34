"""A change of the team rules as it would come out: whom it concerns, and what would not fit (decision 31).

The numbers are one statement over all whom it concerns. For the people of a page the verbs run, in a transaction that
is taken back (decision 20), behind those of the pages before.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from members import actors
from members.actors import Actor
from members.console.keyset import Keyset, Stretch
from members.log import history
from members.models import Member, Organization, Product, Role, Subscription, Team, TeamRule, Unmet
from members.models.change import Change
from members.models.changing import attempted
from members.models.team_rules.brought import GIVEN, Gives
from members.models.team_rules.differing import differing, lacking
from members.models.team_rules.following import held_back, settle
from members.models.team_rules.unmet import What
from members.models.work import current
from members.people.dry_run import TakenBack, without_mails
from members.refusals import Refusal

ROWS = 25
IN_ORDER = Keyset("id")


@dataclass(frozen=True)
class Concerned:
    """One of those whom the change concerns: what would change, and what would not, with the reason."""

    member: Member
    changes: list[history.Change]
    # The rules that give what changes.
    rules: list[str]
    refusals: list[Refusal]


@dataclass(frozen=True)
class Licences:
    """The licences of a product, before and after."""

    product: Product
    given: int
    taken_back: int
    used: int
    bought: int

    @property
    def after(self) -> int:
        return min(self.used - self.taken_back + self.given, max(self.bought, self.used - self.taken_back))

    @property
    def without_room(self) -> int:
        return self.used - self.taken_back + self.given - self.after


@dataclass
class Trial:
    people: int = 0
    # The number of those who get each role.
    roles: list[tuple[Role, int]] = field(default_factory=list)
    licences: list[Licences] = field(default_factory=list)
    page: Stretch = field(default_factory=lambda: Stretch([], "", is_first=True))
    concerned: list[Concerned] = field(default_factory=list)
    rules: list[tuple[str, str]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """The fingerprint of what is shown, which the form carries: the rules, and the numbers."""
        numbers = [(one.product.value, one.given, one.taken_back, one.used, one.bought) for one in self.licences]
        content = [self.rules, self.people, [(role.value, count) for role, count in self.roles], numbers]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def trial(team: Team, gives: Gives, act: Callable[[], Any], *, by: Actor, after: str = "") -> Trial:
    """The result of a change of this team's rule, of which nothing stays. Raises the act's refusals."""
    found, organization = Trial(), team.organization
    with organization.locked(), suppress(TakenBack), without_mails(), attempted():
        with held_back():
            act()
        found.rules = list(TeamRule.objects.filter(organization=organization).values_list("team__scim_id", "gives"))
        # Nobody else's are touched, and nothing else of theirs, whatever is not met yet.
        what = What(gives.product.value) if gives.product else What.ROLE
        members = lacking(differing(organization), what).filter(pk__in=team.memberships.values("member"))
        _count(organization, members, what, found)
        found.page = IN_ORDER.page(members.select_related("account"), after, ROWS)
        if found.page.rows:
            _take_for_those_before(organization, members.filter(pk__lt=found.page.rows[0].pk))
            found.concerned = _settled(organization, found.page.rows, what, by)
        raise TakenBack
    return found


def _count(organization: Organization, members: QuerySet[Member], what: What, found: Trial) -> None:
    roles = {f"to_{role.value}": Count("pk", Q(wanted_role=role.value) & ~Q(wanted_role=F("role"))) for role in Role}
    numbers = members.aggregate(people=Count("pk"), **roles, **_moves())
    found.people = numbers["people"]
    if what == What.ROLE:
        found.roles = [(role, count) for role in Role if (count := numbers[f"to_{role.value}"])]
        return
    product = Product(what.value)
    given, taken_back = numbers[f"given_{product.value}"], numbers[f"taken_{product.value}"]
    if given or taken_back:
        bought = Subscription.running(organization, product) or Subscription()
        found.licences.append(Licences(product, given, taken_back, bought.used, bought.bought))


def _moves() -> dict[str, Count]:
    """The licences that active members would get and give back."""
    return {
        f"{name}_{product.value}": Count("pk", Q(account__is_active=True, **{f"{column}_{product.value}": True}))
        for product in GIVEN
        for name, column in (("given", "gets"), ("taken", "loses"))
    }


def _take_for_those_before(organization: Organization, members: QuerySet[Member]) -> None:
    """Count the licences that the people of the pages before would take, as far as there are any."""
    before = members.aggregate(**_moves())
    for product in GIVEN:
        wanted = before[f"given_{product.value}"] - before[f"taken_{product.value}"]
        subscription = organization.subscriptions.filter(product=product).first()
        if wanted and subscription:
            subscription.used = max(0, min(max(subscription.bought, subscription.used), subscription.used + wanted))
            subscription.save(update_fields=["used"])


def _settled(organization: Organization, members: list[Member], what: What, by: Actor) -> list[Concerned]:
    work = current()
    assert work
    begin = len(work.changes)
    settle(organization, [member.pk for member in members], by=actors.team_rule(by))
    unmet: dict[int, list[Refusal]] = {}
    for row in Unmet.objects.filter(member__in=members, what=what).select_related("member__account"):
        if refusal := row.refusal:
            unmet.setdefault(row.member_id, []).append(refusal)
    return [_concerned(one, work.changes[begin:], unmet.get(one.pk, [])) for one in members]


def _concerned(member: Member, changes: list[Change], refusals: list[Refusal]) -> Concerned:
    lines: list[history.Change] = []
    rules: dict[str, None] = {}
    for change in changes:
        if change.member and change.member.pk == member.pk:
            fields = {name: sides for name, sides in change.fields.items() if name not in ("caused_by", "team_rule")}
            lines += history.in_words(fields)
            given = {name: sides for name, sides in change.fields.items() if name == "team_rule"}
            rules |= dict.fromkeys(map(str, history.in_words(given)))
    return Concerned(member, lines, list(rules), refusals)
