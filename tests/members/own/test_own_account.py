"""What people do with their own account: name, address, leaving an organization, deleting it."""

import re
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account, Event, Headcount, Member, Organization, Role, Session, owning
from members.models.account_refusals import KeptByOrganization
from members.models.member.refusals import LastAdministrator
from members.own import address_links
from tests.cast import OPERATOR, PASSWORD, nulab, nulab_account, page_actor, scim_token, signed_in
from tests.cast.console import opened, text
from tests.cast.rows import events, fresh, last_event, refused, rows, rows_of


@pytest.fixture
def nao(aozora: Organization, hakata: Organization) -> Member:
    """A Nulab Account in two organizations, on whom nobody depends."""
    nao = nulab(aozora, "nao", email="nao@partner.example")
    Member.objects.add(hakata, nao.account, role=Role.GUEST, by=OPERATOR)
    return nao


@pytest.fixture
def nao_desk(nao: Member) -> Client:
    return signed_in(Client(), nao)


def exists(account: Account) -> bool:
    return Account.objects.filter(pk=account.pk).exists()


def leave(client: Client, organization: Organization, *, really: bool = True) -> Any:
    path = reverse("own-leave", args=[organization.space_key])
    return client.post(path, follow=True) if really else client.get(path)


# -- name


def test_another_name_is_seen_and_recorded_in_every_organization(
    nao_desk: Client, nao: Member, aozora: Organization, hakata: Organization
) -> None:
    nao_desk.post(reverse("own-name"), {"name": " 伊藤 奈緒 "})

    assert fresh(nao).account.name == "伊藤 奈緒"
    for organization in (aozora, hakata):
        event = last_event(organization)
        assert (event.event, event.changes) == (Event.ACCOUNT_CHANGED, {"name": ["Nao Ito", "伊藤 奈緒"]})
        assert organization.members.get(account=nao.account).name_order == "伊藤 奈緒"


@pytest.mark.parametrize("name", ["", "  ", "x" * 257, "a\x00b", "a\x07b"])
def test_a_name_that_is_none_is_refused_at_its_field(nao_desk: Client, nao: Member, name: str) -> None:
    answer = nao_desk.post(reverse("own-name"), {"name": name})

    assert (answer.status_code, "field-error" in answer.content.decode()) == (422, True)
    assert fresh(nao).account.name == "Nao Ito"


def test_the_same_name_again_records_nothing(nao_desk: Client, aozora: Organization) -> None:
    before = events(aozora)

    nao_desk.post(reverse("own-name"), {"name": "Nao Ito"})

    assert events(aozora) == before


# -- address


def ask_for(browser: Client, email: str, capture: Any, mailoutbox: list[Any]) -> str:
    """The link that goes to the new address."""
    with capture(execute=True):
        browser.post(reverse("own-address"), {"email": email})
    mail = mailoutbox[-1]
    assert mail.to == [email]
    [link] = re.findall(r"http://localhost:8000(/profile/address/\S+)", mail.body)
    return str(link)


