"""Badges beside a member's name that other apps add, such as the token issuer's key."""

from collections.abc import Iterable
from dataclasses import dataclass

from members.models import Member
from members.openings import MARKS
from members.texts import Text


@dataclass(frozen=True)
class Mark:
    label: Text
    icon: str
    variant: str = "yellow"


def marks_of(members: Iterable[Member]) -> dict[int, list[Mark]]:
    rows = list(members)
    marks: dict[int, list[Mark]] = {}
    for found in MARKS.ask(rows) if rows else []:
        for pk, mark in found:
            marks.setdefault(pk, []).append(mark)
    return marks
