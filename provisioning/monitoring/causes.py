"""Refusals put together by their cause: the reason and its figures, since each of these is mended by itself."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from members.refusals import Refusal


class Cause(NamedTuple):
    code: str
    # As JSON, so that it can be counted.
    figures: str

    @staticmethod
    def of(refusal: Refusal) -> "Cause":
        return Cause(refusal.code, json.dumps(refusal.figures, sort_keys=True))

    @property
    def refusal(self) -> Refusal | None:
        """In the words of whoever reads it; None where a former release had a code that is no more."""
        return Refusal.recall(self.code, json.loads(self.figures))


def by_frequency(refusals: Iterable[Refusal]) -> list[tuple[Cause, int]]:
    """The most frequent first; of those that are alike the one that came first."""
    return Counter(map(Cause.of, refusals)).most_common()
