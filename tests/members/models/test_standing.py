"""The column in which PostgreSQL keeps what the rules about keepers of accounts ask."""

from typing import Any

import pytest
from django.db import connection

from members.models import Account, Domain, Headcount, Member, Organization, Role, standing
from members.models.standing import counted
from tests.cast import OPERATOR, idp_actor, managed, nulab, provisioned

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite looks through the rows.")


def kept() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT organization.slug || ' ' || unique_id, replace(standing, E'\\n', ' ') FROM members_member"
            " JOIN members_organization organization ON organization.id = organization_id"
        )
        return dict(cursor.fetchall())


def made_anew() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_member SET standing = NULL")
    return kept()


def test_whatever_changes_it_is_followed(aozora: Organization, hakata: Organization, aiko: Member) -> None:
    Domain.objects.add(aozora, "second.example", by=OPERATOR).vouch(by=OPERATOR)
    mia, kenji, emi = managed(aozora, "mia"), provisioned(aozora, "kenji"), nulab(aozora, "emi")
    Member.objects.add(hakata, emi.account, role=Role.GUEST, by=OPERATOR)
    assert kept()["aozora emi"] == kept()["hakata emi"] == "nulab"

    emi.convert_to_managed(by=OPERATOR)
    mia.mark_provisioned(by=idp_actor(aozora))
    kenji.change_profile({"user_name": "kenji@second.example", "email": "kenji@aozora.example"}, by=OPERATOR)
    Account.objects.filter(pk=mia.account_id).update(created_at="2020-05-01T00:00:00Z")

    found = kept()
    assert found["aozora emi"] == "managed @aozora.example @aozora.example"
    assert found["hakata emi"] == "managed elsewhere"
    assert found["aozora mia"] == "provisioned outdated @aozora.example @aozora.example"
    assert found["aozora kenji"] == "provisioned @second.example @aozora.example"
    mia.bring_up_to_date(by=OPERATOR)
    emi.convert_to_nulab(by=OPERATOR)
    found = kept()
    assert found["aozora mia"] == "provisioned @aozora.example @aozora.example"
    assert found["aozora emi"] == found["hakata emi"] == "nulab"
    assert made_anew() == found


def test_long_domains_fit_into_the_index(aozora: Organization, mia: Member) -> None:
    Member.objects.filter(pk=mia.pk).update(user_name_key="@" + "界" * 511, email_key="@" + "世" * 511)

    [(_, number)] = [(one, number) for one, number in counted(aozora) if one.pk == mia.pk]
    assert number == 1


@pytest.mark.parametrize("some", [0, 2, 3, 10_000])
def test_numbers_are_right_however_many_there_are(aozora: Organization, monkeypatch: Any, some: int) -> None:
    monkeypatch.setattr(standing, "SOME", some)
    for number in range(4):
        managed(aozora, f"m{number}")
    for number in range(3):
        provisioned(aozora, f"p{number}")

    assert sorted(number for _, number in counted(aozora)) == [1, 3, 4]
    assert Headcount.objects.get(pk=aozora.pk).members == 8
