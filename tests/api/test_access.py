"""POST /access: who may use an app now, and why not."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from api.access.answer import WAYS
from api.models import App, AppSession
from members.models import Account, Member, Organization, Product, Role, Session, Subscription
from tests.api import Api, app_key
from tests.cast import OPERATOR, idp_actor, managed, nulab, nulab_account, page_actor, signed_in

pytestmark = pytest.mark.django_db
RETURN = "https://backlog.example/back"


@pytest.fixture
def app_urls(settings: Any) -> None:
    settings.APP_URLS = [RETURN]


def access(api: Api, organization: Organization, **asked: Any) -> Any:
    answer = api.post("access", {"organization": organization.space_key, **asked})
    assert answer.status == 200, answer.content
    return answer.body


def reason(api: Api, member: Member, **asked: Any) -> str | None:
    answer = access(api, member.organization, member_id=member.scim_id, **asked)
    assert answer["allowed"] is (answer["reason"] is None) is (answer["detail"] is None)
    found: str | None = answer["reason"]
    return found


def test_an_active_member_may_use_backlog_whatever_the_role(aozora: Organization, backlog: Api) -> None:
    for role in Role:
        assert reason(backlog, managed(aozora, f"m-{role.value.lower()}", role=role)) is None
        assert reason(backlog, nulab(aozora, f"n-{role.value.lower()}", role=role)) is None


def test_a_person_is_named_in_one_of_four_ways(mia: Member, backlog: Api) -> None:
    ways = ({"member_id": mia.scim_id}, {"address": "MIA@aozora.example"}, {"unique_id": "Mia"})

    for way in ways:
        assert access(backlog, mia.organization, **way) == {
            "allowed": True, "reason": None, "detail": None, "member_id": mia.scim_id,
        }  # fmt: skip

    for asked in ({}, {**ways[0], **ways[1]}):
        answer = backlog.post("access", {"organization": mia.organization.space_key, **asked})
        assert (answer.status, answer["code"]) == (400, "name_one_person")


@pytest.mark.parametrize("way", ["member_id", "address", "unique_id"])
def test_the_neighbours_people_are_nobody_here(
    hakata: Organization, aozora: Organization, backlog: Api, way: str
) -> None:
    kenji = hakata.members.get(unique_id="kenji")
    named = {"member_id": kenji.scim_id, "address": kenji.account.user_name, "unique_id": "kenji"}

    answer = access(backlog, aozora, **{way: named[way]})

    assert (answer["allowed"], answer["reason"], answer["member_id"]) == (False, "not_a_member", None)


def test_who_is_deactivated_by_the_idp_is_refused_by_the_next_request(kenji: Member, backlog: Api) -> None:
    assert reason(backlog, kenji) is None

    kenji.deactivate(by=idp_actor(kenji.organization))
    assert reason(backlog, kenji) == "member_is_inactive"

    kenji.reactivate(by=idp_actor(kenji.organization))
    assert reason(backlog, kenji) is None


def test_who_is_stopped_by_an_administrator_is_locked(mia: Member, aiko: Member, backlog: Api) -> None:
    mia.deactivate(by=page_actor(aiko))

    assert reason(backlog, mia) == "member_is_locked"


def test_who_is_inactive_at_the_managing_organization_is_inactive_as_a_guest(
    hakata: Organization, mia: Member, aiko: Member, backlog: Api
) -> None:
    guest = Member.objects.add(hakata, mia.account, role=Role.GUEST, by=OPERATOR)
    assert reason(backlog, guest) is None

    mia.deactivate(by=page_actor(aiko))

    assert reason(backlog, guest) == "member_is_inactive"


def test_who_is_deleted_is_nobody(mia: Member, aiko: Member, backlog: Api) -> None:
    mia.remove(by=page_actor(aiko))

    assert reason(backlog, mia) == "not_a_member"


@pytest.mark.parametrize(("app", "product"), [(App.CACOO, Product.CACOO), (App.TYPETALK, Product.TYPETALK)])
def test_cacoo_and_typetalk_want_a_licence_and_a_subscription(
    mia: Member, aiko: Member, app: App, product: Product
) -> None:
    api, organization = Api(app_key(app)[1]), mia.organization
    Subscription.objects.filter(organization=organization, product=product).delete()
    assert reason(api, mia) == "no_subscription"

    subscription = Subscription.objects.buy(organization, product, 5, by=OPERATOR)
    assert reason(api, mia) == "has_no_licence"

    mia.assign_licence(product, by=page_actor(aiko))
    assert reason(api, mia) is None

    subscription.end(by=OPERATOR)
    assert reason(api, mia) == "no_subscription"

    Subscription.objects.buy(organization, product, 5, by=OPERATOR)
    mia.withdraw_licence(product, by=page_actor(aiko))
    assert reason(api, mia) == "has_no_licence"


def test_pass_is_for_those_who_hold_it(mia: Member, aiko: Member) -> None:
    api = Api(app_key(App.PASS)[1])

    assert reason(api, mia) is None
    assert reason(api, aiko) == "has_no_licence"


def test_the_end_of_pass_shuts_nobody_out_of_backlog(mia: Member, backlog: Api) -> None:
    Subscription.objects.get(organization=mia.organization, product=Product.PASS).end(by=OPERATOR)

    assert reason(backlog, mia) is None
    assert reason(Api(app_key(App.PASS)[1]), mia) == "no_subscription"


def test_a_sandbox_lets_in_its_administrators_without_licences(sandbox: Organization, cacoo: Api) -> None:
    sam = sandbox.members.get()
    invented = managed(sandbox, "nora", role=Role.ADMIN)

    assert reason(cacoo, sam) is None
    assert reason(cacoo, invented) == "in_sandbox"


def test_an_address_is_looked_for_on_the_site_and_in_the_sandbox(
    sandbox: Organization, mia: Member, backlog: Api
) -> None:
    nora = managed(sandbox, "nora")
    in_sandbox = access(backlog, sandbox, address=nora.account.user_name)
    out_of_it = access(backlog, mia.organization, address=nora.account.user_name)
    administrator = access(backlog, sandbox, address=sandbox.members.exclude(pk=nora.pk).get().account.user_name)

    assert (in_sandbox["reason"], in_sandbox["member_id"]) == ("in_sandbox", nora.scim_id)
    assert (out_of_it["reason"], administrator["allowed"]) == ("not_a_member", True)


def test_an_address_is_found_by_an_index_however_many_members_there_are(aozora: Organization) -> None:
    sql, values = WAYS["address"].beside.of_apps.statement("hash", aozora.space_key, "mia@aozora.example")

    with connection.cursor() as cursor:
        cursor.execute(f"{'EXPLAIN' if connection.vendor == 'postgresql' else 'EXPLAIN QUERY PLAN'} {sql}", values)
        plan = str(cursor.fetchall())

    # By conditions on members it would be one index of the organization, whose rows are all looked at.
    assert ("members_address" if connection.vendor == "postgresql" else "sqlite_autoindex_members_address_1") in plan
    assert "user_name_key" not in plan
    assert "SCAN members_member" not in plan


def test_a_key_asks_about_its_own_app(mia: Member, backlog: Api, personal: Api) -> None:
    asked = {"organization": mia.organization.space_key, "member_id": mia.scim_id}

    other = backlog.post("access", {**asked, "app": "cacoo"})
    unnamed = personal.post("access", asked)

    assert (other.status, other["code"]) == (403, "another_app")
    assert (unnamed.status, unnamed["code"]) == (400, "name_the_app")
    assert reason(backlog, mia, app="backlog") is None
    assert reason(personal, mia, app="cacoo") == "has_no_licence"


def test_the_sentence_is_in_the_asked_language(mia: Member) -> None:
    english = Api(app_key(App.CACOO)[1])
    japanese = Api(english.secret, "fr;q=0.9, ja-JP;q=0.8, en;q=0.1")

    assert access(english, mia.organization, member_id=mia.scim_id)["detail"] == (
        "This member has no Cacoo licence. An administrator can assign one."
    )
    assert "Cacoo" in (told := access(japanese, mia.organization, member_id=mia.scim_id)["detail"])
    assert "ライセンス" in told


def test_an_answer_is_one_statement_however_many_there_are(
    aozora: Organization, backlog: Api, django_assert_num_queries: Any, app_urls: None
) -> None:
    member = managed(aozora, "mia")
    session = take(backlog, member)["session"]
    ways = (
        {"member_id": member.scim_id},
        {"address": "mia@aozora.example"},
        {"unique_id": "mia"},
        {"session": session},
    )

    for number in (0, 60):
        for more in range(number):
            managed(aozora, f"more{more}")
        for way in ways:
            with django_assert_num_queries(1):
                assert access(backlog, aozora, **way)["allowed"]


# -- sessions


def code_for(browser: Client, **query: str) -> Any:
    return browser.get("/apps/backlog/signin", {"return_to": RETURN, "state": "s t", **query})


def code_in(answer: Any) -> str:
    assert answer.status_code == 302
    from urllib.parse import parse_qs, urlsplit

    parts = urlsplit(answer["Location"])
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == RETURN
    assert parse_qs(parts.query)["state"] == ["s t"]
    [code] = parse_qs(parts.query)["code"]
    return str(code)


def take(api: Api, member: Member, browser: Client | None = None) -> Any:
    code = code_in(code_for(browser or signed_in(Client(), member)))
    answer = api.post("sessions", {"code": code, "return_to": RETURN})
    assert answer.status == 200
    return answer.body


def test_an_app_gets_a_session_for_the_code_of_a_browser(aiko: Member, backlog: Api, app_urls: None) -> None:
    taken = take(backlog, aiko)

    assert taken["email"] == "aiko.tanaka@aozora.example"
    assert taken["organizations"] == [{
        "space_key": aiko.organization.space_key, "organization_id": "aozora", "name": "Aozora Design",
        "member_id": aiko.scim_id,
    }]  # fmt: skip
    answer = access(backlog, aiko.organization, session=taken["session"])
    assert (answer["allowed"], answer["member_id"]) == (True, aiko.scim_id)


def test_a_code_works_once_for_its_app_and_its_address(
    aiko: Member, backlog: Api, cacoo: Api, personal: Api, app_urls: None
) -> None:
    browser = signed_in(Client(), aiko)
    code = code_in(code_for(browser))

    for api, return_to in ((cacoo, RETURN), (backlog, f"{RETURN}/else")):
        answer = api.post("sessions", {"code": code, "return_to": return_to})
        assert (answer.status, answer["code"]) == (409, "bad_code")
    assert backlog.post("sessions", {"code": code, "return_to": RETURN}).status == 200
    assert backlog.post("sessions", {"code": code, "return_to": RETURN}).status == 409
    assert personal.post("sessions", {"code": code, "return_to": RETURN})["code"] == "only_for_apps"


def test_a_code_of_somebody_who_has_signed_out_is_worth_nothing(aiko: Member, backlog: Api, app_urls: None) -> None:
    browser, _another = signed_in(Client(), aiko), signed_in(Client(), aiko)
    code = code_in(code_for(browser))

    browser.post("/signout")

    assert backlog.post("sessions", {"code": code, "return_to": RETURN})["code"] == "bad_code"


def test_a_code_lives_for_a_minute(aiko: Member, backlog: Api, app_urls: None) -> None:
    code = code_in(code_for(signed_in(Client(), aiko)))
    AppSession.objects.update(code_ends_at=timezone.now())

    assert backlog.post("sessions", {"code": code, "return_to": RETURN}).status == 409


def ends() -> list[tuple[str, Callable[[Client, Member], object], str]]:
    def delete(browser: Client, member: Member) -> None:
        member.remove(by=page_actor(member))

    def deactivate(browser: Client, member: Member) -> None:
        member.deactivate(by=page_actor(member))

    def expire(browser: Client, member: Member) -> None:
        # SQLite's clock has milliseconds.
        Session.objects.update(expire_date=timezone.now() - datetime.timedelta(seconds=1))

    return [
        ("signing out", lambda browser, member: browser.post("/signout"), "session_is_over"),
        ("the end of its time", expire, "session_is_over"),
        ("deactivation", deactivate, "session_is_over"),
        ("deletion", delete, "session_is_over"),
    ]


@pytest.mark.parametrize(("what", "end", "told"), ends(), ids=lambda one: one if isinstance(one, str) else "")
def test_a_session_ends_with_the_one_here(
    aozora: Organization, backlog: Api, app_urls: None, what: str, end: Any, told: str
) -> None:
    member = managed(aozora, "mia")
    browser, another = Client(), Client()
    for one in (browser, another):
        one.force_login(member.account, backend="saml.sso.session.SamlBackend")
    taken = take(backlog, member, browser)
    assert access(backlog, aozora, session=taken["session"])["allowed"]

    end(browser, member)

    answer = access(backlog, aozora, session=taken["session"])
    assert (answer["allowed"], answer["reason"]) == (False, told)


def test_a_session_of_another_app_and_an_invented_one_are_over(
    aiko: Member, backlog: Api, cacoo: Api, personal: Api, app_urls: None
) -> None:
    session = take(backlog, aiko)["session"]

    assert access(cacoo, aiko.organization, session=session)["reason"] == "session_is_over"
    assert access(backlog, aiko.organization, session="nlb_ses_x")["reason"] == "session_is_over"
    asked = {"organization": aiko.organization.space_key, "app": "backlog", "session": session}
    assert personal.post("access", asked)["code"] == "only_for_apps"


def test_a_session_says_nothing_about_organizations_of_others(
    hakata: Organization, aiko: Member, backlog: Api, app_urls: None
) -> None:
    session = take(backlog, aiko)["session"]

    assert access(backlog, hakata, session=session)["reason"] == "not_a_member"


def test_the_way_back_leads_to_an_app_only(aiko: Member, app_urls: None) -> None:
    browser = signed_in(Client(), aiko)

    beside = ("https://backlog.example/", f"{RETURN}door", "https://backlog.example.evil.example/back")
    for wrong in ("", "/", "http://localhost:8000/", "https://evil.example/", *beside):
        assert code_for(browser, return_to=wrong).status_code == 403
    assert code_for(browser, state="x" * 501).status_code == 403
    assert browser.get("/apps/nowhere/signin", {"return_to": RETURN}).status_code == 404
    assert not AppSession.objects.exists()


def test_who_has_not_signed_in_is_asked_to_first(db: None, app_urls: None) -> None:
    answer = code_for(Client())

    assert answer.status_code == 302
    assert answer["Location"].startswith("/signin?next=/apps/backlog/signin")


def test_somebody_without_an_organization_gets_a_session_too(db: None, backlog: Api, app_urls: None) -> None:
    account = nulab_account("solo@hakata.example")
    browser = Client()
    browser.force_login(account, backend="members.signin.PasswordBackend")

    answer = backlog.post("sessions", {"code": code_in(code_for(browser)), "return_to": RETURN})

    assert (answer.status, answer["organizations"]) == (200, [])
    assert Account.objects.filter(pk=account.pk).exists()
