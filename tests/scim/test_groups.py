"""Groups are teams: every call, what it answers, what it writes, and what it leaves alone."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Event, Member, Organization, Role, Team
from provisioning.scim.groups import rows
from tests.cast import OPERATOR, managed, nulab
from tests.cast.rows import rows_of
from tests.scim import Answer, Body, Idp, add, is_scim_error, patch_body, remove, replace

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
MICROSOFT = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"


def group(name: str, *members: Member, **fields: Any) -> Body:
    people = [{"value": member.scim_id} for member in members]
    return {"schemas": [GROUP], "displayName": name, **({"members": people} if people else {}), **fields}


def created(idp: Idp, name: str, *members: Member, **fields: Any) -> Answer:
    answer = idp.post(group(name, *members, **fields), "/Groups")
    assert answer.status == 201, answer
    return answer


def patched(idp: Idp, made: Answer, *operations: Any, query: str = "", **more: Any) -> Answer:
    return idp.call("PATCH", f"/Groups/{made['id']}{query}", patch_body(*operations), **more)


def again(idp: Idp, made: Answer, query: str = "") -> Answer:
    return idp.get(f"/Groups/{made['id']}{query}")


def ids(answer: Any) -> list[str]:
    return [member["value"] for member in answer.body.get("members", [])]


@pytest.fixture
def people(aozora: Organization) -> list[Member]:
    """An own Managed Account, a Nulab Account, a guest of another organization's, and somebody inactive."""
    mia, yuki, out = managed(aozora, "mia"), nulab(aozora, "yuki"), managed(aozora, "out")
    out.deactivate(by=OPERATOR)
    return [mia, yuki, out]


# -- creating and reading


def test_a_group_is_created_with_members_of_any_type_and_state(
    idp: Idp, aozora: Organization, hakata: Organization, people: list[Member]
) -> None:
    guest = Member.objects.add(aozora, managed(hakata, "nao").account, role=Role.GUEST, by=OPERATOR)
    people.append(guest)

    made = created(idp, " Sales  ", *people, externalId="7F", meta={"resourceType": "Group"}, owner="x")

    assert (
        made.headers["location"] == made["meta"]["location"] == f"http://localhost:8000{idp.base}/Groups/{made['id']}"
    )
    assert made.etag == made["meta"]["version"]
    assert (made["displayName"], made["externalId"], made["schemas"]) == ("Sales", "7F", [GROUP])
    assert made["meta"]["created"] == made["meta"]["lastModified"]
    assert made["members"] == [
        {
            "value": member.scim_id, "$ref": f"http://localhost:8000{idp.base}/Users/{member.scim_id}",
            "display": member.account.name, "type": "User",
        }
        for member in people
    ]  # fmt: skip
    assert again(idp, made).body == made.body
    team = aozora.teams.get()
    assert (team.is_kept_by_idp, team.name) == (True, "Sales")
    assert [group["value"] for group in idp.read(guest.scim_id)["groups"]] == [made["id"]]
    line = aozora.sync_activity.get(kind="create")
    assert (line.subject, line.subject_id, line.ignored) == ("Sales", made["id"], ["owner"])


def test_the_same_name_in_another_case_is_taken(idp: Idp, aozora: Organization, next_door: Idp) -> None:
    created(idp, "Sales")
    created(next_door, "Sales")

    answer = idp.post(group("ＳＡＬＥＳ"), "/Groups")

    assert (answer.status, answer["scimType"], "“ＳＡＬＥＳ”" in answer.detail) == (409, "uniqueness", True)
    other = created(idp, "Support")
    for refused in (
        patched(idp, other, replace("displayName", "sales")),
        idp.call("PUT", f"/Groups/{other['id']}", group("sales")),
    ):
        assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert patched(idp, other, replace("displayName", "SUPPORT")).status == 204
    assert again(idp, other)["displayName"] == "SUPPORT"


