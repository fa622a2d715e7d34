"""What the apps can read: the right things, a page at a time, at a constant number of statements."""

import datetime
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from members.models import Member, Organization, Product, Role, Subscription, Team
from tests.api import Api, Said
from tests.cast import OPERATOR, idp_actor, managed, nulab, page_actor, scim_token

pytestmark = pytest.mark.django_db


def pages(api: Api, path: str, **query: Any) -> Iterator[Said]:
    """The whole walk through a list."""
    cursor: Any = None
    while True:
        answer = api.get(f"{path}?{urlencode({**query, **({'cursor': cursor} if cursor else {})})}")
        assert answer.status == 200, answer.content
        yield answer
        if not (cursor := answer["next_cursor"]):
            return


def walk(api: Api, path: str, **query: Any) -> list[Any]:
    return [item for page in pages(api, path, **query) for item in page["items"]]


def at(organization: Organization, rest: str = "") -> str:
    return f"organizations/{organization.space_key}{rest}"


def test_an_organization_and_all_of_them(hakata: Organization, aozora: Organization, backlog: Api) -> None:
    told = {
        "space_key": aozora.space_key, "organization_id": "aozora", "name": "Aozora Design", "is_sandbox": False,
    }  # fmt: skip

    assert backlog.get(at(aozora)).body == told
    assert walk(backlog, "organizations", limit=1) == [backlog.get(at(hakata)).body, told]


def test_a_member_is_told_whole(mia: Member, aiko: Member, backlog: Api) -> None:
    Subscription.objects.buy(mia.organization, Product.CACOO, 5, by=OPERATOR)
    mia.assign_licence(Product.CACOO, by=page_actor(aiko))
    mia.refresh_from_db()

    answer = backlog.get(at(mia.organization, f"/members/{mia.scim_id}")).body

    assert answer == {
        "id": mia.scim_id, "unique_id": "mia", "name": mia.account.name, "user_name": "mia@aozora.example",
        "email": "mia@aozora.example", "role": mia.role, "is_plan_admin": False, "can_invite": False,
        "is_audit_log_admin": False, "active": True, "account_type": "managed", "managed_here": True,
        "licences": ["pass", "cacoo"], "language": mia.account.language, "time_zone": mia.account.time_zone,
        "created_at": mia.created_at.isoformat().replace("+00:00", "Z"),
        "modified_at": mia.modified_at.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip


def test_a_member_is_found_by_an_address_or_the_unique_id(mia: Member, kenji: Member, backlog: Api) -> None:
    members = at(mia.organization, "/members")

    for query in ({"address": "MIA@aozora.example"}, {"unique_id": "MIA"}, {"address": "mia@aozora.example"}):
        assert [one["id"] for one in walk(backlog, members, **query)] == [mia.scim_id]
    assert walk(backlog, members, address="mia@hakata.example") == []
    assert walk(backlog, members, address="mia@aozora.example", unique_id="kenji") == []


def test_a_list_is_walked_to_its_end_while_it_grows(aozora: Organization, backlog: Api) -> None:
    for number in range(7):
        managed(aozora, f"m{number}")
    members = at(aozora, "/members")
    there = [one.scim_id for one in aozora.members.order_by("pk")]
    seen = []

    for page in pages(backlog, members, limit=3):
        assert len(page["items"]) <= 3
        seen += [one["id"] for one in page["items"]]
        if len(seen) == 3:
            there.append(managed(aozora, "late").scim_id)

    assert seen == there


def test_only_those_changed_since_are_told(aozora: Organization, aiko: Member, backlog: Api) -> None:
    changed, deactivated, untouched = (managed(aozora, handle) for handle in ("mia", "kenji", "nora"))
    an_hour_ago = untouched.modified_at - datetime.timedelta(hours=1)
    aozora.members.update(modified_at=an_hour_ago)
    since = (an_hour_ago + datetime.timedelta(minutes=1)).isoformat()
    changed.change_profile({"display_name": "Mia Ito"}, by=page_actor(aiko))
    deactivated.deactivate(by=page_actor(aiko))

    found = walk(backlog, at(aozora, "/members"), changed_since=since, limit=1)

    assert [one["unique_id"] for one in found] == ["mia", "kenji"]
    # The plus sign as it stands, which means a blank in an address.
    assert "+00:00" in since
    assert len(backlog.get(f"{at(aozora, '/members')}?changed_since={since}")["items"]) == 2


def test_a_page_of_changes_looks_at_so_many_rows_at_most(
    aozora: Organization, backlog: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.questions import members

    monkeypatch.setattr(members, "LOOKED_AT", 4)
    everybody = [managed(aozora, f"m{number}") for number in range(9)]
    aozora.members.update(modified_at=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC))
    late = everybody[7]
    aozora.members.filter(pk=late.pk).update(modified_at=datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC))

    walked = list(pages(backlog, at(aozora, "/members"), changed_since="2026-02-01T00:00:00Z"))

    assert [[one["id"] for one in page["items"]] for page in walked] == [[], [], [late.scim_id]]
    # The time to go on from is that of the first page, with room for changes that are not committed yet.
    [first] = {page["next_changed_since"] for page in walked}
    assert datetime.datetime.fromisoformat(first) < datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=4)


