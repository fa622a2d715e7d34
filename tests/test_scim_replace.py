"""PUT: the whole resource, as Okta and OneLogin send it."""

from typing import Any

import pytest

from members.models import Account, Member, Team
from tests.cast import OPERATOR, managed, nulab
from tests.rows import fresh, rows
from tests.scim import ENTERPRISE, NULAB, Answer, Idp, replace, user, work_email


@pytest.fixture
def nao(idp: Idp) -> Answer:
    """Everything there is, set by the IdP."""
    return idp.create(
        "nao", externalId="n-1", displayName="Nao Ito",
        name={"givenName": "Nao", "familyName": "Ito", "formatted": "N. Ito"},
        emails=work_email("n.ito@aozora.example"), preferredLanguage="ja", timezone="Asia/Tokyo", nickName="naonao",
        roles=[{"value": "USER"}],
    )  # fmt: skip


def content(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.body.items() if name != "meta"}


def test_what_was_read_can_be_sent_back_and_changes_nothing(idp: Idp, nao: Answer) -> None:
    Team.objects.create_team(idp.organization, "Sales", by=OPERATOR).add(idp.member(nao), by=OPERATOR)
    read = idp.read(nao["id"])

    answer = idp.put(nao["id"], read.body)

    assert answer.body == read.body
    assert answer["groups"][0]["display"] == "Sales"
    assert (idp.last_activity().changes, idp.last_activity().ignored) == ({}, [])


def test_a_change_in_what_was_read_is_the_only_change(idp: Idp, nao: Answer) -> None:
    read = idp.read(nao["id"])

    answer = idp.put(nao["id"], {**read.body, "displayName": "Nao Sato", "password": "1mz050nq"})

    assert content(answer) == {**content(read), "displayName": "Nao Sato"}
    assert set(idp.last_activity().changes) == {"name", "display_name"}
    assert idp.last_activity().ignored == ["password"]


def test_only_the_user_name_is_needed_and_the_rest_keeps_its_value(idp: Idp, nao: Answer) -> None:
    answer = idp.put(nao["id"], {"userName": "nao@aozora.example"})

    assert content(answer) == {**content(nao), "emails": work_email("nao@aozora.example")}


@pytest.mark.parametrize(
    "absent", [None, [], [{"value": "h@aozora.example", "type": "home"}], [{"type": "work"}]], ids=repr
)
def test_without_an_email_it_follows_the_user_name_again(idp: Idp, nao: Answer, absent: Any) -> None:
    answer = idp.put(nao["id"], {"userName": "nao.sato@aozora.example", "emails": absent})

    assert answer["emails"] == work_email("nao.sato@aozora.example")
    assert idp.patch(nao["id"], replace("userName", "n@aozora.example"))["emails"] == work_email("n@aozora.example")


def test_an_email_equal_to_the_user_name_no_longer_follows_it(idp: Idp, nao: Answer) -> None:
    idp.put(nao["id"], user("nao@aozora.example", emails=work_email("nao@aozora.example")))

    answer = idp.patch(nao["id"], replace("userName", "nao.sato@aozora.example"))

    assert answer["emails"] == work_email("nao@aozora.example")


@pytest.mark.parametrize(
    ("sent", "display_name", "name"),
    [
        ({"displayName": "N"}, "N", None),
        ({"name": {"givenName": "N"}}, None, {"givenName": "N"}),
        ({"displayName": "", "name": {"givenName": "N"}}, None, {"givenName": "N"}),
        ({"displayName": None, "name": None}, "Nao Ito",
         {"givenName": "Nao", "familyName": "Ito", "formatted": "N. Ito"}),
    ],
)  # fmt: skip
def test_names_are_replaced_together(
    idp: Idp, nao: Answer, sent: dict[str, Any], display_name: str | None, name: dict[str, str] | None
) -> None:
    answer = idp.put(nao["id"], user("nao@aozora.example", **sent))

    assert (answer.body.get("displayName"), answer.body.get("name")) == (display_name, name)


def test_a_put_without_active_leaves_the_inactive_inactive(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("active", False))

    assert idp.put(nao["id"], {"userName": "nao@aozora.example"})["active"] is False
    assert idp.put(nao["id"], {"userName": "nao@aozora.example", "active": None})["active"] is False
    assert idp.put(nao["id"], {"userName": "nao@aozora.example", "active": "TRUE"})["active"] is True


