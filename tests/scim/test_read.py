"""Reading people, and what the RFCs say of times, versions and types."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from members.models import Member, Organization, Role, Team, TeamRule
from members.models.team_rules.brought import Gives
from tests.cast import OPERATOR, managed, nulab
from tests.scim import CORE, NULAB, Answer, Idp, is_scim_error, patch_body, replace, user, work_email


@pytest.fixture
def many(idp: Idp) -> list[Member]:
    """Five Managed Accounts beside Aiko, in the order of their creation."""
    return [managed(idp.organization, f"m{number}") for number in range(1, 6)]


def test_everybody_is_listed_also_who_is_inactive_or_keeps_their_own_account(idp: Idp, kenji: Member) -> None:
    nulab(idp.organization, "yuki")
    kenji.deactivate(by=OPERATOR)

    answer = idp.get("/Users")

    assert answer["totalResults"] == 3
    assert answer.names == ["aiko.tanaka@aozora.example", "kenji@aozora.example", "yuki@aozora.example"]


@pytest.mark.parametrize(
    ("query", "start", "names"),
    [
        ("startIndex=1&count=2", 1, ["aiko.tanaka", "m1"]),
        ("startIndex=3&count=2", 3, ["m2", "m3"]),
        ("startIndex=6&count=2", 6, ["m5"]),
        ("startIndex=7", 7, []),
        ("startIndex=0&count=1", 1, ["aiko.tanaka"]),
        ("startIndex=-5&count=1", 1, ["aiko.tanaka"]),
        (f"startIndex={10**20}", 2**31, []),
        ("count=0", 1, []),
        ("count=-1", 1, []),
        (f"count={10**20}&startIndex=5", 5, ["m4", "m5"]),
        ("startIndex=&count=&unknown=1&start-index=x", 1, ["aiko.tanaka", "m1", "m2", "m3", "m4", "m5"]),
    ],
)
def test_a_page_is_cut_where_it_is_asked(
    idp: Idp, many: list[Member], query: str, start: int, names: list[str]
) -> None:
    answer = idp.get(f"/Users?{query}")

    assert answer.status == 200
    assert (answer["totalResults"], answer["itemsPerPage"], answer["startIndex"]) == (6, len(names), start)
    assert answer.names == [f"{name}@aozora.example" for name in names]


@pytest.mark.parametrize(
    "query", ["startIndex=one", "count=1.5", "count=0x10", "startIndex=１", "count=1;2", "count=--1"]
)
def test_what_is_no_number_is_refused(idp: Idp, query: str) -> None:
    answer = idp.get(f"/Users?{query}")

    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert "must be a whole number" in answer.detail


def test_all_pages_together_are_everybody_once(idp: Idp, many: list[Member]) -> None:
    pages = [idp.get(f"/Users?startIndex={start}&count=2").names for start in (1, 3, 5)]

    assert sorted(name for page in pages for name in page) == sorted(idp.get("/Users").names)


def test_a_page_has_a_thousand_at_most_and_a_hundred_unless_asked(idp: Idp) -> None:
    assert idp.get("/ServiceProviderConfig")["filter"]["maxResults"] == 1000


@pytest.mark.parametrize(
    "path", ["/Users", "/Users/", "//Users", "///Users/", "/Users?aadOptscim062020", "/Users/?x=1"]
)
def test_slashes_and_unknown_parameters_do_no_harm(idp: Idp, path: str) -> None:
    assert idp.get(path)["totalResults"] == 1


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("attributes=userName", {"userName"}),
        ("attributes=USERNAME,Active", {"userName", "active"}),
        (f"attributes={CORE}:userName", {"userName"}),
        ("attributes=emails.value", {"emails"}),
        (f"attributes={NULAB}:uniqueId", {NULAB}),
        (f"attributes={NULAB}", {NULAB}),
        ("attributes=meta.version,title", {"meta"}),
        ("attributes=title", set()),
        ("attributes=id", set()),
    ],
)
def test_only_the_attributes_asked_for_are_returned(idp: Idp, query: str, fields: set[str]) -> None:
    made = idp.create("nao", nickName="nao")

    for answer in (idp.get(f"/Users/{made['id']}?{query}"), idp.get(f"/Users?{query}&startIndex=2")):
        user = answer.body.get("Resources", [answer.body])[0]
        assert set(user) == {"schemas", "id"} | fields


def test_a_sub_attribute_comes_without_its_siblings(idp: Idp) -> None:
    made = idp.create("nao", name={"givenName": "Nao", "familyName": "Ito"})
    path = f"/Users/{made['id']}"

    assert idp.get(f"{path}?attributes=name.familyName")["name"] == {"familyName": "Ito"}
    assert idp.get(f"{path}?attributes={CORE}:name.GIVENNAME")["name"] == {"givenName": "Nao"}
    assert idp.get(f"{path}?attributes=meta.resourceType")["meta"] == {"resourceType": "User"}
    assert idp.get(f"{path}?excludedAttributes=name.givenName")["name"] == {"familyName": "Ito"}
    assert idp.get(f"{path}?excludedAttributes=emails.type,emails.primary")["emails"] == [
        {"value": "nao@aozora.example"}
    ]


def test_excluded_attributes_are_left_out_but_never_the_id(idp: Idp) -> None:
    made = idp.create("nao", nickName="nao")

    answer = idp.get(f"/Users/{made['id']}?excludedAttributes=id,schemas,meta,Emails,{NULAB},{CORE}:active")

    assert set(answer.body) == set(made.body) - {"meta", "emails", NULAB, "active"}


def test_asking_for_and_excluding_at_once_is_refused(idp: Idp) -> None:
    assert idp.get("/Users?attributes=userName&excludedAttributes=emails").status == 400


def test_the_answer_to_a_write_is_cut_too(idp: Idp) -> None:
    made = idp.post({"userName": "nao@aozora.example"}, "/Users?attributes=userName")

    assert set(made.body) == {"schemas", "id", "userName"}
    changed = idp.call(
        "PATCH", f"/Users/{made['id']}?excludedAttributes=meta", {"Operations": [replace("active", "False")]}
    )
    assert "meta" not in changed.body


# -- versions


def test_a_known_version_is_answered_without_the_resource(idp: Idp, kenji: Member) -> None:
    first = idp.read(kenji.scim_id)

    for tag in (first.etag, first.etag.removeprefix("W/"), f'W/"x", {first.etag}'):
        again = idp.get(f"/Users/{kenji.scim_id}", headers={"If-None-Match": tag})
        assert (again.status, again.content, again.etag) == (304, b"", first.etag)
    assert idp.get(f"/Users/{kenji.scim_id}", headers={"If-None-Match": 'W/"x"'}).status == 200


@pytest.mark.parametrize("change", ["displayName", "team", "role", "other organization"])
def test_the_version_changes_with_whatever_a_reader_can_see(
    idp: Idp, hakata: Organization, kenji: Member, change: str
) -> None:
    before = idp.read(kenji.scim_id)

    match change:
        case "displayName":
            idp.patch(kenji.scim_id, replace("displayName", "K"))
        case "role":
            idp.patch(kenji.scim_id, replace("roles", "GUEST"))
        case "team":
            Team.objects.create_team(idp.organization, "Sales", by=OPERATOR).add(kenji, by=OPERATOR)
        case "other organization":
            guest = Member.objects.add(idp.organization, managed(hakata, "guest").account, role=Role.USER, by=OPERATOR)
            before = idp.read(guest.scim_id)
            guest.account.memberships.get(organization=hakata).change_profile({"display_name": "G"}, by=OPERATOR)
            assert idp.read(guest.scim_id).etag != before.etag
            return

    assert idp.read(kenji.scim_id).etag != before.etag


# -- cost

# Statements of a call, whatever the size of the organization and of the page. SAVEPOINT, BEGIN and COMMIT count not.
READS = {
    "read one": ("/Users/{id}", 2),
    "match by userName": ("/Users?filter=userName+eq+%22m1@aozora.example%22", 2),
    "match nobody": ("/Users?filter=externalId+eq+%22nobody%22", 2),
    "a page": ("/Users", 3),
    "a filtered page": ("/Users?filter=displayName+sw+%22M%22", 3),
}


# The line of the sync activity, the count of its hour and of the limit: one statement on PostgreSQL.
LINE = 4 if connection.vendor == "sqlite" else 0


@pytest.mark.parametrize("has_teams", [False, True], ids=["without teams", "with teams"])
def test_a_read_costs_the_same_for_three_members_and_for_sixty(
    idp: Idp, django_assert_num_queries: Any, settings: Any, has_teams: bool
) -> None:
    settings.SCIM_RATE = 1000
    for size in (3, 60):
        grown(idp, size, has_teams)
        member = idp.organization.members.get(user_name_key="m1@aozora.example")
        idp.get()  # the minute of the token's last use is written, the statements are compiled
        for name, (path, cost) in READS.items():
            with django_assert_num_queries(cost + LINE, info=f"{name}, {size} members"):
                answer = idp.get(path.replace("{id}", member.scim_id))
            assert answer.status == 200


# Bodies of PATCH as Entra and Okta send them all day long.
DAILY: dict[str, Callable[[str], list[Any]]] = {
    "patch": lambda new: [replace("displayName", new)],
    "patch nothing": lambda new: [replace("displayName", "before")],
    "deactivate": lambda new: [replace("active", "False")],
    "reactivate": lambda new: [replace("active", "True")],
    "deactivate as Okta": lambda new: [{"op": "replace", "value": {"active": False}}],
    "patch as Entra": lambda new: [
        {"op": "Replace", "path": "displayName", "value": new},
        {"op": "Replace", "path": "name.givenName", "value": new},
        {"op": "Replace", "path": "name.familyName", "value": "Family"},
        {"op": "Add", "path": "externalId", "value": new},
        {"op": "Add", "path": "preferredLanguage", "value": "ja-JP"},
        {"op": "Replace", "path": 'roles[primary eq "True"].value', "value": "USER"},
    ],
    "another e-mail": lambda new: [
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": f"{new}@aozora.example"}
    ],
    "another userName": lambda new: [{"op": "Replace", "path": "userName", "value": f"{new}@aozora.example"}],
}
WRITES = ["create", "put", "delete", *DAILY]


@pytest.mark.parametrize("has_teams", [False, True], ids=["without teams", "with teams"])
def test_a_write_costs_four_statements_for_three_members_and_for_sixty(
    idp: Idp, django_assert_max_num_queries: Any, settings: Any, has_teams: bool
) -> None:
    """Token, lock, everything that decides, everything that changes; on SQLite what changes is a statement each."""
    settings.SCIM_RATE = 1000
    for size in (3, 60):
        grown(idp, size, has_teams)
        for name in WRITES:
            # Each finds the organization as it was.
            with transaction.atomic():
                member = ready_for(idp, name, f"m{size - 1}@aozora.example")
                # A transaction within that of the test: SAVEPOINT and RELEASE.
                most = 4 + 2 if connection.vendor == "postgresql" else 36
                with django_assert_max_num_queries(most, info=f"{name}, {size} members") as queries:
                    answer = written(idp, name, member, f"new{size}")
                assert answer.status < 300, name
                assert not [one for one in queries.captured_queries[2:-1] if "SAVEPOINT" in one["sql"]], name
                transaction.set_rollback(True)


def ready_for(idp: Idp, name: str, user_name: str) -> Member:
    """The member to write to, at an IdP that has sent each field before: that it does is written the first time."""
    member = idp.organization.members.select_related("account").get(user_name_key=user_name)
    if name == "reactivate":
        idp.patch(member.scim_id, replace("active", False))
    idp.create("first", displayName="New", emails=work_email("first@aozora.example"))
    idp.patch(idp.create("all").body["id"], *DAILY["patch as Entra"]("all"))
    idp.patch(member.scim_id, replace("displayName", "before"))
    return member


def written(idp: Idp, name: str, member: Member, handle: str) -> Answer:
    match name:
        case "create":
            return idp.create(handle, displayName="New", emails=work_email(f"{handle}@aozora.example"))
        case "put":
            return idp.put(member.scim_id, user(member.account.user_name, displayName=handle))
        case "delete":
            return idp.delete(member.scim_id)
        case _:
            return idp.patch(member.scim_id, *DAILY[name](handle))


def grown(idp: Idp, size: int, has_teams: bool) -> None:
    """The organization with so many members, the new ones in two teams with a rule each, or in none."""
    new = [managed(idp.organization, f"m{number}") for number in range(idp.organization.members.count(), size)]
    for name in ("Sales", "Design") if has_teams else ():
        team = Team.objects.create_team(idp.organization, f"{name} {size}", by=OPERATOR)
        for member in new:
            team.add(member, by=OPERATOR)
        # It gives them what they have, and is read with each of them.
        TeamRule.objects.create_rule(team, Gives.USER, by=OPERATOR)


# -- What the RFCs say of times, schemas, preconditions and types, through the public URL


@pytest.mark.parametrize("fields", [{}, {"nickName": "nn"}, {"active": False, "externalId": "n-1"}], ids=str)
def test_nobody_has_been_modified_before_something_changes(idp: Idp, fields: dict[str, Any]) -> None:
    meta = idp.create("nao", **fields)["meta"]

    assert meta["lastModified"] == meta["created"]


def test_a_filter_on_schemas_sees_those_of_each(idp: Idp) -> None:
    idp.create("nao", nickName="nn")
    everybody, chosen = idp.organization.members.count(), 1

    found = {
        text: idp.find(text).body["totalResults"]
        for text in (
            f'schemas eq "{NULAB}"', f'schemas ne "{NULAB}"', f'schemas eq "{CORE.upper()}"', f'schemas ne "{CORE}"',
            'schemas co "nulab"', 'schemas sw "urn:"', 'schemas ew ":user"', "schemas pr", 'not (schemas co "nulab")',
        )
    }  # fmt: skip

    others = everybody - chosen
    assert list(found.values()) == [chosen, others, everybody, 0, chosen, everybody, everybody, everybody, others]
    assert is_scim_error(idp.find('schemas gt "a"'), 400)


def test_any_version_is_known_to_if_none_match_with_a_star(idp: Idp) -> None:
    nao = idp.create("nao")
    star = {"If-None-Match": "*"}

    assert idp.get(f"/Users/{nao['id']}", headers=star).status == 304
    assert idp.put(nao["id"], user("nao@aozora.example"), headers=star).status == 412
    patched = idp.call("PATCH", f"/Users/{nao['id']}", patch_body(replace("active", False)), headers=star)
    assert patched.status == 412
    assert idp.delete(nao["id"], headers=star).status == 412
    assert idp.get("/Users/nobody", headers=star).status == 404


def test_every_attribute_is_described(idp: Idp) -> None:
    for schema in idp.get("/Schemas")["Resources"]:
        for attribute in schema["attributes"]:
            for one in (attribute, *attribute.get("subAttributes", ())):
                assert one["description"], one["name"]
    core = idp.get(f"/Schemas/{CORE}").body
    assert (core["name"], core["description"]) == ("User", "User Account")


TEXTS: list[dict[str, Any]] = [
    {"userName": 123}, {"name": {"givenName": 1}}, {"timezone": {"a": 1}},
    *({name: 5} for name in ("displayName", "nickName", "preferredLanguage", "locale", "timezone")),
]  # fmt: skip


@pytest.mark.parametrize("wrong", TEXTS, ids=str)
def test_a_number_is_no_text(idp: Idp, wrong: dict[str, Any]) -> None:
    answer = idp.post(user("nao@aozora.example") | wrong)

    assert is_scim_error(answer, 400)
    assert answer["scimType"] == "invalidValue"


@pytest.mark.parametrize("query", ["filter=", "filter=%20", "filter"])
def test_an_empty_filter_is_not_everybody(idp: Idp, query: str) -> None:
    answer = idp.get(f"/Users?{query}")

    assert is_scim_error(answer, 400)
    assert answer["scimType"] == "invalidFilter"
    assert idp.search(filter="").status == 400
    assert idp.search(filter=None).status == 200


def test_what_is_not_offered_is_no_error_of_the_site(idp: Idp, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert idp.post({}, "/Me").status == 501

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("roles", [{}, {"roles": None}, {"roles": []}], ids=str)
def test_a_put_that_says_no_role_leaves_the_role(idp: Idp, roles: dict[str, Any]) -> None:
    nao = idp.create("nao", roles=[{"value": "USER"}])

    assert idp.put(nao["id"], user("nao@aozora.example", **roles))["roles"] == nao["roles"]
