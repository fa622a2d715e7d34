"""Counting no further than anybody reads: a page that lists large things must not count all of each."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery
from django.utils.formats import localize
from django.utils.translation import gettext as _

MAX_COUNTED = 1000


def in_words(number: int) -> str:
    """The number as it was counted: MAX_COUNTED + 1 stands for any above."""
    if number <= MAX_COUNTED:
        return str(localize(number))
    return _("more than %(count)s") % {"count": localize(MAX_COUNTED)}


class BoundedCount(Subquery):
    """The number of rows of a correlated queryset; one more than MAX_COUNTED stands for any number above.

    `order` are the columns of the index that has them. Without an order PostgreSQL would rather read the table, and for
    a thing that has none to its end, where it knows of a few things that have many.
    """

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()

    def __init__(self, rows: QuerySet[Any], *order: str) -> None:
        super().__init__(rows.order_by(*order).values(*order)[: MAX_COUNTED + 1])
