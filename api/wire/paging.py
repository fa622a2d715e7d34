"""Lists a page at a time: each begins behind a row, which the cursor names.

A cursor is signed, together with the list and the parameters that it belongs to: with others it is none.
"""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Model, QuerySet
from rest_framework import serializers

from api.wire import refusals
from api.wire.parameters import WrittenNumber
from members.console.keyset import Keyset
from operations.flushing import flush

PAGE, MAX_PAGE = 100, 200
MAX_CURSOR = 600
_SALT = "api.cursor:"
IN_ORDER = Keyset("id")


class PageAsked(serializers.Serializer[Any]):
    """Parameters of every list."""

    limit = WrittenNumber(required=False, default=PAGE, min_value=1, max_value=MAX_PAGE, help_text="How many at most.")
    cursor = serializers.CharField(
        required=False, max_length=MAX_CURSOR, help_text="The `next_cursor` of the page before, unchanged."
    )


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next_cursor: str | None


@dataclass(frozen=True)
class Walk:
    """A way through a list: where it stands, and what is carried from its first page to its last."""

    # The list and its parameters.
    name: str
    limit: int
    # The row behind which the page begins; "" for the first page.
    behind: str = ""
    carried: str = ""

    @classmethod
    def of(cls, asked: dict[str, Any], *name: Any, begins: str = "") -> "Walk":
        """The walk that a request begins, carrying `begins`, or goes on with. Raises BadCursor."""
        called = "|".join(str(part) for part in name)
        if not asked.get("cursor"):
            return cls(called, asked["limit"], carried=begins)
        try:
            behind, carried = signing.loads(asked["cursor"], salt=_SALT + called)
        except (signing.BadSignature, ValueError, TypeError):
            raise refusals.BadCursor(field="cursor") from None
        return cls(called, asked["limit"], behind, carried)

    def cursor(self, behind: str) -> str:
        return signing.dumps([behind, self.carried], salt=_SALT + self.name)

    def page(self, rows: "QuerySet[Any]", keyset: Keyset = IN_ORDER) -> Page:
        """The next rows, and the cursor behind them if there are more: one statement, and one to have them on the disk,
        since apps keep what they read here.
        """
        found = list(keyset.ordered(keyset.behind(rows, self.behind))[: self.limit + 1])
        flush()
        is_over = len(found) <= self.limit
        return Page(found[: self.limit], None if is_over else self._after(found[self.limit - 1], keyset))

    def search(self, rows: "QuerySet[Any]", matching: dict[str, Any], most: int) -> Page:
        """The next matching rows among so many at most, in case few match: a statement more. A page may be empty."""
        ahead = IN_ORDER.ordered(IN_ORDER.behind(rows, self.behind))
        end = ahead.values_list("id", flat=True)[most - 1 : most].first()
        page = self.page(IN_ORDER.up_to(rows, end).filter(**matching) if end else rows.filter(**matching))
        return page if page.next_cursor or not end else Page(page.rows, self.cursor(f"{end}|{end}"))

    def _after(self, row: Model, keyset: Keyset) -> str:
        return self.cursor(keyset.cursor_of(row))
