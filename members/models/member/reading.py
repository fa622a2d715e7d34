"""A member and its account, read under their lock with all that the verbs of a day ask: two statements."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson
from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Exists, F, OuterRef
from django.db.models.expressions import RawSQL

from members.models.account import Account
from members.models.licence import Seen, Subscription
from members.models.member.emergency_lock import EmergencyLock
from members.models.member.synchronization import Synchronization
from members.models.organization import Organization
from members.models.team_rules.brought import Gives, Rule
from members.openings import ABOUT_MEMBER
from members.prepared import AsItWas, AsText, Joined, Prepared, RowVersions, number, text
from members.statements import Rows, fetched, made, table_of
from operations.postgresql.asking import Statement

if TYPE_CHECKING:
    from members.models.member.row import MemberRow


class Known:
    """Facts about a member, true as long as the transaction holds its locks and no verb has changed them.

    A change that is tried looks again at those that somebody has asked for; none else has decided anything.
    """

    def __init__(self, facts: Mapping[str, Any], passes: Seen | None = None) -> None:
        """`facts` are by the names of `_facts`, as the database says them; what is missing there is none or False."""
        self.facts = facts
        self.asked: set[str] = set()
        # The running subscription of Nulab Pass; None if it was not read.
        self.passes = passes

    def has(self, name: str) -> bool:
        """Whether there are rows of an app above, by the name that it has given to them."""
        return bool(self._fact(name))

    @cached_property
    def is_elsewhere(self) -> bool:
        """Whether the account has a place in another organization."""
        return bool(self._fact("is_elsewhere"))

    @cached_property
    def has_invited(self) -> bool:
        """Whether there are invitations that it sent."""
        return bool(self._fact("has_invited"))

    @cached_property
    def domains(self) -> set[str]:
        return {name for [name] in self._rows("domains")}

    @cached_property
    def teams(self) -> list[tuple[int, str, str]]:
        """Key, SCIM id and name of each team."""
        return sorted({(key, scim_id, name) for key, scim_id, name, *_ in self._rows("teams")})

    @cached_property
    def rules(self) -> list[Rule] | None:
        """Rules of these teams, in their order; None after a change of the teams."""
        found = self._rows("teams")
        return _in_order([(place, key, name, gives) for key, _, name, place, gives in found if place is not None])

    @cached_property
    def unmet(self) -> set[str]:
        """The role and licences of the member that are not as the rules make them."""
        return {what for [what] in self._rows("unmet")} if self.is_any_unmet else set()

    @cached_property
    def is_any_unmet(self) -> bool:
        """Whether there is anything like that in the organization."""
        return bool(self._fact("is_any_unmet"))

    def _rows(self, name: str) -> list[list[Any]]:
        found: list[list[Any]] = orjson.loads(self._fact(name) or "[]")
        return found

    def _fact(self, name: str) -> Any:
        self.asked.add(name)
        return self.facts.get(name)


def lock(member: "MemberRow") -> None:
    """Lock the organization and the account, in this order. NO KEY: rows that merely refer to them need not wait.

    Other organizations' members of the same account wait for it: what ends there ends for all. On SQLite a transaction
    has the database for itself.
    """
    if connection.vendor != "postgresql":
        return
    fetched(*lock_statement(member))


def read(member: "MemberRow") -> Known:
    """The facts, and the member itself afresh with its account, lock and last synchronization. Raises DoesNotExist."""
    row = _STATEMENT.row(member.organization_id, member.scim_id)
    return _taken(member, row)


def read_unlocked(member: "MemberRow", brought: Rows | None) -> tuple[Known, Callable[[], Statement]]:
    """The same without the licences that are free, which others take and give back; and what makes the statement that
    finds a row as long as all is true that was asked by then. Raises DoesNotExist. PostgreSQL only.

    `brought` is what `beside` has found, if that was asked.
    """
    values = (member.organization_id, member.scim_id)
    row = _OF_MEMBER.row(*values) if brought is None else next(iter(brought), None)
    known = _taken(member, row and row[:-1])

    def as_it_was() -> Statement:
        asked = sorted(known.asked)
        return _as_it_was(*asked).statement(*values, *(known.facts[name] for name in asked), row and row[-1])

    return known, as_it_was


def beside(found: Prepared, columns: Sequence[str]) -> Prepared:
    """The statement of `found`, whose columns have these names, which brings for the organization whose key is called
    `id` among them what `read_unlocked` reads of the member with an id.
    """
    member = Prepared(lambda: _of_member(RawSQL("found.id", ()), *_columns(), *_facts().values(), _VERSIONS), "id")
    return Joined(found, columns, member)


def lock_statement(member: "MemberRow") -> Statement:
    return _lock(type(member)), [member.organization_id, member.scim_id]


def _taken(member: "MemberRow", row: tuple[Any, ...] | None) -> Known:
    if row is None:
        raise type(member).DoesNotExist
    values = iter(row)
    organization = member.organization
    _fill(member, values)
    related = {name: _made(model, columns, values) for name, (model, columns) in _RELATED.items()}
    member._state.fields_cache = {"organization": organization, **related}
    account: Any = related["account"]
    if account.managed_by_id == organization.pk:
        account.managed_by = organization
    facts = dict(zip(_facts(), values, strict=False))
    return Known(facts, next(values, None))


def teams(member_id: int) -> list[tuple[int, str, str]]:
    """Key, SCIM id and name of each team of a member."""
    return [(key, scim_id, name) for key, scim_id, name in _TEAMS.rows(member_id)]


def rules(member_id: int) -> list[Rule]:
    """The rules of a member's teams, in their order."""
    return _in_order(_RULES.rows(member_id))


