"""The User Provisioning pages: what they show, whom they let in, and that they obey the verbs."""

import datetime
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Domain, Member, Organization, Product, Role, Subscription
from members.models.licence_refusals import NoFreeLicence
from members.refusals import Refusal
from provisioning.guards_refusals import IsTokenIssuer
from provisioning.matching.review import State, in_state, state_of
from provisioning.models import BadTokenCount, ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.settings_refusals import NeedsDomain, NeedsPass, NeedsSaml, NotEnabled
from saml.models import SamlSettings
from tests.cast import OPERATOR, idp_actor, managed, nulab, page_actor, provisioned, scim_token, signed_in

LONG_AGO = datetime.datetime(2020, 5, 1, tzinfo=datetime.UTC)


def page(name: str, organization: Organization, *more: object) -> str:
    return reverse(name, args=[organization.space_key, *more])


def text(answer: Any) -> str:
    return str(answer.content.decode())


def call(organization: Organization, **fields: Any) -> SyncActivity:
    told: dict[str, Any] = {
        "kind": "patch",
        "method": "PATCH",
        "path": "/Users/1",
        "status": 200,
        "duration_ms": 12,
        "is_lasting": True,
        "request_id": "r1",
        "token_prefix": "nlb_scim_abcdef",
    }
    return SyncActivity.objects.create(organization=organization, **(told | fields))


# -- preconditions


def end_pass(organization: Organization) -> None:
    Subscription.objects.get(organization=organization, product=Product.PASS).end(by=OPERATOR)


def remove_domain(organization: Organization) -> None:
    Domain.objects.get(organization=organization).remove(by=OPERATOR)


def turn_saml_off(organization: Organization) -> None:
    SamlSettings.of(organization).disable(by=OPERATOR)


MISSING = [
    pytest.param(end_pass, NeedsPass, None, id="Pass"),
    pytest.param(remove_domain, NeedsDomain, "domains", id="a verified domain"),
    pytest.param(turn_saml_off, NeedsSaml, "saml", id="SAML"),
]
Breaking = Callable[[Organization], None]


@pytest.mark.parametrize(("take_away", "kind", "mended_at"), MISSING)
def test_the_locked_page_names_what_is_missing_with_a_link(
    desk: Client, aozora: Organization, take_away: Breaking, kind: type[Refusal], mended_at: str | None
) -> None:
    take_away(aozora)

    shown = desk.get(page("provisioning", aozora))

    assert str(kind()) in text(shown)
    assert page("provisioning-manage", aozora) not in text(shown)
    if mended_at:
        assert f'href="{page(mended_at, aozora)}">' in text(shown)


@pytest.mark.parametrize(("take_away", "kind", "mended_at"), MISSING)
def test_nothing_is_enabled_without_it_on_the_page(
    desk: Client, aozora: Organization, take_away: Breaking, kind: type[Refusal], mended_at: str | None
) -> None:
    take_away(aozora)

    answer = desk.post(page("provisioning-save", aozora), {"enable": "on", "lifetime": "1y"})

    assert answer.status_code == 409
    assert str(kind()) in text(answer)
    assert not ProvisioningSettings.is_enabled_for(aozora)
    assert not ScimToken.objects.filter(organization=aozora).exists()


@pytest.mark.parametrize(("take_away", "kind", "mended_at"), MISSING)
def test_nothing_is_enabled_without_it_by_code(
    aozora: Organization, aiko: Member, take_away: Breaking, kind: type[Refusal], mended_at: str | None
) -> None:
    take_away(aozora)

    with pytest.raises(kind):
        ProvisioningSettings.of(aozora).enable(issuer=aiko, by=page_actor(aiko))

    assert not ProvisioningSettings.is_enabled_for(aozora)


