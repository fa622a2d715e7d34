"""Many new Managed Accounts at once: what create_managed does for one, in a few statements for all of them.

The rules are those of the verb, asked for each person in the same order; only the looks at the database are for all
together. tests/members/newcomers/test_import.py compares the rows with those that the verb writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from members import mail, values
from members.actors import Actor
from members.copying import insert_all
from members.keys import key_of
from members.models import audit, team_moves
from members.models.account import Account
from members.models.address import Address, Owner, owners
from members.models.audit import AuditEvent, Event
from members.models.change import Change
from members.models.licence import Product, Subscription, licence_changes
from members.models.member.member import Member
from members.models.member.profile import Profile, is_split, profile_fields
from members.models.member.refusals import UniqueIdTaken
from members.models.member.roles import Role
from members.models.member.synchronization import Synchronization
from members.models.organization import Headcount, Organization
from members.models.team import Team, TeamMembership
from members.refusals import Refusal

# How often a batch is begun again because somebody else has taken an address or a licence meanwhile.
TRIES = 3


@dataclass(frozen=True)
class Person:
    # Of the file, for refusals.
    line: int
    profile: Profile
    role: Role = Role.GUEST
    unique_id: str | None = None
    external_id: str | None = None
    is_active: bool = True
    teams: Sequence[Team] = ()


@dataclass(frozen=True)
class Refused:
    line: int
    refusal: Refusal


@dataclass(frozen=True)
class Draft:
    """A new member with its teams and its lines of the audit log, none of them written yet."""

    member: Member
    teams: list[Team]
    events: list[AuditEvent]


class Overtaken(Exception):
    """Somebody took the licences that were free a moment ago."""


class Batch:
    """People who are to get accounts, and what became of them: drafts that are written, or refusals by line."""

    def __init__(self, organization: Organization, people: Sequence[Person], *, by: Actor) -> None:
        self.organization, self.by = organization, by
        # Chosen Unique IDs first, so that none is taken by one that is made of an address.
        self.people = sorted(people, key=lambda person: not person.unique_id)
        self.drafts: list[Draft] = []
        self.refused: list[Refused] = []

    @property
    def members(self) -> list[Member]:
        return [draft.member for draft in self.drafts]

    def write(self) -> None:
        """Create the accounts that may be, in one transaction; the others are in `refused`."""
        for tries_left in reversed(range(TRIES)):
            try:
                with self.organization.locked():
                    self._draft()
                    self._insert()
                    self._count()
                    self._tell()
                return
            except (IntegrityError, Overtaken):
                # Addresses are one namespace for all organizations: the next look says whose it is.
                if not tries_left:
                    raise

    def _draft(self) -> None:
        self.drafts, self.refused = [], []
        look = Look(self.organization, self.people)
        for person in self.people:
            try:
                member, teams = look.drafted(person, self.by), list(dict.fromkeys(person.teams))
                self.drafts.append(Draft(member, teams, audit.note(_changes(member, teams, self.by))))
            except Refusal as refusal:
                self.refused.append(Refused(person.line, refusal))
            else:
                look.take(member)

    def _insert(self) -> None:
        """In the order of the verb, addresses in the order of their keys: so that two writers cannot deadlock."""
        accounts = [member.account for member in self.members]
        insert_all(accounts)
        insert_all(_addresses(accounts))
        for member, account in zip(self.members, accounts, strict=True):
            member.account = account  # whose key it has now
        insert_all(self.members)
        if self.by.is_identity_provider:
            insert_all([_synchronization(member) for member in self.members])
        insert_all([
            TeamMembership(team=team, member_id=draft.member.pk) for draft in self.drafts for team in draft.teams
        ])  # fmt: skip
        insert_all([event for draft in self.drafts for event in draft.events])

    def _count(self) -> None:
        """Raises Overtaken: another organization may reactivate one of our members without locking this one."""
        taken = sum(member.has_pass for member in self.members)
        mine = Subscription.objects.filter(organization=self.organization, product=Product.PASS, ended_at=None)
        if taken and not mine.filter(used__lte=F("bought") - taken).update(used=F("used") + taken):
            raise Overtaken
        active = sum(member.account.is_active for member in self.members)
        Headcount.shift([self.organization.pk], len(self.members), active=active)
        team_moves.count({team.pk for draft in self.drafts for team in draft.teams})

    def _tell(self) -> None:
        in_teams = [draft.member.pk for draft in self.drafts if draft.teams]
        team_moves.told(self.organization, in_teams, by=self.by)
        for draft in self.drafts:
            if draft.member.is_administrator:
                mail.to_all_administrators(draft.events[0], "members")


class Look:
    """The answers of the database to the rules, for all people of a batch; and all that the batch has taken since."""

    def __init__(self, organization: Organization, people: Sequence[Person]) -> None:
        self.organization = organization
        self.domains = set() if organization.is_sandbox else organization.verified_domains()
        addresses = [(person.profile["user_name"], person.profile.get("email")) for person in people]
        self.owners = owners(organization, (key_of(text) for both in addresses for text in both if text))
        wanted = {key_of(person.unique_id or values.unique_id_from(person.profile["user_name"])) for person in people}
        self.handles = self._holders(wanted)
        self.subscription = Subscription.running(organization, Product.PASS)

    def _holders(self, handles: set[str]) -> dict[str, str]:
        """The names of the members who have these Unique IDs, by key."""
        found = self.organization.members.filter(unique_id_key__in=handles)
        return dict(found.values_list("unique_id_key", "account__name"))

    def drafted(self, person: Person, by: Actor) -> Member:
        """The member and its account, not yet written. Raises what create_managed raises."""
        account = self._account(person, by)
        now = timezone.now()
        member = Member(
            organization=self.organization, account=account, role=person.role, created_at=now, modified_at=now,
            external_id=values.text("externalId", person.external_id or "") or None,
            unique_id_is_chosen=bool(person.unique_id), role_is_sent=by.is_identity_provider,
        )  # fmt: skip
        member.unique_id = self._free_handle(person, member)
        member.unique_id_key = key_of(member.unique_id)
        member.copy_from_account()
        if account.is_active and not self.organization.is_sandbox:
            if self.subscription is None or not self.subscription.free:
                raise Subscription.none_free(Product.PASS, self.subscription)
            member.has_pass = True
        return member

    def _account(self, person: Person, by: Actor) -> Account:
        account = Account(
            type=Account.Type.PROVISIONED if by.is_identity_provider else Account.Type.MANAGED,
            managed_by=self.organization, scope=self.organization.scope, is_active=person.is_active,
        )  # fmt: skip
        complete: Profile = {"user_name": "", "email": None, "language": "en", **person.profile}
        account.name_is_split = is_split(account, complete, by)
        for field, value in profile_fields(complete, self.organization, "", self.domains).items():
            setattr(account, field, value)
        account.set_unusable_password()
        account.name_yourself()
        for key in sorted(account.address_keys):
            if owner := self.owners.get(key):
                raise owner.refusal
        return account

    def _free_handle(self, person: Person, member: Member) -> str:
        if person.unique_id:
            handle = values.unique_id(person.unique_id)
            if holder := self.handles.get(key_of(handle)):
                raise UniqueIdTaken(unique_id=handle, member=holder)
            return handle
        handle = values.unique_id_from(member.account.user_name)
        if key_of(handle) not in self.handles:
            return handle
        more = {key_of(other): other for number in range(2, 40) if (other := f"{handle}{number}")}
        self.handles |= self._holders(set(more) - self.handles.keys())
        free = (other for key, other in more.items() if key not in self.handles)
        return next(free, f"{handle[:39]}-{member.scim_id[:8]}")

    def take(self, member: Member) -> None:
        """Count what the member has as taken from the people after it."""
        self.owners |= dict.fromkeys(member.account.address_keys, Owner(0, member.account.name))
        self.handles[member.unique_id_key] = member.account.name
        if member.has_pass and self.subscription:
            self.subscription.used += 1


def _addresses(accounts: list[Account]) -> list[Address]:
    found = [
        Address(scope=account.scope, key=key, account=account) for account in accounts for key in account.address_keys
    ]
    return sorted(found, key=lambda address: (address.scope, address.key))


def _synchronization(member: Member) -> Synchronization:
    return Synchronization(member_id=member.pk, organization_id=member.organization_id, at=member.created_at)


def _changes(member: Member, teams: list[Team], by: Actor) -> list[Change]:
    """The lines of the audit log: the creation, then each team."""
    account, organization = member.account, member.organization
    created: dict[str, list[Any]] = {
        "user_name": ["", account.user_name], "email": ["", account.email], "name": ["", account.name],
        "role": ["", member.role], "active": ["", account.is_active], **licence_changes(after=member.licences),
    }  # fmt: skip
    return [
        Change(Event.ACCOUNT_CREATED, organization, by, member, account.name, created),
        *(
            Change(
                Event.TEAM_MEMBER_ADDED, organization, by, member, account.name, {"team": ["", team.name]}, team=team
            )
            for team in teams
        ),
    ]
