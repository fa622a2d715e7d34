"""Two organizations never notice each other, however alike their people."""

import pytest

from members.models import Member, Organization, Role, Team
from tests.cast import OPERATOR, managed, provisioned
from tests.rows import rows, rows_of
from tests.scim import NULAB, Idp, add, patch_body, remove, replace, user


@pytest.fixture
def theirs(next_door: Idp) -> Member:
    """In Hakata: the one whose id Aozora's IdP gets hold of, in a team."""
    member = provisioned(next_door.organization, "theirs", external_id="t-1", unique_id="theirs")
    Team.objects.create_team(next_door.organization, "Sales", by=OPERATOR).add(member, by=OPERATOR)
    return member


def calls(member: Member) -> list[tuple[str, str, object]]:
    scim_id = member.scim_id
    write = user("theirs@aozora.example", displayName="Ours now", active=False)
    return [
        ("GET", f"/Users/{scim_id}", None),
        ("GET", f"/Users/{scim_id}?attributes=userName", None),
        ("PUT", f"/Users/{scim_id}", write),
        ("PATCH", f"/Users/{scim_id}", patch_body(replace("active", "False"))),
        ("PATCH", f"/Users/{scim_id}", patch_body()),
        ("DELETE", f"/Users/{scim_id}", None),
        ("GET", f"/Users/{member.pk}", None),
        ("PATCH", f"/Users/{member.pk}", patch_body(replace("active", False))),
        ("DELETE", f"/Users/{member.pk}", None),
        ("DELETE", f"/Users/{member.account_id}", None),
        ("DELETE", f"/Users/{member.external_id}", None),
        ("DELETE", f"/Users/{member.unique_id}", None),
    ]


def test_a_neighbours_id_is_as_unknown_as_an_invented_one(idp: Idp, next_door: Idp, theirs: Member) -> None:
    neighbour = rows_of(next_door.organization)

    for method, path, body in calls(theirs):
        answer = idp.call(method, path, body)
        assert answer.status == 404, (method, path)
        assert "Theirs" not in answer.detail
        invented = idp.call(method, path.replace(theirs.scim_id, "5171a35d-8207-4e06-8ce2-000000000000"), body)
        assert invented.status == 404

    assert rows_of(next_door.organization) == neighbour


def test_no_filter_finds_anybody_next_door(idp: Idp, next_door: Idp, theirs: Member) -> None:
    team = theirs.team_memberships.select_related("team").get().team
    described = [
        f'id eq "{theirs.scim_id}"', 'externalId eq "t-1"', 'userName eq "theirs@hakata.example"',
        'emails.value eq "theirs@hakata.example"', 'emails[type eq "work"].value eq "theirs@hakata.example"',
        f'{NULAB}:uniqueId eq "theirs"', 'nickName eq "theirs"', 'displayName eq "Theirs"',
        f'groups.value eq "{team.scim_id}"', 'groups.display eq "Sales"', 'groups[display eq "Sales"]',
    ]  # fmt: skip
    for filter_text in described:
        assert next_door.find(filter_text)["totalResults"] == 1, filter_text
        for wider in (filter_text, f'{filter_text} or externalId eq "none"', f"({filter_text}) or not (userName pr)"):
            assert idp.find(wider)["totalResults"] == 0, wider
            assert idp.search(filter=wider)["totalResults"] == 0, wider
    everybody = idp.find('userName pr or not (userName pr) or id ne "x"').names
    assert all(name.endswith("@aozora.example") for name in everybody)
    assert all(name.endswith("@aozora.example") for name in idp.get().names)


def test_ids_of_the_neighbour_inside_a_body_reach_nobody(idp: Idp, next_door: Idp, theirs: Member) -> None:
    ours = idp.create("ours")
    neighbour = rows_of(next_door.organization)
    reference = [{"value": theirs.scim_id, "$ref": f"https://x.example/Users/{theirs.scim_id}"}]

    for answer in (
        idp.patch(ours["id"], add("manager", reference), replace("id", theirs.scim_id)),
        idp.patch(ours["id"], add("manager", reference)),
        idp.patch(ours["id"], {"op": "replace", "value": {"id": theirs.scim_id, "members": reference}}),
        idp.patch(ours["id"], remove("groups", value=reference)),
        idp.put(ours["id"], {**user("ours@aozora.example"), "id": theirs.scim_id, "groups": reference}),
        idp.post({**user("more@aozora.example"), "id": theirs.scim_id, "groups": reference}),
        idp.post({"Operations": [{"method": "DELETE", "path": f"/Users/{theirs.scim_id}"}]}, "/Bulk"),
    ):
        assert answer.status in (200, 201, 400, 501)
        assert "Theirs" not in answer.content.decode()

    assert rows_of(next_door.organization) == neighbour


def test_everything_one_does_leaves_the_others_rows_alone(idp: Idp, next_door: Idp, theirs: Member) -> None:
    neighbour = rows_of(next_door.organization)

    same = {"displayName": "Theirs", "nickName": "theirs", NULAB: {"uniqueId": "theirs"}}
    made = idp.create("theirs", externalId="t-1", **same)
    idp.patch(made["id"], replace("active", False), replace("displayName", "Changed"))
    idp.put(made["id"], user("theirs2@aozora.example", active=True))
    idp.find('externalId eq "t-1"')
    idp.delete(made["id"])

    assert rows_of(next_door.organization) == neighbour


def test_an_address_next_door_cannot_be_taken_in_any_spelling(idp: Idp, next_door: Idp, theirs: Member) -> None:
    ours = idp.create("ours")
    for address in ("theirs@hakata.example", "THEIRS@HAKATA.EXAMPLE", "theirs@ｈakata.example"):
        for answer in (
            idp.post(user(address)),
            idp.post(user("new@aozora.example", emails=[{"value": address}])),
            idp.patch(ours["id"], replace("userName", address)),
            idp.patch(ours["id"], replace("emails", address)),
        ):
            assert answer.status == 400, answer
            assert "Theirs" not in answer.detail
    assert next_door.find('userName eq "theirs@hakata.example"')["totalResults"] == 1


def test_an_account_of_the_neighbour_that_is_a_member_here_has_its_own_id_here(
    idp: Idp, next_door: Idp, hakata: Organization, theirs: Member
) -> None:
    here = Member.objects.add(idp.organization, theirs.account, role=Role.USER, by=OPERATOR)

    seen = idp.read(here.scim_id)

    assert seen["id"] != theirs.scim_id
    assert "externalId" not in seen.body
    assert "groups" not in seen.body
    assert idp.read(theirs.scim_id).status == 404
    assert next_door.read(here.scim_id).status == 404


def test_two_sandboxes_share_nothing(play_idp: Idp, idp: Idp) -> None:
    managed(idp.organization, "same", external_id="s-1")
    before = rows_of(idp.organization)

    made = play_idp.post(user("same@aozora.example", externalId="s-1"))

    assert made.status == 201
    assert play_idp.delete(made["id"]).status == 204
    assert rows_of(idp.organization) == before
    assert rows()["Member"]
