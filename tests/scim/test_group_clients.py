"""Clients that are not ours, with groups: what each of them sends from its first call to its last, and looks at.

Sources: Okta's SCIM 2.0 reference and its Runscope suites; github.com/AzureAD/SCIMReferenceCode, PostmanCollection.json
and Microsoft.SCIM.PlaywrightTests; goauthentik.io, providers/scim; github.com/jelhub/scimgateway; JumpCloud and
OneLogin on provisioning; github.com/pocket-id/pocket-id, SCIM sync; WSO2, SailPoint and Rippling, which crawl.
"""

from typing import Any

import pytest

from members.models import Member
from tests.scim import CORE, ENTERPRISE, PATCH_OP, Answer, Body, Idp, is_scim_error, user

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def sent(idp: Idp, method: str, path: str, body: Any = None, **more: Any) -> Answer:
    return idp.call(method, path.replace(" ", "%20"), body, **more)


def group_patch(idp: Idp, scim_id: str, *operations: Body) -> Answer:
    answer = idp.call("PATCH", f"/Groups/{scim_id}", {"schemas": [PATCH_OP], "Operations": list(operations)})
    assert answer.status in (200, 204), answer
    return answer


def in_it(idp: Idp, scim_id: str) -> set[str]:
    return {one["value"] for one in idp.get(f"/Groups/{scim_id}").body.get("members", [])}


@pytest.fixture
def two(idp: Idp) -> list[str]:
    return [idp.create(handle, displayName=handle.title())["id"] for handle in ("nao", "mio")]


def test_okta_pushes_a_group_renames_it_and_unlinks_it(idp: Idp, two: list[str]) -> None:
    nao, mio = two
    assert sent(idp, "GET", "/Groups?startIndex=1&count=100")["totalResults"] == 0
    by_name = '/Groups?filter=displayName eq "Sales"&startIndex=1&count=100'
    assert sent(idp, "GET", by_name)["Resources"] == []
    body = {"schemas": [GROUP], "displayName": "Sales", "members": [{"value": nao, "display": "nao@aozora.example"}]}
    made = idp.post(body, "/Groups")
    path = f"/Groups/{made['id']}"
    assert (made.status, made["displayName"], in_it(idp, made["id"])) == (201, "Sales", {nao})
    assert is_scim_error(idp.post(body, "/Groups"), 409)

    group_patch(idp, made["id"], {"op": "replace", "value": {"id": made["id"], "displayName": "Sales Tokyo"}})
    group_patch(
        idp, made["id"], {"op": "remove", "path": f'members[value eq "{nao}"]'},
        {"op": "add", "path": "members", "value": [{"value": mio, "display": "mio@aozora.example"}]},
    )  # fmt: skip
    assert (sent(idp, "GET", path)["displayName"], in_it(idp, made["id"])) == ("Sales Tokyo", {mio})
    # “Push now” sends the whole list, a custom application the whole group.
    group_patch(idp, made["id"], {"op": "replace", "path": "members", "value": [{"value": nao}, {"value": mio}]})
    assert in_it(idp, made["id"]) == {nao, mio}
    whole = sent(idp, "PUT", path, body | {"id": made["id"], "displayName": "Sales"})
    assert (whole.status, whole["displayName"], in_it(idp, made["id"])) == (200, "Sales", {nao})
    assert (sent(idp, "DELETE", path).status, sent(idp, "GET", path).status) == (204, 404)
    assert {one["id"] for one in idp.get()["Resources"]} >= {nao, mio}


def test_oktas_import_reads_groups_page_by_page_and_who_is_in_them(idp: Idp, two: list[str]) -> None:
    for number in range(5):
        idp.post({"displayName": f"Team {number}", "members": [{"value": one} for one in two[: number % 3]]}, "/Groups")

    pages = [sent(idp, "GET", f"/Groups?startIndex={start}&count=2") for start in (1, 3, 5)]

    assert [page["totalResults"] for page in pages] == [5] * 3
    assert [one["displayName"] for page in pages for one in page["Resources"]] == [f"Team {one}" for one in range(5)]