def test_an_address_is_changed_by_the_link_that_went_to_it(
    nao_desk: Client,
    nao: Member,
    aozora: Organization,
    hakata: Organization,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    link = ask_for(nao_desk, "nao@new.example", django_capture_on_commit_callbacks, mailoutbox)
    assert "Change your address to nao@new.example?" in text(nao_desk.get(link, follow=True))
    assert fresh(nao).account.email == "nao@partner.example"

    with django_capture_on_commit_callbacks(execute=True):
        nao_desk.post(opened(nao_desk, link))

    now = fresh(nao).account
    assert (now.user_name, now.email) == ("nao@new.example", "nao@new.example")
    assert Account.objects.with_address("nao@partner.example") is None
    assert mailoutbox[-1].to == ["nao@partner.example"]
    assert "sign in with nao@new.example from now on" in mailoutbox[-1].body
    for organization in (aozora, hakata):
        assert last_event(organization).changes == {"email": ["nao@partner.example", "nao@new.example"]}
        assert organization.members.get(account=now).user_name_key == "nao@new.example"
    assert nao_desk.get(link).status_code == 404
    signin = {"identifier": "nao@new.example", "password": PASSWORD}
    assert Client().post(reverse("signin"), signin).status_code == 302


def test_somebody_elses_address_is_told_to_its_reader_only(
    nao_desk: Client, nao: Member, mia: Member, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    link = ask_for(nao_desk, "mia@aozora.example", django_capture_on_commit_callbacks, mailoutbox)

    refusal = text(nao_desk.post(opened(nao_desk, link)))

    assert "already an account with that email" in refusal
    assert fresh(nao).account.email == "nao@partner.example"
    assert fresh(mia).account.email == "mia@aozora.example"


def test_a_link_is_of_no_use_to_others_forged_or_after_a_day(
    nao_desk: Client, nao: Member, aiko: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = address_links.proof_of(nao.account, "nao@new.example")
    link = reverse("own-address-link", args=[proof])
    stranger, other, page = Client(), signed_in(Client(), aiko), opened(nao_desk, link)

    assert stranger.get(opened(stranger, link))["Location"].startswith(reverse("signin"))
    assert other.post(opened(other, link)).status_code == 404
    assert nao_desk.get(f"{link}x").status_code == 404
    monkeypatch.setattr(address_links, "GOOD_FOR", -1)
    assert nao_desk.post(page).status_code == 404
    assert nao_desk.get(link).status_code == 404
    assert fresh(nao).account.email == "nao@partner.example"


def test_a_link_of_before_a_change_is_over_also_when_the_address_has_come_back(
    nao_desk: Client, nao: Member, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    ask = partial(ask_for, nao_desk, capture=django_capture_on_commit_callbacks, mailoutbox=mailoutbox)
    unused, used = ask("nao@other.example"), ask("nao@new.example")
    nao_desk.post(opened(nao_desk, used))
    nao_desk.post(opened(nao_desk, ask("nao@partner.example")))
    assert fresh(nao).account.email == "nao@partner.example"

    assert [nao_desk.get(link).status_code for link in (unused, used)] == [404, 404]
    nao_desk.post(opened(nao_desk, ask("nao@new.example")))
    assert fresh(nao).account.email == "nao@new.example"


def test_mails_to_new_addresses_have_a_limit(
    nao_desk: Client, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answers = [nao_desk.post(reverse("own-address"), {"email": "x@new.example"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [422]
    assert len(mailoutbox) == 5


# -- leaving


def test_whoever_leaves_an_organization_keeps_the_others(
    nao_desk: Client, nao: Member, aozora: Organization, hakata: Organization
) -> None:
    assert "Leave Aozora Design?" in text(leave(nao_desk, aozora, really=False))
    before = rows_of(hakata)

    leave(nao_desk, aozora)

    assert not aozora.members.filter(account=nao.account).exists()
    assert rows_of(hakata) == before
    event = last_event(aozora)
    assert (event.event, event.operator_name) == (Event.MEMBER_REMOVED, "Nao Ito")


def test_the_last_administrator_is_told_why_leaving_must_wait_and_where_to_mend_it(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    page = leave(desk, aozora, really=False)
    refusal = leave(desk, aozora)

    for answer in (page, refusal):
        assert "is the last active administrator" in text(answer)
        assert reverse("members", args=[aozora.space_key]) in answer.content.decode()
    assert aozora.members.filter(pk=aiko.pk).exists()


def test_nobody_leaves_where_they_are_not(nao_desk: Client, sandbox: Organization) -> None:
    assert leave(nao_desk, sandbox).status_code == 404
    assert nao_desk.get("/profile/organizations/%00/leave").status_code == 404


# -- deleting


def test_an_account_is_deleted_everywhere_once_its_address_is_typed(
    nao_desk: Client, nao: Member, aozora: Organization, hakata: Organization
) -> None:
    wrong = nao_desk.post(reverse("own-delete"), {"confirmation": "nao"})
    assert (wrong.status_code, exists(nao.account)) == (422, True)

    answer = nao_desk.post(reverse("own-delete"), {"confirmation": "nao@partner.example"}, follow=True)

    assert "Your account is deleted." in text(answer)
    assert not exists(nao.account)
    assert not Session.objects.filter(account_id=nao.account_id).exists()
    assert Account.objects.with_address("nao@partner.example") is None
    for organization in (aozora, hakata):
        event = last_event(organization)
        assert (event.event, event.subject, event.operator_name) == (Event.ACCOUNT_DELETED, "Nao Ito", "Nao Ito")
        headcount = Headcount.objects.get(pk=organization.pk)
        assert headcount.members == headcount.active == organization.members.count()


def test_whoever_others_depend_on_is_told_where_and_why(
    aozora: Organization, hakata: Organization, aiko: Member, ren: Member
) -> None:
    scim_token(aozora, issuer=aiko)
    nulab(aozora, "emi", role=Role.ADMIN)
    ren.change_privileges(is_plan_admin=True, by=OPERATOR)
    Member.objects.add(hakata, aiko.account, role=Role.ADMIN, by=OPERATOR)
    ren.change_role(Role.USER, by=OPERATOR)
    browser = signed_in(Client(), aiko)

    page = browser.get(reverse("own-delete"))
    answer = browser.post(reverse("own-delete"), {"confirmation": aiko.account.email})

    for told in (page, answer):
        assert "Aozora Design Aiko Tanaka is the issuer of the live SCIM token" in text(told)
        assert "Hakata Labs Aiko Tanaka is the last active administrator" in text(told)
        assert reverse("members", args=[hakata.space_key]) in told.content.decode()
    assert exists(aiko.account)
    with refused(LastAdministrator):
        owning.delete(aiko.account, by=page_actor(aiko))


def test_an_account_without_organizations_can_go(client: Client, db: None) -> None:
    account = nulab_account("alone@partner.example")
    client.force_login(account, backend="members.signin.PasswordBackend")
    session = client.session
    session["signed_in_at"] = 2**40
    session.save()

    client.post(reverse("own-delete"), {"confirmation": "alone@partner.example"})

    assert not exists(account)


# -- Managed Accounts


def test_a_managed_account_does_none_of_it_and_is_told_who_can(mia: Member, aozora: Organization) -> None:
    browser = signed_in(Client(), mia)
    before = {name: table for name, table in rows().items() if name != "Session"}

    page = text(browser.get(reverse("profile")))
    assert "This account is managed by Aozora Design" in page
    assert "Only its administrators or its IdP can change your name and address" in page
    assert "Leave…" not in page
    for name in ("own-name", "own-address", "own-delete"):
        answer = browser.post(reverse(name), {"name": "X", "email": "x@x.example", "confirmation": mia.account.email})
        assert answer.status_code == 403
    assert "An organization manages this account" in text(leave(browser, aozora))

    assert {name: table for name, table in rows().items() if name != "Session"} == before
    with refused(KeptByOrganization):
        owning.delete(mia.account, by=page_actor(mia))


def test_a_managed_account_may_leave_another_organization(mia: Member, hakata: Organization) -> None:
    Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    leave(signed_in(Client(), mia), hakata)

    assert not hakata.members.filter(account=mia.account).exists()
    assert exists(mia.account)