def test_teams_and_who_is_in_them(mia: Member, kenji: Member, aiko: Member, backlog: Api) -> None:
    organization = mia.organization
    team = Team.objects.create_team(organization, "Platform", by=OPERATOR)
    for member in (mia, kenji):
        team.add(member, by=page_actor(aiko))

    [told] = walk(backlog, at(organization, "/teams"))

    assert (told["id"], told["name"]) == (team.scim_id, "Platform")
    assert backlog.get(at(organization, f"/teams/{team.scim_id}")).body == told
    people = walk(backlog, at(organization, f"/teams/{team.scim_id}/members"), limit=1)
    assert [one["id"] for one in people] == [mia.scim_id, kenji.scim_id]


def test_licences_and_who_holds_them(mia: Member, kenji: Member, aiko: Member, backlog: Api) -> None:
    organization = mia.organization
    Subscription.objects.buy(organization, Product.CACOO, 5, by=OPERATOR)
    for member in (mia, kenji):
        member.assign_licence(Product.CACOO, by=page_actor(aiko))

    told = {one["product"]: one for one in backlog.get(at(organization, "/licences"))["items"]}

    assert told["cacoo"] == {"product": "cacoo", "bought": 5, "used": 2, "free": 3, "is_running": True}
    holders = walk(backlog, at(organization, "/licences/cacoo/members"), limit=1)
    assert {one["id"] for one in holders} == {mia.scim_id, kenji.scim_id}
    assert backlog.get(at(organization, "/licences/backlog/members"))["code"] == "no_such_product"
    organization.subscriptions.get(product=Product.CACOO).end(by=OPERATOR)
    told = {one["product"]: one["is_running"] for one in backlog.get(at(organization, "/licences"))["items"]}
    assert (told["cacoo"], told["pass"]) == (False, True)


def test_the_state_of_provisioning_is_the_one_verdict(aozora: Organization, backlog: Api) -> None:
    from provisioning.models import ProvisioningSettings

    scim_token(aozora)
    assert backlog.get(at(aozora, "/provisioning"))["state"] == "running"

    ProvisioningSettings.objects.get(organization=aozora).disable(by=OPERATOR)

    english = backlog.get(at(aozora, "/provisioning")).body
    japanese = Api(backlog.secret, "ja").get(at(aozora, "/provisioning")).body
    assert (english["state"], english["cause"]) == ("closed", "provisioning_disabled")
    assert english["label"] != japanese["label"]


# Statements of each: the key and the organization are one.
STATEMENTS = {
    "": 1, "/members": 2, "/members?address=mia@aozora.example": 2, "/members?changed_since=2026-01-01T00:00:00Z": 3,
    "/members/{mia}": 2, "/teams": 2, "/teams/{team}": 2, "/teams/{team}/members": 3, "/licences": 2,
    "/licences/pass/members": 2, "/provisioning": 4,
}  # fmt: skip


# Pages wait for the disk, since apps keep them; on SQLite there is nothing to wait for.
PAGES = [path for path in STATEMENTS if path.split("?")[0].endswith(("/members", "/teams"))]
WAITS = int(connection.vendor == "postgresql")


def test_the_number_of_statements_does_not_grow(
    mia: Member, aiko: Member, backlog: Api, django_assert_num_queries: Any
) -> None:
    organization = mia.organization
    team = Team.objects.create_team(organization, "Platform", by=OPERATOR)
    team.add(mia, by=page_actor(aiko))
    scim_token(organization)
    backlog.get("organizations")

    for newcomers in (range(0), range(60)):
        for number in newcomers:
            newcomer = managed(organization, f"m{number}")
            team.add(newcomer, by=page_actor(aiko))
            Team.objects.create_team(organization, f"Team {number}", by=OPERATOR)
        for path, statements in STATEMENTS.items():
            with django_assert_num_queries(statements + (WAITS if path in PAGES else 0)):
                assert backlog.get(at(organization, path.format(mia=mia.scim_id, team=team.scim_id))).status == 200, (
                    path
                )
    with django_assert_num_queries(2 + WAITS):
        backlog.get("organizations")