@pytest.mark.parametrize("name", [None, "", "  ", [], "\u200b", "\u3164\ufe0f\u200d"])
def test_a_group_must_have_a_name(idp: Idp, aozora: Organization, name: Any) -> None:
    made = created(idp, "Sales")

    with unchanged_teams(aozora):
        for answer in (
            idp.post({"schemas": [GROUP], "displayName": name}, "/Groups"),
            idp.call("PUT", f"/Groups/{made['id']}", {"schemas": [GROUP], "displayName": name}),
        ):
            assert (answer.status, answer["scimType"]) == (400, "invalidValue")
        answer = patched(idp, made, replace("displayName", name))
        assert answer.status == 400


def test_a_name_may_have_256_characters(idp: Idp) -> None:
    assert len(created(idp, "n" * 256)["displayName"]) == 256
    answer = idp.post(group("n" * 257), "/Groups")
    assert (answer.status, "“displayName” is longer than 256" in answer.detail) == (400, True)


class unchanged_teams:  # noqa: N801  used as a function
    def __init__(self, organization: Organization) -> None:
        self.organization = organization

    def state(self) -> Any:
        found = rows_of(self.organization)
        return found["Team"], list(Team.objects.values_list("pk", "memberships__member")), found["AuditEvent"]

    def __enter__(self) -> None:
        self.before = self.state()

    def __exit__(self, *_: object) -> None:
        assert self.state() == self.before


def test_members_are_never_read_when_they_are_not_asked_for(idp: Idp, people: list[Member]) -> None:
    made = created(idp, "Sales", *people)
    table = "members_teammembership"

    for query in ("excludedAttributes=members", "attributes=displayName", "attributes=meta.version,id"):
        for path in (
            f"/Groups/{made['id']}?{query}",
            f"/Groups?{query}",
            f'/Groups?{query}&filter=displayName%20eq%20"sales"',
        ):
            with CaptureQueriesContext(connection) as queries:
                answer = idp.get(path)
            assert answer.status == 200
            assert "members" not in answer.body.get("Resources", [answer.body])[0]
            assert not any(table in query["sql"] for query in queries)
            if connection.vendor == "postgresql" and path != f"/Groups?{query}":
                assert len(queries) == 2
    shown = again(idp, made, "?attributes=members.value,members.DISPLAY")["members"]
    assert [set(member) for member in shown] == [{"value", "display"}] * 3
    assert [set(member) for member in again(idp, made, "?excludedAttributes=members.$ref,members.type")["members"]] == [
        {"value", "display"}
    ] * 3


def test_a_group_of_nobody_says_so_whatever_is_left_out(idp: Idp) -> None:
    made = created(idp, "Empty")
    for query in ("attributes=members", "excludedAttributes=displayName", "excludedAttributes=meta.version,roles"):
        assert again(idp, made, f"?{query}")["members"] == [], query
        assert idp.get(f"/Groups?{query}")["Resources"][0]["members"] == [], query
    assert "members" not in again(idp, made, "?attributes=members.value").body


def test_a_read_asks_three_times(idp: Idp, people: list[Member]) -> None:
    made = created(idp, "Sales", *people)

    for path in (f"/Groups/{made['id']}", '/Groups?filter=displayName eq "Sales"'):
        with CaptureQueriesContext(connection) as queries:
            assert idp.get(path).status == 200
        # The caller with the group; the members; the line. SQLite writes line and count one after the other.
        assert len(queries) == 3 if connection.vendor == "postgresql" else True


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite counts.")
def test_nobody_counts_the_groups(idp: Idp) -> None:
    for name in ("A", "B", "C", "D", "E"):
        created(idp, name)

    for query in ("count=2", "count=2&startIndex=3", "count=0", "count=2&cursor=", "count=2&sortBy=displayName"):
        with CaptureQueriesContext(connection) as queries:
            assert idp.get(f"/Groups?excludedAttributes=members&{query}")["totalResults"] == 5
        assert not any("COUNT(" in one["sql"] for one in queries), query
        # The caller with the number; the page; where it ends, if the next one begins there; the line.
        assert len(queries) == {"count=0": 2, "count=2": 4, "count=2&startIndex=3": 4}.get(query, 3), query


