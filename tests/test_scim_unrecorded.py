"""A read is answered even if its line of the sync activity cannot be written; a write is all or nothing."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from operations import metrics
from provisioning.models import ScimToken, SyncActivity, UnrecordedCalls
from tests.cast import managed, signed_in
from tests.console import text
from tests.rows import fresh
from tests.scim import Idp, replace, user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def live(aozora: Organization) -> Idp:
    idp = Idp(aozora)
    idp.get()
    return idp


@pytest.fixture
def full_disk(live: Idp) -> Iterator[None]:
    """Nothing can be added to the sync activity, as when its disk is full."""
    table = SyncActivity._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            body = "$$ BEGIN RAISE 'no space'; END $$ LANGUAGE plpgsql"
            cursor.execute(f"CREATE FUNCTION full_disk() RETURNS trigger AS {body}")
            cursor.execute(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")
        else:
            cursor.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no space'); END"
            )
    yield
    mend()


def mend() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS full_disk() CASCADE")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS full_disk")


def test_reads_are_answered_and_the_loss_is_counted_and_shown(live: Idp, aiko: Member, full_disk: None) -> None:
    before, lines = metrics.unrecorded._value.get(), SyncActivity.objects.count()
    ScimToken.objects.update(last_used_at=None)
    me = aiko.scim_id

    answers = [live.get(), live.read(me), live.find('userName eq "x"'), live.search(), live.get("/Schemas")]
    refused = [live.read("nobody"), live.find("title pr"), live.put("nobody", user("x@aozora.example"))]

    assert [answer.status for answer in answers] == [200] * 5
    assert [answer.status for answer in refused] == [404, 400, 404]
    assert SyncActivity.objects.count() == lines
    assert metrics.unrecorded._value.get() - before == 8

    mend()
    live.get()

    assert [(row.organization, row.calls) for row in UnrecordedCalls.objects.all()] == [(live.organization, 8)]
    page = text(signed_in(Client(), aiko).get(reverse("activity", args=[live.organization.space_key])))
    assert "8 requests were answered but could not be recorded" in page


def test_writes_are_all_or_nothing(live: Idp, full_disk: None) -> None:
    mia = managed(live.organization, "mia")
    members = live.organization.members.count()

    answers = [
        live.post(user("nao@aozora.example")),
        live.put(mia.scim_id, user("mia@aozora.example", displayName="M")),
        live.patch(mia.scim_id, replace("active", False)),
        live.delete(mia.scim_id),
    ]

    assert all(answer.status >= 500 for answer in answers)
    assert live.organization.members.count() == members
    assert (fresh(mia).account.name, fresh(mia).is_active) == ("Mia Sato", True)