def test_microsofts_collection_runs_through(play_idp: Idp) -> None:
    """Users, an enterprise user and three groups, in the collection's order; its names are no addresses."""
    idp = play_idp
    assert sent(idp, "GET", "/Groups")["totalResults"] == 0
    assert sent(idp, "GET", "/ResourceTypes")["Resources"][0]["endpoint"] == "/Users"
    assert "User Account" in sent(idp, "GET", "/Schemas").content.decode()
    people = [
        idp.post(
            {
                "userName": f"UserName{number}", "active": True, "displayName": f"Bob {number}",
                "schemas": [ENTERPRISE, CORE], "externalId": f"guid-{number}",
                "name": {"formatted": "Ryan Leenay", "familyName": "Leenay", "givenName": "Ryan"},
                "emails": [{"Primary": True, "type": "work", "value": f"testing{number}@bob.com"},
                           {"Primary": False, "type": "home", "value": f"home{number}@bob.com"}],
                ENTERPRISE: {"Department": "bob", "Manager": {"Value": "SuzzyQ"}},
            },
            content_type="application/json",
        )
        for number in range(3)
    ]  # fmt: skip
    assert [one.status for one in people] == [201] * 3
    assert sent(idp, "GET", "/Users?attributes=userName,emails").content.count(people[0]["id"].encode()) == 1
    found = sent(idp, "GET", "/Users/?filter=DisplayName+eq+%22Bob 1%22")
    assert [one["id"] for one in found["Resources"]] == [people[1]["id"]]
    replaced = {"op": "replace", "path": "userName", "value": "ryan3"}
    assert idp.patch(people[0]["id"], replaced)["userName"] == "ryan3"

    first = idp.post(
        {"schemas": [GROUP], "displayName": "Group1DisplayName", "externalId": "g1", "members": []}, "/Groups"
    )
    second = idp.post({"schemas": [GROUP], "displayName": "GroupDisplayName2", "externalId": "g2",
                       "members": [{"value": people[2]["id"]}]}, "/Groups")  # fmt: skip
    assert (first.status, first["members"], first["schemas"]) == (201, [], [GROUP])
    assert [one["value"] for one in second["members"]] == [people[2]["id"]]
    listed = sent(idp, "GET", "/Groups")
    assert (listed["totalResults"], listed["itemsPerPage"], listed["startIndex"]) == (2, 2, 1)
    put = sent(idp, "PUT", f"/Groups/{first['id']}", {
        "id": first["id"], "displayName": "putName", "schemas": [GROUP],
        "members": [{"value": people[1]["id"]}, {"value": people[2]["id"]}],
    })  # fmt: skip
    assert (put.status, put["displayName"], len(put["members"])) == (200, "putName", 2)
    one = [{"$ref": None, "value": people[0]["id"]}]
    for operations, expected in (
        ([{"op": "add", "path": "members", "value": one}], 3), ([{"op": "remove", "path": "members", "value": one}], 2),
        ([{"op": "remove", "path": "members"}], 0),
    ):  # fmt: skip
        group_patch(idp, first["id"], *operations)
        assert len(in_it(idp, first["id"])) == expected
    assert sent(idp, "GET", '/Groups?excludedAttributes=members&filter=displayName eq "putName"')["totalResults"] == 1
    for group in (first, second):
        assert sent(idp, "DELETE", f"/Groups/{group['id']}").status == 204


def test_authentik_finds_no_difference_after_it_has_synchronized(idp: Idp, two: list[str]) -> None:
    assert idp.get("/ServiceProviderConfig")["patch"]["supported"] is True
    wanted = {"schemas": [GROUP], "externalId": "5f0f-1", "displayName": "Sales"}
    made = idp.post(wanted, "/Groups")
    assert {name: made[name] for name in wanted} == wanted
    group_patch(idp, made["id"], {"op": "add", "path": "members", "value": [{"value": one} for one in two]})
    assert in_it(idp, made["id"]) == set(two)
    before = idp.get(f"/Groups/{made['id']}")

    # The next full synchronization: the group again, the members again.
    group_patch(idp, made["id"], {"op": "replace", "value": wanted | {"id": made["id"]}})
    group_patch(idp, made["id"], {"op": "add", "path": "members", "value": [{"value": one} for one in two]})

    assert idp.get(f"/Groups/{made['id']}").body == before.body
    # As it does where a service provider has no PATCH.
    whole = sent(idp, "PUT", f"/Groups/{made['id']}", wanted | {"members": [{"value": two[0]}]})
    assert (whole.status, in_it(idp, made["id"])) == (200, {two[0]})


