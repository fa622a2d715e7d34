"""Nothing that is sent to one organization reaches another."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account, Domain, Member, Organization, Role, Team
from tests.cast import OPERATOR, managed, page_actor, provisioned, scim_token, signed_in
from tests.cast.rows import fresh, rows, rows_of
from tests.scim import NULAB, Answer, Idp, add, patch_body, remove, replace, user, work_email


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
    assert everybody == idp.get().names == ["aiko.tanaka@aozora.example"]


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
        idp.post(
            {"Operations": [{"method": "PUT", "path": f"/Users/{theirs.scim_id}", "data": {"userName": "a@b.c"}}]},
            "/Bulk",
        ),
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


# -- Every route, filter, key and page between two organizations whose people are alike


TAKEN = "There's already an account with that email."


def neighbour_of(member: Member, hakata: Organization) -> Member:
    return hakata.members.select_related("account").get(external_id=member.external_id)


def told(answer: Answer, *secrets: str) -> list[str]:
    """Which of these can be read in the answer, its headers included."""
    text = answer.content.decode() + repr(answer.headers)
    return [secret for secret in secrets if secret in text]


# -- another organization's ids


WRITES: dict[str, tuple[str, Any]] = {
    "read": ("GET", None),
    "replace": ("PUT", user("mia@aozora.example", displayName="Taken over", externalId="mia-1")),
    "change": ("PATCH", patch_body(replace("displayName", "Taken over"))),
    "deactivate": ("PATCH", patch_body(replace("active", False))),
    "promote": ("PATCH", patch_body(replace("roles", [{"value": "ADMIN"}]))),
    "change nothing": ("PATCH", patch_body()),
    "delete": ("DELETE", None),
}


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize("suffix", ["", "/", "?attributes=userName", "?excludedAttributes=meta"])
@pytest.mark.parametrize("what", WRITES)
def test_an_id_of_the_neighbour_is_as_unknown_as_an_invented_one(
    idp: Idp, mia: Member, hakata: Organization, what: str, suffix: str
) -> None:
    theirs = neighbour_of(mia, hakata)
    method, body = WRITES[what]
    before, mine = rows_of(hakata), fresh(mia).account.name

    answer = idp.call(method, f"/Users/{theirs.scim_id}{suffix}", body)
    invented = idp.call(method, f"/Users/{'0' * len(theirs.scim_id)}{suffix}", body)

    assert answer.status == invented.status == 404
    assert answer.detail.replace(theirs.scim_id, "") == invented.detail.replace("0" * len(theirs.scim_id), "")
    assert told(answer, theirs.account.email, theirs.account.name, hakata.name, hakata.space_key) == []
    assert rows_of(hakata) == before
    assert fresh(mia).account.name == mine


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize(
    "path", ["/Groups/{id}", "/Me/{id}", "/Bulk/{id}", "/Users/{id}/x", "/ResourceTypes/{id}", "/{id}"]
)
def test_no_other_address_knows_the_neighbours_id_either(
    idp: Idp, mia: Member, hakata: Organization, method: str, path: str
) -> None:
    theirs = neighbour_of(mia, hakata)
    before = rows_of(hakata)

    answer = idp.call(method, path.format(id=theirs.scim_id), user("x@aozora.example") if method != "GET" else None)

    assert answer.status in (404, 405, 501)
    assert told(answer, theirs.account.email, theirs.account.name) == []
    assert rows_of(hakata) == before


@pytest.mark.usefixtures("mia", "kenji")
def test_a_validator_of_the_neighbours_row_opens_nothing(
    idp: Idp, next_door: Idp, mia: Member, hakata: Organization
) -> None:
    theirs = neighbour_of(mia, hakata)
    version = next_door.read(theirs.scim_id).etag

    assert idp.get(f"/Users/{theirs.scim_id}", headers={"If-None-Match": version}).status == 404
    assert idp.delete(theirs.scim_id, headers={"If-Match": version}).status == 404
    assert fresh(theirs).account.is_active


# -- another organization's token


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/Users"),
        ("GET", "/Users/{id}"),
        ("POST", "/Users"),
        ("PUT", "/Users/{id}"),
        ("PATCH", "/Users/{id}"),
        ("DELETE", "/Users/{id}"),
        ("POST", "/Users/.search"),
        ("GET", "/Groups"),
        ("GET", "/Me"),
        ("POST", "/Bulk"),
        ("GET", "/Schemas"),
        ("GET", "/ResourceTypes"),
        ("GET", "/ServiceProviderConfig"),
        ("GET", ""),
    ],
)
def test_the_neighbours_token_opens_no_address_of_this_organization(
    idp: Idp, next_door: Idp, mia: Member, hakata: Organization, aozora: Organization, method: str, path: str
) -> None:
    stranger = Idp(aozora, secret=next_door.secret)
    before, hakatas = fresh(mia), rows_of(hakata)

    answer = stranger.call(method, path.format(id=mia.scim_id), user("x@aozora.example") if method != "GET" else None)

    assert answer.status == 401
    assert told(answer, "aozora", "Mia") == []
    assert aozora.members.count() == 3
    assert fresh(mia).modified_at == before.modified_at
    assert rows_of(hakata) == hakatas, "not even noted as used"


# -- filters


FILTERS = [
    "",
    "userName pr",
    "id pr",
    'userName eq "mia@hakata.example"',
    'USERNAME eq "MIA@HAKATA.EXAMPLE"',
    'userName co "hakata"',
    'userName ew "@hakata.example"',
    'userName sw "mia"',
    'userName gt "a"',
    'userName ne "mia@aozora.example"',
    'not (userName eq "mia@aozora.example")',
    'not (userName co "aozora")',
    'userName eq "nobody" or userName co "hakata"',
    'userName eq "nobody" or id pr',
    'userName eq "nobody" or not (id eq "nobody")',
    '(userName co "hakata" or userName co "aozora") and active eq true',
    'userName co "aozora" and active eq true or userName co "hakata"',
    'externalId eq "mia-1"',
    'externalId co "-1"',
    'externalId eq "mia-1" or externalId eq "kenji-1"',
    'emails.value eq "mia@hakata.example"',
    'emails.value co "@"',
    'emails[type eq "work"].value eq "mia@hakata.example"',
    'emails[value co "hakata"]',
    'emails[type eq "work" or value co "hakata"]',
    'displayName eq "Mia Sato"',
    'name.familyName pr or displayName co "a"',
    'nickName eq "mia"',
    f'{NULAB}:uniqueId eq "mia"',
    'roles eq "ADMIN"',
    'roles[value eq "USER"]',
    "active eq true",
    "active eq true or active eq false",
    'meta.created gt "2000-01-01T00:00:00Z"',
    'meta.lastModified le "2999-01-01T00:00:00Z"',
    'meta.resourceType eq "User"',
    'schemas co "User"',
    "groups pr or not (groups pr)",
    'preferredLanguage eq "en"',
    'timezone eq "UTC"',
]  # fmt: skip


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize("text", FILTERS)
def test_no_filter_shows_the_neighbour(idp: Idp, text: str) -> None:
    by_query = idp.find(text) if text else idp.get()
    by_search = idp.search(filter=text) if text else idp.search()
    crowd = idp.find(text or "id pr", count=0)

    for answer in (by_query, by_search):
        assert answer.status == 200, answer
        assert told(answer, "hakata") == []
        assert answer["totalResults"] == len(answer.names) == crowd["totalResults"]
    assert {name.rpartition("@")[2] for name in by_query.names} <= {"aozora.example"}


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize("attribute", ["id", "externalId"])
def test_the_neighbours_id_is_found_by_no_filter(idp: Idp, mia: Member, hakata: Organization, attribute: str) -> None:
    theirs = neighbour_of(mia, hakata)
    text = f'{attribute} eq "{theirs.scim_id}"'

    for filter_text in (text, f'{text} or userName eq "nobody"', f"({text})", text.replace(" eq ", " sw ")):
        assert idp.find(filter_text)["totalResults"] == 0


@pytest.mark.usefixtures("mia", "kenji")
def test_the_other_tokens_answers_to_the_same_filter_are_the_other_people(idp: Idp, next_door: Idp) -> None:
    assert idp.find('externalId eq "mia-1"').names == ["mia@aozora.example"]
    assert next_door.find('externalId eq "mia-1"').names == ["mia@hakata.example"]


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize("page", ["startIndex=4", "startIndex=100", "count=1000", "startIndex=-1&count=1000"])
def test_no_page_reaches_over_the_end_of_the_organization(idp: Idp, page: str) -> None:
    answer = idp.get(f"/Users?{page}")

    assert answer["totalResults"] == 3
    assert told(answer, "hakata") == []


# -- another organization's addresses


@pytest.mark.usefixtures("mia", "kenji")
def test_an_address_of_the_neighbour_is_refused_for_its_domain(idp: Idp, hakata: Organization) -> None:
    before = rows_of(hakata)

    answer = idp.post(user("MIA@Hakata.example"))

    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert "hakata.example" in answer.detail
    assert told(answer, "Mia Sato", "Hakata Labs", TAKEN) == []
    assert rows_of(hakata) == before


@pytest.fixture
def shared_domain(aozora: Organization, hakata: Organization) -> Member:
    """Both have verified group.example; Hakata's Mei Noda is there already."""
    for organization in (aozora, hakata):
        Domain.objects.add(organization, "group.example", by=OPERATOR).vouch(by=OPERATOR)
    return managed(
        hakata, "mei", user_name="mei@group.example", email="mei.noda@group.example", display_name="Mei Noda"
    )


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize(
    "sent",
    [
        user("mei@group.example"),
        user("MEI@Group.Example"),
        user("mei.noda@group.example"),
        user("new@group.example", emails=work_email("Mei@GROUP.example")),
        user("new@group.example", emails=work_email("MEI.NODA@group.example")),
    ],
    ids=lambda sent: str(sent.get("emails", sent["userName"])),
)
def test_an_address_that_the_neighbour_has_is_taken_and_nobody_is_named(
    idp: Idp, hakata: Organization, shared_domain: Member, mia: Member, sent: dict[str, Any]
) -> None:
    before, people = rows_of(hakata), idp.organization.members.count()

    created = idp.post(sent)
    replaced = idp.put(mia.scim_id, sent)
    changed = idp.patch(mia.scim_id, replace("userName", sent["userName"]), replace("emails", sent.get("emails")))

    for answer in (created, replaced, changed):
        assert (answer.status, answer["scimType"], answer.detail) == (409, "uniqueness", TAKEN), answer
    assert rows_of(hakata) == before
    assert idp.organization.members.count() == people
    assert fresh(mia).account.user_name == "mia@aozora.example"


