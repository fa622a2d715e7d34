"""Many clients at one moment, against the server process that production runs."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from members.models import Account, Member, Organization, Product, Subscription
from tests.cast import OPERATOR
from tests.rows import rows_of
from tests.scim import Answer, Idp, add, replace, user
from tests.server import Server

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
CLIENTS = 8


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    start = Barrier(len(calls))

    def run(call: Callable[[], Answer]) -> Answer:
        start.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


@pytest.fixture
def live(server: Server, aozora: Organization) -> Idp:
    return Idp(aozora, url=server.url)


@pytest.fixture
def live_next_door(server: Server, hakata: Organization) -> Idp:
    return Idp(hakata, url=server.url)


def test_one_of_eight_who_post_the_same_user_name_creates_it(live: Idp) -> None:
    for number in range(5):
        spelled = [f"race{number}@aozora.example", f"RACE{number}@Aozora.example"] * (CLIENTS // 2)
        answers = at_once(*[lambda name=name: live.post(user(name)) for name in spelled])

        assert statuses(answers) == {201: 1, 409: CLIENTS - 1}
        assert all(answer["scimType"] == "uniqueness" for answer in answers if answer.status == 409)
        assert live.find(f'userName eq "race{number}@aozora.example"')["totalResults"] == 1


def test_all_of_eight_who_post_the_same_external_id_create_somebody(live: Idp) -> None:
    calls = [
        lambda number=number: live.post(user(f"e{number}@aozora.example", externalId="one"))
        for number in range(CLIENTS)
    ]

    assert statuses(at_once(*calls)) == {201: CLIENTS}


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


def test_the_last_licence_goes_to_one(live: Idp) -> None:
    Subscription.objects.buy(live.organization, Product.PASS, 1, by=OPERATOR)
    calls = [lambda number=number: live.post(user(f"l{number}@aozora.example")) for number in range(CLIENTS)]

    assert statuses(at_once(*calls)) == {201: 1, 403: CLIENTS - 1}
    assert Account.objects.filter(user_name__startswith="l", user_name__endswith="@aozora.example").count() == 1


def test_one_of_eight_patches_of_the_same_version_wins(live: Idp) -> None:
    made = live.create("nao")
    calls = [
        lambda number=number: live.patch(
            made["id"], replace("displayName", f"N{number}"), headers={"If-Match": made.etag}
        )
        for number in range(CLIENTS)
    ]

    assert statuses(at_once(*calls)) == {200: 1, 412: CLIENTS - 1}


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


def test_the_server_answers_spellings_oversized_and_chunked_bodies_over_the_wire(live: Idp) -> None:
    assert live.get("//Users/?aadOptscim062020").status == 200
    assert live.call("POST", "/Users", b" " * (16 * 1024 * 1024), content_type="application/scim+json").status == 413
    assert live.get(headers={"Authorization": "Bearer x"}).status == 401
    chunked = live.call(
        "POST", "/Users", iter([b'{"userName":', b'"chunk@aozora.example"}']), content_type="application/json"
    )
    assert chunked.status == 201
