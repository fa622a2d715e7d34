"""Who may ask what at the API: every route, every method, every kind of key (tests/access)."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client
from django.utils import timezone

from api.models import App, AppKey, Endpoint, PersonalToken
from api.models.endpoint import Method
from members.models import Account, Member, Organization, Role
from tests.access.apps import API, METHODS, ApiRow
from tests.access.patterns import every_pattern
from tests.api import ALL_SCOPES, Api, app_key, personal_token
from tests.cast import OPERATOR, SUPPORT, managed, nulab, page_actor, signed_in

pytestmark = pytest.mark.django_db
EACH_ROW = pytest.mark.parametrize("row", API, ids=str)
PATTERNS = every_pattern()


def things_of(organization: Organization, app: App) -> dict[str, str]:
    """What stands in addresses of the organization and of the app."""
    stream, _ = Endpoint.objects.make(
        app=app, method=Method.POLL, url="", contact="ops@app.example", with_changes=False, by=SUPPORT
    )
    team = organization.teams.order_by("pk").first()
    member = organization.members.get(unique_id="mia")
    return {
        "space_key": organization.space_key,
        "member_id": member.scim_id,
        "team_id": team.scim_id if team else "",
        "product": "cacoo",
        "endpoint_id": str(stream.pk),
    }


@pytest.fixture
def ours(aozora: Organization, mia: Member) -> dict[str, str]:
    from members.models import Team

    Team.objects.create_team(aozora, "Platform", by=OPERATOR)
    return things_of(aozora, App.BACKLOG)


@pytest.fixture
def theirs(hakata: Organization) -> dict[str, str]:
    from members.models import Team

    Team.objects.create_team(hakata, "Platform", by=OPERATOR)
    return things_of(hakata, App.CACOO)


def path(row: ApiRow, things: dict[str, str], **other: str) -> str:
    pattern = PATTERNS[row.name]
    return pattern.path({name: row.at.get(name) or things[name] for name in pattern.parameters} | other).removeprefix(
        "/api/v1/"
    )


def body(row: ApiRow, things: dict[str, str]) -> Any:
    filled = {name: value.format_map(things) if isinstance(value, str) else value for name, value in row.body.items()}
    return filled or None


def ask(api: Api, row: ApiRow, things: dict[str, str], method: str = "", **other: str) -> Any:
    return api.ask(method or row.method, path(row, things, **other), body(row, things))


def test_the_cookie_of_an_administrator_opens_nothing(ours: dict[str, str], aiko: Member) -> None:
    browser = signed_in(Client(), aiko)

    answers = {row.name: browser.generic(row.method, f"/api/v1/{path(row, ours)}").status_code for row in API}

    assert set(answers.values()) == {401}


@EACH_ROW
def test_a_key_with_the_scope_opens_the_route_and_one_without_does_not(row: ApiRow, ours: dict[str, str]) -> None:
    others = [scope for scope in ALL_SCOPES if scope != row.scope]
    with_it, without = Api(app_key(App.BACKLOG, row.scope)[1]), Api(app_key(App.BACKLOG, *others)[1])

    assert ask(with_it, row, ours).status == row.expected(row.method)
    refused = ask(without, row, ours)
    assert (refused.status, refused["code"]) == (403, "not_in_scope")
    assert row.scope.value in refused["detail"]


def dead_keys() -> Iterator[tuple[str, str]]:
    yield "none", ""
    yield "unknown", "nlb_app_" + "x" * 43
    yield "unknown personal", "nlb_pat_" + "x" * 43
    yield "another kind", "nlb_scim_" + "x" * 43
    yield "odd", "nlb_app_\x00\xe9"


@EACH_ROW
def test_what_is_no_live_key_is_refused_alike(row: ApiRow, ours: dict[str, str]) -> None:
    revoked, secret = app_key()
    revoked.revoke(by=OPERATOR)

    for kind, dead in [*dead_keys(), ("revoked", secret)]:
        answer = ask(Api(dead), row, ours)
        assert (answer.status, answer["code"]) == (401, "bad_key"), kind
        assert answer.headers["www-authenticate"] == 'Bearer realm="API"'


@EACH_ROW
def test_a_personal_token_opens_its_own_organization_and_no_other(
    row: ApiRow, ours: dict[str, str], theirs: dict[str, str], personal: Api
) -> None:
    own = ask(personal, row, ours)
    others = ask(personal, row, theirs)

    assert own.status == (403 if row.is_of_apps else row.expected(row.method))
    if row.name == "api-organizations":
        assert [one["space_key"] for one in own["items"]] == [ours["space_key"]]
    elif not row.is_of_apps:
        assert (others.status, others["code"]) == (404, "no_such_organization")


@EACH_ROW
def test_the_neighbours_ids_are_not_found(
    row: ApiRow, ours: dict[str, str], theirs: dict[str, str], backlog: Api
) -> None:
    for parameter in set(PATTERNS[row.name].parameters) - {"space_key", "product"}:
        answer = ask(backlog, row, ours, **{parameter: theirs[parameter]})
        invented = ask(backlog, row, ours, **{parameter: "00000000-0000-4000-8000-000000000000"})

        assert answer.status == invented.status == 404
        assert answer["code"] == invented["code"]
        assert answer["detail"] == invented["detail"]


@EACH_ROW
def test_other_methods_are_refused_and_say_which_there_are(row: ApiRow, ours: dict[str, str], backlog: Api) -> None:
    for method in METHODS:
        answer = ask(backlog, row, ours, method)
        assert answer.status == row.expected(method), method
        if answer.status == 405:
            assert row.method in answer.headers["allow"]
            assert answer["code"] == "method_not_taken"
            assert row.method in answer["detail"].partition("It takes ")[2]


@EACH_ROW
def test_every_answer_says_that_nobody_may_keep_it(row: ApiRow, ours: dict[str, str], backlog: Api) -> None:
    for api in (backlog, Api("")):
        answer = ask(api, row, ours)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]


def test_an_address_that_does_not_exist_is_a_problem_too(backlog: Api) -> None:
    for nowhere in ("", "nowhere", "organizations/", "organizations/x/nowhere"):
        answer = backlog.get(nowhere)
        assert (answer.status, answer["code"]) == (404, "no_such_route")
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_ends_with_the_rights_of_its_owner(aozora: Organization, aiko: Member) -> None:
    def deactivate(member: Member) -> None:
        member.deactivate(by=page_actor(aiko))

    def demote(member: Member) -> None:
        member.change_role(Role.USER, by=page_actor(aiko))

    def remove(member: Member) -> None:
        member.remove(by=page_actor(aiko))

    another, former = Api(personal_token(aiko)[1]), []
    for number, end in enumerate((deactivate, demote, remove)):
        owner = managed(aozora, f"owner{number}", role=Role.ADMIN)
        api = Api(personal_token(owner)[1])
        former.append(api)
        assert api.get(f"organizations/{aozora.space_key}").status == 200

        end(owner)

        assert api.get(f"organizations/{aozora.space_key}").status == 401
        assert not PersonalToken.objects.live().filter(member__scim_id=owner.scim_id).exists()
        assert aozora.audit.filter(event="personal_token.ended", subject_id=owner.scim_id).count() == 1
        assert another.get("organizations").status == 200

        # Not even where a member gets the rights back.
    again = aozora.members.get(unique_id="owner1")
    again.change_role(Role.ADMIN, by=page_actor(aiko))
    assert Api(personal_token(again, "New")[1]).get("organizations").status == 200
    assert PersonalToken.objects.live().filter(member=again).count() == 1
    assert [api.get("organizations").status for api in former] == [401] * 3


def test_a_token_opens_nothing_for_who_is_no_administrator_whatever_has_made_it_so(
    aozora: Organization, aiko: Member
) -> None:
    """Support staff with SQL, who know nothing of tokens and end none."""
    owner = managed(aozora, "owner", role=Role.ADMIN)
    api = Api(personal_token(owner)[1])

    aozora.members.filter(pk=owner.pk).update(role=Role.USER)
    assert api.get("organizations").status == 401
    aozora.members.filter(pk=owner.pk).update(role=Role.ADMIN)
    assert api.get("organizations").status == 200
    Account.objects.filter(pk=owner.account_id).update(is_active=False)
    assert api.get("organizations").status == 401


def test_a_token_of_a_nulab_account_ends_when_it_leaves(aozora: Organization, aiko: Member) -> None:
    owner = nulab(aozora, "owner", role=Role.ADMIN)
    api = Api(personal_token(owner)[1])

    owner.remove(by=page_actor(owner))

    assert api.get("organizations").status == 401


def test_an_expired_token_is_refused(aozora: Organization, aiko: Member) -> None:
    token, secret = personal_token(aiko)
    PersonalToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())

    assert Api(secret).get("organizations").status == 401


def test_the_last_use_is_noted_to_the_minute(aozora: Organization, django_assert_num_queries: Any) -> None:
    key, secret = app_key()
    api = Api(secret)

    with django_assert_num_queries(2):
        api.get(f"organizations/{aozora.space_key}")
    with django_assert_num_queries(1):
        api.get(f"organizations/{aozora.space_key}")

    key.refresh_from_db()
    assert key.last_used_at is not None


def test_only_the_hash_of_a_key_is_kept(aozora: Organization, aiko: Member) -> None:
    for row, secret in (app_key(), personal_token(aiko)):
        assert secret not in str(vars(type(row).objects.get(pk=row.pk)))
        assert row.prefix == secret[: len(row.prefix)]


def test_an_app_has_two_live_keys_at_most(db: None) -> None:
    from api.models.key_refusals import KeyIsNotLive, TwoKeysAlready

    first, _ = app_key()
    app_key()
    with pytest.raises(TwoKeysAlready):
        app_key()
    app_key(App.CACOO)
    first.revoke(by=OPERATOR)
    with pytest.raises(KeyIsNotLive):
        first.revoke(by=OPERATOR)
    app_key()

    assert AppKey.objects.filter(app=App.BACKLOG, slot__isnull=False).count() == 2


def test_no_two_people_make_a_third_key_at_once(db: None) -> None:
    """The other one has looked before, and inserts after."""
    first, _ = app_key()

    with pytest.raises(IntegrityError), transaction.atomic():
        AppKey.objects.create(
            app=first.app, slot=first.slot, name="Third", scopes="", hash="x", prefix="x", made_by="x"
        )


def test_a_database_that_is_away_is_a_problem_to_repeat(backlog: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError from sqlite3_busy()

    monkeypatch.setattr("api.wire.question.authenticate", away)
    answer = backlog.get("organizations/x")

    assert (answer.status, answer["code"]) == (503, "database_is_away")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"


def sqlite3_busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def test_a_mistake_of_ours_is_a_problem_too(backlog: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any) -> Any:
        raise RuntimeError("not told")

    monkeypatch.setattr("api.wire.question.authenticate", wrong)
    answer = backlog.get("organizations/x")

    assert (answer.status, answer["code"]) == (500, "api_failure")
    assert answer["request_id"] == answer.headers["x-request-id"]
    assert "not told" not in answer.content.decode()


def test_a_clients_own_cookies_and_csrf_tokens_are_not_asked_for(aozora: Organization, backlog: Api) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.get("/api/v1/organizations", headers={"Authorization": f"Bearer {backlog.secret}"})

    assert answer.status_code == 200
    assert not answer.cookies
