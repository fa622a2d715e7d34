"""The order of a list (RFC 7644 §3.4.2.3): by one attribute, and among equals by the key in which they have come.

Both databases put texts in the order of their code points, in the form in which filters compare them: without case
where the attribute is. Rows without the attribute come last, descending first.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Collate
from django.utils.translation import gettext_noop as _

from provisioning.scim.wire import refusals
from provisioning.scim.wire.columns import ALWAYS, Column, Filterable

# The column of a row by which it is sorted.
KEY = "sorted_by"


@dataclass(frozen=True)
class Order:
    """The order by an attribute; without one that of the keys."""

    # Name in lower case, without the core schema.
    attribute: str = ""
    by: Any = None
    is_descending: bool = False

    @cached_property
    def named(self) -> str:
        return f"{self.attribute} {'descending' if self.is_descending else 'ascending'}" if self.attribute else ""

    def put(self, rows: "QuerySet[Any, Any]", *, is_back: bool = False) -> "QuerySet[Any, Any]":
        """The rows in this order, or in the opposite one, with KEY."""
        rows, by_key = self.keyed(rows), "-pk" if is_back else "pk"
        if self.by is None:
            return rows.order_by(by_key)
        is_down = self.is_descending is not is_back
        key = F(KEY).desc(nulls_first=True) if is_down else F(KEY).asc(nulls_last=True)
        return rows.order_by(key, by_key)

    def keyed(self, rows: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        by = Value(None, output_field=BigIntegerField()) if self.by is None else self.by
        return rows.annotate(**{KEY: by})  # type: ignore[no-any-return]

    def behind(self, value: Any, pk: int, *, is_back: bool = False) -> Q:
        """The condition of coming after the row with this value and key; or before it."""
        among_equals = Q(pk__lt=pk) if is_back else Q(pk__gt=pk)
        if self.by is None:
            return among_equals
        is_down = self.is_descending is not is_back
        if value is None:
            those = Q(**{f"{KEY}__isnull": True}) & among_equals
            return those | Q(**{f"{KEY}__isnull": False}) if is_down else those
        beyond = Q(**{f"{KEY}__{'lt' if is_down else 'gt'}": value}) | (Q(**{KEY: value}) & among_equals)
        return beyond if is_down else beyond | Q(**{f"{KEY}__isnull": True})


def order_of(sort_by: str, is_descending: bool, filterable: Filterable) -> Order:
    """The order that is asked for. Raises InvalidSort for what cannot be sorted by."""
    if not sort_by:
        return Order()
    name = sort_by.strip().casefold().removeprefix(filterable.core.casefold() + ":")
    by = _expression(name, filterable)
    if by is None:
        raise refusals.InvalidSort(attribute=sort_by[:200], problem=_("choose an attribute that can be filtered by"))
    return Order(name, by, is_descending)


def _expression(name: str, filterable: Filterable) -> Any:
    if name in filterable.constants:
        known, present = filterable.constants[name]
        # One value for all who have it.
        return Case(When(present, then=Value(1)), default=None) if known else None
    column = filterable.columns.get(name)
    if column is None:
        return None
    return (
        Case(When(column.present, then=_value(column)), default=None)
        if column.present is not ALWAYS
        else _value(column)
    )


def _value(column: Column) -> Any:
    value = column.order if column.order is not None else F(column.column)
    if column.elsewhere:
        those, other = column.elsewhere
        value = Case(When(those, then=F(other)), default=value)
    return Collate(value, "C" if connection.vendor == "postgresql" else "BINARY") if column.kind is str else value