def test_the_words_of_the_idp_for_somebody_are_answered_else_the_name(idp: Idp, people: list[Member]) -> None:
    mia, out = people[0], people[2]
    yuki = managed(idp.organization, "yuki2", display_name="Yuki")
    words = [{"value": mia.scim_id, "display": " mia@x "}, {"value": yuki.scim_id, "display": "Yuki"}]
    made = created(idp, "Sales", members=[*words, {"value": out.scim_id, "display": "\x00"}])

    def shown() -> list[str]:
        return [member["display"] for member in again(idp, made)["members"]]

    assert shown() == ["mia@x", "Out", "Yuki"]
    yuki.change_profile({"display_name": "Yuki Ono"}, by=OPERATOR)
    version = again(idp, made).etag
    assert shown() == ["mia@x", "Out", "Yuki Ono"]
    # Who is in it stays as they are.
    assert patched(idp, made, add("members", [{"value": mia.scim_id, "display": "Mia"}])).status == 204
    assert (shown(), again(idp, made).etag) == (["mia@x", "Out", "Yuki Ono"], version)
    patched(idp, made, replace("members", []))
    patched(idp, made, {"op": "add", "value": {"members": [{"value": mia.scim_id}]}})
    assert shown() == ["Mia Sato"]


# -- replacing and deleting


def test_a_put_replaces_the_members_that_it_names(idp: Idp, aozora: Organization, people: list[Member]) -> None:
    mia, yuki, out = people
    made = created(idp, "Sales", mia, yuki, externalId="7f")
    path = f"/Groups/{made['id']}"

    answer = idp.call("PUT", path, group("Brand", yuki, out, yuki))

    assert (answer.status, answer["displayName"], answer["externalId"]) == (200, "Brand", "7f")
    assert ids(answer) == [yuki.scim_id, out.scim_id]
    assert idp.last_activity().changes == {
        "name": ["Sales", "Brand"], "members_removed": [None, ["Mia Sato"]], "members_added": [None, ["Out"]],
    }  # fmt: skip
    assert ids(idp.call("PUT", path, group("Brand"))) == [yuki.scim_id, out.scim_id]
    assert ids(idp.call("PUT", path, group("Brand", members=[{"display": "x"}]))) == [yuki.scim_id, out.scim_id]
    assert ids(idp.call("PUT", path, group("Brand", members=[]))) == []
    assert "externalId" in idp.call("PUT", path, group("Brand", externalId=None)).body
    recorded = aozora.audit.filter(event__startswith="team.member").order_by("pk")
    assert [(row.event, row.subject, row.operator_name) for row in recorded[2:]] == [
        (Event.TEAM_MEMBER_REMOVED, "Mia Sato", "User provisioning"),
        (Event.TEAM_MEMBER_ADDED, "Out", "User provisioning"),
        (Event.TEAM_MEMBER_REMOVED, "Yuki Abe", "User provisioning"),
        (Event.TEAM_MEMBER_REMOVED, "Out", "User provisioning"),
    ]


def test_a_deleted_group_leaves_its_people(idp: Idp, aozora: Organization, people: list[Member]) -> None:
    made = created(idp, "Sales", *people)
    count = aozora.members.count()

    first, second = (idp.call("DELETE", f"/Groups/{made['id']}") for _ in range(2))

    assert (first.status, first.content) == (204, b"")
    assert is_scim_error(second, 404)
    assert "match the group by displayName again" in second.detail
    assert aozora.members.count() == count
    assert "groups" not in idp.read(people[0].scim_id).body
    assert aozora.audit.filter(event=Event.TEAM_DELETED, subject="Sales", operator_kind="provisioning").exists()
    assert created(idp, "Sales")["id"] != made["id"]


# -- who is named


def test_who_is_unknown_is_named_and_nothing_is_done(
    idp: Idp, aozora: Organization, hakata: Organization, people: list[Member]
) -> None:
    made = created(idp, "Sales")
    stranger, invented = managed(hakata, "nao"), str(uuid.uuid4())
    stranger_team = Team.objects.create_team(hakata, "Theirs", by=OPERATOR)

    for one in (invented, stranger.scim_id, stranger_team.scim_id, "", "x\x00", "x" * 400, people[0].scim_id.upper()):
        entries = [{"value": people[0].scim_id}, {"value": one or "-"}]
        before = rows_of(hakata)
        with unchanged_teams(aozora):
            for answer in (
                idp.post(group("Brand", members=entries), "/Groups"),
                idp.call("PUT", f"/Groups/{made['id']}", group("Sales", members=entries)),
                patched(idp, made, add("members", entries), replace("displayName", "Brand")),
            ):
                assert (answer.status, answer["scimType"]) == (400, "invalidValue")
                assert (one or "-")[:60] in answer.detail
                assert "Theirs" not in answer.detail
                assert "Nao" not in answer.detail
        assert rows_of(hakata) == before
    assert patched(idp, made, remove("members", value=[{"value": invented}, {"value": stranger.scim_id}])).status == 204


