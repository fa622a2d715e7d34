"""Standings: all that decides the type of an account and what an identity provider may do with it.

That is type and keeper, whether it needs the Update action, and its mail domains. Few of them differ in an
organization, so numbers, and a few people among many, are found by asking each standing and not everybody.
PostgreSQL keeps them in a column that no model has, by triggers, and in an index (migration 30, decision 34). SQLite
looks through the rows.
"""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.db import connections, models
from django.db.models import Case, Count, Min, Q, QuerySet, Value, When
from django.db.models.functions import StrIndex, Substr
from django.db.models.lookups import In

from members.keys import domain_of
from members.models.member.eligibility import UP_TO_DATE
from members.models.organization import Headcount, Organization
from operations import replica

if TYPE_CHECKING:
    from members.models.member.member import Member

# Members who are found by their ids; more are met soon by reading them in order.
FEW = 1000
# Members of a standing who are counted, where the others' number is known without.
SOME = 10_000

Rule = Callable[["Member"], bool]

# Ranges, and an order: so the planner takes the index, however many it thinks there are of each.
_NAMES = """
WITH RECURSIVE each(standing) AS (
    SELECT min(standing) FROM members_member WHERE organization_id = %(organization)s
    UNION ALL
    SELECT (
        SELECT min(standing) FROM members_member
        WHERE organization_id = %(organization)s AND standing > each.standing
    ) FROM each WHERE each.standing IS NOT NULL
)
SELECT standing, (
    SELECT id FROM members_member
    WHERE organization_id = %(organization)s AND standing BETWEEN each.standing AND each.standing
    ORDER BY organization_id, standing LIMIT 1
) FROM each WHERE standing IS NOT NULL
"""
_IDS = """
SELECT id FROM unnest(%(names)s::text[]) each(name), LATERAL (
    SELECT id FROM members_member
    WHERE organization_id = %(organization)s AND standing BETWEEN each.name AND each.name
    ORDER BY organization_id, standing LIMIT %(most)s
) those LIMIT %(most)s
"""
_NUMBERS = """
SELECT each.name, (
    SELECT count(*) FROM (
        SELECT FROM members_member
        WHERE organization_id = %(organization)s AND standing BETWEEN each.name AND each.name
        ORDER BY organization_id, standing LIMIT %(most)s
    ) counted
) FROM unnest(%(names)s::text[]) each(name)
"""


class _Standing(models.Func):
    """The column, of the members whose key it is given."""

    output_field = models.TextField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        [key] = self.source_expressions
        return f"{compiler.quote_name_unless_alias(cast('Any', key).alias)}.standing", []


def counted(organization: Organization) -> "list[tuple[Member, int]]":
    """The standings: one of the members who have it, and how many they are. What holds of the one holds of all."""
    members: QuerySet[Member] = organization.members.all()
    if not _is_kept(members):
        found = _grouped(members)
        examples = _members(organization, [pk for pk, _ in found])
        return [(examples[pk], number) for pk, number in found if pk in examples]
    examples_of = _examples(organization)
    numbers = _numbers(organization, list(examples_of))
    return [(example, numbers[name]) for name, example in examples_of.items()]


def of_standing(
    members: "QuerySet[Member]", organization: Organization, rule: Rule, condition: Q
) -> "QuerySet[Member]":
    """Those of the organization's members of whom the rule holds; the condition says the same to the database."""
    if not _is_kept(members):
        return members.filter(condition)
    names = [name for name, example in _examples(organization).items() if rule(example)]
    ids = [pk for (pk,) in _ask(_IDS, organization=organization.pk, names=names, most=FEW + 1)]
    return members.filter(Q(In(_Standing("pk"), names)) if len(ids) > FEW else Q(pk__in=ids))


def accounts_by_domain(organization: Organization) -> Counter[str]:
    """The numbers of Managed Accounts of the organization with an address in each mail domain."""
    numbers: Counter[str] = Counter()
    for member, number in counted(organization):
        if member.is_own:
            numbers.update(dict.fromkeys({domain_of(member.user_name_key), domain_of(member.email_key)}, number))
    return numbers


def of_type(members: "QuerySet[Member]", organization: Organization, kind: str) -> "QuerySet[Member]":
    return of_standing(members, organization, lambda member: member.account.type == kind, Q(account__type=kind))


def _is_kept(members: "QuerySet[Member]") -> bool:
    return connections[members.db].vendor == "postgresql"


def _examples(organization: Organization) -> "dict[str, Member]":
    """A member of each standing."""
    found = _ask(_NAMES, organization=organization.pk)
    members = _members(organization, [pk for _, pk in found])
    return {name: members[pk] for name, pk in found if pk in members}


def _members(organization: Organization, keys: list[int]) -> "dict[int, Member]":
    found: dict[int, Member] = organization.members.select_related("account").in_bulk(keys)
    for member in found.values():
        member.organization = organization
    return found


def _numbers(organization: Organization, names: list[str]) -> dict[str, int]:
    """The number of members of each standing. Where one has many, as one mostly has, it has all but the others."""
    numbers = dict(_ask(_NUMBERS, organization=organization.pk, names=names, most=SOME + 1))
    large = [name for name, number in numbers.items() if number > SOME]
    if len(large) > 1:
        numbers |= dict(_ask(_NUMBERS, organization=organization.pk, names=large[1:], most=None))
    if large:
        others = sum(number for name, number in numbers.items() if name != large[0])
        numbers[large[0]] = max(Headcount.objects.get(pk=organization.pk).members - others, SOME + 1)
    return numbers


def _ask(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connections[replica.alias()].cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _grouped(members: "QuerySet[Member]") -> list[tuple[int, int]]:
    """The key of one member of each standing, and how many they are."""
    domains = {name: Substr(name, StrIndex(name, Value("@")) + 1) for name in ("user_name_key", "email_key")}
    facts = members.order_by().values(
        "account__type", "account__managed_by", up_to_date=Case(When(UP_TO_DATE, then=True), default=False),
        user_name_domain=domains["user_name_key"], email_domain=domains["email_key"],
    )  # fmt: skip
    return list(facts.annotate(one=Min("pk"), number=Count("pk")).values_list("one", "number"))
