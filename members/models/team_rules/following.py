"""Members follow the rules: after a change of teams or rules, in their turn, and when what was in the way has gone.

A change brings at most AT_ONCE members along in its own transaction. The others wait as rows of Unmet without a
reason, written by one statement, and are brought in steps by `go_on`: the delivery process calls it, the page too.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import CharField, Exists, JSONField, OuterRef, Value
from django.db.models.functions import Now

from members import actors
from members.actors import Actor
from members.models.account import Account
from members.models.change import Change
from members.models.licence import Product, Subscription
from members.models.member.ruled import RuledMember
from members.models.team_rules.differing import MARKED, differing, lacking
from members.models.team_rules.unmet import Unmet, What
from members.models.team_rules.waking import wakes
from members.models.work import current
from members.openings import AFTER_CHANGE, TEAMS_CHANGED
from members.statements import quoted, table_of

if TYPE_CHECKING:
    from members.models.member.member import MemberQuerySet
    from members.models.organization import Organization

AT_ONCE = 100
# Members who are looked for by their keys; more are found with all others.
MOST_NAMED = 1000
# Those whom one change lets try again.
MOST_TRIED = 10_000


_is_held_back: ContextVar[bool] = ContextVar("held_back", default=False)


@contextmanager
def held_back() -> Iterator[None]:
    """Let nobody follow a change of rules in here: for a look at whom it would concern."""
    token = _is_held_back.set(True)
    try:
        yield
    finally:
        _is_held_back.reset(token)


def go_on_everywhere() -> int:
    """Bring the next of those who wait, in one organization; returns how many they were."""
    waiting = Unmet.objects.filter(code="").order_by("organization_id", "pk").select_related("organization").first()
    return go_on(waiting.organization) if waiting else 0


@TEAMS_CHANGED.register
def follow_teams(organization: "Organization", members: Collection[int], by: Actor) -> None:
    """Bring these members, whose teams have changed, to what the rules give now. Within that change."""
    if not _is_ruled(organization):
        return
    if len(members) > MOST_NAMED:
        follow_rules(organization, by=by)
        return
    unmet = Unmet.objects.filter(organization=organization, member__in=members)
    _follow(organization, differing(organization).filter(pk__in=members), unmet, by)


def follow_rules(organization: "Organization", *, by: Actor) -> None:
    """Bring all whom a change of the rules concerns to what they give now. Within that change."""
    if not _is_held_back.get():
        _follow(organization, differing(organization), Unmet.objects.filter(organization=organization), by)


def go_on(organization: "Organization", most: int = AT_ONCE) -> int:
    """Bring the next of those who wait; returns how many they were."""
    from members.mail.one_mail import of_one_act

    with of_one_act(), organization.locked():
        waiting = Unmet.objects.filter(organization=organization, code="").order_by("pk")
        found = dict(waiting.values_list("member", "caused_by")[:most])
        settle(organization, found, by=actors.team_rule_later(next(iter(found.values()), "")))
    return len(found)


@AFTER_CHANGE.register
def try_again(change: Change) -> None:
    """After the last change of a transaction, within it: try what was refused once more where these changes may have
    taken away what was in the way.
    """
    work = current()
    if not work or work.changes[-1] is not change:
        return
    for organization in {one.organization.pk: one.organization for one in work.changes}.values():
        mine = [one for one in work.changes if one.organization.pk == organization.pk]
        wanted = set().union(*map(wakes, mine))
        if wanted and not _is_all_met(organization, mine):
            # Without the lock, which must not be taken out of turn, they wait.
            at_once = AT_ONCE if organization.pk in work.locked else 0
            for what in sorted(wanted):
                _try_again(organization, what, at_once, actors.team_rule(change.by))


def _try_again(organization: "Organization", what: What, at_once: int, by: Actor) -> None:
    rows = Unmet.objects.filter(organization=organization, what=what).exclude(code="").order_by("pk")
    found = list(rows.values_list("pk", "member")[: _room(organization, what)])
    settle(organization, [member for _, member in found[:at_once]], by=by)
    if later := [pk for pk, _ in found[at_once:]]:
        Unmet.objects.filter(pk__in=later).update(code="")


def _room(organization: "Organization", what: What) -> int:
    """How many there is any use in trying."""
    if what == What.ROLE:
        return MOST_TRIED
    subscription = Subscription.running(organization, Product(what.value))
    return min(MOST_TRIED, subscription.free) if subscription else 0


def _is_all_met(organization: "Organization", changes: Sequence[Change]) -> bool:
    """Whether nothing is unmet. A member at hand knows it without a statement, unless something became unmet since."""
    known = [one.member.known for one in changes if one.member and one.member.known]
    if known and all(one.is_any_unmet is False for one in known):
        return True
    return not Unmet.objects.filter(organization=organization).exists()


def _is_ruled(organization: "Organization") -> bool:
    """Whether there is a rule, or anything that is left of one."""
    mine = OuterRef("pk")
    is_ruled = (
        Exists(organization.team_rules.all())
        | Exists(Unmet.objects.filter(organization=mine))
        | Exists(organization.members.filter(MARKED))
    )
    return type(organization).objects.filter(is_ruled, pk=organization.pk).exists()


def _follow(
    organization: "Organization", members: "MemberQuerySet", unmet: "models.QuerySet[Unmet]", by: Actor
) -> None:
    from members.mail.one_mail import of_one_act

    for what in What if unmet.exists() else ():
        # Nothing is to be done for these any more.
        unmet.filter(what=what).exclude(member__in=lacking(members, what).values("pk")).delete()
    found = list(members.order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1])
    with of_one_act():
        settle(organization, found[:AT_ONCE], by=actors.team_rule(by))
    if len(found) > AT_ONCE:
        for what in What:
            _wait(lacking(members.filter(pk__gt=found[AT_ONCE - 1]), what), organization, what, by)


def settle(organization: "Organization", members: Iterable[int], *, by: Actor) -> None:
    """Bring these members, one after the other in the order of their keys, to what the rules give them."""
    work = current()
    at_hand = {row.pk: row for row in work.rows if isinstance(row, RuledMember)} if work else {}
    found = list(organization.members.filter(pk__in=list(members)).select_related("account").order_by("pk"))
    if len(found) > 1:
        # In one order, so that two organizations cannot wait for each other crosswise.
        accounts = Account.objects.filter(pk__in=[member.account_id for member in found]).order_by("pk")
        list(accounts.select_for_update(no_key=True).values_list("pk"))
    for member in found:
        member.organization = organization
        one: Any = at_hand.get(member.pk, member)
        one.forget_rules()
        one.settle(by=by)


def _wait(members: "MemberQuerySet", organization: "Organization", what: What, by: Actor) -> None:
    """Let these members wait for their turn: one statement, however many they are."""
    columns = {
        "organization_id": Value(organization.pk), "what": Value(what.value, CharField()),
        "code": Value("", CharField()), "figures": Value({}, JSONField()), "since": Now(),
        "caused_by": Value(by.name, CharField()),
    }  # fmt: skip
    rows = members.order_by().values_list("pk", *columns.values())
    sql, parameters = rows.query.get_compiler(using=connection.alias).as_sql()
    names = ", ".join(map(quoted, ["member_id", *columns]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table_of(Unmet)} ({names}) {sql} ON CONFLICT (member_id, what) DO UPDATE SET code = ''",
            parameters,
        )