def test_a_group_in_a_group_is_refused_with_the_remedy(idp: Idp, aozora: Organization) -> None:
    made, inner = created(idp, "Sales"), created(idp, "Inner")

    with unchanged_teams(aozora):
        for entry in (
            {"value": inner["id"]}, {"value": inner["id"], "type": "Group"}, {"value": "x", "type": "group"},
            {"$ref": inner["meta"]["location"]},
        ):  # fmt: skip
            answer = patched(idp, made, add("members", [entry]))
            assert (answer.status, answer["scimType"]) == (400, "invalidValue")
            assert "Assign the inner group's users" in answer.detail


def test_neighbours_see_and_touch_nothing(idp: Idp, next_door: Idp, hakata: Organization, people: list[Member]) -> None:
    theirs = created(next_door, "Theirs", managed(hakata, "nao"))
    stranger = hakata.members.get(account__user_name__startswith="nao")
    before, invented = rows_of(hakata), str(uuid.uuid4())

    for method, body in (
        ("GET", None), ("PUT", group("Taken")), ("PATCH", patch_body(remove("members"))), ("DELETE", None),
    ):  # fmt: skip
        theirs_answer, nobody = (idp.call(method, f"/Groups/{one}", body) for one in (theirs["id"], invented))
        assert is_scim_error(theirs_answer, 404)
        assert theirs_answer.detail.replace(theirs["id"], "") == nobody.detail.replace(invented, "")
    for text in (
        'displayName eq "Theirs"', f'id eq "{theirs["id"]}"', f'members.value eq "{stranger.scim_id}"',
        f'members[value eq "{stranger.scim_id}"]', "members pr", 'id ne "x"',
    ):  # fmt: skip
        assert idp.get("/Groups?filter=" + text.replace(" ", "%20"))["totalResults"] == 0
    assert idp.get("/Groups")["totalResults"] == 0
    found = rows_of(hakata)
    assert {name for name in found if found[name] != before[name]} <= {"SyncActivity"}


# -- versions


def test_versions_and_conditions(idp: Idp, aozora: Organization, people: list[Member]) -> None:
    made = created(idp, "Sales", people[0])
    first = made.etag
    path = f"/Groups/{made['id']}"

    assert idp.get(path, headers={"If-None-Match": first}).status == 304
    assert idp.get(f"{path}?excludedAttributes=members").etag == first
    for nothing in (
        add("members", [{"value": people[0].scim_id}]), remove("members", value=[{"value": people[1].scim_id}]),
        replace("displayName", "Sales"), add("members", []), replace("members", [{"value": people[0].scim_id}]),
    ):  # fmt: skip
        answer = patched(idp, made, nothing)
        assert (answer.status, answer.content, answer.etag) == (204, b"", first)
        assert again(idp, made)["meta"]["lastModified"] == made["meta"]["lastModified"]
    changed = patched(idp, made, add("members", [{"value": people[1].scim_id}]), headers={"If-Match": first})
    assert (changed.status, changed.etag != first) == (204, True)
    assert changed.etag == again(idp, made).etag
    assert again(idp, made)["meta"]["lastModified"] > made["meta"]["lastModified"]
    with unchanged_teams(aozora):
        for method, body in (
            ("PATCH", patch_body(remove("members"))), ("PUT", group("x", members=[])), ("DELETE", None),
        ):  # fmt: skip
            assert is_scim_error(idp.call(method, path, body, headers={"If-Match": first}), 412)
            assert is_scim_error(idp.call(method, path, body, headers={"If-None-Match": "*"}), 412)
    assert idp.call("DELETE", path, headers={"If-Match": "*"}).status == 204