@pytest.mark.usefixtures("mia", "kenji")
def test_inside_the_organization_the_one_who_has_the_address_is_named(idp: Idp, kenji: Member) -> None:
    answer = idp.post(user("Kenji@Aozora.example"))

    assert answer.status == 409
    assert answer.detail.startswith(TAKEN)
    assert kenji.account.name in answer.detail


@pytest.mark.usefixtures("mia", "kenji")
def test_unique_ids_and_external_ids_may_be_the_same_next_door(idp: Idp, next_door: Idp) -> None:
    fields = {"externalId": "x-1", NULAB: {"uniqueId": "twin"}}

    assert next_door.create("nao", **fields).status == idp.create("nao", **fields).status == 201


# -- internal keys


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize(
    "key", ["1", "0", "administrator's primary key", "administrator's id", "neighbour's id", "other member's id"]
)
def test_an_external_id_is_never_an_internal_key(
    idp: Idp, aiko: Member, mia: Member, kenji: Member, hakata: Organization, key: str
) -> None:
    external_id = {
        "administrator's primary key": str(aiko.account_id),
        "administrator's id": aiko.scim_id,
        "neighbour's id": neighbour_of(mia, hakata).scim_id,
        "other member's id": kenji.scim_id,
    }.get(key, key)
    ids = set(Member.objects.values_list("scim_id", flat=True))
    others = list(Account.objects.order_by("pk").values())
    hakatas = rows_of(hakata)

    answer = idp.create("nao", externalId=external_id, id=external_id)

    new = idp.member(answer)
    assert answer["id"] not in {*ids, external_id}
    assert answer["externalId"] == external_id
    assert list(Account.objects.exclude(pk=new.account_id).order_by("pk").values()) == others
    assert rows_of(hakata) == hakatas
    assert new.account_id != aiko.account_id
    assert idp.find(f'externalId eq "{external_id}"').names == ["nao@aozora.example"]
    assert fresh(aiko).role == "ADMIN"


