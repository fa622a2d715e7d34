"""PATCH of a Group in the spellings of every identity provider: exactly those who are named come and go."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Event, Member, Organization, Team
from tests.cast import OPERATOR, managed
from tests.scim import Answer, Body, Idp, add, patch_body, remove, replace
from tests.scim.test_groups import GROUP, created, ids, patched

A, B, C = "{a}", "{b}", "{c}"
EVERYBODY = {"a", "b", "c"}


@pytest.fixture
def people(aozora: Organization) -> dict[str, Member]:
    return {handle: managed(aozora, handle, display_name=f"Member {handle}") for handle in ("a", "b", "c", "d")}


def filled(value: Any, people: dict[str, Member]) -> Any:
    """The body with ids in place of {a}, {b}…"""
    if isinstance(value, dict):
        return {key: filled(inner, people) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, people) for inner in value]
    if isinstance(value, str):
        for handle, member in people.items():
            value = value.replace("{" + handle + "}", member.scim_id)
    return value


def entra(op: str, *members: str) -> Body:
    return {"op": op, "path": "members", "value": [{"$ref": None, "value": one} for one in members]}


PATCHES: dict[str, tuple[list[Body], set[str]]] = {
    # Who is in it afterwards; a and b are in it before.
    "Entra adds": ([entra("Add", C)], {"a", "b", "c"}),
    "Entra adds several": ([entra("Add", C, "{d}")], {"a", "b", "c", "d"}),
    "Entra removes one": ([entra("Remove", A)], {"b"}),
    "Entra removes one by its path": ([remove(f'members[value eq "{A}"]')], {"b"}),
    "Entra in one request": ([entra("Add", C), entra("Remove", B)], {"a", "c"}),
    "Okta adds": ([add("members", [{"value": C, "display": "c@aozora.example"}])], {"a", "b", "c"}),
    "Okta removes and adds": (
        [remove(f'members[value eq "{A}"]'), remove(f'members[value eq "{B}"]'), add("members", [{"value": C}])], {"c"}
    ),
    "Okta pushes the list now": ([replace("members", [{"value": B}, {"value": C}])], {"b", "c"}),
    "OneLogin": ([{"op": "add", "value": {"members": [{"value": C}]}}], {"a", "b", "c"}),
    "OneLogin's list": ([{"op": "replace", "value": {"members": [{"value": C}]}}], {"c"}),
    "scimgateway removes by a list": ([remove("members", value=[{"value": A}, {"value": C}])], {"b"}),
    "scimgateway, operation in the value": ([add("members", [{"value": C, "operation": "add"}])], {"a", "b", "c"}),
    "one object": ([add("members", {"value": C})], {"a", "b", "c"}),
    "a bare id": ([add("members", C)], {"a", "b", "c"}),
    "bare ids": ([remove("members", value=[A, B])], set()),
    "an address": ([add("members", [{"$ref": f"https://idp.example/scim/v2/Users/{C}"}])], {"a", "b", "c"}),
    "JSON in a text": ([add("members", '[{"value": "{c}"}]')], {"a", "b", "c"}),
    "ids under one value": ([add("members", [{"value": [C, "{d}"]}])], {"a", "b", "c", "d"}),
    "a sub-attribute": ([add("members.value", C)], {"a", "b", "c"}),
    "a sub-attribute removed": ([remove("members.value", value=A)], {"b"}),
    "qualified": ([add(f"{GROUP}:members", [{"value": C}])], {"a", "b", "c"}),
    "qualified brackets": ([remove(f'{GROUP}:members[value eq "{A}"]')], {"b"}),
    "in capitals": ([{"OP": "REMOVE", "PATH": 'MEMBERS[VALUE EQ "{a}"]'}], {"b"}),
    "without quotes": ([remove(f"members[value eq {A}]")], {"b"}),
    "with a part": ([remove(f'members[value eq "{A}"].value')], {"b"}),
    "brackets that add": ([add(f'members[value eq "{C}"]', None)], {"a", "b", "c"}),
    "brackets that replace": ([replace(f'members[value eq "{A}"].value', C)], {"b", "c"}),
    "brackets with or": ([remove(f'members[value eq "{A}" or value eq "{C}"]')], {"b"}),
    "brackets with not": ([remove(f'members[not (value eq "{A}")]')], {"a"}),
    "brackets of all": ([remove('members[type eq "User"]')], set()),
    "brackets of who came before": ([add("members", [C]), remove(f'members[value sw "{C}"]')], {"a", "b"}),
    "emptied by remove": ([remove("members")], set()),
    "emptied by remove of null": ([remove("members", value=None)], set()),
    "emptied by an empty list": ([replace("members", [])], set()),
    "emptied by null": ([replace("members", None)], set()),
    "replaced by what is not said": ([{"op": "replace", "path": "members"}], {"a", "b"}),
    "emptied and filled": ([remove("members"), add("members", [C])], {"c"}),
    "filled and emptied": ([add("members", [C]), remove("members")], set()),
    "in and out": ([add("members", [C]), remove("members", value=[C])], {"a", "b"}),
    "out and in": ([remove("members", value=[A]), add("members", [A])], {"a", "b"}),
    "nobody removed": ([remove("members", value=[])], {"a", "b"}),
    "nobody added": ([add("members", []), add("members", None)], {"a", "b"}),
    "entries without an id": ([replace("members", [{"display": "x"}])], {"a", "b"}),
    "entries without an id, removed": ([remove("members", value=[{"type": "User"}])], {"a", "b"}),
    "who is not in it": ([remove(f'members[value eq "{C}"]'), remove("members", value=["nobody"])], {"a", "b"}),
    "who is in it, twice": ([add("members", [A, A, {"value": B}])], {"a", "b"}),
    "an address with a slash": ([add("members", [{"$ref": "https://a.example/Users/{c}/"}])], {"a", "b", "c"}),
    "with spaces": ([add("members", [" {c} "]), remove(f'members[value eq " {A} "]'),
                     remove(f'members[value eq "{B} " or value eq "x"]')], {"c"}),
    "a part that is ours": ([replace(f'members[value eq "{A}"].display', "x")], {"a", "b"}),
}  # fmt: skip


@pytest.mark.parametrize("name", PATCHES)
def test_who_is_in_it_afterwards(idp: Idp, aozora: Organization, people: dict[str, Member], name: str) -> None:
    operations, expected = PATCHES[name]
    bystander = Team.objects.create_team(aozora, "Bystanders", by=OPERATOR)
    bystander.add(*people.values(), by=OPERATOR)
    made = created(idp, "Sales", people["a"], people["b"])
    before, audited = {"a", "b"}, aozora.audit.count()

    answer = patched(idp, made, *filled(operations, people))

    assert (answer.status, answer.content) == (204, b""), answer
    after = idp.get(f"/Groups/{made['id']}")
    assert ids(after) == [people[handle].scim_id for handle in sorted(expected)]
    recorded = {(row.event, row.subject[-1]) for row in list(aozora.audit.order_by("pk"))[audited:]}
    assert recorded == {(Event.TEAM_MEMBER_ADDED, one) for one in expected - before} | {
        (Event.TEAM_MEMBER_REMOVED, one) for one in before - expected
    }
    assert (after.etag == made.etag) == (expected == before)
    changes = aozora.sync_activity.get(kind="patch").changes
    sides = {"members_added": [None, expected - before], "members_removed": [None, before - expected]}
    told = {field: [side and sorted(f"Member {one}" for one in side) for side in both] for field, both in sides.items()}
    assert changes == {field: both for field, both in told.items() if any(both)}
    assert bystander.memberships.count() == 4
    assert patched(idp, made, *filled(operations, people)).status == 204


REFUSED: dict[str, tuple[Body, str]] = {
    "a name taken away": (remove("displayName"), "mutability"),
    "an empty name": (replace("displayName", ""), "mutability"),
    "ids of members taken away": (remove("members.value"), "mutability"),
    "an id that is ours": (replace("id", "x"), "mutability"),
    "brackets on what is not kept": (remove('members[display eq "x"]'), "invalidFilter"),
    "brackets that choose to replace": (replace('members[type eq "User"]', [{"value": "x"}]), "noTarget"),
    "a path that is none": (remove('members[value eq "x"'), "invalidPath"),
    "no path": ({"op": "remove"}, "noTarget"),
    "a number": (add("members", 5), "invalidValue"),
    "numbers": (add("members", [{"value": True}]), "invalidValue"),
    "a name that is a number": (replace("displayName", 5), "invalidValue"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_whole(idp: Idp, people: dict[str, Member], name: str) -> None:
    operation, scim_type = REFUSED[name]
    made = created(idp, "Sales", people["a"])

    answer = patched(idp, made, add("members", [people["b"].scim_id]), operation, replace("externalId", "x"))

    assert (answer.status, answer["scimType"]) == (400, scim_type), answer
    assert idp.get(f"/Groups/{made['id']}").body == made.body
    assert idp.last_activity().status == 200
    line = idp.organization.sync_activity.get(status=400)
    assert (line.subject, line.subject_id, line.changes) == ("Sales", made["id"], {})


def test_a_name_and_ids_are_set_with_the_members(idp: Idp, aozora: Organization, people: dict[str, Member]) -> None:
    made = created(idp, "Sales", people["a"])

    def shown(answer: Answer) -> tuple[Any, Any, int]:
        assert answer.status == 204, answer
        group = idp.get(f"/Groups/{made['id']}").body
        return group["displayName"], group.get("externalId"), len(group.get("members", []))

    # Okta's rename.
    okta = {"op": "replace", "value": {"id": made["id"], "displayName": "Brand"}}
    assert shown(patched(idp, made, okta)) == ("Brand", None, 1)
    assert shown(patched(idp, made, add("displayName", "Design"), add("externalId", "7f"))) == ("Design", "7f", 1)
    more = {
        "op": "Replace",
        "value": {"displayName": "Sales", "members": [], "owner": "x", f"{GROUP}:externalId": "8f"},
    }
    assert shown(patched(idp, made, more)) == ("Sales", "8f", 0)
    assert idp.organization.sync_activity.filter(kind="patch").order_by("-pk")[0].ignored == ["owner"]
    assert shown(patched(idp, made, remove("externalId"), replace("urn:x:Group:color", "red"))) == ("Sales", None, 0)
    assert shown(patched(idp, made, replace("externalId", None), replace("owner", "x"))) == ("Sales", None, 0)
    answer = patched(idp, made, replace("displayName", "Sales"), query="?attributes=displayName")
    assert (answer.status, answer.body) == (200, {"schemas": [GROUP], "id": made["id"], "displayName": "Sales"})
    answer = patched(idp, made, add("members", [people["b"].scim_id]), query="?attributes=members.value")
    assert answer["members"] == [{"value": people["b"].scim_id}]
    events = list(aozora.audit.filter(subject_id=made["id"]).order_by("pk").values_list("event", flat=True))
    assert events == [
        Event.TEAM_CREATED, Event.TEAM_RENAMED, Event.TEAM_RENAMED, Event.TEAM_CHANGED, Event.TEAM_RENAMED,
        Event.TEAM_CHANGED, Event.TEAM_CHANGED,
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["PATCH", "PUT"])
def test_a_write_makes_a_team_one_that_the_idp_keeps(idp: Idp, aozora: Organization, how: str) -> None:
    team = Team.objects.create_team(aozora, "Sales", by=OPERATOR)
    made = idp.get(f"/Groups/{team.scim_id}")
    body = patch_body(replace("displayName", "Sales")) if how == "PATCH" else {"displayName": "Sales"}

    for _ in range(2):
        idp.call(how, f"/Groups/{team.scim_id}", body)

    team.refresh_from_db()
    assert team.is_kept_by_idp
    assert idp.get(f"/Groups/{team.scim_id}").body == made.body
    assert aozora.audit.filter(event=Event.TEAM_KEPT_BY_IDP, subject="Sales", operator_kind="provisioning").count() == 1


def test_a_thousand_operations_name_a_thousand_people(
    idp: Idp, aozora: Organization, people: dict[str, Member]
) -> None:
    made = created(idp, "Sales", *people.values())
    nobody = [remove(f'members[value eq "00000000-0000-0000-0000-{number:012}"]') for number in range(999)]

    with CaptureQueriesContext(connection) as queries:
        answer = patched(idp, made, *nobody, remove(f'members[value eq "{people["a"].scim_id}"]'))

    assert answer.status == 204
    assert len(ids(idp.get(f"/Groups/{made['id']}"))) == 3
    if connection.vendor == "postgresql":
        assert len(queries) < 8
    assert patched(idp, made, *nobody, *nobody).status == 400


def test_a_change_of_one_asks_as_much_of_a_large_team_as_of_a_small_one(idp: Idp, aozora: Organization) -> None:
    members = [managed(aozora, f"m{number}") for number in range(43)]
    made = created(idp, "Sales", members[0])

    def asked(*operations: Body) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            assert patched(idp, made, *operations).status == 204
        return [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]

    asked(add("members", [members[1].scim_id]))
    few = [asked(entra("Add", members[2].scim_id)), asked(remove(f'members[value eq "{members[2].scim_id}"]'))]
    patched(idp, made, add("members", [member.scim_id for member in members[3:]]))
    many = [asked(entra("Add", members[2].scim_id)), asked(remove(f'members[value eq "{members[2].scim_id}"]'))]

    assert [len(one) for one in many] == [len(one) for one in few]
    if connection.vendor == "postgresql":
        # The caller; the organization with the team; the people named; the writes, and two for the rules of teams
        # between them (decision 31). Nothing reads who else is in it.
        assert [len(one) for one in few] == [6, 6], few
