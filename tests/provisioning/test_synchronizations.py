"""When the IdP last wrote somebody is kept beside the member, and written at most once a day where nothing changes."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from members.models import DeletedAccount, Member, Organization, Synchronization, restore
from tests.cast import OPERATOR, SUPPORT
from tests.cast.console import listed
from tests.cast.rows import fresh
from tests.scim import Answer, Idp, replace, user


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create("nao", displayName="Nao Ito")


def synchronized(nao: Answer) -> datetime.datetime:
    return Synchronization.objects.get(member__scim_id=nao["id"]).at


def some_time_ago(nao: Answer, **ago: float) -> datetime.datetime:
    then = timezone.now() - datetime.timedelta(**ago)
    Synchronization.objects.filter(member__scim_id=nao["id"]).update(at=then)
    return then


CYCLES: dict[str, Any] = {
    "PATCH": lambda idp, nao: idp.patch(nao["id"], replace("displayName", "Nao Ito")),
    "PUT": lambda idp, nao: idp.put(nao["id"], user("nao@aozora.example", displayName="Nao Ito")),
}


@pytest.mark.parametrize("cycle", CYCLES)
def test_a_cycle_that_changes_nothing_writes_neither_the_member_nor_the_time(idp: Idp, nao: Answer, cycle: str) -> None:
    CYCLES[cycle](idp, nao)
    then = some_time_ago(nao, hours=23)

    with CaptureQueriesContext(connection) as queries:
        assert CYCLES[cycle](idp, nao).status == 200

    written = [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert [sql for sql in written if '"members_' in sql] == []
    assert synchronized(nao) == then


@pytest.mark.parametrize("cycle", CYCLES)
def test_once_a_day_it_is_noted_all_the_same(idp: Idp, nao: Answer, cycle: str) -> None:
    CYCLES[cycle](idp, nao)
    then = some_time_ago(nao, hours=25)

    CYCLES[cycle](idp, nao)

    assert synchronized(nao) > then


def test_a_change_is_noted_at_once(idp: Idp, nao: Answer) -> None:
    then = some_time_ago(nao, minutes=5)

    idp.patch(nao["id"], replace("displayName", "N"))

    assert synchronized(nao) > then


def test_the_first_write_of_an_account_is_noted(idp: Idp, mia: Member) -> None:
    assert fresh(mia).synchronized_at is None

    idp.patch(mia.scim_id)

    assert fresh(mia).synchronized_at is not None


def test_it_goes_with_the_account_and_comes_back_with_it(idp: Idp, nao: Answer) -> None:
    then = some_time_ago(nao, days=3)

    idp.member(nao).remove(by=OPERATOR)
    assert not Synchronization.objects.exists()

    back = restore(DeletedAccount.objects.get(scim_id=nao["id"]), by=SUPPORT)
    assert fresh(back).synchronized_at == then


def test_the_list_is_sorted_by_it_whatever_it_is_narrowed_to(
    idp: Idp, desk: Client, nao: Answer, hakata: Organization
) -> None:
    emi = idp.create("emi", displayName="Emi Ueda")
    some_time_ago(nao, hours=1)
    some_time_ago(emi, hours=3)

    assert listed(desk, idp.organization, sort="sync") == ["Emi Ueda", "Nao Ito", "Aiko Tanaka"]
    assert listed(desk, idp.organization, sort="-sync", q="aozora") == ["Nao Ito", "Emi Ueda", "Aiko Tanaka"]


def test_the_file_and_the_member_page_tell_it(idp: Idp, desk: Client, nao: Answer) -> None:
    some_time_ago(nao, hours=1)
    key = idp.organization.space_key

    page = desk.get(reverse("member", args=[key, nao["id"]])).content.decode()
    file = b"".join(desk.post(reverse("members-export", args=[key]))).decode("utf-8-sig")

    assert "Show sync activity" in page
    [row] = [line for line in file.splitlines() if "nao@aozora.example" in line]
    assert f"{timezone.now() - datetime.timedelta(hours=1):%Y-%m-%d}" in row