# -- odd input


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ("limit=0", "not_in_range", "limit"), ("limit=201", "not_in_range", "limit"),
        ("limit=x", "not_in_range", "limit"), (f"limit={'9' * 5000}", "not_in_range", "limit"),
        ("limit=", "not_in_range", "limit"), ("cursor=x", "bad_cursor", "cursor"),
        *((f"limit={number}", "not_in_range", "limit") for number in ("1.0", "1_0", "%D9%A3", "%201")),
        (f"cursor={'x' * 601}", "value_too_long", "cursor"), ("cursor=%00", "unreadable_value", "cursor"),
        ("cursor=%F0%28", "bad_cursor", "cursor"), ("changed_sinc=2026-01-01", "unknown_parameter", "changed_sinc"),
        ("changed_since=yesterday", "not_a_time", "changed_since"),
        ("changed_since=2026-01-01T00:00:00", "not_a_time", "changed_since"),
        ("changed_since=0001-01-01T00:00:00%2B14:00", "not_a_time", "changed_since"),
        ("changed_since=9999-12-31T23:59:59-14:00", "not_a_time", "changed_since"),
        ("address=%00", "unreadable_value", "address"), ("address=", "missing_value", "address"),
        (f"address={'x' * 5000}", "value_too_long", "address"), ("limit=1&limit=2", "repeated_parameter", "limit"),
        ("&" * 5000, "repeated_parameter", "&"), ("%00=1", "unknown_parameter", "\x00"),
    ],
)  # fmt: skip
def test_odd_parameters_are_refused_by_name(
    aozora: Organization, backlog: Api, query: str, code: str, field: str
) -> None:
    answer = backlog.get(at(aozora, f"/members?{query}"))

    assert (answer.status, answer["code"], answer["field"]) == (400, code, field), answer.content
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer["request_id"] == answer.headers["x-request-id"]


def test_a_cursor_belongs_to_its_list_and_its_parameters(
    hakata: Organization, aozora: Organization, aiko: Member, backlog: Api
) -> None:
    managed(aozora, "mia")
    cursor = next(pages(backlog, at(aozora, "/members"), limit=1))["next_cursor"]

    for path in (at(hakata, "/members"), at(aozora, "/teams"), "organizations"):
        assert backlog.get(f"{path}?{urlencode({'cursor': cursor})}")["code"] == "bad_cursor"
    narrower = urlencode({"cursor": cursor, "unique_id": "mia"})
    assert backlog.get(at(aozora, f"/members?{narrower}"))["code"] == "bad_cursor"
    assert cursor not in (f"{aiko.pk}|{aiko.pk}", "")


@pytest.mark.parametrize("body", [
    b"[]", b"1", b'"x"', b"null", b"{", b"\xff\xfe", b"[" * 60000, b'{"a":' * 10000, b'{"organization": "\\ud800"}',
    b'{"organization": NaN}',
])  # fmt: skip
def test_what_is_no_json_object_is_refused(aozora: Organization, backlog: Api, body: bytes) -> None:
    answer = backlog.post("access", body)

    assert (answer.status, answer["code"]) == (400, "invalid_json")


@pytest.mark.parametrize("odd", ["\x00", "x" * 41, 5, None, [], {}, True, ""])
@pytest.mark.parametrize("name", ["organization", "member_id", "app"])
def test_odd_values_in_a_body_are_refused_by_name(mia: Member, backlog: Api, name: str, odd: Any) -> None:
    asked = {"organization": mia.organization.space_key, "member_id": mia.scim_id, name: odd}

    answer = backlog.post("access", asked)

    assert (answer.status, answer["field"]) == (400, name)


def test_bodies_of_the_wrong_kind_or_size_are_refused(aozora: Organization, backlog: Api) -> None:
    large = backlog.post("access", b" " * (64 * 1024 + 1))
    packed = backlog.post("access", b"{}", Content_Encoding="gzip")
    in_pieces = backlog.ask("POST", "access", Transfer_Encoding="chunked")

    assert (large.status, packed.status, in_pieces.status) == (413, 415, 411)


def test_odd_addresses_are_not_found(aozora: Organization, backlog: Api) -> None:
    for odd in ("%00", "%FF", "x" * 3000, "%E3%81%82", "..", "*", "%0A", "%F0%9F%98%80"):
        assert backlog.get(f"organizations/{odd}").status == 404
        for rest in (f"/members/{odd}", f"/teams/{odd}", f"/teams/{odd}/members", f"/licences/{odd}/members"):
            assert backlog.get(at(aozora, rest)).status == 404, rest


def test_a_guest_of_another_organization_is_told_as_such(hakata: Organization, mia: Member, backlog: Api) -> None:
    guest = Member.objects.add(hakata, mia.account, role=Role.GUEST, by=OPERATOR)
    owner = nulab(hakata, "owner")

    told = {one["id"]: one for one in walk(backlog, at(hakata, "/members"))}

    assert (told[guest.scim_id]["account_type"], told[guest.scim_id]["managed_here"]) == ("managed", False)
    assert (told[owner.scim_id]["account_type"], told[owner.scim_id]["managed_here"]) == ("nulab", False)


def test_an_account_that_the_idp_takes_over_is_managed_as_before(mia: Member, backlog: Api) -> None:
    path = at(mia.organization, f"/members/{mia.scim_id}")
    before = backlog.get(path).body

    mia.mark_provisioned(by=idp_actor(mia.organization))

    assert backlog.get(path).body == before
