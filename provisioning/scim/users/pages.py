"""Pages of users in the order of their keys, which is the order in which they have come.

docs/decisions/0023 says what a startIndex is.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import BooleanField, FilteredRelation, Func, Q, QuerySet, Subquery, Value
from django.utils import timezone

from members.models import Headcount, Member, Organization
from members.statements import Prepared, Rows, number, text
from provisioning.models.walk import COLUMNS as WALK
from provisioning.models.walk import Position, hash_of_filter
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.resource import COLUMNS
from provisioning.scim.users.rows import Found, found_in, teams_of
from provisioning.scim.wire.authentication import beside_callers
from provisioning.scim.wire.filters import to_q
from provisioning.scim.wire.requests import Query
from provisioning.scim.wire.sought import Brought, Sought


@dataclass
class Page:
    total: int
    found: list[Found]
    # Where the next one begins, if there is one.
    position: Position | None = None


def _walks(callers: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    is_it = Q(walks__filter=text("filter"), walks__start=number(1))
    return callers.annotate(walk=FilteredRelation("walks", condition=is_it))  # type: ignore[no-any-return]


# The number of members, and the position if a page of this token has ended where this one begins.
_BESIDE_CALLERS = beside_callers(
    _walks, ["organization__headcount__members", *(f"walk__{column}" for column in WALK)], "filter", 1
)


def sought(query: Query) -> Sought:
    return Sought(_BESIDE_CALLERS, (hash_of_filter(query.filter), query.start))


def page(organization: Organization, query: Query, filter_text: str, brought: Brought) -> Page:
    """The users from the start (1 is the first) on."""
    last = _last(brought, filter_text)
    behind = 0 if query.start == 1 else last.behind if last else None
    # One more than asked for tells whether there are more.
    rows = _rows(organization, query, filter_text, behind) if query.count else []
    found, is_more = [found_in(columns) for columns in rows[: query.count]], len(rows) > query.count
    end = query.start - 1 + len(found)
    if query.count and not is_more and (found or behind is not None):
        return Page(end, found)
    # Number that this walk was told before: people who have gone meanwhile must not end it early.
    told = last.total if last and behind else 0
    total = told or _total(organization, filter_text, brought)
    if not is_more:
        return Page(total, found)
    total = max(total, end + 1)
    if brought is None:
        return Page(total, found)
    next_one = Position(hash_of_filter(filter_text), end + 1, found[-1].row.pk, total, timezone.now())
    return Page(total, found, next_one)


def _last(brought: Brought, filter_text: str) -> Position | None:
    """Where a page of this list has ended just before this one."""
    if not brought or brought[0][1] != hash_of_filter(filter_text):
        return None
    position = Position(*brought[0][1:])
    return position if position.is_fresh else None


def _rows(organization: Organization, query: Query, filter_text: str, behind: int | None) -> Rows:
    """The rows behind a key or, without one, from the start on: that is counted in the index alone."""
    if behind is not None and not filter_text:
        return _listed(query.count + 1).rows(organization.pk, behind)
    condition = to_q(filter_text, FILTERABLE) if filter_text else Q()
    if behind is not None:
        members = _behind(organization.pk, behind).filter(condition)
    else:
        own = Member.objects.filter(condition, organization=organization).order_by("pk")
        members = own.filter(pk__gte=Subquery(own.values("pk")[query.start - 1 : query.start]))
    return list(_with_teams(members)[: query.count + 1])


@cache
def _listed(count: int) -> Prepared:
    """The statement of a page without a filter. As many are kept as a page has sizes."""
    return Prepared(lambda: _with_teams(_behind(number(1), number(2)))[:count], 1, 2)


def _behind(organization_id: int, key: int) -> "QuerySet[Any, Any]":
    """The members of an organization behind a key, written so that only the index `member_in_order` gives their order.

    With “organization = …” PostgreSQL may go through the keys of all organizations, and meet a million of others first.
    """
    is_behind = Behind("organization_id", "pk", Value(organization_id), Value(key))
    return Member.objects.filter(is_behind, organization_id__lte=organization_id).order_by("organization_id", "pk")


class Behind(Func):
    """Whether a pair of columns is greater than a pair of values."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[str | int, ...]]:
        compiled = [compiler.compile(one) for one in self.get_source_expressions()]
        texts = [sql for sql, _ in compiled]
        return "({}, {}) > ({}, {})".format(*texts), tuple(value for _, values in compiled for value in values)


def _with_teams(members: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
    return members.annotate(teams=teams_of("pk")).values_list(*COLUMNS, "teams")  # type: ignore[no-any-return]


def _total(organization: Organization, filter_text: str, brought: Brought) -> int:
    """The number of all; nobody counts the members of an organization."""
    if filter_text:
        return Member.objects.filter(to_q(filter_text, FILTERABLE), organization=organization).count()
    counted: int = brought[0][0] if brought else Headcount.objects.get(pk=organization.pk).members
    return counted