def test_a_leaver_is_a_change_of_the_group(idp: Idp, people: list[Member]) -> None:
    made = created(idp, "Sales", *people)

    idp.delete(people[0].scim_id)

    assert again(idp, made).etag != made.etag
    assert ids(again(idp, made)) == [people[1].scim_id, people[2].scim_id]


# -- lists and filters


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('displayName eq "SALES"', {"Sales"}),
        ('displayName sw "s"', {"Sales", "Support"}),
        ('displayName ne "Sales"', {"Support", "Empty"}),
        ('externalId eq "7F"', {"Sales"}),
        ('externalId eq "7f"', set()),
        ("externalId pr", {"Sales"}),
        ("not (externalId pr)", {"Support", "Empty"}),
        ('members.value eq "{mia}"', {"Sales", "Support"}),
        ('members eq "{mia}"', {"Sales", "Support"}),
        ('members.value eq " {mia} "', {"Sales", "Support"}),
        ('members[value eq "{yuki} " or value eq "x"]', {"Sales"}),
        ('members[value eq "{mia}"]', {"Sales", "Support"}),
        ('members[value eq "{yuki}" or value eq "x"]', {"Sales"}),
        ('members[value eq "{mia}" and value eq "{yuki}"]', set()),
        ('members.value eq "{mia}" and members.value eq "{yuki}"', {"Sales"}),
        ('members[not (value eq "{mia}")]', {"Sales"}),
        ('members[type eq "User" and value eq "{yuki}"]', {"Sales"}),
        ('members[type eq "Group"]', set()),
        ('members.type eq "user "', {"Sales", "Support"}),
        ("members pr", {"Sales", "Support"}),
        ("members.value pr", {"Sales", "Support"}),
        ("not (members pr)", {"Empty"}),
        ('members.value eq "{yuki}" and displayName sw "S"', {"Sales"}),
        ('meta.created gt "2020-01-01T00:00:00Z"', {"Sales", "Support", "Empty"}),
        ('meta.lastModified lt "2020-01-01T00:00:00Z"', set()),
        ('meta.resourceType eq "Group"', {"Sales", "Support", "Empty"}),
        ('schemas eq "' + GROUP + '"', {"Sales", "Support", "Empty"}),
        ('id eq "{sales}"', {"Sales"}),
        (GROUP + ':displayName eq "sales"', {"Sales"}),
    ],
)
def test_groups_are_found(idp: Idp, people: list[Member], text: str, names: set[str]) -> None:
    mia, yuki, _ = people
    made = created(idp, "Sales", mia, yuki, externalId="7F")
    created(idp, "Support", mia)
    created(idp, "Empty")
    text = text.replace("{mia}", mia.scim_id).replace("{yuki}", yuki.scim_id).replace("{sales}", made["id"])

    answers = [
        idp.get("/Groups?filter=" + text.replace("+", "%2B").replace(" ", "%20")),
        idp.post({"filter": text}, "/Groups/.search"),
    ]

    for answer in answers:
        assert answer.status == 200, answer
        assert {found["displayName"] for found in answer["Resources"]} == names
        assert answer["totalResults"] == len(names)


@pytest.mark.parametrize("text", ['owner eq "x"', 'members.display eq "x"', 'userName eq "x"', 'members[x eq "1"]'])
def test_a_filter_on_what_is_not_stored_is_refused(idp: Idp, text: str) -> None:
    answer = idp.get("/Groups?filter=" + text.replace(" ", "%20"))

    assert (answer.status, answer["scimType"]) == (400, "invalidFilter")


def test_pages_are_walked_and_do_not_mix_with_those_of_users(
    idp: Idp, aozora: Organization, people: list[Member]
) -> None:
    teams = [Team.objects.create_team(aozora, f"T{number}", by=OPERATOR) for number in range(7)]
    seen: list[str] = []

    for start in (1, 3, 5, 7):
        answer = idp.get(f"/Groups?startIndex={start}&count=2")
        assert idp.get(f"/Users?startIndex={start}&count=2").status == 200
        assert answer["totalResults"] == 7
        seen += [found["id"] for found in answer["Resources"]]
        if start == 3:
            teams[0].disband(by=OPERATOR)

    assert seen == [team.scim_id for team in teams]
    assert idp.get("/Groups?count=0")["totalResults"] == 6
    assert [found["displayName"] for found in idp.get("/Groups?startIndex=6")["Resources"]] == ["T6"]


