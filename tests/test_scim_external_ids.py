"""externalId is the IdP's own business: several people may have the same, and a filter finds them all."""

import pytest
from django.db import connection

from members.models import Member
from tests.scim import Idp, replace, user


def test_several_people_have_the_same_external_id_and_are_all_found(idp: Idp) -> None:
    first = idp.create("aiko.a", externalId="aiko")
    second = idp.create("aiko.b", externalId="aiko")
    third = idp.create("aiko.c")
    assert idp.patch(third["id"], replace("externalId", "aiko")).status == 200
    assert idp.put(second["id"], user("aiko.b@aozora.example", externalId="aiko")).status == 200

    for wanted in ('externalId eq "aiko"', 'externalId eq "aiko" and active eq true', 'externalId sw "aik"'):
        found = idp.find(wanted)
        assert found["totalResults"] == 3, wanted
        assert [one["id"] for one in found["Resources"]] == [first["id"], second["id"], third["id"]]
    page = idp.find('externalId eq "aiko"', startIndex=2, count=1)
    assert (page["totalResults"], page.names) == (3, ["aiko.b@aozora.example"])


def test_who_shares_an_external_id_is_matched_by_user_name(idp: Idp, mia: Member) -> None:
    idp.create("other", externalId=mia.external_id)
    assert idp.post(user("mia@aozora.example", externalId=mia.external_id)).status == 409
    assert idp.find('externalId eq "mia-1" and userName eq "mia@aozora.example"')["totalResults"] == 1


def test_the_index_that_finds_them_is_there(db: None) -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, "members_member")
    assert there["member_by_external_id"]["columns"] == ["organization_id", "external_id", "id"]
    assert not any(one["unique"] and "external_id" in one["columns"] for one in there.values())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL makes no table anew")
def test_the_column_of_the_release_before_is_still_there(db: None) -> None:
    with connection.cursor() as cursor:
        columns = {one.name for one in connection.introspection.get_table_description(cursor, "members_member")}
    assert "synchronized_at" in columns
