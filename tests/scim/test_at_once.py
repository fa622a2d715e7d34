"""Many calls at the same moment, on a real server."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from members.models import Account, Address, Headcount, Member, Organization, Product, Subscription, TeamCount
from provisioning.models import ScimToken, SyncActivity
from tests.cast import OPERATOR, managed, page_actor, provisioned, scim_token
from tests.cast.rows import fresh, rows_of
from tests.cast.server import Server
from tests.scim import Answer, Idp, add, patch_body, replace, user

ROUNDS = 3
Deed = Callable[[], Answer]


def at_once(*deeds: Deed) -> list[Answer]:
    """All of them behind one barrier; none of the answers is a failure of ours."""
    start = threading.Barrier(len(deeds))

    def run(deed: Deed) -> Answer:
        start.wait(30)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        answers = list(pool.map(run, deeds))
    assert [answer for answer in answers if answer.status >= 500] == []
    return answers


def statuses(answers: list[Answer]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


@pytest.fixture(autouse=True)
def true_figures(transactional_db: None) -> Iterator[None]:
    """Whatever happened, the counters say what counting the rows would say."""
    yield
    for subscription in Subscription.objects.select_related("organization"):
        holders = subscription.organization.members.licensed_for(Product(subscription.product)).count()
        assert subscription.used == holders, subscription
    for headcount in Headcount.objects.select_related("organization"):
        assert headcount.members == headcount.organization.members.count()
        assert TeamCount.of(headcount.organization) == headcount.organization.teams.count()
    switched_off = Member.objects.filter(account__is_active=False, has_pass=True)
    assert not switched_off.exists(), "an inactive member holds no licence"


@pytest.fixture
def wire(server: Server, aozora: Organization) -> Idp:
    return Idp(aozora, url=server.url)


def test_eight_creators_with_the_same_external_id_all_get_it(wire: Idp) -> None:
    answers = at_once(*[partial(wire.post, user(f"p{n}@aozora.example", externalId="x-1")) for n in range(8)])

    assert statuses(answers) == {201: 8}
    assert wire.find('externalId eq "x-1"')["totalResults"] == 8


def test_switching_somebody_off_and_on_at_once_leaves_one_of_the_two(wire: Idp) -> None:
    """The licence follows, whoever comes last: see `true_figures`."""
    mia = provisioned(wire.organization, "mia")
    switches = [replace("active", number % 2 == 0) for number in range(8)]

    for _ in range(ROUNDS):
        answers = at_once(*[partial(wire.patch, mia.scim_id, switch) for switch in switches])

        assert statuses(answers) == {200: 8}
        now = fresh(mia)
        assert now.has_pass is now.account.is_active
        assert wire.read(mia.scim_id)["active"] is now.account.is_active


def test_of_two_who_want_the_last_licence_back_one_gets_it(wire: Idp) -> None:
    leavers = [provisioned(wire.organization, handle, is_active=False) for handle in ("mia", "kenji", "nao")]
    Subscription.objects.buy(wire.organization, Product.PASS, 1, by=OPERATOR)

    answers = at_once(*[partial(wire.patch, member.scim_id, replace("active", True)) for member in leavers])

    assert statuses(answers) == {200: 1, 403: 2}
    assert sum(fresh(member).account.is_active for member in leavers) == 1


def test_of_two_deletions_one_finds_nobody_any_more(wire: Idp) -> None:
    for number in range(ROUNDS):
        mia = provisioned(wire.organization, f"mia{number}")

        answers = at_once(partial(wire.delete, mia.scim_id), partial(wire.delete, mia.scim_id))

        assert statuses(answers) == {204: 1, 404: 1}
        assert not Member.objects.filter(scim_id=mia.scim_id).exists()


def test_a_change_and_a_deletion_at_once_leave_nothing_half_done(wire: Idp) -> None:
    for number in range(ROUNDS):
        mia = provisioned(wire.organization, f"mia{number}")

        changed, deleted = at_once(
            partial(wire.patch, mia.scim_id, replace("userName", f"new{number}@aozora.example")),
            partial(wire.delete, mia.scim_id),
        )

        assert (deleted.status, changed.status in (200, 404)) == (204, True)
        assert not Address.objects.filter(
            key__in=[f"mia{number}@aozora.example", f"new{number}@aozora.example"]
        ).exists()


def test_everybody_who_calls_at_once_is_in_the_sync_activity_once(wire: Idp) -> None:
    mia = provisioned(wire.organization, "mia")

    answers = at_once(*[partial(wire.patch, mia.scim_id, replace("displayName", f"Mia {n}")) for n in range(8)])

    recorded = list(SyncActivity.objects.values_list("request_id", flat=True))
    assert sorted(recorded) == sorted(answer.headers["x-request-id"] for answer in answers)


def test_a_revoked_token_is_refused_at_the_very_next_request(wire: Idp, aiko: Member) -> None:
    """By processes that have served it a moment ago."""
    spare, secret = ScimToken.objects.issue(wire.organization, issuer=aiko, by=page_actor(aiko))
    other = Idp(wire.organization, secret=secret, url=f"http://{wire.server}")
    assert statuses(at_once(*[other.get] * 6)) == {200: 6}

    spare.revoke(by=page_actor(aiko))

    assert statuses(at_once(*[other.get] * 6)) == {401: 6}
    assert statuses(at_once(*[wire.get] * 6)) == {200: 6}, "the other token of the organization goes on"


def test_an_organization_that_disables_provisioning_closes_the_door_at_once(wire: Idp, aiko: Member) -> None:
    assert statuses(at_once(*[wire.get] * 4)) == {200: 4}

    wire.organization.provisioning.disable(by=page_actor(aiko))

    assert statuses(at_once(*[wire.get] * 4)) == {403: 4}
    scim_token(wire.organization, aiko)
    assert statuses(at_once(*[wire.get] * 4)) == {200: 4}


# -- Many clients at one moment, against the server process that production runs


CLIENTS = 8


@pytest.fixture
def live(server: Server, aozora: Organization) -> Idp:
    return Idp(aozora, url=server.url)


@pytest.fixture
def live_next_door(server: Server, hakata: Organization) -> Idp:
    return Idp(hakata, url=server.url)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_of_eight_who_post_the_same_user_name_creates_it(live: Idp) -> None:
    for number in range(5):
        spelled = [f"race{number}@aozora.example", f"RACE{number}@Aozora.example"] * (CLIENTS // 2)
        answers = at_once(*[lambda name=name: live.post(user(name)) for name in spelled])

        assert statuses(answers) == {201: 1, 409: CLIENTS - 1}
        assert all(answer["scimType"] == "uniqueness" for answer in answers if answer.status == 409)
        assert live.find(f'userName eq "race{number}@aozora.example"')["totalResults"] == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_organizations_writing_the_same_names_at_once_get_their_own(live: Idp, live_next_door: Idp) -> None:
    before = Member.objects.count()
    for number in range(10):
        fields = {"externalId": f"s{number}", "displayName": f"Same {number}", "nickName": f"same{number}"}
        answers = at_once(
            *[
                lambda idp=idp, number=number, fields=fields: idp.post(
                    user(f"same{number}@{idp.organization.slug}.example", **fields)
                )
                for idp in (live, live_next_door)
            ]
        )
        assert statuses(answers) == {201: 2}
    for idp in (live, live_next_door):
        names = idp.find('externalId sw "s"').names
        assert sorted(names) == sorted(f"same{number}@{idp.organization.slug}.example" for number in range(10))
    assert Member.objects.count() == before + 20


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_last_licence_goes_to_one(live: Idp) -> None:
    Subscription.objects.buy(live.organization, Product.PASS, 1, by=OPERATOR)
    calls = [lambda number=number: live.post(user(f"l{number}@aozora.example")) for number in range(CLIENTS)]

    assert statuses(at_once(*calls)) == {201: 1, 403: CLIENTS - 1}
    assert Account.objects.filter(user_name__startswith="l", user_name__endswith="@aozora.example").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_of_eight_patches_of_the_same_version_wins(live: Idp) -> None:
    made = live.create("nao")
    calls = [
        lambda number=number: live.patch(
            made["id"], replace("displayName", f"N{number}"), headers={"If-Match": made.etag}
        )
        for number in range(CLIENTS)
    ]

    assert statuses(at_once(*calls)) == {200: 1, 412: CLIENTS - 1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_patches_of_different_attributes_do_not_lose_each_other(live: Idp) -> None:
    made = live.create("nao")
    parts = {"displayName": "D", "name.givenName": "G", "name.familyName": "F", "externalId": "x-1", "nickName": "nn",
             "timezone": "Asia/Tokyo", "preferredLanguage": "ja", "roles": "USER"}  # fmt: skip

    answers = at_once(*[lambda item=item: live.patch(made["id"], add(*item)) for item in parts.items()])

    assert statuses(answers) == {200: len(parts)}
    now = live.read(made["id"])
    assert (now["displayName"], now["name"], now["externalId"]) == ("D", {"givenName": "G", "familyName": "F"}, "x-1")
    assert (now["nickName"], now["timezone"], now["preferredLanguage"]) == ("nn", "Asia/Tokyo", "ja")
    assert now["roles"][0]["value"] == "USER"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_deletion_among_patches_leaves_nobody_half_there(live: Idp, hakata: Organization) -> None:
    neighbour = rows_of(hakata)
    for number in range(5):
        made = live.create(f"gone{number}")
        answers = at_once(
            *[
                lambda value=value, made=made: live.patch(made["id"], replace("active", value))
                for value in (True, False) * 3
            ],
            lambda made=made: live.delete(made["id"]),  # type: ignore[misc]
            lambda made=made: live.delete(made["id"]),  # type: ignore[misc]
        )
        assert {answer.status for answer in answers} <= {200, 204, 404}
        assert statuses(answers)[204] == 1
        assert live.read(made["id"]).status == 404
    assert rows_of(hakata) == neighbour


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_server_answers_spellings_oversized_and_chunked_bodies_over_the_wire(live: Idp) -> None:
    assert live.get("//Users/?aadOptscim062020").status == 200
    assert live.call("POST", "/Users", b" " * (16 * 1024 * 1024), content_type="application/scim+json").status == 413
    assert live.get(headers={"Authorization": "Bearer x"}).status == 401
    chunked = live.call(
        "POST", "/Users", iter([b'{"userName":', b'"chunk@aozora.example"}']), content_type="application/json"
    )
    assert chunked.status == 201


def test_sixteen_clients_change_one_group_and_nobody_is_lost_or_doubled(wire: Idp, aozora: Organization) -> None:
    people = [managed(aozora, f"p{number}").scim_id for number in range(24)]
    made = wire.post({"displayName": "All", "members": [{"value": one} for one in people[:12]]}, "/Groups")
    path = f"/Groups/{made['id']}"

    def come(number: int) -> Answer:
        entra = {"op": "Add", "path": "members", "value": [{"value": people[12 + number]}]}
        return wire.call("PATCH", path, patch_body(entra))

    def go(number: int) -> Answer:
        return wire.call("PATCH", path, patch_body({"op": "remove", "path": f'members[value eq "{people[number]}"]'}))

    for _ in range(2):
        # Eight of them name the same four, who are to move once.
        deeds = [partial(deed, number) for deed in (come, go) for number in (*range(4), *range(4))]
        assert statuses(at_once(*deeds)) == {204: 16}
    assert statuses(at_once(*[partial(deed, number) for deed in (come, go) for number in range(4, 12)])) == {204: 16}

    assert [one["value"] for one in wire.get(path)["members"]] == people[12:]
    moved = aozora.audit.filter(event__startswith="team.member").values_list("subject_id", "event")
    assert len(moved) == len(set(moved)) == 36
