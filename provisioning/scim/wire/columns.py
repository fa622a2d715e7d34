"""The columns of a filter's attributes, and the conditions of being present."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Q
from django.db.models.functions import Lower

from members.keys import folded

# Functions for columns without a key column: the database folds both sides.
CharField.register_lookup(Lower)
# Of their own, because an empty Q would vanish from an OR.
NEVER = Q(pk__in=[])
ALWAYS = ~NEVER


def _itself(condition: Q) -> Q:
    return condition


@dataclass(frozen=True)
class Column:
    """A column, how a value is brought to its form, and when it counts as present."""

    column: str
    kind: type = str
    form: Callable[[str], Any] = str
    # The same for a part of a value, whose spaces at the ends count.
    form_of_part: Callable[[str], Any] = folded
    present: Q = ALWAYS
    # Compared with case; the others have a key column or are plain ASCII.
    is_exact: bool = False
    has_order: bool = True
    # Put around the whole condition: a member's teams are rows of their own.
    within: Callable[[Q], Q] = _itself
    # Expression to sort by, where it is not the column: of the first of several values.
    order: Any = None
    # Rows whose value stands in another column.
    elsewhere: tuple[Q, str] | None = None

    @property
    def has_rows(self) -> bool:
        """Whether its values are rows of their own."""
        return self.within is not _itself

    def where(self, lookup: str, value: Any) -> Q:
        """The condition on the value, in whichever column it stands."""
        here = Q(**{f"{self.column}__{lookup}": value})
        if self.elsewhere is None:
            return here
        those, column = self.elsewhere
        return (here & ~those) | (Q(**{f"{column}__{lookup}": value}) & those)


@dataclass(frozen=True)
class Filterable:
    """The attributes that one resource can be filtered by, by their names in lower case.

    An attribute that is not here is refused: leaving it out would widen the answer.
    """

    core: str
    columns: Mapping[str, Column]
    # Condition of having each schema.
    schemas: Mapping[str, Q]
    # The same for everybody who has the attribute at all.
    constants: Mapping[str, tuple[list[Any], Q]] = field(default_factory=dict)
    # Attributes with entries, of which a condition in brackets may choose some.
    entries: tuple[str, ...] = ()
    # References that are not stored; [Entra] asks whether one is set already: `id eq "…" and manager eq "…"`.
    references: frozenset[str] = frozenset()

    def knows(self, name: str) -> bool:
        return name in self.columns or name in self.constants
