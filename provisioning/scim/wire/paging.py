"""Parts of a list that is sorted, or that a client walks through by cursor.

What is sorted reads all rows that the filter leaves: no index is kept in any order but that of coming, which is what
identity providers list in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import F, QuerySet

from members.statements import Rows
from provisioning.scim.wire import cursors
from provisioning.scim.wire.columns import Filterable
from provisioning.scim.wire.cursors import Place
from provisioning.scim.wire.requests import Query
from provisioning.scim.wire.sorting import KEY, Order, order_of

One = TypeVar("One")
Rowset = QuerySet[Any, Any]


@dataclass(frozen=True)
class Listing(Generic[One]):
    """A list of one resource of one organization, as a query asks for it."""

    query: Query
    # Name of the list: a cursor opens no other one.
    name: tuple[Any, ...]
    filterable: Filterable
    # Rows that the filter leaves; those behind a key, or before it, in the order in which an index gives them.
    rows: Rowset
    walk: Callable[[int, bool], Rowset]
    # The columns that are read of each row, what is made of rows, of fewer if it is much, and the number of all.
    columns: Callable[[Rowset], Rowset]
    load: Callable[[Rows], Sequence[One]]
    count: Callable[[], int]
    # Whether the filter is read with each + as it stands.
    is_literal: bool = False


@dataclass(frozen=True)
class Cut(Generic[One]):
    found: list[One]
    total: int
    # Of a page by cursor.
    cursors: dict[str, str] | None = None


def is_asked_for(query: Query) -> bool:
    return query.cursor is not None or bool(query.sort_by)


def cut(listing: Listing[One]) -> Cut[One]:
    query = listing.query
    order = order_of(query.sort_by, query.is_descending, listing.filterable)
    if query.cursor is None:
        return _by_number(listing, order)
    place = cursors.read(query.cursor, _name(listing, order), query.count) if query.cursor else None
    return _by_cursor(listing, order, place)


def _by_number(listing: Listing[One], order: Order) -> Cut[One]:
    start, count = listing.query.start - 1, listing.query.count
    # One more than asked for tells whether there are more.
    page = order.put(listing.rows)[start : start + count + 1]
    rows = list(listing.columns(_chosen(order, page))) if count else []
    found = list(listing.load(rows[:count]))
    is_end = bool(rows) and len(rows) == len(found)
    return Cut(found, start + len(found) if is_end else listing.count())


def _by_cursor(listing: Listing[One], order: Order, place: Place | None) -> Cut[One]:
    count, is_back = listing.query.count, place is not None and place.is_back
    if not count:
        return Cut([], listing.count(), {})
    there = _rows(listing, order, place, count + 1)
    rows = list(listing.columns(there).annotate(at_value=F(KEY), at_key=F("pk")))
    found = list(listing.load([row[:-2] for row in rows[:count]]))
    is_more, rows = len(rows) > len(found), rows[: len(found)]
    if is_back:
        found.reverse()
        rows.reverse()
    total = place.total if place else listing.count() if is_more else len(found)

    def at(row: tuple[Any, ...], *, back: bool) -> str:
        where = Place(row[-2], row[-1], total, is_back=back, is_literal=listing.is_literal)
        return cursors.written(where, _name(listing, order), count)

    links: dict[str, str] = {}
    if rows and (is_more if is_back else place):
        links["previousCursor"] = at(rows[0], back=True)
    if rows and (is_back or is_more):
        links["nextCursor"] = at(rows[-1], back=False)
    return Cut(found, total, links)


def _rows(listing: Listing[One], order: Order, place: Place | None, most: int) -> Rowset:
    is_back = place is not None and place.is_back
    if order.by is None:
        return order.keyed(listing.walk(place.key if place else 0, is_back))[:most]
    rows = order.put(listing.rows, is_back=is_back)
    rows = rows.filter(order.behind(place.value, place.key, is_back=is_back)) if place else rows
    return _chosen(order, rows[:most], is_back=is_back)


def _chosen(order: Order, rows: Rowset, *, is_back: bool = False) -> Rowset:
    """The rows of a page, which are chosen by their keys alone: all would be read with all their columns."""
    those = rows.model._default_manager.filter(pk__in=rows.values("pk"))
    return order.put(those, is_back=is_back)


def _name(listing: Listing[One], order: Order) -> tuple[Any, ...]:
    return (*listing.name, order.named)
