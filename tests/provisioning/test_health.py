"""One verdict on the synchronization: on every page, and by mail when it changes."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Member, Organization, Product, Subscription
from provisioning.models import ActivityHour, ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.hours import Outcome, succeeded_and_refused
from provisioning.monitoring.health import Health, verdict
from provisioning.monitoring.watching import tell
from saml.models import SamlSettings
from tests.cast import OPERATOR, nulab, provisioned, scim_token
from tests.cast.console import text
from tests.scim import Idp, user

ENDED = "Nulab Pass subscription has ended"


def end_pass(organization: Organization) -> None:
    organization.subscriptions.get(product=Product.PASS).end(by=OPERATOR)


def renew_pass(organization: Organization) -> None:
    Subscription.objects.buy(organization, Product.PASS, 100, by=OPERATOR)


def home(desk: Client, organization: Organization) -> str:
    return text(desk.get(reverse("start", args=[organization.space_key])))


def provisioning_page(desk: Client, organization: Organization) -> str:
    return text(desk.get(reverse("provisioning", args=[organization.space_key])))


def refuse(idp: Idp, times: int, domain: str = "elsewhere.example") -> None:
    for number in range(times):
        assert idp.post(user(f"nao{number}@{domain}")).status == 400


@pytest.fixture
def running(idp: Idp) -> Idp:
    """An identity provider that has just created somebody."""
    idp.create("nao")
    return idp


# -- the verdict on the pages


def test_what_runs_is_said_to_run_alike(desk: Client, running: Idp) -> None:
    assert verdict(running.organization).health is Health.RUNNING
    assert "User provisioning is running" in home(desk, running.organization)
    assert "5 of 5 done" in home(desk, running.organization)
    assert "Running" in provisioning_page(desk, running.organization)


def test_an_ended_pass_is_no_running_synchronization(desk: Client, running: Idp) -> None:
    aozora = running.organization
    end_pass(aozora)
    assert running.get().status == 403

    for shown in (home(desk, aozora), provisioning_page(desk, aozora)):
        assert "Nulab Pass has ended" in shown
        assert ENDED in shown
        assert "5 of 5" not in shown
        assert "is running" not in shown
    assert "Provision your first user" not in home(desk, aozora)
    assert (verdict(aozora).health, verdict(aozora).cause) == (Health.CLOSED, "pass_has_ended")


def test_sixty_refusals_are_no_running_synchronization(desk: Client, running: Idp, next_door: Idp) -> None:
    refuse(running, 60)
    next_door.create("yui")

    assert "User provisioning: Failing" in home(desk, running.organization)
    for shown in (home(desk, running.organization), provisioning_page(desk, running.organization)):
        assert "50 of the last 50 requests were refused, 50 of them because: The e-mail domain" in shown
        assert "User provisioning is running" not in shown
    assert verdict(next_door.organization).health is Health.RUNNING


@pytest.mark.parametrize(
    ("close", "cause", "label"),
    [
        (lambda org: ProvisioningSettings.of(org).disable(by=OPERATOR), "provisioning_disabled", "Disabled"),
        (lambda org: [token.revoke(by=OPERATOR) for token in org.scim_tokens.all()], "no_live_token", "No live token"),
        (
            lambda org: SamlSettings.objects.filter(organization=org).update(enabled_at=None),
            "needs_saml",
            "SAML authentication is off",
        ),
        (lambda org: org.domains.update(verified_at=None), "needs_domain", "No verified domain"),
        (end_pass, "pass_has_ended", "Nulab Pass has ended"),
    ],
)
def test_a_closed_door_is_named(
    desk: Client, running: Idp, close: Callable[[Organization], Any], cause: str, label: str
) -> None:
    close(running.organization)

    found = verdict(running.organization)

    assert (found.health, found.cause) == (Health.CLOSED, cause)
    assert label in provisioning_page(desk, running.organization)
    assert f"User provisioning: {label}" in home(desk, running.organization)
    assert "5 of 5 done" not in home(desk, running.organization)


def test_nothing_set_up_invites_to_the_first_user(desk: Client, aozora: Organization) -> None:
    assert verdict(aozora).cause == "not_set_up"
    assert "Provision your first user" in home(desk, aozora)

    scim_token(aozora)

    assert verdict(aozora).cause == "no_request_yet"
    assert "Provision your first user" in home(desk, aozora)


def test_what_was_refused_while_the_door_was_closed_counts_no_longer(running: Idp) -> None:
    end_pass(running.organization)
    for _ in range(20):
        assert running.get().status == 403
    renew_pass(running.organization)

    assert verdict(running.organization).health is Health.RUNNING


def test_an_idp_that_sends_a_revoked_token_is_failing(desk: Client, running: Idp, aozora: Organization) -> None:
    scim_token(aozora)
    old = ScimToken.objects.get(organization=aozora, name="Token 1")
    old.revoke(by=OPERATOR)
    assert verdict(aozora).health is Health.RUNNING

    assert running.get().status == 401

    assert verdict(aozora).health is Health.FAILING
    assert "The IdP sends the token “Token 1”, which is no longer valid" in provisioning_page(desk, aozora)
    for guess in range(30):
        running.get(headers={"Authorization": f"Bearer guess-{guess}"})
    Idp(aozora, secret=scim_token_for(aozora)).get()
    assert verdict(aozora).health is Health.RUNNING


def scim_token_for(organization: Organization) -> str:
    """In the place of the one whose secret nobody kept."""
    ScimToken.objects.live().get(organization=organization).revoke(by=OPERATOR)
    return scim_token(organization)[1]


def test_a_sandbox_needs_neither_pass_nor_saml(play_idp: Idp) -> None:
    play_idp.post(user("anybody"))

    assert verdict(play_idp.organization).health is Health.RUNNING


def test_the_verdict_costs_the_same_whatever_happened(
    running: Idp, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    refuse(running, 8)
    with django_assert_max_num_queries(4):
        verdict(running.organization)
    SyncActivity.objects.update(at=timezone.now() - datetime.timedelta(hours=30))
    with django_assert_max_num_queries(4):
        assert verdict(running.organization).health is Health.QUIET


def test_support_reads_the_same_verdict(support_desk: Client, running: Idp) -> None:
    end_pass(running.organization)

    page = support_desk.get(
        reverse("admin:provisioning_provisioningsettings_change", args=[running.organization.pk])
    ).content.decode()

    assert "Nulab Pass has ended" in page


# -- counted by the hour


def test_every_call_is_counted_in_its_hour(desk: Client, running: Idp, next_door: Idp) -> None:
    running.get()
    running.get()
    refuse(running, 3)
    next_door.get()

    hours = ActivityHour.objects.filter(organization=running.organization)
    assert dict(hours.values_list("outcome", "calls")) == {Outcome.WRITTEN: 1, Outcome.READ: 2, Outcome.REFUSED: 3}
    shown = desk.get(reverse("provisioning-recent", args=[running.organization.space_key])).context["chart"]
    assert (shown.succeeded, shown.refused) == (3, 3)


def test_counts_are_made_anew_of_what_was_written_without_counting(running: Idp) -> None:
    refuse(running, 2)
    SyncActivity.objects.update(at=timezone.now() - datetime.timedelta(hours=3))
    running.get()
    ActivityHour.objects.filter(outcome=Outcome.REFUSED).delete()

    call_command("recount_activity")
    call_command("recount_activity")

    past = succeeded_and_refused(running.organization, timezone.now() - datetime.timedelta(hours=5))
    assert next((good, bad) for _hour, good, bad in sorted(past)) == (1, 2)


# -- each change by mail, once


@pytest.fixture
def watched(mailoutbox: list[Any], django_capture_on_commit_callbacks: Any) -> Callable[[], list[tuple[str, str]]]:
    def look() -> list[tuple[str, str]]:
        del mailoutbox[:]
        with django_capture_on_commit_callbacks(execute=True):
            call_command("watch")
        return sorted((mail.to[0].partition("@")[0], mail.subject) for mail in mailoutbox)

    return look


def test_each_change_is_mailed_once_to_the_administrators(
    running: Idp, aozora: Organization, aiko: Member, next_door: Idp, watched: Any, mailoutbox: list[Any]
) -> None:
    next_door.create("yui")
    nulab(aozora, "emi")
    assert watched() == []

    refuse(running, 12)
    assert watched() == [("aiko.tanaka", "Aozora Design: user provisioning – Failing")]
    assert "elsewhere.example” is not verified" in mailoutbox[0].body
    assert "Verify the domain here if it is yours." in mailoutbox[0].body
    assert "Provisioning › Attribute mapping" in mailoutbox[0].body
    refuse(running, 5, "third.example")
    assert watched() == watched() == []

    end_pass(aozora)
    assert watched() == [("aiko.tanaka", "Aozora Design: user provisioning – Nulab Pass has ended")]
    assert watched() == []

    renew_pass(aozora)
    for _ in range(60):
        assert running.get().status == 200
    assert watched() == [("aiko.tanaka", "Aozora Design: user provisioning is running again")]
    assert watched() == []


def test_silence_is_mailed_once(running: Idp, watched: Any) -> None:
    watched()
    SyncActivity.objects.update(at=timezone.now() - datetime.timedelta(hours=25))

    assert watched() == [("aiko.tanaka", "Aozora Design: user provisioning – No request for 24 h")]
    assert watched() == []


def test_two_that_look_at_once_tell_it_once(running: Idp, watched: Any) -> None:
    watched()
    told = ProvisioningSettings.of(running.organization).told_health
    end_pass(running.organization)

    assert [tell(running.organization, told), tell(running.organization, told)] == [True, False]


def test_the_switch_itself_is_told_by_its_own_notice(running: Idp, aiko: Member, watched: Any) -> None:
    watched()
    ProvisioningSettings.of(running.organization).disable(by=OPERATOR)
    assert watched() == []

    ProvisioningSettings.of(running.organization).enable(issuer=aiko, by=OPERATOR)

    assert watched() == []


def test_a_sandbox_is_mailed_nothing(play_idp: Idp, watched: Any) -> None:
    for _ in range(12):
        play_idp.post({})

    assert verdict(play_idp.organization).health is Health.FAILING
    assert watched() == []


def test_the_mail_is_in_the_readers_language(
    running: Idp, aozora: Organization, aiko: Member, watched: Any, mailoutbox: list[Any]
) -> None:
    watched()
    aiko.account.language = "ja"
    aiko.account.save(update_fields=["language"])
    provisioned(aozora, "kenji")
    end_pass(aozora)

    ((_, subject),) = watched()

    assert subject == "Aozora Design: ユーザープロビジョニング – Nulab Passが終了しました"
    assert "Nulab Pass" in mailoutbox[0].body
    assert "has ended" not in mailoutbox[0].body
