"""Whatever happens in whatever order: the result is that of the rules applied to the final state."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from members.models import Member, Organization, Product, Role, Subscription, Team, TeamRule, Unmet
from members.models.member.refusals import AtMostMember, LastAdministrator
from members.models.team_rules.brought import Gives
from members.models.team_rules.differing import differing
from members.refusals import Refusal
from saml.models import SamlSettings
from tests.cast import OPERATOR, idp_actor, managed, provisioned

PEOPLE = ["ann", "ben", "cid", "dan", "eva"]
TEAMS = ["Design", "Platform"]
GIVEN = [Product.CACOO, Product.TYPETALK]
RANK = [Role.GUEST, Role.USER, Role.ADMIN]


@dataclass
class Person:
    """What has been said of a person, without any rule."""

    role: Role = Role.USER
    is_sent: bool = False
    licences: set[Product] = field(default_factory=set)
    teams: set[str] = field(default_factory=set)


@dataclass
class World:
    organization: Organization
    people: dict[str, Person]
    rules: list[tuple[str, Gives]] = field(default_factory=list)

    def member(self, name: str) -> Member:
        found: Member = self.organization.members.select_related("account").get(account__name=name)
        return found

    def team(self, name: str) -> Team:
        found: Team = self.organization.teams.get(name=name)
        return found

    def rule(self, number: int) -> TeamRule | None:
        rules = list(self.organization.team_rules.all())
        return rules[number % len(rules)] if rules else None

    def wanted(self, name: str) -> tuple[Role, set[Product]]:
        person = self.people[name]
        mine = [gives for team, gives in self.rules if team in person.teams]
        roles = [Role(gives.value) for gives in mine if gives.value in Role]
        role = person.role
        if roles and not person.is_sent:
            role = max(role, roles[0], key=RANK.index)
        return role, person.licences | {Product(gives.value) for gives in mine if gives.value in Product}

    # -- steps, each said of the person only once the verb has done it

    def join(self, name: str, team: str) -> None:
        self.team(team).add(self.member(name), by=OPERATOR)
        self.people[name].teams.add(team)

    def leave(self, name: str, team: str) -> None:
        self.team(team).remove(self.member(name), by=OPERATOR)
        self.people[name].teams.discard(team)

    def disband(self, team: str) -> None:
        self.team(team).disband(by=OPERATOR)
        Team.objects.create_team(self.organization, team, by=OPERATOR)
        self.rules = [rule for rule in self.rules if rule[0] != team]
        for person in self.people.values():
            person.teams.discard(team)

    def make(self, team: str, gives: Gives) -> None:
        TeamRule.objects.create_rule(self.team(team), gives, by=OPERATOR)
        self.rules.append((team, gives))

    def move(self, number: int, place: int) -> None:
        if rule := self.rule(number):
            former = rule.place
            rule.move(place, by=OPERATOR)
            self.rules.insert(rule.place - 1, self.rules.pop(former - 1))

    def end(self, number: int) -> None:
        if rule := self.rule(number):
            rule.end(by=OPERATOR)
            del self.rules[rule.place - 1]

    def send(self, name: str, role: Role) -> None:
        self.member(name).change_role(role, by=idp_actor(self.organization))
        self.people[name].role, self.people[name].is_sent = role, True

    def unsend(self, name: str) -> None:
        self.member(name).forget_role(by=idp_actor(self.organization))
        self.people[name].role, self.people[name].is_sent = Role.GUEST, False

    def by_hand(self, name: str, role: Role) -> None:
        member = self.member(name)
        if member.role != role:
            member.change_role(role, by=OPERATOR)
            self.people[name].role, self.people[name].is_sent = role, False

    def give(self, name: str, product: Product) -> None:
        member = self.member(name)
        if product not in member.licences:
            member.assign_licence(product, by=OPERATOR)
            self.people[name].licences.add(product)

    def take(self, name: str, product: Product) -> None:
        self.member(name).withdraw_licence(product, by=OPERATOR)
        if self.member(name).is_active:
            self.people[name].licences.discard(product)

    def out(self, name: str) -> None:
        self.member(name).deactivate(by=idp_actor(self.organization))

    def back(self, name: str) -> None:
        member = self.member(name)
        if not member.is_active:
            member.reactivate(by=idp_actor(self.organization))
            # What did not fit when the person came back is lost, unless a rule gives it.
            self.people[name].licences &= set(member.licences)

    def buy(self, product: Product, bought: int) -> None:
        used = Subscription.objects.get(organization=self.organization, product=product).used
        Subscription.objects.buy(self.organization, product, max(bought, used), by=OPERATOR)

    # -- what holds after each

    def check(self) -> None:
        differ = set()
        for name in self.people:
            member = self.member(name)
            role, licences = self.wanted(name)
            held = {product for product in GIVEN if member.is_entitled(product)}
            unmet = {row.what: row for row in Unmet.objects.filter(member=member)}
            wrong = {product.value for product in held ^ licences} | ({"role"} if member.role != role else set())
            assert unmet.keys() == wrong, name
            for row in unmet.values():
                self.require_reason(member, row)
            if wrong:
                differ.add(member.pk)
        assert {member.pk for member in differing(self.organization)} == differ
        self.check_the_guards()

    def require_reason(self, member: Member, row: Unmet) -> None:
        """The reason stands as things are."""
        match row.code:
            case "no_free_licence":
                assert not Subscription.objects.get(organization=self.organization, product=row.what).free
            case "at_most_member":
                assert isinstance(row.refusal, AtMostMember)
                assert member.is_managed_elsewhere
            case "last_administrator":
                assert isinstance(row.refusal, LastAdministrator)
                assert member.is_last_administrator()
            case code:
                assert code == "is_token_issuer", code

    def check_the_guards(self) -> None:
        assert self.organization.members.administrators().exists()
        assert not self.organization.members.filter(role=Role.ADMIN, account__managed_by__slug="hakata").exists()
        members = list(self.organization.members.select_related("account"))
        for row in Subscription.objects.filter(organization=self.organization, product__in=GIVEN):
            assert row.used <= row.bought
            assert row.used == sum(row.product in member.licences for member in members)
            assert row.returned == sum(row.product in member.returned_licences for member in members)


names, teams = st.sampled_from(PEOPLE), st.sampled_from(TEAMS)
roles, products, numbers = st.sampled_from(Role), st.sampled_from(GIVEN), st.integers(0, 5)
sent_to = st.sampled_from(["ann", "ben"])
joins, makes = st.tuples(st.just("join"), names, teams), st.tuples(st.just("make"), teams, st.sampled_from(Gives))
steps = st.one_of(
    joins, makes, st.tuples(st.just("leave"), names, teams), st.tuples(st.just("disband"), teams),
    st.tuples(st.just("move"), numbers, numbers), st.tuples(st.just("end"), numbers),
    st.tuples(st.just("send"), sent_to, roles), st.tuples(st.just("unsend"), sent_to),
    st.tuples(st.just("by_hand"), names, roles), st.tuples(st.just("give"), names, products),
    st.tuples(st.just("take"), names, products), st.tuples(st.just("out"), sent_to),
    st.tuples(st.just("back"), sent_to), st.tuples(st.just("buy"), products, numbers),
)  # fmt: skip
# Most of what can happen needs people in teams, and rules.
walks = st.tuples(
    st.lists(st.one_of(joins, makes), min_size=6, max_size=14, unique=True), st.lists(steps, min_size=4, max_size=20)
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_result_is_that_of_the_rules_applied_to_the_final_state(aozora: Organization, hakata: Organization) -> None:
    # Else the only Nulab Account could never stop being an administrator.
    SamlSettings.of(aozora).disable(by=OPERATOR)
    for name in TEAMS:
        Team.objects.create_team(aozora, name, by=OPERATOR)
    for name in ("ann", "ben"):
        provisioned(aozora, name, display_name=name, role=None)
    managed(aozora, "cid", display_name="cid")
    Member.objects.add(aozora, managed(hakata, "eva", display_name="eva").account, role=Role.USER, by=OPERATOR)
    aiko = aozora.members.get(role=Role.ADMIN)
    people = {
        "ann": Person(Role.GUEST), "ben": Person(Role.GUEST), "cid": Person(), "eva": Person(),
        aiko.account.name: Person(Role.ADMIN),
    }  # fmt: skip
    Subscription.objects.buy(aozora, Product.CACOO, 1, by=OPERATOR)

    @given(walks)
    @settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    def walk(taken: tuple[list[Any], list[Any]]) -> None:
        with undone():
            world = World(aozora, {name: Person(one.role) for name, one in people.items()})
            for step, *arguments in chain(*taken):
                arguments = [aiko.account.name if one == "dan" else one for one in arguments]
                with suppress(Refusal):
                    getattr(world, step)(*arguments)
                world.check()

    walk()
