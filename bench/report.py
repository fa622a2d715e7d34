"""The tables: requests per second, processor, ratios to the peers, growth."""

from collections.abc import Sequence
from statistics import median

from bench.measuring import Contender, Measure, Measures
from bench.works import Work


def _middle(rows: list[Measure], figure: str) -> float:
    return median(float(getattr(row, figure)) for row in rows)


def named(work: Work) -> str:
    return work.__name__.replace("_", " ")


def figures(measures: Measures, works: Sequence[Work], contenders: Sequence[Contender], empty: list[Measure]) -> None:
    """Print the figures of each; `empty` is the view that does nothing."""
    rate, cpu = _middle(empty, "rate"), _middle(empty, "cpu")
    print(f"\nEmpty view: {rate:.0f} requests/s, {cpu:.2f} ms of CPU a request\n")
    heads = ["req/s", "CPU ms", "server", "database", "x empty", "p50 ms", "p99 ms"]
    print(f"{'':20}{'':16}" + "".join(f"{head:>9}" for head in heads))
    for work in works:
        for contender in contenders:
            if rows := measures.get((work, contender.name)):
                values = [_middle(rows, name) for name in ("rate", "cpu", "server", "database")]
                print(
                    f"{named(work):20}{contender.name:16}{values[0]:>9.0f}"
                    + "".join(f"{value:>9.2f}" for value in [*values[1:], values[1] / cpu])
                    + f"{_middle(rows, 'middle'):>9.1f}{_middle(rows, 'slow'):>9.1f}"
                )


def ratios(measures: Measures, works: Sequence[Work], ours: Contender, peers: Sequence[Contender]) -> None:
    """Requests per second to those of each peer in the same round: the median and the range over the rounds."""
    for peer in peers:
        print(f"\n{ours.name} to {peer.name}: requests/s as a ratio, median (range), and CPU ms as a ratio\n")
        for work in works:
            theirs = measures.get((work, peer.name))
            if theirs:
                pairs = list(zip(measures[work, ours.name], theirs, strict=True))
                rate = _range([mine.rate / other.rate for mine, other in pairs], f"{named(work):20}")
                print(f"{rate}{median(mine.cpu / other.cpu for mine, other in pairs):>9.2f}")


def growth(measures: Measures, works: Sequence[Work], small: Contender, large: Contender) -> None:
    """CPU a request in the large organization to that in the small one."""
    print(f"\nGrowth: CPU a request, {large.name} to {small.name}, median (range)\n")
    for work in works:
        pairs = zip(measures[work, large.name], measures[work, small.name], strict=True)
        print(_range([many.cpu / few.cpu for many, few in pairs], f"{named(work):20}"))


def _range(values: list[float], name: str) -> str:
    return f"{name}{median(values):>7.2f}  ({min(values):.2f}–{max(values):.2f})".ljust(44)
