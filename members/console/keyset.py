"""Long lists a page at a time, without counting and without skipping: each page begins behind a row.

The last page of a million rows costs what the first one does.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.utils import timezone

from members.models.finding import Found
from operations import replica

# More digits than this no key of ours has.
MAX_DIGITS = 18
LARGEST = 10**MAX_DIGITS - 1
EVERYTHING = Q()
# Rows that are looked through for the hits of a search; hits that are looked at for a row of the page.
WINDOW, CANDIDATES = 400, 4
# Rows that are searched for a file in one statement.
SEARCHED = 100_000


@dataclass(frozen=True)
class Stretch:
    """A page: its rows, and the cursors of the pages beside it.

    `next` is "" at the end; `previous` is None where the page before is the first one, or there is none.
    """

    rows: list[Any]
    next: str
    is_first: bool
    previous: str | None = None
    # Oldest row that was searched, where a search ended before the page was full.
    looked_back_to: datetime.datetime | None = None


class Keyset:
    """An order by one column and then the primary key, read from an index."""

    def __init__(self, field: str, *, is_descending: bool = False) -> None:
        self.field, self.is_descending = field, is_descending

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        sign = "-" if self.is_descending else ""
        return rows.order_by(f"{sign}{self.field}", f"{sign}pk")

    def cursor_of(self, row: Model) -> str:
        return self._cursor(getattr(row, self.field), row.pk)

    def _cursor(self, value: Any, pk: int) -> str:
        return f"{value.isoformat() if hasattr(value, 'isoformat') else value}|{pk}"

    def behind(self, rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        """The rows after the one that the cursor names; all rows where it names none."""
        place = self._read(rows.model, cursor)
        return rows.filter(self._beyond(*place)) if place else rows

    def page(self, rows: QuerySet[Any], cursor: str, size: int) -> Stretch:
        return replace(self._ahead(rows, cursor, size), previous=self._before(rows, cursor, size))

    def page_of(self, found: Found, among: QuerySet[Any], cursor: str, size: int) -> Stretch:
        """A page of what a search has found among these rows."""
        ahead = self._ahead_among(found, among, cursor, size)
        return replace(ahead, previous=self._before(found.every, cursor, size))

    def _ahead_among(self, found: Found, among: QuerySet[Any], cursor: str, size: int) -> Stretch:
        """Where there are many hits, they are either soon met in this order, or stand together somewhere in it."""
        if found.near is None:
            return self._ahead(found.every, cursor, size)
        most, place = CANDIDATES * size, self._read(found.every.model, cursor)
        first = found.behind(place[1] if place else None, most)
        if not first:
            end = self._value_at(among, cursor, WINDOW).first()
            ahead = self._ahead(self.up_to(found.every, end) if end else found.every, cursor, size)
            if ahead.next or not end:
                return ahead
            first = tuple(self.ordered(self.behind(found.near, cursor)).values_list("pk", flat=True)[:most])
        ahead = self._ahead(found.every.filter(pk__in=first), cursor, size)
        return ahead if ahead.next or len(first) < most else self._ahead(found.every, cursor, size)

    def _ahead(self, rows: QuerySet[Any], cursor: str, size: int) -> Stretch:
        found = list(self.ordered(self.behind(rows, cursor))[: size + 1])
        following = self.cursor_of(found[size - 1]) if len(found) > size else ""
        return Stretch(found[:size], following, is_first=not cursor)

    def search(self, rows: QuerySet[Any], matching: Q, cursor: str, size: int, most: int) -> Stretch:
        """A page of the matching rows. Only `most` rows are searched for it at a time, in case few match.

        Costs the same in a list of millions; for an order by time.
        """
        found = self._searched(rows, matching, cursor, size, most)
        return replace(found, previous=self._before(rows, cursor, size, matching, most))

    def _searched(self, rows: QuerySet[Any], matching: Q, cursor: str, size: int, most: int) -> Stretch:
        end = self._value_at(rows, cursor, most).first() if matching else None
        ahead = self.up_to(rows, end) if end else rows
        found = self._ahead(ahead.filter(matching), cursor, size)
        if end and not found.next:
            return replace(found, next=self._past(end), looked_back_to=end)
        return found

    def _before(
        self, rows: QuerySet[Any], cursor: str, size: int, matching: Q = EVERYTHING, most: int = 0
    ) -> str | None:
        """The cursor of the page before, which ends with the cursor's row; looked for among `most` rows, if not 0."""
        if not cursor:
            return None
        back = Keyset(self.field, is_descending=not self.is_descending)
        behind = back.behind(rows, cursor)
        end = back._value_at(rows, cursor, most).first() if matching and most else None
        near = back.ordered(back.up_to(behind, end) if end else behind)
        if begin := near.filter(matching)[size - 1 : size].first():
            return self.cursor_of(begin)
        return back._past(end) if end else None

    def _value_at(self, rows: QuerySet[Any], cursor: str, distance: int) -> QuerySet[Any]:
        """The value so far behind that of the cursor, if the rows go on so far. Read from the index alone."""
        if place := self._read(rows.model, cursor):
            rows = rows.filter(**{f"{self.field}__{'lt' if self.is_descending else 'gt'}": place[0]})
        ordered = rows.order_by(f"{'-' if self.is_descending else ''}{self.field}")
        return ordered.values_list(self.field, flat=True)[distance : distance + 1]

    def up_to(self, rows: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """The rows up to and including those with this value."""
        return rows.filter(**{f"{self.field}__{'gte' if self.is_descending else 'lte'}": value})

    def _past(self, value: Any) -> str:
        """The cursor behind all rows with this value."""
        return self._cursor(value, 0 if self.is_descending else LARGEST)

    def batches(self, rows: QuerySet[Any], size: int, matching: Q = EVERYTHING) -> Iterator[list[Any]]:
        """All matching rows, in lists of at most this length, from a replica once it has what is there now.

        Only SEARCHED rows are searched in a statement, in case few match: one over millions would run out of time.
        """
        cursor, since = "", replica.position()
        while True:
            stretch = replica.read(partial(self._searched, rows, matching, cursor, size, SEARCHED), since)
            if stretch.rows:
                yield stretch.rows
            if not (cursor := stretch.next):
                return

    def _beyond(self, value: Any, pk: int) -> Q:
        # Not an OR of two ranges, for which no database would use an index.
        way = "lt" if self.is_descending else "gt"
        within = Q(**{f"{self.field}__{way}e": value})
        return within & (Q(**{f"{self.field}__{way}": value}) | Q(**{f"pk__{way}": pk}))

    def _read(self, model: type[Model], cursor: str) -> tuple[Any, int] | None:
        text, _, pk = cursor.rpartition("|")
        if not (pk.isascii() and pk.isdigit() and len(pk) <= MAX_DIGITS) or "\x00" in text:
            return None
        field: Field[Any, Any] = getattr(model, self.field).field
        try:
            value = field.to_python(text)
        except (ValidationError, ValueError, OverflowError):
            return None
        is_place = timezone.is_aware(value) if isinstance(value, datetime.datetime) else value is not None
        return (value, int(pk)) if is_place else None