@pytest.mark.usefixtures("mia", "kenji")
@pytest.mark.parametrize("key", ["pk", "account_id", "external_id", "unique_id"])
def test_only_the_scim_id_is_an_address(idp: Idp, mia: Member, key: str) -> None:
    assert idp.read(str(getattr(mia, key))).status == 404
    assert idp.delete(str(getattr(mia, key))).status == 404
    assert fresh(mia).account.is_active


# -- pages


def pages_of(organization: Organization, member: Member) -> list[str]:
    token, _ = scim_token(organization)
    place = {"space_key": organization.space_key}
    return [
        reverse("provisioning", kwargs=place),
        reverse("provisioning-manage", kwargs=place),
        reverse("provisioning-review", kwargs=place),
        reverse("activity", kwargs=place),
        reverse("token-issue", kwargs=place),
        reverse("token-revoke", kwargs={**place, "token_id": token.pk}),
        reverse("token-issuer", kwargs={**place, "token_id": token.pk}),
        reverse("member", kwargs={**place, "scim_id": member.scim_id}),
    ]


@pytest.mark.usefixtures("mia", "kenji")
def test_an_administrator_next_door_finds_neither_pages_nor_tokens(
    client: Client, ren: Member, mia: Member, hakata: Organization, aozora: Organization
) -> None:
    browser = signed_in(client, ren)
    strange = pages_of(aozora, mia)
    before = rows_of(aozora)

    answers = {page: {browser.get(page).status_code, browser.post(page).status_code} for page in strange}

    # 405 where the page takes no GET or no POST from anybody.
    assert {page: got for page, got in answers.items() if 404 not in got or got - {404, 405}} == {}
    assert rows_of(aozora) == before