def test_scimgateway_finds_the_groups_of_a_user_and_removes_by_a_list(idp: Idp, two: list[str]) -> None:
    nao, mio = two
    made = idp.post(
        {"displayName": "Sales", "externalId": None, "members": [{"value": nao}, {"value": mio}]}, "/Groups"
    )
    idp.post({"displayName": "Design", "members": [{"value": mio}]}, "/Groups")
    found = sent(idp, "GET", f'/Groups?filter=members.value eq "{nao}"&attributes=id,displayName')
    assert [set(one) for one in found["Resources"]] == [{"schemas", "id", "displayName"}]
    assert [one["displayName"] for one in found["Resources"]] == ["Sales"]
    listed = sent(idp, "GET", '/Groups?filter=displayName eq "Sales"&attributes=id,displayName,members.value')
    assert listed["Resources"][0]["members"] == [{"value": nao}, {"value": mio}]

    group_patch(idp, made["id"], {"op": "remove", "path": "members", "value": [{"value": nao}, {"value": "gone"}]})
    assert in_it(idp, made["id"]) == {mio}
    group_patch(idp, made["id"], {"op": "replace", "value": {"members": [{"value": nao, "operation": None}]}})
    assert in_it(idp, made["id"]) == {nao}


def test_jumpcloud_makes_changes_and_deletes_a_group_when_it_is_activated(idp: Idp, mia: Member) -> None:
    assert idp.get("/Users?startIndex=1&count=1").status == 200
    assert idp.get("/Groups?startIndex=1&count=1").status == 200
    made = idp.post({"schemas": [GROUP], "displayName": "JumpCloud test group", "members": []}, "/Groups")
    assert made.status == 201
    path = f"/Groups/{made['id']}"
    changed = sent(idp, "PUT", path, {
        "schemas": [GROUP], "id": made["id"], "displayName": "JumpCloud test group 2",
        "members": [{"value": mia.scim_id}],
    })  # fmt: skip
    assert (changed.status, changed["displayName"]) == (200, "JumpCloud test group 2")
    assert sent(idp, "DELETE", path).status == 204
    assert is_scim_error(sent(idp, "GET", path), 404)


def test_pocket_id_lists_groups_before_it_sends_anybody(idp: Idp) -> None:
    for path in ("/Groups", "/Users"):
        listed = idp.get(f"{path}?startIndex=1&count=1000")
        assert (listed.status, listed["startIndex"]) == (200, 1)
    made = idp.post(user("nao@aozora.example", externalId="pid-1"))
    group = idp.post({"schemas": [GROUP], "displayName": "Sales", "externalId": "pid-g"}, "/Groups")
    put = sent(idp, "PUT", f"/Groups/{group['id']}", {
        "schemas": [GROUP], "displayName": "Sales", "externalId": "pid-g", "members": [{"value": made["id"]}],
    })  # fmt: skip

    assert (put.status, put["externalId"], in_it(idp, group["id"])) == (200, "pid-g", {made["id"]})
    assert idp.read(made["id"])["groups"] == [{"value": group["id"], "display": "Sales"}]


def test_onelogin_looks_for_its_group_by_name_and_adds_people_one_by_one(idp: Idp, two: list[str]) -> None:
    made = idp.post({"schemas": [GROUP], "displayName": "Sales"}, "/Groups")

    for one in two:
        assert sent(idp, "GET", '/Groups?filter=displayName eq "Sales"')["Resources"][0]["id"] == made["id"]
        group_patch(idp, made["id"], {"op": "add", "path": "members", "value": [{"value": one}]})
    group_patch(idp, made["id"], {"op": "remove", "path": f'members[value eq "{two[0]}"]'})

    assert in_it(idp, made["id"]) == {two[1]}


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_crawl_of_users_and_groups_agrees_with_itself(idp: Idp, two: list[str], size: int) -> None:
    """WSO2, SailPoint, Rippling: everything by startIndex, users with their groups, groups with their users."""
    for name, members in (("Sales", two), ("Design", two[:1]), ("Nobody", [])):
        idp.post({"displayName": name, "members": [{"value": one, "type": "User"} for one in members]}, "/Groups")

    def crawled(kind: str) -> list[Body]:
        found: list[Body] = []
        while True:
            page = idp.get(f"/{kind}?startIndex={len(found) + 1}&count={size}")
            found += page["Resources"]
            if len(found) >= page["totalResults"]:
                return found

    users, groups = crawled("Users"), crawled("Groups")

    of_users = {(one["id"], group["value"]) for one in users for group in one.get("groups", [])}
    of_groups = {(one["value"], group["id"]) for group in groups for one in group.get("members", [])}
    assert (of_users, len(of_users)) == (of_groups, 3)
    assert all(idp.get(f"/Groups/{group['id']}").body == group for group in groups)
