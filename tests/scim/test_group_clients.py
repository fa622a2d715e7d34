"""Group pushes of identity providers from beginning to end, each as it sends them."""

from typing import Any
from urllib.parse import quote

import pytest

from members.models import Member, Organization
from tests.cast import managed
from tests.scim import Answer, Body, Idp, add, patch_body, remove, replace
from tests.scim.test_groups import GROUP, MICROSOFT, ids


@pytest.fixture
def people(aozora: Organization) -> list[str]:
    """The ids of three members."""
    return [managed(aozora, handle).scim_id for handle in ("a", "b", "c")]


class Push:
    """A client that pushes groups."""

    def __init__(self, idp: Idp) -> None:
        self.idp, self.id = idp, ""

    def make(self, **body: Any) -> Answer:
        made = self.idp.post({"schemas": [GROUP], **body}, "/Groups")
        assert made.status == 201, made
        self.id = made["id"]
        return made

    def found(self, text: str, more: str = "") -> list[Body]:
        answer = self.idp.get(f"/Groups?filter={quote(text)}{more}")
        assert answer.status == 200, answer
        return list(answer["Resources"])

    def patch(self, *operations: Body, status: int = 204) -> None:
        answer = self.idp.call("PATCH", f"/Groups/{self.id}", patch_body(*operations))
        assert answer.status == status, answer

    def put(self, **body: Any) -> Answer:
        answer = self.idp.call("PUT", f"/Groups/{self.id}", {"schemas": [GROUP], "id": self.id, **body})
        assert answer.status == 200, answer
        return answer

    @property
    def now(self) -> list[str]:
        return ids(self.idp.get(f"/Groups/{self.id}"))

    def delete(self) -> None:
        assert self.idp.call("DELETE", f"/Groups/{self.id}").status == 204
        assert self.idp.get(f"/Groups/{self.id}").status == 404


@pytest.fixture
def push(idp: Idp) -> Push:
    return Push(idp)


def test_entra(push: Push, people: list[str]) -> None:
    a, b, c = people
    name, without = 'displayName eq "Sales"', "&excludedAttributes=members"
    assert push.found(name, without) == []
    push.make(displayName="Sales", externalId="0a-1", schemas=[GROUP, MICROSOFT], meta={"resourceType": "Group"})
    push.patch({"op": "Add", "path": "members", "value": [{"$ref": None, "value": a}]})
    push.patch({"op": "Add", "path": "members", "value": [{"$ref": None, "value": b}, {"$ref": None, "value": c}]})
    push.patch({"op": "Remove", "path": "members", "value": [{"$ref": None, "value": a}]})
    push.patch({"op": "Replace", "path": "displayName", "value": "Sales (EU)"})
    assert push.found(name, without) == []
    [found] = push.found('externalId eq "0a-1"', without)
    assert (found["id"], found["displayName"], "members" in found) == (push.id, "Sales (EU)", False)
    assert push.now == [b, c]
    assert push.idp.get(f"/Groups/{push.id}?excludedAttributes=members").status == 200
    member = f'id eq "{push.id}" and members eq "{b}"'
    assert [one["id"] for one in push.found(member, without)] == [push.id]
    push.delete()


def test_okta(push: Push, people: list[str]) -> None:
    a, b, c = people
    assert push.idp.get("/Groups?startIndex=1&count=100")["totalResults"] == 0
    push.make(displayName="Sales", members=[{"value": a, "display": "a@aozora.example"}])
    push.patch({"op": "replace", "value": {"id": push.id, "displayName": "Brand"}})
    push.patch(remove(f'members[value eq "{a}"]'), add("members", [{"value": b, "display": "b@aozora.example"}]))
    assert push.now == [b]
    push.patch({"op": "replace", "path": "members", "value": [{"value": one, "display": "x"} for one in (a, c)]})
    assert push.now == [a, c]
    whole = push.idp.get(f"/Groups/{push.id}").body
    assert push.put(**whole).body == whole
    assert [one["displayName"] for one in push.idp.get("/Groups?startIndex=1&count=100")["Resources"]] == ["Brand"]
    push.delete()


def test_onelogin(push: Push, people: list[str]) -> None:
    a, b, _ = people
    push.make(displayName="Sales")
    push.patch({"op": "add", "path": "members", "value": [{"value": a}, {"value": b}]})
    push.patch({"op": "remove", "path": "members", "value": [{"value": a}]})
    assert push.now == [b]
    push.patch({"op": "replace", "path": "members", "value": []})
    assert push.now == []
    push.delete()


def test_jumpcloud_tries_groups_when_it_is_switched_on(push: Push, people: list[str]) -> None:
    push.make(displayName="JumpCloud test", members=[])
    assert push.put(displayName="JumpCloud test 2", members=[])["displayName"] == "JumpCloud test 2"
    push.delete()
    push.make(displayName="Sales", externalId="jc-1")
    assert ids(push.put(displayName="Sales", members=[{"value": one} for one in people])) == people
    assert ids(push.put(displayName="Sales", members=[{"value": people[0]}])) == people[:1]


def test_authentik(push: Push, people: list[str]) -> None:
    push.make(displayName="Sales", externalId="9d2c")
    push.patch(replace("externalId", "9d2c"), replace("displayName", "Sales"))
    push.patch(add("members", [{"value": people[0]}]), add("members", [{"value": people[1]}]))
    push.patch(remove("members", value=[{"value": people[0]}]))
    assert push.now == [people[1]]
    # Where it is told that there is no PATCH.
    assert ids(push.put(displayName="Sales", externalId="9d2c", members=[{"value": one} for one in people])) == people


def test_scimgateway(push: Push, people: list[str]) -> None:
    a, b, _ = people
    push.make(displayName="Sales", members=[{"value": a}])
    wanted = "&attributes=id,displayName,members.value"
    [found] = push.found(f'members.value eq "{a}"', wanted)
    assert (found["displayName"], found["members"]) == ("Sales", [{"value": a}])
    push.patch({"op": "add", "value": {"members": [{"value": b}]}})
    push.patch({"op": "remove", "path": "members", "value": [{"value": a}]})
    assert push.found(f'members.value eq "{a}"', wanted) == []
    assert push.now == [b]


def test_pocket_id(push: Push, people: list[str], mia: Member) -> None:
    """It lists the groups first, and sends no user if that fails."""
    assert push.idp.get("/Groups?startIndex=1&count=1000").status == 200
    push.make(displayName="Sales", externalId="5f", members=[{"value": one} for one in people])
    assert ids(push.put(displayName="Sales", externalId="5f", members=[{"value": mia.scim_id}])) == [mia.scim_id]
    push.delete()
