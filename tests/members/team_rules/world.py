"""An organization with team rules, beside what has been said of its people: every step is taken in both."""

from dataclasses import dataclass, field
from typing import Any

from members.models import Account, Member, Organization, Product, Role, Subscription, Team, TeamRule, Unmet
from members.models.deleted import DeletedAccount
from members.models.member.refusals import AtMostMember, LastAdministrator
from members.models.restoring import restore
from members.models.team_rules.brought import Gives
from members.models.team_rules.differing import differing
from members.models.team_rules.following import go_on_everywhere
from provisioning.models import ScimToken
from saml.models import SamlSettings
from tests.cast import OPERATOR, idp_actor

GIVEN = [Product.CACOO, Product.TYPETALK]
RANK = [Role.GUEST, Role.USER, Role.ADMIN]


@dataclass
class Person:
    """What has been said of a person, without any rule."""

    role: Role = Role.USER
    is_sent: bool = False
    licences: set[Product] = field(default_factory=set)
    teams: set[str] = field(default_factory=set)
    is_here: bool = True


@dataclass
class World:
    organization: Organization
    # The organization that manages the accounts of some of the people.
    neighbour: Organization
    people: dict[str, Person]
    rules: list[tuple[str, Gives]] = field(default_factory=list)

    def member(self, name: str) -> Member:
        return self._member_of(self.organization, name)

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

    @staticmethod
    def _member_of(organization: Organization, name: str) -> Member:
        found: Member = organization.members.select_related("account").get(account__name=name)
        found.organization = organization
        return found

    def step(self, name: str, *arguments: Any) -> None:
        """Take the step of this name, if the person that it is about is there."""
        person = arguments[0] if arguments else None
        if person in self.people:
            where = self.neighbour if name.endswith("_there") else self.organization
            if where.members.filter(account__name=person).exists() == (name == "restore"):
                return
        getattr(self, name)(*arguments)

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
        self._reactivate(self.organization, name)

    def buy(self, product: Product, bought: int) -> None:
        used = Subscription.objects.get(organization=self.organization, product=product).used
        Subscription.objects.buy(self.organization, product, max(bought, used), by=OPERATOR)

    def remove(self, name: str) -> None:
        self.member(name).remove(by=OPERATOR)
        self.people[name].is_here = False

    def restore(self, name: str) -> None:
        """Restore a deleted account, add another one once more, as a new member."""
        if deleted := DeletedAccount.objects.filter(name=name).first():
            restore(deleted, by=OPERATOR)
            if deleted.organization == self.organization:
                self.people[name].is_here = True
                return
        Member.objects.add(self.organization, Account.objects.get(name=name), role=Role.USER, by=OPERATOR)
        self.people[name] = Person()

    def become_nulab(self, name: str) -> None:
        self.member(name).convert_to_nulab(by=OPERATOR)

    def become_managed(self, name: str) -> None:
        self.member(name).convert_to_managed(by=OPERATOR)

    def issue(self, name: str) -> None:
        ScimToken.objects.issue(self.organization, issuer=self.member(name), by=OPERATOR)

    def revoke(self) -> None:
        if token := ScimToken.objects.live().filter(organization=self.organization).first():
            token.revoke(by=OPERATOR)

    def hand_over(self, name: str) -> None:
        if token := ScimToken.objects.live().filter(organization=self.organization).first():
            token.change_issuer(self.member(name), by=OPERATOR)

    def saml(self, is_on: bool) -> None:
        saml = SamlSettings.of(self.organization)
        (saml.enable if is_on else saml.disable)(by=OPERATOR)

    def turn(self) -> None:
        go_on_everywhere()

    # -- steps of the organization that manages the account

    def out_there(self, name: str) -> None:
        self._member_of(self.neighbour, name).deactivate(by=OPERATOR)

    def back_there(self, name: str) -> None:
        self._reactivate(self.neighbour, name)

    def nulab_there(self, name: str) -> None:
        self._member_of(self.neighbour, name).convert_to_nulab(by=OPERATOR)

    def managed_there(self, name: str) -> None:
        self._member_of(self.neighbour, name).convert_to_managed(by=OPERATOR)

    def removed_there(self, name: str) -> None:
        self._member_of(self.neighbour, name).remove(by=OPERATOR)
        self.people[name].is_here = self.organization.members.filter(account__name=name).exists()

    def _reactivate(self, organization: Organization, name: str) -> None:
        member = self._member_of(organization, name)
        if not member.is_active:
            member.reactivate(by=idp_actor(organization) if organization == self.organization else OPERATOR)
            # What did not fit when the person came back is lost, unless a rule gives it.
            if self.people[name].is_here:
                self.people[name].licences &= set(self.member(name).licences)

    # -- what holds after each

    def check(self) -> None:
        differ = set()
        rows = list(Unmet.objects.select_related("member__account"))
        members = {one.account.name: one for one in self.organization.members.select_related("account")}
        for name in (name for name, person in self.people.items() if person.is_here):
            member = members[name]
            role, licences = self.wanted(name)
            held = {product for product in GIVEN if member.is_entitled(product)}
            unmet = {row.what: row for row in rows if row.member_id == member.pk}
            wrong = {product.value for product in held ^ licences} | ({"role"} if member.role != role else set())
            assert unmet.keys() == wrong, name
            for row in unmet.values():
                self.require_reason(member, row)
            if wrong:
                differ.add(member.pk)
        assert {member.pk for member in differing(self.organization)} == differ
        assert {row.member_id for row in rows} == differ
        self.check_the_guards(list(members.values()))

    def check_at_the_end(self) -> None:
        """Nobody waits for ever."""
        while go_on_everywhere():
            pass
        self.check()
        assert not Unmet.objects.filter(code="").exists()

    def require_reason(self, member: Member, row: Unmet) -> None:
        """The reason stands as things are."""
        match row.code:
            case "":
                pass
            case "no_free_licence":
                # One that is free is for somebody whose turn comes next.
                free = Subscription.objects.get(organization=self.organization, product=row.what).free
                assert free <= Unmet.objects.filter(what=row.what, code="").count()
            case "at_most_member":
                assert isinstance(row.refusal, AtMostMember)
                assert member.is_managed_elsewhere
            case "last_administrator":
                assert isinstance(row.refusal, LastAdministrator)
                assert member.is_last_administrator()
            case "last_emergency_administrator":
                assert member.is_last_emergency_administrator()
                assert SamlSettings.is_enabled_for(self.organization)
            case code:
                assert code == "is_token_issuer", code
                assert ScimToken.objects.live().filter(issuer=member).exists()

    def check_the_guards(self, members: list[Member]) -> None:
        administrators = self.organization.members.administrators()
        assert administrators.exists()
        assert not administrators.filter(account__managed_by=self.neighbour).exists()
        assert not SamlSettings.is_enabled_for(self.organization) or administrators.emergency().exists()
        live = ScimToken.objects.live().filter(organization=self.organization)
        assert {token.issuer_id for token in live} <= {member.pk for member in administrators}
        for row in Subscription.objects.filter(organization=self.organization, product__in=GIVEN):
            assert row.used <= row.bought
            assert row.used == sum(row.product in member.licences for member in members)
            assert row.returned == sum(row.product in member.returned_licences for member in members)