def _in_order(found: Sequence[Sequence[Any]]) -> list[Rule]:
    return [
        Rule(place, team_id, name, Gives(gives)) for place, team_id, name, gives in sorted(found, key=itemgetter(0))
    ]


def _fill(row: models.Model, values: Any) -> None:
    vars(row).update(zip(_columns_of(type(row)), values, strict=False))
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _made(model: type[models.Model], columns: Sequence[str], values: Any) -> models.Model | None:
    """The row of a joined table, None if there is none."""
    found = list(islice(values, len(columns)))
    return made(model, columns, found) if found[0] is not None else None


@cache
def _columns_of(model: type[models.Model]) -> list[str]:
    """The key comes first."""
    return [field.attname for field in model._meta.concrete_fields]


def _teams(member: Any) -> "models.QuerySet[Any, Any]":
    from members.models import TeamMembership

    mine = TeamMembership.objects.filter(member_id=member).order_by("team_id")
    return mine.values(a=F("team_id"), b=F("team__scim_id"), c=F("team__name"))


def _rules(member: Any) -> "models.QuerySet[Any, Any]":
    from members.models import TeamRule

    mine = TeamRule.objects.filter(team__memberships__member_id=member).order_by()
    return mine.values(a=F("place"), b=F("team_id"), c=F("team__name"), d=F("gives"))


@cache
def _facts() -> "dict[str, Exists | AsText]":
    """Facts that do not stand in the rows that are read, by their names."""
    from members.models import Domain, Invitation, Member, Unmet

    mine = OuterRef("pk")
    elsewhere = Member.objects.filter(account=OuterRef("account")).exclude(pk=mine)
    domains = Domain.objects.filter(organization=OuterRef("organization"), verified_at__isnull=False)
    rules = {"d": F("team__rules__place"), "e": F("team__rules__gives")}
    unmet = Unmet.objects.filter(member=mine).order_by().values(a=F("what"))
    return {
        **{name: Exists(rows) for name, rows in ABOUT_MEMBER.ask(mine)},
        "is_elsewhere": Exists(elsewhere),
        "has_invited": Exists(Invitation.objects.filter(invited_by=mine)),
        "domains": AsText(domains.values(a=F("name"))),
        # In any order: to sort them costs more than to find them.
        "teams": AsText(_teams(mine).order_by().values(*"abc", **rules)),
        "unmet": AsText(unmet),
        "is_any_unmet": Exists(Unmet.objects.filter(organization=OuterRef("organization"))),
    }


@cache
def _as_it_was(*facts: str) -> AsItWas:
    """The look whether these are as they were read, and the rows of the member."""
    asked = [_facts()[name] for name in facts]
    return AsItWas(Prepared(lambda: _of_member(number(1), *asked, _VERSIONS), 1, "id"))


def _of_member(organization: Any, *columns: Any) -> "models.QuerySet[Any, Any]":
    from members.models import Member

    return Member.objects.filter(organization_id=organization, scim_id=text("id")).values_list(*columns)


def _columns() -> list[str]:
    from members.models import Member

    joined = [f"{name}__{column}" for name, (_, columns) in _RELATED.items() for column in columns]
    return [*_columns_of(Member), *joined]


_RELATED = {
    name: (model, _columns_of(model))
    for name, model in (
        ("account", Account), ("emergency_lock", EmergencyLock), ("synchronization", Synchronization),
    )
}  # fmt: skip
# Versions of all rows that are read, each named by a column that is in no other.
_VERSIONS = RowVersions("created_at", "account__created_at", "emergency_lock__at", "synchronization__at")
_OF_MEMBER = Prepared(lambda: _of_member(number(1), *_columns(), *_facts().values(), _VERSIONS), 1, "id")
_STATEMENT = Prepared(
    lambda: _of_member(
        number(1), *_columns(), *_facts().values(), Subscription.running_pass(OuterRef("organization"))
    ),
    1, "id",
)  # fmt: skip
_TEAMS = Prepared(lambda: _teams(number(1)), 1)
_RULES = Prepared(lambda: _rules(number(1)).values_list("a", "b", "c", "d"), 1)


@cache
def _lock(member: "type[MemberRow]") -> str:
    mine, accounts, organizations = (table_of(model) for model in (member, Account, Organization))
    return (
        f"SELECT 1 FROM {organizations} o JOIN {mine} m ON m.organization_id = o.id "  # noqa: S608  names of our own
        f"JOIN {accounts} a ON a.id = m.account_id WHERE o.id = %s AND m.scim_id = %s FOR NO KEY UPDATE OF o, a"
    )
