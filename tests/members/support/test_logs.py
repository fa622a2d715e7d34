"""The two logs in the Django admin: their newest rows, and older ones by an id."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import AuditEvent, Member, Organization
from members.support import logs
from provisioning.models import SyncActivity
from provisioning.models.words import words
from tests.cast import managed

LISTED = 5


@pytest.fixture(autouse=True)
def few_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LISTED", LISTED)


@pytest.fixture
def mia(aozora: Organization) -> Member:
    return managed(aozora, "mia")


@pytest.fixture(autouse=True)
def old(aozora: Organization, hakata: Organization, mia: Member) -> None:
    """Fourteen rows of a year ago in each log, one a day; those of the days 0 and 2 are about Mia."""
    AuditEvent.objects.all().delete()
    year = timezone.now() - datetime.timedelta(days=360)
    for number in range(14):
        organization = hakata if number % 2 else aozora
        subject_id = mia.scim_id if number in (0, 2) else ""
        row = {
            "organization": organization, "at": year + datetime.timedelta(days=number),
            "request_id": f"Request-{number:03}", "subject_id": subject_id,
            "subject": "Mia" if subject_id else "Somebody",
        }  # fmt: skip
        AuditEvent.objects.create(**row, event="account.changed", operator_kind="command", operator_name="x")
        SyncActivity.objects.create(
            **row, token_prefix="p", kind="patch", method="PATCH", path="/Users/x", status=200, duration_ms=1,
            search=words(organization.pk, [subject_id]), is_lasting=True,
        )  # fmt: skip


@pytest.fixture(params=["members_auditevent", "provisioning_syncactivity"])
def log(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def listed(client: Client, log: str, **query: str) -> list[int]:
    """The numbers of the rows on the page."""
    page = client.get(reverse(f"admin:{log}_changelist"), query).content.decode()
    model = AuditEvent if log == "members_auditevent" else SyncActivity
    keys = re.findall(rf'href="/admin/{log.replace("_", "/")}/(\d+)/change/', page)
    return [int(model.objects.get(pk=key).request_id[-3:]) for key in keys]


def test_the_newest_are_listed_and_filtered(support_desk: Client, log: str, hakata: Organization) -> None:
    assert listed(support_desk, log) == [13, 12, 11, 10, 9]
    assert listed(support_desk, log, q="Somebody") == [13, 12, 11, 10, 9]
    assert listed(support_desk, log, organization__id__exact=str(hakata.pk)) == [13, 11, 9, 7, 5]


def test_older_ones_are_found_by_what_an_index_knows(
    support_desk: Client, log: str, mia: Member, aozora: Organization
) -> None:
    assert listed(support_desk, log, q=mia.scim_id) == [2, 0]
    assert listed(support_desk, log, q=f" {mia.scim_id.upper()} ") == [2, 0]
    assert listed(support_desk, log, q="Request-001") == [1]
    assert listed(support_desk, log, q="Aozora") == [12, 10, 8, 6, 4, 2, 0]
    assert listed(support_desk, log, q=aozora.space_key.lower()) == [12, 10, 8, 6, 4, 2, 0]
    assert listed(support_desk, log, q="Nobody") == []


def test_a_member_leads_to_all_events(support_desk: Client, aozora: Organization, mia: Member) -> None:
    query = {"organization__id__exact": str(aozora.pk), "subject_id": mia.scim_id}
    assert listed(support_desk, "members_auditevent", **query) == [2, 0]
