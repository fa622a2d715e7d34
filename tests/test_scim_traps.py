"""What django-scim2 does if one lets it, and what becomes of each of these here (docs/scim.md)."""

from typing import Any

import pytest

from members.models import Member, Team
from tests.cast import OPERATOR, managed
from tests.rows import rows_of
from tests.scim import CORE, LIST, Answer, Idp, patch_body, replace, user


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create("nao", externalId="n-1")


def test_groups_look_nobody_up(idp: Idp, next_door: Idp) -> None:
    theirs = managed(next_door.organization, "theirs")
    team = Team.objects.create_team(next_door.organization, "Sales", by=OPERATOR)
    before = rows_of(next_door.organization)

    for answer in (
        idp.get(f"/Groups/{team.scim_id}"),
        idp.post({"displayName": "Sales", "members": [{"value": theirs.scim_id}]}, "/Groups"),
        idp.call("PATCH", f"/Groups/{team.scim_id}", patch_body({"op": "remove", "path": "members"})),
    ):
        assert answer.status == 404
        assert b"Theirs" not in answer.content
    assert rows_of(next_door.organization) == before


def test_an_or_in_a_filter_does_not_leave_the_organization(idp: Idp, next_door: Idp, nao: Answer) -> None:
    next_door.create("nao", externalId="n-1")

    answer = idp.find('externalId eq "n-1" or userName sw "nao" or active eq true')

    assert {name.rpartition("@")[2] for name in answer.names} == {"aozora.example"}


def test_a_deletion_by_a_number_or_another_id_deletes_nobody(idp: Idp, next_door: Idp, nao: Answer) -> None:
    everybody = Member.objects.count()

    for pk in Member.objects.values_list("pk", flat=True):
        assert idp.delete(str(pk)).status == 404
    for name in ("n-1", "nao", "nao@aozora.example", nao["id"].upper() + "x"):
        assert idp.delete(name).status == 404

    assert Member.objects.count() == everybody


def test_an_unknown_attribute_does_not_vanish_from_a_filter(idp: Idp, nao: Answer) -> None:
    for filter_text in ('colour eq "red"', 'colour eq "red" or userName pr', 'userName pr and not (colour eq "red")'):
        assert idp.find(filter_text).status == 400


BROKEN: list[bytes] = [
    b"[]", b'"x"', b"null", b"7", b"", b"{", b'{"userName": "\xff\xfe"}', b'{"userName": "\\ud800"}', b"\xef\xbb\xbf{}",
    b'{"userName": "a\x00b"}', b'{"userName": NaN}', b'{"userName": "a"} x', b"{'userName': 'a'}", b"\x00",
]  # fmt: skip


@pytest.mark.parametrize("body", BROKEN, ids=repr)
def test_a_broken_body_is_refused_in_every_write(idp: Idp, nao: Answer, body: bytes) -> None:
    for method, path in (
        ("POST", "/Users"),
        ("PUT", f"/Users/{nao['id']}"),
        ("PATCH", f"/Users/{nao['id']}"),
        ("POST", "/Users/.search"),
    ):
        answer = idp.call(method, path, body, content_type="application/scim+json")
        assert answer.status == 400, (method, answer)
        assert answer["scimType"] in ("invalidSyntax", "invalidValue")
    assert idp.read(nao["id"]).body == nao.body


@pytest.mark.parametrize(
    "operation",
    [
        {"path": "active", "value": False},
        {"op": "replace", "value": True},
        {"op": "replace", "value": ["x"]},
        {"op": "replace", "path": "[", "value": 1},
        {"op": "replace", "path": "emails[", "value": 1},
        {"op": "replace", "path": "userName", "value": "aiko.tanaka@aozora.example"},
    ],
    ids=repr,
)
def test_an_odd_patch_is_refused_not_stumbled_over(idp: Idp, nao: Answer, operation: dict[str, Any]) -> None:
    assert idp.patch(nao["id"], operation).status in (400, 409)


def test_twenty_seven_terms_are_no_trouble(idp: Idp, nao: Answer) -> None:
    answer = idp.find(
        " or ".join(f'userName eq "nao{number}@aozora.example"' for number in range(26)) + ' or externalId eq "n-1"'
    )

    assert answer.names == ["nao@aozora.example"]


def test_and_binds_closer_than_or_and_quotes_may_be_escaped(idp: Idp, nao: Answer) -> None:
    quoted = idp.create("quoted", displayName='Say "so"')

    assert idp.find('externalId eq "n-1" or externalId eq "x" and active eq false').names == ["nao@aozora.example"]
    assert idp.find('displayName eq "Say \\"so\\""')["Resources"] == [quoted.body]


def test_a_conflict_never_carries_the_databases_words(idp: Idp, nao: Answer) -> None:
    answer = idp.post(user("nao@aozora.example"))

    assert answer.status == 409
    assert not any(word in answer.detail.lower() for word in ("constraint", "unique", "key", "members_"))


def test_status_is_a_string_in_every_error(idp: Idp, nao: Answer) -> None:
    answers = (
        idp.read("x"),
        idp.post([]),
        idp.post(user("nao@aozora.example")),
        idp.call("PUT", "/Users"),
        idp.get("/Me"),
    )

    assert [answer["status"] for answer in answers] == ["404", "400", "409", "405", "501"]


def test_addresses_with_a_slash_and_unknown_ones_are_scim(idp: Idp) -> None:
    assert idp.get("/Users/")["schemas"] == [LIST]
    for path in ("/Users/x/y", "/nowhere", "/Users/x/"):
        assert idp.get(path).headers["content-type"] == "application/scim+json"


def test_a_post_to_a_users_address_creates_nobody(idp: Idp, nao: Answer) -> None:
    assert idp.post(user("other@aozora.example"), f"/Users/{nao['id']}").status == 405
    assert idp.find('userName eq "other@aozora.example"')["totalResults"] == 0


def test_a_put_replaces(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("displayName", "N"), replace("name.givenName", "G"))

    answer = idp.put(nao["id"], {"schemas": [CORE], "userName": "nao@aozora.example", "name": {"familyName": "F"}})

    assert answer["name"] == {"familyName": "F"}
    assert "displayName" not in answer.body


def test_a_post_without_user_name_creates_nobody(idp: Idp) -> None:
    before = idp.organization.members.count()

    assert idp.post({"schemas": [CORE], "displayName": "Nobody"}).status == 400
    assert idp.organization.members.count() == before


def test_an_enormous_count_does_not_return_everything(idp: Idp, nao: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.scim.wire.requests.PAGE_MOST", 1)

    assert idp.get(f"/Users?count={10**20}")["itemsPerPage"] == 1


def test_the_id_survives_every_write(idp: Idp, nao: Answer) -> None:
    for answer in (
        idp.patch(nao["id"], replace("userName", "n@aozora.example")),
        idp.put(nao["id"], user("n2@aozora.example", id="1", externalId="1")),
        idp.patch(nao["id"], replace("active", False)),
    ):
        assert answer["id"] == nao["id"]


def test_a_refused_write_leaves_nothing_half_done(idp: Idp, nao: Answer) -> None:
    """django-scim2 answers inside `dispatch`; a transaction around the request would be committed."""
    answer = idp.patch(nao["id"], replace("displayName", "Half"), replace("userName", "aiko.tanaka@aozora.example"))

    assert answer.status == 409
    assert idp.read(nao["id"]).body == nao.body
