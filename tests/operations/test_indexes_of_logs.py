"""The questions that are asked of the two logs find an index, however the rows are distributed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from members.models import AuditEvent, Organization
from provisioning.models import SyncActivity
from provisioning.models.words import word

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite plans otherwise.")


@pytest.fixture
def logs(aozora: Organization) -> Organization:
    """Rows enough that each index costs something else: where there are none, chance chooses."""
    now = timezone.now()
    ats = [now - timedelta(minutes=number) for number in range(1000)]
    SyncActivity.objects.bulk_create(
        SyncActivity(
            organization=aozora, at=at, request_id=f"r{number}", status=200 if number % 20 else 409, duration_ms=1,
            is_lasting=number % 20 == 0, search=word(aozora.pk, f"p{number}"), body="x" * 500,
        )
        for number, at in enumerate(ats)
    )  # fmt: skip
    AuditEvent.objects.bulk_create(
        AuditEvent(
            organization=aozora, at=at, request_id=f"r{number}", subject_id=f"s{number % 200}", user_agent="x" * 200
        )
        for number, at in enumerate(ats)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE provisioning_syncactivity, members_auditevent")
        # A thousand are soon read and sorted: how it would go if that were dear.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    return aozora


def calls(organization: Organization) -> dict[str, tuple[str, "QuerySet[Any]"]]:
    own, now = organization.sync_activity, timezone.now()
    newest = own.order_by("-at", "-pk")
    return {
        "list": ("activity_by_time", newest[:51]),
        "refusals": ("activity_refused", newest.filter(status__gte=400)[:51]),
        "overview": ("activity_lasting", newest.filter(is_lasting=True)[:6]),
        "an address": ("activity_search", newest.filter(search__has=word(organization.pk, "mia"))[:51]),
        "a request": ("activity_of_request", SyncActivity.objects.filter(request_id__in=["a", "A"])),
        "reads to prune": (
            "activity_to_prune",
            SyncActivity.objects.filter(is_lasting=False, at__lt=now).order_by("at").values("pk")[:1000],
        ),
        "changes to prune": ("activity_by_time", own.filter(at__lt=now).order_by("at").values("pk")[:1000]),
    }


def events(organization: Organization) -> dict[str, tuple[str, "QuerySet[Any]"]]:
    own, now = organization.audit, timezone.now()
    newest = own.order_by("-at", "-pk")
    return {
        "list": ("audit_by_time", newest[:51]),
        "a member": ("audit_by_subject", newest.filter(subject_id="x")[:51]),
        "a request": ("audit_of_request", AuditEvent.objects.filter(request_id__in=["a", "A"])),
        "to prune": ("audit_by_time", own.filter(at__lt=now).order_by("at").values("pk")[:1000]),
    }


@pytest.mark.parametrize("log", [calls, events])
def test_each_question_has_its_index(logs: Organization, log: Any) -> None:
    asked = {name: (index, rows.explain()) for name, (index, rows) in log(logs).items()}

    assert {name: plan for name, (index, plan) in asked.items() if index not in plan} == {}
