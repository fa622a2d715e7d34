"""A member and its account, read under their lock with all that the verbs of a day ask: two statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

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
from members.prepared import Joined, Listed, Prepared, Printed, RowVersions, number, text
from members.statements import Rows, fetched, made, table_of
from operations.postgresql.asking import Statement

if TYPE_CHECKING:
    from members.models.member.row import MemberRow


@dataclass
class Known:
    """Facts about a member, true as long as the transaction holds its locks and no verb has changed them."""

    # Whether the account has a place in another organization.
    is_elsewhere: bool
    # Whether there are invitations that it sent.
    has_invited: bool
    domains: set[str]
    # The running subscription of Nulab Pass; None if it was not read.
    passes: Seen | None
    # Key, SCIM id and name of each team.
    teams: list[tuple[int, str, str]]
    # Rules of these teams, in their order; None after a change of the teams.
    rules: list[Rule] | None
    # The role and licences of the member that are not as the rules make them.
    unmet: set[str]
    # Whether there is anything like that in the organization.
    is_any_unmet: bool
    # Names of the rows of apps above that there are about the member.
    about: Collection[str] = ()

    def has(self, name: str) -> bool:
        """Whether there are rows of an app above, by the name that it has given to them."""
        return name in self.about


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


def read_unlocked(member: "MemberRow", brought: Rows | None) -> tuple[Known, Statement]:
    """The same without the licences that are free, which others take and give back; and the statement that finds a row
    as long as all of it is true. Raises DoesNotExist. PostgreSQL only.

    `brought` is what `beside` has found, if that was asked.
    """
    values = (member.organization_id, member.scim_id)
    row = _OF_MEMBER.row(*values) if brought is None else next(iter(brought), None)
    facts, print_ = (row[:-2], row[-1]) if row else (None, 0)
    return _taken(member, facts), _OF_MEMBER.unchanged(print_, *values)


def beside(found: Prepared, columns: Sequence[str]) -> Prepared:
    """The statement of `found`, whose columns have these names, which brings for the organization whose key is called
    `id` among them what `read_unlocked` reads of the member with an id.
    """
    member = Prepared(lambda: _of_member(RawSQL("found.id", ()), *_columns(), *_facts(), _VERSIONS), "id")
    return Joined(found, columns, Printed(member, _OF_MEMBER.last))


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
    about = [name for name in _names_about() if next(values)]
    is_elsewhere, has_invited, domains, teams, rules, unmet, is_any_unmet, *passes = values
    return Known(
        is_elsewhere, has_invited, {name for [name] in domains}, passes[0] if passes else None,
        [(key, scim_id, name) for key, scim_id, name in teams],
        _in_order(rules), {what for [what] in unmet}, is_any_unmet, about,
    )  # fmt: skip


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


@cache
def _names_about() -> list[str]:
    return [name for name, _ in ABOUT_MEMBER.ask(OuterRef("pk"))]


def _teams(member: Any) -> "models.QuerySet[Any, Any]":
    from members.models import TeamMembership

    mine = TeamMembership.objects.filter(member_id=member).order_by("team_id")
    return mine.values(a=F("team_id"), b=F("team__scim_id"), c=F("team__name"))


def _rules(member: Any) -> "models.QuerySet[Any, Any]":
    from members.models import TeamRule

    mine = TeamRule.objects.filter(team__memberships__member_id=member).order_by()
    return mine.values(a=F("place"), b=F("team_id"), c=F("team__name"), d=F("gives"))


def _facts() -> "list[Exists | Listed]":
    """Facts that do not stand in the rows that are read; in the order in which they are taken."""
    from members.models import Domain, Invitation, Member, Unmet

    mine = OuterRef("pk")
    elsewhere = Member.objects.filter(account=OuterRef("account")).exclude(pk=mine)
    domains = Domain.objects.filter(organization=OuterRef("organization"), verified_at__isnull=False)
    unmet = Unmet.objects.filter(member=mine).order_by().values(a=F("what"))
    unmet_here = Unmet.objects.filter(organization=OuterRef("organization"))
    return [
        *(Exists(rows) for _, rows in ABOUT_MEMBER.ask(mine)), Exists(elsewhere),
        Exists(Invitation.objects.filter(invited_by=mine)), Listed(domains.values(a=F("name"))),
        Listed(_teams(mine)), Listed(_rules(mine)), Listed(unmet), Exists(unmet_here),
    ]  # fmt: skip


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
_OF_MEMBER = Printed(
    Prepared(lambda: _of_member(number(1), *_columns(), *_facts(), _VERSIONS), 1, "id"),
    Prepared(lambda: _of_member(number(1), *_facts(), _VERSIONS), 1, "id"),
)
_STATEMENT = Prepared(
    lambda: _of_member(number(1), *_columns(), *_facts(), Subscription.running_pass(OuterRef("organization"))), 1, "id"
)
_TEAMS = Prepared(lambda: _teams(number(1)), 1)
_RULES = Prepared(lambda: _rules(number(1)).values_list("a", "b", "c", "d"), 1)


@cache
def _lock(member: "type[MemberRow]") -> str:
    mine, accounts, organizations = (table_of(model) for model in (member, Account, Organization))
    return (
        f"SELECT 1 FROM {organizations} o JOIN {mine} m ON m.organization_id = o.id "  # noqa: S608  names of our own
        f"JOIN {accounts} a ON a.id = m.account_id WHERE o.id = %s AND m.scim_id = %s FOR NO KEY UPDATE OF o, a"
    )
