"""Counters for Prometheus, of all worker processes together, and gauges that are measured when it asks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from os import environ

from django import db
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from operations import repeating

# Mode of the library, decided when it was imported, a line ago.
_is_shared = "PROMETHEUS_MULTIPROC_DIR" in environ
_counted = CollectorRegistry()
requests = Counter("nulab_requests", "Requests answered.", ["door", "status"], registry=_counted)
durations = Histogram(
    "nulab_request_duration_seconds",
    "From the first middleware to the last.",
    ["door"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
    registry=_counted,
)
refusals = Counter("nulab_refusals", "Requests refused by a rule, by its code.", ["door", "code"], registry=_counted)
database_faults = Counter("nulab_database_faults", "Faults of the database met.", ["kind"], registry=_counted)
repeated = Counter("nulab_requests_repeated", "Requests answered at the second attempt.", registry=_counted)
unrecorded = Counter("nulab_unrecorded_scim_calls", "Answered without a line in the sync activity.", registry=_counted)
list_reads = Counter(
    "nulab_list_reads", "Lists read while there is a replica, by who answered.", ["answered_by"], registry=_counted
)
throttled = Counter("nulab_throttled_sign_ins", "Sign-ins turned away after too many attempts.", registry=_counted)

Sample = tuple[tuple[str, ...], float]


@dataclass(frozen=True)
class Gauge:
    name: str
    documentation: str
    labels: tuple[str, ...]
    measure: Callable[[], Iterable[Sample]]
    # One sample for each organization: measured only if it is asked for.
    is_by_organization: bool = False


_gauges: list[Gauge] = []


def gauge(
    name: str, documentation: str, *labels: str, by_organization: bool = False
) -> Callable[[Callable[[], Iterable[Sample]]], Callable[[], Iterable[Sample]]]:
    """Decorates a function that yields (values of the labels, number)."""

    def register(measure: Callable[[], Iterable[Sample]]) -> Callable[[], Iterable[Sample]]:
        _gauges.append(Gauge(name, documentation, labels, measure, by_organization))
        return measure

    return register


class _Measured:
    """The gauges; without the database only that it is away."""

    def __init__(self, *, by_organization: bool) -> None:
        self.asked = [gauge for gauge in _gauges if by_organization or not gauge.is_by_organization]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        is_up = True
        try:
            yield from repeating.twice(self._families)
        except db.Error:
            is_up = False
        up = GaugeMetricFamily("nulab_database_up", "Whether the database has answered just now.")
        up.add_metric([], is_up)
        yield up

    def _families(self) -> list[GaugeMetricFamily]:
        with db.connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return [_family(gauge) for gauge in self.asked]


def _family(gauge: Gauge) -> GaugeMetricFamily:
    family = GaugeMetricFamily(gauge.name, gauge.documentation, labels=gauge.labels)
    for values, number in gauge.measure():
        family.add_metric(values, number)
    return family


def exposition(*, by_organization: bool) -> bytes:
    """The metrics in Prometheus' text format; counts are of all processes that share a folder (operations/web.py)."""
    counted = _counted
    if _is_shared:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    measured = CollectorRegistry()
    measured.register(_Measured(by_organization=by_organization))
    return generate_latest(counted) + generate_latest(measured)