@pytest.mark.usefixtures("mia", "kenji")
def test_a_token_of_the_neighbour_is_no_token_of_the_own_pages(
    client: Client, ren: Member, hakata: Organization, aozora: Organization
) -> None:
    token, _ = scim_token(aozora)
    browser = signed_in(client, ren)

    for name in ("token-revoke", "token-issuer"):
        page = reverse(name, kwargs={"space_key": hakata.space_key, "token_id": token.pk})
        assert browser.post(page, {"issuer": ren.pk}).status_code == 404
    token.refresh_from_db()
    assert token.is_live
    assert token.issuer_id != ren.pk


@pytest.mark.usefixtures("mia", "kenji")
def test_the_sync_activity_shows_the_own_calls_only(client: Client, ren: Member, idp: Idp, next_door: Idp) -> None:
    mine, theirs = idp.create("nao"), next_door.create("emi")

    page = signed_in(client, ren).get(reverse("activity", args=[next_door.organization.space_key]))

    text = page.content.decode()
    assert theirs.headers["x-request-id"] in text
    assert mine.headers["x-request-id"] not in text
    assert "aozora" not in text


# -- sandboxes are worlds of their own


@pytest.mark.usefixtures("mia", "kenji")
def test_the_invented_people_of_a_sandbox_take_nothing_from_anybody(play_idp: Idp, idp: Idp, mia: Member) -> None:
    invented = play_idp.post(user("mia@aozora.example", externalId="mia-1", **{NULAB: {"uniqueId": "mia"}}))
    real = idp.create("nao")
    copied = play_idp.post(user("nao@aozora.example"))

    assert (invented.status, real.status, copied.status) == (201, 201, 201)
    assert len({invented["id"], real["id"], copied["id"], mia.scim_id}) == 4
    assert idp.find('userName eq "mia@aozora.example"')["Resources"][0]["id"] == mia.scim_id
    assert Account.objects.with_address("mia@aozora.example") == mia.account


@pytest.mark.usefixtures("mia", "kenji")
def test_an_account_of_both_is_written_by_its_managing_organization_only(
    idp: Idp, next_door: Idp, hakata: Organization, aozora: Organization, ren: Member
) -> None:
    guest = provisioned(aozora, "yuki")
    place = Member.objects.add(hakata, guest.account, role=Role.USER, by=page_actor(ren))

    assert next_door.read(place.scim_id)["userName"] == "yuki@aozora.example"
    refused = next_door.patch(place.scim_id, replace("active", False))
    assert refused.status == 403
    assert "Aozora" not in refused.detail
    assert next_door.read(guest.scim_id).status == 404
    assert fresh(guest).account.is_active
