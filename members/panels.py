"""A part of a page that belongs to another app."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Panel:
    """A template of that app, which finds `context` under the name `panel`."""

    template: str
    context: Any
