"""The roles and licences that the people of a list would have, as team rules make them.

Counted person by person in the order of the list, as the door would: the licence that one gives back goes to whoever
waits for it longest, else to the next in the list.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from members.actors import Actor
from members.keys import key_of
from members.models import Member, Organization, Product, Role, Subscription, Unmet
from members.models.team import TeamMembership
from members.models.team_rules.brought import GIVEN, Brought, Facts, brought
from members.models.team_rules.unmet import What
from members.newcomers.cells import BETWEEN_TEAMS, require_short, role_of
from members.people.by_rule import ByRule, wanted_of
from members.refusals import Refusal
from members.values_refusals import InvalidRole
from provisioning.matching.directory_list import Person


@dataclass
class Rights:
    """The role and licences of one person, and the rules that they come from."""

    role: Role
    role_before: str
    had: list[Product]
    licences: list[Product] = field(default_factory=list)
    by_rules: list[ByRule] = field(default_factory=list)
    # Whether the role is worth telling where no rule tells it.
    tells_role: bool = True
    # Cells of the list that could not be read, or not to the end.
    notes: list[Refusal] = field(default_factory=list)

    @property
    def changes(self) -> dict[str, list[Any]]:
        """Changes, as in the sync activity. Of a new person only a role that no rule gives: the rules tell the rest."""
        is_told = self.role != self.role_before and self.tells_role
        changes: dict[str, list[Any]] = {"role": [self.role_before, self.role.value]} if is_told else {}
        if self.role_before and self.had != self.licences:
            changes["licences"] = [[one.label for one in side] for side in (self.had, self.licences)]
        return changes

    def get(self, product: Product) -> None:
        """Have a licence that somebody further down in the list gives back."""
        self.licences = [one for one in GIVEN if one in (*self.licences, product)]
        self.by_rules = [
            replace(one, refusal=None) if one.what == What(product.value) else one for one in self.by_rules
        ]


@dataclass
class Licences:
    """The licences of one product that are left, and who waits for one, the longest first."""

    product: Product
    subscription: Subscription | None
    free_before: int
    free: int
    # Members by their keys, and people of the list with their rights.
    waiting: dict[Any, Rights | None] = field(default_factory=dict)
    # Members who got one before the list came to them.
    got: set[int] = field(default_factory=set)

    @property
    def bought(self) -> int:
        return self.subscription.bought if self.subscription else 0

    @property
    def without(self) -> int:
        """The number of people of the list who get none."""
        return sum(rights is not None for rights in self.waiting.values())

    @property
    def is_touched(self) -> bool:
        return bool(self.free != self.free_before or self.without or self.got)

    def take(self) -> Refusal | None:
        """Take one; the refusal where none is free."""
        if self.free:
            self.free -= 1
            return None
        return Subscription.none_free(self.product, self.subscription)

    def give_back(self) -> None:
        if not self.subscription:
            return
        if not self.waiting:
            self.free += 1
            return
        first = next(iter(self.waiting))
        if rights := self.waiting.pop(first):
            rights.get(self.product)
        else:
            self.got.add(first)


class RightsOfAll:
    """Looks everything up at once: five statements where there are rules or people wait, three where there are none."""

    def __init__(self, organization: Organization, people: list[Person], members: Iterable[Member], by: Actor) -> None:
        self.by = by
        self.rules = [rule.as_rule() for rule in organization.team_rules.select_related("team")]
        self.teams = {key_of(rule.team): rule.team_id for rule in self.rules}
        # Without rules, a new person's role is worth telling only where the list has some.
        self.tells_roles = bool(self.rules) or any(person.role for person in people)
        self.standing = self._standing(members)
        bought = {one.product: one for one in organization.subscriptions.filter(ended_at=None)}
        self.licences = {product: _licences(product, bought.get(product)) for product in GIVEN}
        self._let_wait(organization, len(people))
        self._known: dict[tuple[Role, bool, frozenset[int]], Brought] = {}

    def require_role(self, person: Person, member: Member | None) -> None:
        """Raise what a role in the list would be refused with."""
        sent = _sent(person)
        if sent and (reason := self._reason_to_stay(member, sent, person)):
            raise reason

    def of(self, person: Person, member: Member | None) -> Rights:
        """The rights that the person would have, counted."""
        sent = _sent(person)
        own = member.own_role if member else Role.GUEST
        facts = Facts(sent or own, bool(sent) or (member is not None and member.role_is_sent))
        by = self._brought(facts, frozenset(self._teams_of(person, member)))
        stays = None if sent else self._reason_to_stay(member, by.role, person)
        rights = Rights(
            Role(member.role) if member and stays else by.role,
            member.role if member else "",
            self._held(member),
            by_rules=[ByRule(What.ROLE, *wanted_of(What.ROLE, by), stays)] if by.role_by or stays else [],
            tells_role=member is not None or (self.tells_roles and not by.role_by),
            notes=list(_notes(person)),
        )
        for licences in self.licences.values():
            self._settle(licences, person, member, by, rights)
        return rights

    @property
    def counted(self) -> list[Licences]:
        """Licences of the products of which some would be taken or given back."""
        return [one for one in self.licences.values() if one.is_touched]

    # -- looking up

    def _standing(self, members: Iterable[Member]) -> dict[int, dict[int, bool]]:
        """The teams with rules that each of the members is in, and whether the IdP keeps them."""
        found: dict[int, dict[int, bool]] = {}
        if self.rules:
            mine = TeamMembership.objects.filter(team__in=self.teams.values(), member__in=[one.pk for one in members])
            for member, team, is_kept in mine.values_list("member_id", "team_id", "team__is_kept_by_idp"):
                found.setdefault(member, {})[team] = is_kept
        return found

    def _let_wait(self, organization: Organization, most: int) -> None:
        """Members who wait now, as far as the people of a list could give licences back."""
        waiting = Unmet.objects.filter(organization=organization, what__in=GIVEN).order_by("pk")
        for what, member in waiting.values_list("what", "member")[: most * len(GIVEN)]:
            self.licences[Product(what)].waiting[member] = None

    # -- counting

    def _brought(self, facts: Facts, teams: frozenset[int]) -> Brought:
        """The same for all with these facts and teams, computed once."""
        key = facts.role, facts.is_sent, teams
        if key not in self._known:
            self._known[key] = brought(facts, [rule for rule in self.rules if rule.team_id in teams])
        return self._known[key]

    def _teams_of(self, person: Person, member: Member | None) -> set[int]:
        """The person's teams with rules: of those in the list, and those here that the IdP does not keep."""
        mine = self.standing.get(member.pk, {}) if member else {}
        teams = set(mine)
        if person.teams is not None:
            teams = {team for team, is_kept in mine.items() if not is_kept} | set(self._named(person.teams))
        return teams

    def _named(self, text: str) -> Iterator[int]:
        """The teams with rules that the text names. A comma may be a part of a name, or stand between two."""
        for part in BETWEEN_TEAMS.split(text):
            for name in [part] if key_of(part.strip()) in self.teams else part.split(","):
                if team := self.teams.get(key_of(name.strip())):
                    yield team

    def _reason_to_stay(self, member: Member | None, role: Role, person: Person) -> Refusal | None:
        """The refusal of another role. Asked for administrators only: it costs some statements each."""
        if member and member.is_administrator and person.is_active and role != Role.ADMIN:
            return member.reason_to_stay_administrator(self.by)
        return None

    def _held(self, member: Member | None) -> list[Product]:
        """The licences in use before."""
        if member is None or not member.is_active:
            return []
        held = member.licences
        return [product for product in GIVEN if product in held or member.pk in self.licences[product].got]

    def _settle(self, licences: Licences, person: Person, member: Member | None, by: Brought, rights: Rights) -> None:
        """The licence of one product, taken or given back; the rule's line says what it does not fit for."""
        product, key = licences.product, member.pk if member else object()
        is_given, had = product in by.products and person.is_active, product in rights.had
        refusal = None
        if had:
            has = is_given or (person.is_active and not _is_by_rule(member, licences))
            if not has:
                licences.give_back()
        else:
            returns = member is not None and product in member.returned_licences and not member.is_active
            wants = is_given or (returns and person.is_active)
            refusal = licences.take() if wants else None
            has = wants and refusal is None
        if has:
            rights.licences.append(product)
        if is_given:
            rights.by_rules.append(ByRule(What(product.value), *wanted_of(What(product.value), by), refusal))
        if is_given and refusal:
            # Place of somebody who waits already is kept.
            licences.waiting[key] = rights
        else:
            licences.waiting.pop(key, None)


def _licences(product: Product, subscription: Subscription | None) -> Licences:
    free = subscription.free if subscription else 0
    return Licences(product, subscription, free, free)


def _sent(person: Person) -> Role | None:
    """The role in the list; None where it names none that there is here."""
    if not person.role:
        return None
    try:
        return role_of(person.role)
    except InvalidRole:
        return None


def _notes(person: Person) -> Iterator[Refusal]:
    if not person.role and not person.teams:
        return
    try:
        role_of(person.role)
        require_short(person.teams or "")
    except Refusal as refusal:
        yield refusal


def _is_by_rule(member: Member | None, licences: Licences) -> bool:
    return member is not None and (member.is_by_rule(licences.product) or member.pk in licences.got)
