"""Look-ups that an IdP does all day long, prepared, and brought with the caller."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import FilteredRelation, Model, Q, QuerySet

from members.prepared import Prepared, number, text
from members.statements import Rows
from provisioning.scim.wire.authentication import beside_callers

One = TypeVar("One")


@dataclass(frozen=True)
class Table(Generic[One]):
    """The rows of a resource, and what is made of their columns."""

    model: type[Model]
    # The way from an organization to its rows.
    relation: str
    columns: Sequence[str]
    made: Callable[[tuple[Any, ...]], One]
    # Columns that are not the row's own, and what annotates them; it is told how the row's key is called.
    more: Sequence[str] = ()
    annotated: "Callable[[QuerySet[Any, Any], str], QuerySet[Any, Any]]" = lambda rows, key: rows


class Daily(Generic[One]):
    """A look-up by one column, alone or beside the caller."""

    def __init__(
        self,
        table: Table[One],
        column: str,
        form: Callable[[str], str],
        fits: Callable[[One], bool] = lambda one: True,
    ) -> None:
        self.table, self.column, self.form, self.fits = table, column, form, fits
        self.alone = Prepared(self._alone, 1, "value")
        columns = [f"sought__{one}" for one in table.columns]
        self.beside_callers = beside_callers(self._beside, [*columns, *table.more], "value")

    def _alone(self) -> "QuerySet[Any, Any]":
        rows = self.table.model._default_manager.filter(organization_id=number(1), **{self.column: text("value")})
        return self.table.annotated(rows.order_by(), "pk").values_list(*self.table.columns, *self.table.more)

    def _beside(self, callers: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        relation = f"organization__{self.table.relation}"
        is_it = Q(**{f"{relation}__{self.column}": text("value")})
        return self.table.annotated(callers.annotate(sought=FilteredRelation(relation, condition=is_it)), "sought__pk")

    def found(self, rows: Rows) -> list[One]:
        """The resources of these rows, oldest first."""
        return [one for one in map(self.table.made, sorted(rows, key=lambda row: row[0])) if self.fits(one)]
