"""The contenders and their measurements: in turns, so that whatever the machine does meanwhile meets all alike."""

import sys
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bench import client
from bench.servers import cpu_seconds
from bench.works import Work, forget


@dataclass(frozen=True)
class Contender:
    name: str
    target: client.Target
    # Process ids of the server and the database.
    server: int
    database: int
    # Works that it does not know.
    without: Collection[Work] = ()


@dataclass
class Measure:
    rate: float  # requests per second
    server: float  # CPU milliseconds per request
    database: float
    middle: float  # milliseconds, median
    slow: float  # milliseconds, 99th percentile

    @property
    def cpu(self) -> float:
        return self.server + self.database


Measures = dict[tuple[Work, str], list[Measure]]


def percentile(seconds: list[float], part: float) -> float:
    """In milliseconds."""
    return sorted(seconds)[int(len(seconds) * part)] * 1000


def measure(work: Work, contender: Contender, *, connections: int, seconds: float) -> Measure:
    before = cpu_seconds(contender.server), cpu_seconds(contender.database)
    result = client.play(work, contender.target, connections, seconds=seconds)
    spent = cpu_seconds(contender.server) - before[0], cpu_seconds(contender.database) - before[1]
    if result.wrong:
        many = f"{len(result.wrong)} of {len(result.seconds)} answers of {contender.name} were wrong, for instance:"
        sys.exit(f"{many}\n{result.wrong[0]}")
    forget(contender.target, result.made)
    asked = len(result.seconds)
    return Measure(
        asked / result.elapsed, spent[0] / asked * 1000, spent[1] / asked * 1000,
        percentile(result.seconds, 0.5), percentile(result.seconds, 0.99),
    )  # fmt: skip


def in_turns(
    works: Sequence[Work], contenders: Sequence[Contender], *, rounds: int, connections: int, seconds: float
) -> Measures:
    """Each work of each contender, one after the other, so many times, every other time in the opposite order; first a
    short one that nobody counts.
    """
    measures: Measures = defaultdict(list)
    for turn in range(rounds + 1):
        for work in works:
            for contender in contenders[:: 1 if turn % 2 else -1]:
                if work not in contender.without:
                    one = measure(
                        work, contender, connections=connections, seconds=seconds if turn else min(0.3, seconds)
                    )
                    if turn:
                        measures[work, contender.name].append(one)
        print(f"Round {turn} of {rounds}" if turn else "Warmed up", file=sys.stderr, flush=True)
    return measures
