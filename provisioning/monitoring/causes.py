"""Refusals put together by their cause: the reason and its figures, since each of these is mended by itself."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from members.refusals import Refusal


class Cause(NamedTuple):
    code: str
    # Figures as JSON, so that causes can be counted.
    figures: str

    @staticmethod
    def of(refusal: Refusal) -> "Cause":
        return Cause(refusal.code, json.dumps(refusal.figures, sort_keys=True))

    @property
    def refusal(self) -> Refusal | None:
        """The refusal of this cause; None for a code of a former release that is no more."""
        return Refusal.recall(self.code, json.loads(self.figures))


def by_frequency(refusals: Iterable[Refusal]) -> list[tuple[Cause, int]]:
    """The causes with their numbers, the most frequent first; among equals the one that came first."""
    return Counter(map(Cause.of, refusals)).most_common()
