"""Rows that the statement which finds the caller brings besides, so that a read asks the database once."""

from dataclasses import dataclass
from typing import Any

from members.prepared import Prepared
from members.statements import Rows


@dataclass(frozen=True, slots=True)
class Sought:
    """A statement made by `authentication.beside_callers`, and the values that it takes."""

    statement: Prepared
    values: tuple[Any, ...]


# Rows of what was sought, none if it is not there. None: nothing was sought.
Brought = Rows | None