def test_a_page_ends_before_it_is_too_much_and_goes_on_behind(
    idp: Idp, aozora: Organization, people: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST", 4)
    more = [managed(aozora, f"m{number}") for number in range(3)]
    sizes = [2, 0, 2, 6, 1]
    made = [created(idp, f"T{number}", *[*people, *more][:size]) for number, size in enumerate(sizes)]
    seen: list[Any] = []
    lengths = []

    start = 1
    while True:
        answer = idp.get(f"/Groups?startIndex={start}")
        seen += answer["Resources"]
        lengths.append(answer["itemsPerPage"])
        start += answer["itemsPerPage"]
        if start > answer["totalResults"]:
            break

    assert lengths == [2, 1, 1, 1]
    assert [one["id"] for one in seen] == [one["id"] for one in made]
    assert [len(one.get("members", [])) for one in seen] == sizes
    assert idp.get("/Groups?excludedAttributes=members")["itemsPerPage"] == 5
    assert walked(idp, "sortBy=displayName&sortOrder=descending&") == [one["id"] for one in reversed(made)]
    assert walked(idp, "count=3&") == [one["id"] for one in made]


def walked(idp: Idp, query: str) -> list[str]:
    """The ids of all pages by cursor, there and back again."""
    answer, seen = idp.get(f"/Groups?{query}cursor="), list[str]()
    while True:
        seen += [one["id"] for one in answer["Resources"]]
        if "nextCursor" not in answer.body:
            break
        answer = idp.get(f"/Groups?{query}cursor={answer['nextCursor']}")
    back = [one["id"] for one in answer["Resources"]]
    while "previousCursor" in answer.body:
        answer = idp.get(f"/Groups?{query}cursor={answer['previousCursor']}")
        back = [one["id"] for one in answer["Resources"]] + back
    assert back == seen
    return seen


def test_groups_are_sorted(idp: Idp, people: list[Member]) -> None:
    mia, yuki, _ = people
    for name, members, external_id in (("b", [yuki], "2"), ("A", [mia], None), ("c", [], "1")):
        created(idp, name, *members, **({"externalId": external_id} if external_id else {}))

    def names(query: str) -> str:
        return "".join(one["displayName"] for one in idp.get(f"/Groups?{query}")["Resources"])

    first = "Ab" if mia.scim_id < yuki.scim_id else "bA"
    assert [names(f"sortBy={by}") for by in ("displayName", "externalId", "members", "members.value")] == [
        "Abc", "cbA", f"{first}c", f"{first}c",
    ]  # fmt: skip
    assert (names("sortBy=displayName&sortOrder=descending"), names("sortBy=meta.created")) == ("cbA", "bAc")
    assert idp.get("/Groups?sortBy=members.display")["scimType"] == "invalidPath"


def test_a_fault_of_a_body_is_named(idp: Idp, aozora: Organization) -> None:
    made = created(idp, "Sales")

    for body in (
        group("x", members=5),
        group("x", members=[5]),
        {"displayName": 5},
        group("x", members=[{"value": True}]),
    ):
        answer = idp.call("PUT", f"/Groups/{made['id']}", body)
        assert (answer.status, answer["scimType"]) == (400, "invalidValue"), body
        assert idp.last_activity().subject == "Sales"


def test_the_sync_activity_keeps_no_value_of_what_is_not_stored(idp: Idp, aozora: Organization) -> None:
    secret = "hunter2hunter2"
    made = created(idp, "Sales", owner=secret, members=[], **{"urn:x:Group": {"key": secret}})

    patched(idp, made, replace("owner", secret), add("members", [{"value": "nobody", "token": secret}]))
    patched(idp, made, {"op": "add", "value": {"apiKey": secret}}, remove(f'owners[value eq "{secret}"]'))
    idp.get(f"/Groups?filter=owner%20eq%20%22{secret}%22&x={secret}")
    idp.get(f"/Groups/{made['id']}/{secret}")

    assert aozora.sync_activity.count() == 5
    assert secret not in str(list(aozora.sync_activity.values()))
    assert "nobody" in aozora.sync_activity.filter(kind="patch").order_by("pk")[0].body