@pytest.mark.parametrize("roles", [None, [], "", {}, [{}], [{"primary": True}]], ids=repr)
def test_without_a_role_it_is_as_before(idp: Idp, nao: Answer, roles: Any) -> None:
    assert idp.put(nao["id"], user("nao@aozora.example", roles=roles))["roles"][0]["value"] == "USER"


def test_the_okta_cycle_of_reading_and_replacing_carries_a_person_through(idp: Idp, nao: Answer) -> None:
    for change in (
        {"active": False},
        {"active": True},
        {"locale": "en", "preferredLanguage": "en"},
        {"nickName": "nn", NULAB: None},
    ):
        whole = {**idp.read(nao["id"]).body, **change, ENTERPRISE: {"department": "Sales"}}
        answer = idp.put(nao["id"], whole)
        assert answer.status == 200
        for name in set(change) - {NULAB}:
            assert answer[name] == change[name]
    assert answer[NULAB] == {"uniqueId": "nn"}


def test_a_new_nickname_beside_the_old_unique_id_is_ignored_since_the_extension_wins(idp: Idp, nao: Answer) -> None:
    answer = idp.put(nao["id"], {**idp.read(nao["id"]).body, "nickName": "other"})

    assert answer["nickName"] == "naonao"
    assert idp.last_activity().ignored == ["nickName: other"]


def test_a_nickname_that_is_taken_does_not_stop_the_rest(idp: Idp, nao: Answer, kenji: Member) -> None:
    answer = idp.put(nao["id"], user("nao@aozora.example", displayName="N", nickName="kenji"))

    assert (answer["displayName"], answer["nickName"]) == ("N", "naonao")
    assert idp.last_activity().ignored == ["nickName: kenji"]


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        ({"userName": None}, 400, "userName is required"),
        ({"userName": ""}, 400, "userName is required"),
        ({"userName": "kenji@aozora.example"}, 409, "Kenji Mori"),
        ({"emails": work_email("KENJI@aozora.example")}, 409, "Kenji Mori"),
        ({NULAB: {"uniqueId": "kenji"}}, 409, "Kenji Mori"),
        ({"userName": "nao@elsewhere.example"}, 400, "not verified"),
        ({"roles": [{"value": "KING"}]}, 400, "“KING” is not a role"),
        ({"active": "perhaps"}, 400, "true or false"),
    ],
)
def test_a_refused_put_changes_nothing_at_all(
    idp: Idp, nao: Answer, kenji: Member, sent: dict[str, Any], status: int, words: str
) -> None:
    answer = idp.put(nao["id"], {**user("nao@aozora.example", displayName="Changed"), **sent})

    assert answer.status == status, answer
    assert words in answer.detail
    assert idp.read(nao["id"]).body == nao.body


def test_a_matched_account_is_provision_managed_from_the_first_put_on(idp: Idp, mia: Member) -> None:
    idp.find('userName eq "mia@aozora.example"')
    assert fresh(mia).account.type == Account.Type.MANAGED

    idp.put(mia.scim_id, user("mia@aozora.example"))

    assert fresh(mia).account.type == Account.Type.PROVISIONED


def test_put_creates_nobody(idp: Idp) -> None:
    before = rows()["Member"]

    assert idp.put("5171a35d82074e068ce2", user("new@aozora.example")).status == 404
    assert idp.call("PUT", "/Users", user("new@aozora.example")).status == 405
    assert rows()["Member"] == before


def test_another_version_than_the_one_wanted_is_not_overwritten(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("displayName", "Meanwhile"))
    body = user("nao@aozora.example", displayName="Late")

    refused = idp.put(nao["id"], body, headers={"If-Match": nao.etag})
    accepted = idp.put(nao["id"], body, headers={"If-Match": idp.read(nao["id"]).etag})

    assert (refused.status, accepted.status) == (412, 200)
    assert "has changed since it was read" in refused.detail
    assert idp.put(nao["id"], body, headers={"If-Match": "*"}).status == 200


def test_an_account_that_its_owner_keeps_cannot_be_replaced(idp: Idp) -> None:
    yuki = nulab(idp.organization, "yuki")
    managed(idp.organization, "mia")

    answer = idp.put(yuki.scim_id, user("yuki@aozora.example", displayName="Taken over"))

    assert answer.status == 403
    assert "has a Nulab Account, which its owner manages" in answer.detail
    assert fresh(yuki).account.name == "Yuki Abe"
