"""Pages of a resource in the order of its keys, which is the order in which they have come.

docs/decisions/0023 says what a startIndex is.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import Expression, FilteredRelation, Model, Q, QuerySet, Subquery, Value
from django.utils import timezone

from members.models import Organization
from members.prepared import Prepared, number, text
from members.statements import Rows
from provisioning.models.walk import COLUMNS as WALK
from provisioning.models.walk import Position, hash_of_filter
from provisioning.scim.wire import refusals
from provisioning.scim.wire.authentication import beside_callers
from provisioning.scim.wire.columns import Filterable
from provisioning.scim.wire.cursors import is_literal
from provisioning.scim.wire.filters import to_q
from provisioning.scim.wire.keyset import Before, Behind, KeyAt, Unseen
from provisioning.scim.wire.paging import Listing, cut, is_asked_for
from provisioning.scim.wire.requests import MAX_PAGE, Query
from provisioning.scim.wire.sought import Brought, Sought


class Row(Protocol):
    """The columns that make a resource."""

    @property
    def pk(self) -> int: ...
    @property
    def scim_id(self) -> str: ...
    @property
    def name(self) -> str: ...


class HasRow(Protocol):
    @property
    def row(self) -> Row: ...


One = TypeVar("One", bound=HasRow)
ALL = Q()


@dataclass
class Page(Generic[One]):
    total: int
    found: list[One]
    # Where the next one begins, if there is one.
    position: Position | None = None
    # Of a page by cursor: previousCursor and nextCursor, where there are such pages.
    cursors: dict[str, str] | None = None


@dataclass(frozen=True)
class Pages(Generic[One]):
    """The lists of one resource, whose rows belong to organizations."""

    model: type[Model]
    filterable: Filterable
    # The columns that are read of each row.
    columns: Callable[["QuerySet[Any, Any]"], "QuerySet[Any, Any]"]
    # The column beside the caller with the number of all rows of an organization, and that number if it has not come.
    counted: str
    total: Callable[[Organization], int]
    # Words before a filter that tell the positions in these lists from those in another resource's.
    scope: str = ""

    def sought(self, query: Query) -> Sought:
        return Sought(self._beside_callers, (self._hash(query.filter), query.start))

    def page(
        self,
        organization: Organization,
        query: Query,
        filter_text: str,
        brought: Brought,
        load: Callable[[Rows], Sequence[One]],
    ) -> Page[One]:
        """The page from the start (1 is the first) on. `load` makes of rows what is found, of fewer if it is much."""
        if is_asked_for(query):
            part = cut(self._listing(organization, query, filter_text, brought, load))
            return Page(part.total, part.found, cursors=part.cursors)
        last = self._last(brought, filter_text)
        behind = 0 if query.start == 1 else last.behind if last else None
        # One more than asked for tells whether there are more.
        rows = self._rows(organization, query, filter_text, behind) if query.count else []
        found = list(load(rows[: query.count]))
        end, is_more = query.start - 1 + len(found), len(rows) > len(found)
        if query.count and not is_more and (found or behind is not None):
            return Page(end, found)
        # Number that this walk was told before: those that have gone meanwhile must not end it early.
        told = last.total if last and behind else 0
        total = told or self._total(organization, filter_text, brought)
        if not is_more:
            return Page(total, found)
        total = max(total, end + 1)
        if brought is None:
            return Page(total, found)
        next_one = Position(self._hash(filter_text), end + 1, found[-1].row.pk, total, timezone.now())
        return Page(total, found, next_one)

    def _listing(
        self,
        organization: Organization,
        query: Query,
        filter_text: str,
        brought: Brought,
        load: Callable[[Rows], Sequence[One]],
    ) -> Listing[One]:
        condition = to_q(filter_text, self.filterable) if filter_text else ALL

        def walk(key: int, is_back: bool) -> "QuerySet[Any, Any]":
            way = self._before if is_back else self._behind
            return way(Value(organization.pk), Value(key)).filter(condition)

        return Listing(
            query=query,
            name=(organization.pk, self.model._meta.label, query.filter, query.literal),
            filterable=self.filterable,
            rows=self._all.filter(condition, organization=organization),
            walk=walk,
            columns=self.columns,
            load=load,
            count=lambda: self._total(organization, filter_text, brought),
            is_literal=bool(query.literal) and filter_text == query.literal,
        )

    def _hash(self, filter_text: str) -> str:
        return hash_of_filter(self.scope + filter_text)

    @cached_property
    def _beside_callers(self) -> Prepared:
        """The caller with the position, if a page of this token has ended where this one begins."""

        def walks(callers: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
            is_it = Q(walks__filter=text("filter"), walks__start=number(1))
            return callers.annotate(walk=FilteredRelation("walks", condition=is_it))  # type: ignore[no-any-return]

        return beside_callers(
            walks, ["organization_id", self.counted, *(f"walk__{column}" for column in WALK)], "filter", 1
        )

    def _last(self, brought: Brought, filter_text: str) -> Position | None:
        """Where a page of this list has ended just before this one."""
        # Beside the caller: a column that is never NULL, the number of all rows, the position.
        if not brought or brought[0][2] != self._hash(filter_text):
            return None
        position = Position(*brought[0][2:])
        return position if position.is_fresh else None

    def _rows(self, organization: Organization, query: Query, filter_text: str, behind: int | None) -> Rows:
        """The rows behind a key or, without one, from the start on: that is counted in the index alone."""
        is_jump, where = behind is None, query.start - 2 if behind is None else behind
        if not filter_text:
            return self._listed(query.count + 1, is_jump).rows(organization.pk, where)
        rows = self._from(Value(organization.pk), where, is_jump, to_q(filter_text, self.filterable))
        return list(self.columns(rows)[: query.count + 1])

    @cached_property
    def _listed(self) -> Callable[[int, bool], Prepared]:
        """The statement of a page without a filter. As many are kept as a page has sizes."""

        def statement(count: int, is_jump: bool) -> Prepared:
            return Prepared(lambda: self.columns(self._from(Unseen(number(1)), number(2), is_jump))[:count], 1, 2)

        return lru_cache(2 * (MAX_PAGE + 1))(statement)

    def _from(self, organization: Expression, where: int, is_jump: bool, condition: Q = ALL) -> "QuerySet[Any, Any]":
        """The rows behind a key; of a jump, behind the row that so many come before."""
        if not is_jump:
            return self._behind(organization, Value(where)).filter(condition)
        # A range of one, so that only the index on both gives the order; a filter may have a better one.
        one = {"gte": organization, "lte": organization} if not condition else {"exact": organization}
        own = self._all.filter(condition, **{f"organization_id__{name}": value for name, value in one.items()})
        key = KeyAt(own.order_by("organization_id", "pk").values("pk"), where)
        return self._behind(organization, key).filter(condition)

    def _behind(self, organization: Expression, key: Expression | Subquery) -> "QuerySet[Any, Any]":
        """The rows of an organization behind a key, so that only the index on both gives their order.

        With “organization = …” PostgreSQL may go through the keys of all organizations, and meet a million of others
        first.
        """
        is_behind = Behind("organization_id", "pk", organization, key)
        return self._all.filter(is_behind, organization_id__lte=organization).order_by("organization_id", "pk")

    def _before(self, organization: Expression, key: Expression | Subquery) -> "QuerySet[Any, Any]":
        """The rows of an organization before a key, from there back."""
        is_before = Before("organization_id", "pk", organization, key)
        return self._all.filter(is_before, organization_id__gte=organization).order_by("-organization_id", "-pk")

    def _total(self, organization: Organization, filter_text: str, brought: Brought) -> int:
        if filter_text:
            return self._all.filter(to_q(filter_text, self.filterable), organization=organization).count()
        counted: int | None = brought[0][1] if brought else None
        return self.total(organization) if counted is None else counted

    @property
    def _all(self) -> "QuerySet[Any, Any]":
        return self.model._default_manager.all()


def as_meant(query: Query, brought: Brought, page: Callable[[str, Brought], Page[One]]) -> Page[One]:
    """The page of a filter. Read with its + as they stand where it finds nothing, or cannot be read, with blanks."""
    if query.cursor and query.literal and is_literal(query.cursor):
        return page(query.literal, None)
    found, refusal = Page[One](0, []), None
    try:
        found = page(query.filter, brought)
    except refusals.InvalidFilter as error:
        refusal = error
    if query.literal and not found.total:
        with suppress(refusals.InvalidFilter):
            return page(query.literal, None)
    if refusal:
        raise refusal
    return found
