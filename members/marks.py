"""Badges beside a member's name that other apps add, such as the token issuer's key."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from members.models import Member


@dataclass(frozen=True)
class Mark:
    label: str | Promise
    icon: str
    variant: str = "yellow"


Source = Callable[[list[Member]], Iterable[tuple[int, Mark]]]
_sources: list[Source] = []


def mark_source(source: Source) -> Source:
    """Asked once for all members of a page: yields a member's pk with the mark."""
    _sources.append(source)
    return source


def marks_of(members: Iterable[Member]) -> dict[int, list[Mark]]:
    rows = list(members)
    marks: dict[int, list[Mark]] = {}
    for source in _sources if rows else []:
        for pk, mark in source(rows):
            marks.setdefault(pk, []).append(mark)
    return marks
