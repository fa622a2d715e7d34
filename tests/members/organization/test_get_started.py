"""Get started: live steps, and what happened so far."""

from django.test import Client
from django.urls import reverse

from members.models import Domain, Member, Organization, Product, Role, Subscription, Team
from tests.cast import OPERATOR, nulab_account, provisioned, scim_token, signed_in
from tests.cast.console import text


def steps_on(client: Client, organization: Organization) -> list[tuple[str, str]]:
    page = client.get(reverse("start", args=[organization.space_key]))
    return [(str(step.title), step.state) for step in page.context["steps"]]


def test_get_started_follows_the_real_state(client: Client, hakata: Organization) -> None:
    kita = Organization.objects.register(name="Kita Works", slug="kita", by=OPERATOR)
    emi = Member.objects.add(kita, nulab_account("emi@kita.example"), role=Role.ADMIN, by=OPERATOR)
    browser = signed_in(client, emi)
    assert [state for _, state in steps_on(browser, kita)] == ["next", "later", "later", "later", "later"]

    Domain.objects.add(kita, "kita.example", by=OPERATOR).vouch(by=OPERATOR)

    assert steps_on(browser, kita)[:2] == [("Verify a mail domain", "done"), ("Turn on SAML authentication", "next")]


def test_get_started_is_done_once_the_idp_has_pushed_somebody(desk: Client, aozora: Organization) -> None:
    assert [state for _, state in steps_on(desk, aozora)] == ["done", "done", "next", "later", "later"]
    scim_token(aozora)
    assert [state for _, state in steps_on(desk, aozora)] == ["done", "done", "done", "done", "next"]

    provisioned(aozora, "nao")

    assert [state for _, state in steps_on(desk, aozora)] == ["done"] * 5
    assert "User provisioning is running" in text(desk.get(reverse("start", args=[aozora.space_key])))


def test_get_started_names_a_missing_pass_subscription(desk: Client, aozora: Organization) -> None:
    aozora.subscriptions.get(product=Product.PASS).end(by=OPERATOR)

    page = text(desk.get(reverse("start", args=[aozora.space_key])))

    assert "User provisioning needs a Nulab Pass subscription" in page


def test_get_started_tells_what_happened_here_and_not_next_door(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    Subscription.objects.buy(hakata, Product.CACOO, 987_654, by=OPERATOR)
    Team.objects.create_team(aozora, "Lantern makers", by=OPERATOR)

    page = text(desk.get(reverse("start", args=[aozora.space_key])))

    assert "Team created by manage.py test · Lantern makers" in page
    assert "987654" not in page
    assert "Cacoo 0 of 5" in page


def test_a_sandbox_leaves_out_what_it_waives_and_says_what_it_is(client: Client, sam: Member) -> None:
    browser = signed_in(client, sam)
    sandbox = sam.organization

    titles = [title for title, _ in steps_on(browser, sandbox)]

    assert titles == ["Enable user provisioning", "Issue a SCIM token", "Provision one test user"]
    for name in ("start", "members", "domains"):
        assert text(browser.get(reverse(name, args=[sandbox.space_key]))).count("This is a sandbox") == 1
    for name, waived in {"domains": "A sandbox needs no domain", "saml": "A sandbox needs no SAML"}.items():
        shown = text(browser.get(reverse(name, args=[sandbox.space_key])))
        assert waived in shown
        assert "Managed Accounts" not in shown
        assert "Add the domain of" not in shown