def test_no_token_is_issued_after_pass_has_ended(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    end_pass(aozora)

    answer = desk.post(page("token-issue", aozora), {"lifetime": "1y"})

    assert answer.status_code == 409
    assert str(NeedsPass()) in text(answer)
    assert ScimToken.objects.filter(organization=aozora).count() == 1


def test_a_sandbox_needs_none_of_them(client: Client, sandbox: Organization, sam: Member, hakata: Organization) -> None:
    answer = signed_in(client, sam).post(page("provisioning-save", sandbox), {"enable": "on", "lifetime": "1y"})

    assert answer.status_code == 200
    assert ProvisioningSettings.is_enabled_for(sandbox)
    assert not ProvisioningSettings.is_enabled_for(hakata)


def test_the_review_of_a_sandbox_asks_for_nothing_that_it_waives(
    client: Client, sandbox: Organization, sam: Member
) -> None:
    answer = signed_in(client, sam).get(page("provisioning-review", sandbox))

    assert "verified domain" not in text(answer)
    assert "Change the account type" not in text(answer)
    assert "data-select-all" not in answer.content.decode()


# -- the page


def test_before_it_is_set_up_the_page_explains_and_offers_manage(desk: Client, aozora: Organization) -> None:
    shown = text(desk.get(page("provisioning", aozora)))

    assert "Not set up" in shown
    assert page("provisioning-manage", aozora) in shown
    assert "Sync activity" not in shown


@pytest.mark.parametrize(
    ("calls", "badge"),
    [
        ([], "Waiting for the first request"),
        ([(1, 200)], "Running"),
        ([(30, 200)], "No request for 24 h"),
        ([(1, 403), (2, 400), (3, 403)], "Failing"),
        ([(1, 403), (2, 200), (3, 403)], "Running"),
        ([(0, 403)] * 10 + [(0, 200)] * 15, "Failing"),
        ([(0, 200), *[(0, 403)] * 3, *[(0, 200)] * 2], "Failing"),
        ([(0, 200), *[(0, 403)] * 2, *[(0, 200)] * 2], "Running"),
        ([(0, 200), *[(0, 403)] * 2], "Running"),
        ([(2, 403), (2, 200), *[(2, 403)] * 8], "Running"),
        ([(30, 403)] * 10, "No request for 24 h"),
    ],
)
def test_the_badge_tells_how_the_synchronization_is(
    desk: Client, aozora: Organization, hakata: Organization, calls: list[tuple[int, int]], badge: str
) -> None:
    scim_token(aozora)
    call(hakata, status=403)
    for number, (hours, status) in enumerate(calls):
        call(aozora, status=status, at=timezone.now() - datetime.timedelta(hours=hours, seconds=number))

    shown = desk.get(page("provisioning", aozora))

    assert shown.context["health"][0].label == badge
    assert badge in text(shown)


def test_a_failing_synchronization_says_why_and_where_it_is_mended(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    for _number in range(4):
        call(aozora, status=400, reason="domain_not_verified", figures={"domain": "old.example"})

    shown = text(desk.get(page("provisioning", aozora)))

    assert "4 of the last 4 requests were refused, 4 of them because: The e-mail domain “old.example”" in shown
    assert "Provisioning › Attribute mapping" in shown
    assert f"{page('activity', aozora)}?outcome=refused" in shown


def test_silence_with_a_bad_token_says_that_the_token_is_the_reason(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    scim_token(aozora)
    call(aozora, at=timezone.now() - datetime.timedelta(hours=30))
    BadTokenCount.count(hakata.pk, "192.0.2.1")
    paused = text(desk.get(page("provisioning", aozora)))

    BadTokenCount.count(aozora.pk, "192.0.2.1")
    shown = text(desk.get(page("provisioning", aozora)))

    assert "sent no request for 24 hours" in paused
    assert "No request for 24 hours except 1 with an invalid token" in shown


def test_a_token_that_ends_soon_or_has_ended_is_said_above_all(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    token = scim_token(aozora)[0]
    scim_token(hakata)
    days = datetime.timedelta(days=7, hours=1)
    ScimToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() + days)
    soon = desk.get(page("provisioning", aozora)).context["health"]
    ScimToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - days)

    shown = desk.get(page("provisioning", aozora))

    assert soon[1].label == "Token expires in 7 days"
    assert shown.context["health"][0].label == "No live token"
    assert f'href="{page("token-issue", aozora)}"' in text(shown)


def test_the_page_shows_the_tokens_without_their_secrets(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    token, secret = scim_token(aozora)
    neighbours = scim_token(hakata)[0]

    shown = text(desk.get(page("provisioning", aozora)))

    assert token.prefix in shown
    assert "Aiko Tanaka" in shown
    assert secret not in shown
    assert token.hash not in shown
    assert neighbours.prefix not in shown


def test_when_pass_has_ended_the_page_says_so_and_keeps_the_tokens(desk: Client, aozora: Organization) -> None:
    token = scim_token(aozora)[0]
    end_pass(aozora)

    shown = text(desk.get(page("provisioning", aozora)))

    assert str(NeedsPass()) in shown
    assert page("token-revoke", aozora, token.pk) in shown
    assert page("token-issue", aozora) not in shown


def test_the_checklist_follows_the_real_state(desk: Client, aozora: Organization, hakata: Organization) -> None:
    scim_token(aozora)
    call(hakata)
    waiting = desk.get(page("provisioning", aozora)).context["steps"]
    call(aozora)
    managed(aozora, "mia")

    later = desk.get(page("provisioning", aozora)).context["steps"]

    assert [step.state for step in waiting] == ["done", "done", "done", "next", "done"]
    assert [step.state for step in later] == ["done", "done", "done", "done", "next"]


def test_the_chart_counts_this_organizations_calls_of_the_last_day(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    scim_token(aozora)
    now = timezone.now()
    for status, hours in ((200, 0), (201, 2), (400, 2), (200, 30)):
        call(aozora, status=status, at=now - datetime.timedelta(hours=hours))
    call(hakata)

    chart = desk.get(page("provisioning", aozora)).context["chart"]

    assert (chart.succeeded, chart.refused) == (2, 1)
    assert len(chart.bars) == 24
    assert (chart.bars[-1].succeeded, chart.bars[-3].succeeded, chart.bars[-3].refused) == (1, 1, 1)


@pytest.mark.parametrize(
    ("window", "bars", "figures"),
    [("24h", 24, (1, 0)), ("7d", 28, (2, 1)), ("30d", 30, (3, 1)), ("nonsense", 24, (1, 0))],
)
def test_the_chart_goes_back_as_far_as_the_address_says(
    desk: Client, aozora: Organization, hakata: Organization, window: str, bars: int, figures: tuple[int, int]
) -> None:
    scim_token(aozora)
    now = timezone.now()
    for status, days in ((200, 0), (201, 3), (400, 6), (200, 20), (200, 40)):
        call(aozora, status=status, at=now - datetime.timedelta(days=days))
    call(hakata, at=now - datetime.timedelta(days=3))

    chart = desk.get(page("provisioning", aozora), {"window": window}).context["chart"]
    fragment = desk.get(page("provisioning-recent", aozora), {"window": window}).context["chart"]

    assert len(chart.bars) == bars
    assert (chart.succeeded, chart.refused) == (fragment.succeeded, fragment.refused) == figures
    assert sum(bar.succeeded for bar in chart.bars) == chart.succeeded


def test_the_activity_card_answers_204_until_something_happens(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    newest = call(aozora)
    call(hakata)
    url = f"{page('provisioning-recent', aozora)}?after={newest.pk}"

    before = desk.get(url)
    call(aozora, subject="Mia Sato")
    after = desk.get(url)

    assert before.status_code == 204
    assert after.status_code == 200
    assert "Mia Sato" in text(after)


def test_calls_with_a_bad_token_are_told_as_a_number(desk: Client, aozora: Organization, hakata: Organization) -> None:
    scim_token(aozora)
    for _ in range(3):
        BadTokenCount.count(aozora.pk, "192.0.2.1")
    BadTokenCount.count(hakata.pk, "192.0.2.1")

    assert desk.get(page("provisioning", aozora)).context["bad_calls"] == 3


# -- disabling


def test_unticking_the_box_asks_for_a_confirmation_first(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)

    answer = desk.post(page("provisioning-save", aozora), {"lifetime": "1y"})

    assert answer["Location"] == page("provisioning-disable", aozora)
    assert ProvisioningSettings.is_enabled_for(aozora)


def test_saving_without_the_tick_says_what_to_tick(desk: Client, aozora: Organization) -> None:
    answer = desk.post(page("provisioning-save", aozora), {"lifetime": "1y"})

    assert answer.status_code == 422
    assert "Tick this to enable user provisioning" in text(answer)
    assert not ProvisioningSettings.is_enabled_for(aozora)


def test_disabling_wants_the_organization_id_typed(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)

    answer = desk.post(page("provisioning-disable", aozora), {"confirmation": "hakata"})

    assert answer.status_code == 422
    assert ProvisioningSettings.is_enabled_for(aozora)


def test_disabling_keeps_everything_and_answers_the_idp_403(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    token, secret = scim_token(aozora)
    scim_token(hakata)
    kenji = provisioned(aozora, "kenji", external_id="kenji-1")

    desk.post(page("provisioning-disable", aozora), {"confirmation": "aozora"})

    refused = desk.get(f"/spaces/{aozora.space_key}/scim/v2/Users", headers={"Authorization": f"Bearer {secret}"})
    kept = aozora.members.select_related("account").get(pk=kenji.pk)
    token.refresh_from_db()
    assert refused.status_code == 403
    assert str(NotEnabled()) in text(refused)
    assert (kept.external_id, kept.account.type) == ("kenji-1", Account.Type.PROVISIONED)
    assert token.is_live
    assert ProvisioningSettings.is_enabled_for(hakata)


def test_tokens_can_still_be_revoked_and_handed_over_while_disabled(desk: Client, aozora: Organization) -> None:
    token = scim_token(aozora)[0]
    ProvisioningSettings.of(aozora).disable(by=OPERATOR)

    shown = text(desk.get(page("provisioning", aozora)))

    assert "Disabled" in shown
    assert page("token-revoke", aozora, token.pk) in shown
    assert page("token-issuer", aozora, token.pk) in shown


# -- Review existing accounts


@pytest.fixture
def people(aozora: Organization, hakata: Organization) -> dict[str, Member]:
    """One of each kind, beside Aiko."""
    scim_token(aozora)
    old = managed(aozora, "yuki")
    Account.objects.filter(pk=old.account_id).update(created_at=LONG_AGO)
    guest = Member.objects.add(aozora, hakata.members.get(unique_id="mia").account, role=Role.USER, by=OPERATOR)
    return {
        "kenji": provisioned(aozora, "kenji"),
        "mia": managed(aozora, "mia"),
        "yuki": old,
        "emi": nulab(aozora, "emi"),
        "guest": guest,
    }


EXPECTED = {
    "kenji": State.PROVISIONED,
    "mia": State.READY,
    "yuki": State.NEEDS_CHANGE,
    "emi": State.NEEDS_CHANGE,
    "guest": State.CONFLICT,
}


@pytest.mark.parametrize("state", list(State))
def test_the_state_filter_finds_whom_the_rows_show_in_that_state(
    desk: Client, aozora: Organization, people: dict[str, Member], state: State
) -> None:
    rows = desk.get(page("provisioning-review", aozora), {"state": state.value}).context["rows"]

    shown = {row["member"].pk for row in rows}
    wanted = {people[who].pk for who, expected in EXPECTED.items() if expected is state}
    if state is State.NEEDS_CHANGE:
        wanted.add(aozora.members.get(role=Role.ADMIN).pk)
    assert shown == wanted
    assert {row["state"] for row in rows} == {state}


def test_every_member_is_in_exactly_one_state(aozora: Organization, people: dict[str, Member]) -> None:
    domains = aozora.verified_domains()

    for member in aozora.members.select_related("account", "organization"):
        found = [
            state for state in State if aozora.members.filter(in_state(state, aozora, domains), pk=member.pk).exists()
        ]
        assert found == [state_of(member, domains)]


def test_the_review_says_why_and_what_to_do(desk: Client, aozora: Organization, people: dict[str, Member]) -> None:
    shown = text(desk.get(page("provisioning-review", aozora)))

    assert "created before 16 January 2023" in shown
    assert "managed by another organization" in shown
    assert page("account-update", aozora, people["yuki"].scim_id) in shown
    assert page("account-convert-managed", aozora, people["emi"].scim_id) in shown
    assert page("account-convert-managed", aozora, people["guest"].scim_id) not in shown


def test_nobody_is_told_to_make_a_change_that_is_always_refused(
    desk: Client, aozora: Organization, aiko: Member, people: dict[str, Member]
) -> None:
    gina = nulab(aozora, "gina", email="gina@partner.example")

    answer = desk.get(page("provisioning-review", aozora))
    rows = {row["member"].pk: row for row in answer.context["rows"]}

    assert "“partner.example” is not verified" in str(rows[gina.pk]["reason"])
    assert "Aiko Tanaka is the last administrator with a Nulab Account" in str(rows[aiko.pk]["reason"])
    for member in (gina, aiko):
        assert page("account-convert-managed", aozora, member.scim_id) not in text(answer)
        assert f'value="{member.scim_id}"' not in text(answer)


def test_the_number_of_queries_does_not_grow_with_the_members(
    desk: Client, aozora: Organization, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        managed(aozora, f"person{number}")

    with django_assert_max_num_queries(20):
        shown = desk.get(page("provisioning-review", aozora))

    assert len(shown.context["rows"]) == 50


def test_the_summary_counts_everybody_once(desk: Client, aozora: Organization, people: dict[str, Member]) -> None:
    states = dict(desk.get(page("provisioning-review", aozora)).context["states"])

    assert states == {State.PROVISIONED: 1, State.READY: 1, State.NEEDS_CHANGE: 3, State.CONFLICT: 1}


def test_accounts_are_found_by_name_and_address(desk: Client, aozora: Organization, people: dict[str, Member]) -> None:
    for words in ("KENJI M", "kenji@aozora"):
        rows = desk.get(page("provisioning-review", aozora), {"q": words}).context["rows"]
        assert [row["member"].pk for row in rows] == [people["kenji"].pk]


def test_everybody_who_needs_it_is_updated_with_one_press(
    desk: Client, aozora: Organization, hakata: Organization, people: dict[str, Member]
) -> None:
    Account.objects.filter(managed_by__in=[aozora, hakata]).update(created_at=LONG_AGO)

    shown = text(desk.post(page("accounts-update", aozora), follow=True))

    assert "3 accounts are up to date." in shown
    assert aozora.audit.filter(event="account.updated").count() == 3
    assert not Account.objects.filter(managed_by=hakata, brought_up_to_date_at__isnull=False).exists()


def test_ticked_nulab_accounts_become_managed_each_for_itself(
    desk: Client, aozora: Organization, hakata: Organization, people: dict[str, Member]
) -> None:
    nao, outside = nulab(aozora, "nao"), nulab(aozora, "gina", email="gina@partner.example")
    aiko, other = aozora.members.get(role=Role.ADMIN), hakata.members.get(role=Role.ADMIN)
    ticked = [member.scim_id for member in (people["emi"], nao, outside, aiko, people["kenji"], other)]
    url = f"{page('accounts-convert-managed', aozora)}?{urlencode([('member', scim_id) for scim_id in ticked])}"

    asked = text(desk.get(url))
    told = text(desk.post(url))

    assert "Change 2 accounts to Managed Accounts?" in asked
    assert "2 would be refused" in asked
    assert "“partner.example” is not verified" in asked
    assert "2 accounts are managed now." in told
    assert "“partner.example” is not verified" in told
    managed_now = aozora.members.filter(pk__in=[people["emi"].pk, nao.pk], account__type=Account.Type.MANAGED)
    assert managed_now.count() == 2
    untouched = Account.objects.filter(pk__in=[outside.account_id, aiko.account_id, other.account_id])
    assert {account.type for account in untouched} == {Account.Type.NULAB}


def test_nobody_ticked_is_said(desk: Client, aozora: Organization) -> None:
    for ids in ([], ["nonsense"], ["\x00"]):
        answer = desk.post(f"{page('accounts-convert-managed', aozora)}?{urlencode({'member': ids}, doseq=True)}")
        assert "No Nulab Account is selected" in text(answer)


def test_update_makes_an_old_account_ready(desk: Client, aozora: Organization, people: dict[str, Member]) -> None:
    desk.post(page("account-update", aozora, people["yuki"].scim_id))

    yuki = aozora.members.select_related("account", "organization").get(pk=people["yuki"].pk)
    assert state_of(yuki, aozora.verified_domains()) is State.READY


def test_a_nulab_account_becomes_managed_after_its_confirmation(
    desk: Client, aozora: Organization, people: dict[str, Member], mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    url = page("account-convert-managed", aozora, people["emi"].scim_id)
    asked = text(desk.get(url))
    before = aozora.members.get(pk=people["emi"].pk).account.type

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(url)

    account = aozora.members.get(pk=people["emi"].pk).account
    assert "The password stops working" in asked
    assert before == Account.Type.NULAB
    assert account.type == Account.Type.MANAGED
    assert not account.has_usable_password()
    assert [mail.to for mail in mailoutbox] == [[account.email]]


def test_the_last_emergency_administrator_stays_a_nulab_account(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    answer = desk.post(page("account-convert-managed", aozora, aiko.scim_id))

    assert answer.status_code == 409
    assert "last administrator with a Nulab Account" in text(answer)
    assert page("members", aozora) in text(answer)
    assert not Account.objects.get(pk=aiko.account_id).is_managed


def test_without_a_free_licence_nobody_becomes_managed(
    desk: Client, aozora: Organization, people: dict[str, Member]
) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 3, by=OPERATOR)

    answer = desk.post(page("account-convert-managed", aozora, people["emi"].scim_id))

    assert answer.status_code == 409
    assert str(NoFreeLicence(product="Nulab Pass", bought=3)) in text(answer)
    assert not Account.objects.get(pk=people["emi"].account_id).is_managed


def test_a_managed_account_becomes_a_nulab_account_and_the_idp_is_refused_from_then_on(
    desk: Client, aozora: Organization, people: dict[str, Member]
) -> None:
    kenji = people["kenji"]

    desk.post(page("account-convert-nulab", aozora, kenji.scim_id))

    kept = aozora.members.select_related("account", "organization").get(pk=kenji.pk)
    assert kept.account.type == Account.Type.NULAB
    assert kept.external_id is None
    with pytest.raises(Refusal):
        kept.deactivate(by=idp_actor(aozora))


def test_an_inactive_account_does_not_become_a_nulab_account(
    desk: Client, aozora: Organization, people: dict[str, Member]
) -> None:
    people["kenji"].deactivate(by=idp_actor(aozora))

    answer = desk.post(page("account-convert-nulab", aozora, people["kenji"].scim_id))

    assert answer.status_code == 409
    assert aozora.members.get(pk=people["kenji"].pk).account.type == Account.Type.PROVISIONED


# -- Sync activity


def test_a_refused_call_says_cause_and_remedy(desk: Client, aozora: Organization) -> None:
    call(
        aozora, kind="create", method="POST", status=400, subject="j.park@old.example",
        reason="domain_not_verified", figures={"domain": "old.example"},
        ignored=["urn:example:department"], body='{"password": "***"}',
    )  # fmt: skip

    shown = text(desk.get(page("activity", aozora)))

    assert "The e-mail domain “old.example” is not verified" in shown
    assert "urn:example:department" in shown
    assert "&quot;password&quot;: &quot;***&quot;" in shown


def test_changes_are_told_in_words(desk: Client, aozora: Organization) -> None:
    call(aozora, subject="Mia Sato", changes={"role": ["GUEST", "USER"], "active": [True, False]})

    shown = " ".join(text(desk.get(page("activity", aozora))).split())

    assert "Role: <del>Guest</del> → <ins>Member</ins>" in shown
    assert "Active/Inactive: <del>Active</del> → <ins>Inactive</ins>" in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["today", "read", "refused", "old"]),
        ({"kind": "read"}, ["read"]),
        ({"outcome": "refused"}, ["refused"]),
        ({"outcome": "changed"}, ["today", "old"]),
        ({"outcome": "unchanged"}, ["read"]),
        ({"account": "TODAY"}, ["today"]),
        ({"account": "scim-id-of-old"}, ["old"]),
        ({"until": "2026-01-31"}, ["old"]),
        ({"since": "2026-02-01"}, ["today", "read", "refused"]),
        ({"since": "nonsense", "kind": "read"}, ["read"]),
    ],
)
def test_filters_narrow_the_calls_of_this_organization(
    desk: Client, aozora: Organization, hakata: Organization, query: dict[str, str], found: list[str]
) -> None:
    now = timezone.now()
    call(aozora, subject="today", at=now)
    call(aozora, subject="read", kind="read", is_lasting=False, at=now - datetime.timedelta(minutes=1))
    call(aozora, subject="refused", status=403, at=now - datetime.timedelta(minutes=2))
    january = datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC)
    call(aozora, subject="old", subject_id="scim-id-of-old", at=january)
    call(hakata, subject="today")

    shown = desk.get(page("activity", aozora), query)

    assert [row.subject for row in shown.context["page"].rows] == found


def outside(organization: Organization, domain: str, number: int) -> SyncActivity:
    return call(
        organization, status=400, reason="domain_not_verified", figures={"domain": domain}, subject=f"person {number}"
    )


def test_a_flood_of_the_same_cause_is_told_once_with_its_own_figures(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    for organization, times in ((aozora, 3), (hakata, 4)):
        for number in range(times):
            outside(organization, "old.example", number)
    for number in range(2):
        outside(aozora, "gmail.example", number)
    outside(aozora, "hakata.example", 1)
    last = call(aozora, status=403, reason="provisioning_disabled")
    next_door = hakata.sync_activity.latest("pk")

    shown = desk.get(page("activity", aozora))
    first, second = shown.context["floods"]
    listed = desk.get(page("activity", aozora), {"cause": first["last"]})

    assert [(flood["times"], flood["call"].figures["domain"]) for flood in (first, second)] == [
        (3, "old.example"),
        (2, "gmail.example"),
    ]
    assert f"?cause={first['last']}" in text(shown)
    assert len(listed.context["page"].rows) == 3
    assert "Only requests refused for this cause: The e-mail domain “old.example”" in text(listed)
    assert len(desk.get(page("activity", aozora), {"cause": last.pk}).context["page"].rows) == 1
    for nothing in (next_door.pk, 0, -1, 2**63, "x"):
        assert desk.get(page("activity", aozora), {"cause": nothing}).status_code == 200
    assert not desk.get(page("activity", aozora), {"cause": next_door.pk}).context["page"].rows


def test_the_failing_banner_speaks_of_the_largest_group(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    for number in range(4):
        outside(aozora, "old.example", number)
    outside(aozora, "gmail.example", 9)

    shown = text(desk.get(page("provisioning", aozora)))

    assert "5 of the last 5 requests were refused, 4 of them because: The e-mail domain “old.example”" in shown
    assert "gmail.example” is not verified" not in shown.partition("Connection")[0]


def test_activity_comes_in_pages(desk: Client, aozora: Organization) -> None:
    for number in range(51):
        call(aozora, subject=f"person {number}")

    first = desk.get(page("activity", aozora))
    second = desk.get(page("activity", aozora), {"after": first.context["page"].next})

    assert [row.subject for row in second.context["page"].rows] == ["person 0"]
    assert "Previous" in text(second)


def test_the_administrators_are_mailed_when_a_leaver_stays_in(
    aozora: Organization, aiko: Member, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    from provisioning.models import RefusedDeparture

    emi = managed(aozora, "emi", role=Role.ADMIN)
    token = scim_token(aozora, emi)[0]

    with django_capture_on_commit_callbacks(execute=True):
        RefusedDeparture.remember(emi, IsTokenIssuer(member="Emi Ueda", prefix=token.prefix))

    (mail,) = mailoutbox
    assert mail.to == [aiko.account.email]
    assert mail.subject == "Emi Ueda is still a member of Aozora Design"
    assert token.prefix in mail.body
    assert f"http://localhost:8000{page('member', aozora, emi.scim_id)}" in mail.body


def test_an_actor_of_the_page_stands_in_the_audit_trail(desk: Client, aozora: Organization) -> None:
    desk.post(page("provisioning-save", aozora), {"enable": "on", "lifetime": "1y"}, headers={"User-Agent": "Aiko's"})

    told = aozora.audit.get(event="provisioning.enabled")

    assert (told.operator_name, told.user_agent) == ("Aiko Tanaka", "Aiko's")


def test_nobody_is_called_provision_managed_where_nobody_is(desk: Client, aozora: Organization) -> None:
    address = page("provisioning-review", aozora)
    said = "All eligible accounts are Provision Managed."

    assert said not in text(desk.get(address))
    provisioned(aozora, "yuki")
    assert said in text(desk.get(address))
