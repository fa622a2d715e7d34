"""The gauges of `provisioning` on /metrics."""

from collections.abc import Iterable

from django.db.models import Count

from operations.metrics import Sample, gauge
from provisioning.models import ProvisioningSettings
from provisioning.monitoring.health import verdict


@gauge("nulab_synchronizations", "Organizations by the health that `manage.py watch` saw last.", "health")
def by_health() -> Iterable[Sample]:
    states = ProvisioningSettings.objects.exclude(told_health="").values_list("told_health").annotate(Count("pk"))
    counts: dict[str, int] = {}
    for word, organizations in states:
        health = word.partition(":")[0]
        counts[health] = counts.get(health, 0) + organizations
    return [((health,), number) for health, number in counts.items()]


@gauge("nulab_synchronization_health", "1 for what it is now.", "organization", "health", "cause", by_organization=True)
def of_each() -> Iterable[Sample]:
    for row in ProvisioningSettings.objects.select_related("organization").order_by("pk").iterator():
        found = verdict(row.organization)
        yield (row.organization.space_key, found.health, found.cause), 1
