"""The gauges of `members` on /metrics."""

from collections.abc import Iterable

from members.models import Outgoing
from operations.metrics import Sample, gauge


@gauge("nulab_mails", "Mails that are not sent: waiting, or given up.", "state")
def mails() -> Iterable[Sample]:
    yield ("waiting",), Outgoing.waiting()
    yield ("failed",), Outgoing.failed()
