"""What an administrator can do to a member on the pages."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account, AuditEvent, Member, Organization, Role
from provisioning.models import ProvisioningSettings
from tests.cast import OPERATOR, idp_actor, managed, nulab, scim_token, signed_in
from tests.cast.console import listed, text, url
from tests.cast.rows import fresh


def test_the_emergency_stop_asks_first_and_then_puts_out_at_once(desk: Client, kenji: Member) -> None:
    browser = signed_in(Client(), kenji)
    question = text(desk.get(url("member-deactivate", kenji)))
    assert "Deactivate Kenji Mori?" in question
    assert fresh(kenji).account.is_active

    desk.post(url("member-deactivate", kenji))

    assert not fresh(kenji).account.is_active
    assert browser.get(reverse("profile")).status_code == 302


def test_reactivation_is_the_administrators_while_provisioning_is_disabled(
    desk: Client, aozora: Organization, kenji: Member, aiko: Member
) -> None:
    scim_token(aozora)
    kenji.deactivate(by=idp_actor(aozora))
    refused = desk.post(url("member-reactivate", kenji), follow=True)
    assert "is kept by the identity provider" in text(refused)
    assert not fresh(kenji).account.is_active

    ProvisioningSettings.of(aozora).disable(by=OPERATOR)
    desk.post(url("member-reactivate", kenji))

    assert fresh(kenji).account.is_active


def test_a_nulab_account_cannot_be_deactivated(desk: Client, aozora: Organization) -> None:
    yuki = nulab(aozora, "yuki")

    answer = desk.post(url("member-deactivate", yuki), follow=True)

    assert "which its owner manages" in text(answer)
    assert fresh(yuki).account.is_active


def test_deleting_a_managed_account_asks_first_and_frees_the_address(
    desk: Client, aozora: Organization, mia: Member, hakata: Organization
) -> None:
    assert "Delete Mia Sato&#x27;s account?" in desk.get(url("member-delete", mia)).content.decode()
    assert Account.objects.filter(pk=mia.account_id).exists()

    answer = desk.post(url("member-delete", mia), follow=True)

    assert "Mia Sato&#x27;s account is deleted." in answer.content.decode()
    assert listed(desk, aozora) == ["Aiko Tanaka"]
    assert Account.objects.with_address("mia@aozora.example") is None
    assert hakata.members.filter(unique_id="mia").exists()


def test_removing_a_nulab_account_ends_its_membership_here_only(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    yuki = nulab(aozora, "yuki")
    Member.objects.add(hakata, yuki.account, role=Role.USER, by=OPERATOR)
    assert "Remove Yuki Abe from this organization?" in text(desk.get(url("member-delete", yuki)))

    desk.post(url("member-delete", yuki))

    assert not aozora.members.filter(account=yuki.account_id).exists()
    assert hakata.members.filter(account=yuki.account_id).exists()


def test_a_protected_member_shows_why_instead_of_a_delete_button(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    nulab(aozora, "yuki", role=Role.ADMIN)
    scim_token(aozora, issuer=aiko)

    page = desk.get(url("member", aiko))
    refused = desk.post(url("member-delete", aiko), follow=True)

    assert "is the issuer of the live SCIM token" in text(page)
    assert reverse("provisioning", args=[aozora.space_key]) in page.content.decode()
    assert url("member-delete", aiko) not in page.content.decode()
    assert "is the issuer of the live SCIM token" in text(refused)
    assert aozora.members.filter(pk=aiko.pk).exists()


def test_an_administrator_who_leaves_ends_up_on_a_page_of_their_own(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    nulab(aozora, "yuki", role=Role.ADMIN)

    answer = desk.post(url("member-delete", aiko), follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == reverse("profile")


def test_privileges_are_given_and_taken(desk: Client, mia: Member) -> None:
    desk.post(url("member-privileges", mia), {"is_audit_log_admin": "on"})

    after = fresh(mia)
    assert (after.is_plan_admin, after.can_invite, after.is_audit_log_admin) == (False, False, True)
    desk.post(url("member-privileges", mia), {})
    assert not fresh(mia).is_audit_log_admin


def test_the_last_plan_admin_is_protected(desk: Client, mia: Member) -> None:
    mia.change_privileges(is_plan_admin=True, by=OPERATOR)

    answer = desk.post(url("member-privileges", mia), {})

    assert answer.status_code == 422
    assert "is the last active plan admin" in text(answer)
    assert fresh(mia).is_plan_admin


def test_a_licence_is_assigned_and_withdrawn_with_an_undo(desk: Client, mia: Member) -> None:
    given = desk.post(url("member-licence-assign", mia, "cacoo"), follow=True)
    assert fresh(mia).has_cacoo
    assert f'action="{url("member-licence-withdraw", mia, "cacoo")}"' in given.content.decode()

    desk.post(url("member-licence-withdraw", mia, "cacoo"))
    assert not fresh(mia).has_cacoo


@pytest.mark.parametrize(
    ("referer", "lands_on"),
    [
        ("http://testserver{page}", "{page}"),
        ("http://evil.example{page}", "/"),
        ("http://testserver//evil.example", "/"),
        ("", "/"),
    ],
)
def test_a_refusal_is_told_on_the_page_it_came_from_and_never_on_another_site(
    desk: Client, mia: Member, referer: str, lands_on: str
) -> None:
    page = url("member", mia)

    answer = desk.post(url("member-licence-withdraw", mia, "pass"), headers={"referer": referer.format(page=page)})

    assert answer["Location"] == lands_on.format(page=page)


def test_a_licence_that_is_not_there_is_refused_with_the_figures(desk: Client, aozora: Organization) -> None:
    people = [managed(aozora, handle) for handle in ("mia", "nao", "emi")]

    for member in people:
        answer = desk.post(url("member-licence-assign", member, "typetalk"), follow=True)

    assert "All 2 Typetalk licences are in use" in text(answer)
    assert not fresh(people[-1]).has_typetalk


@pytest.mark.parametrize(("product", "status"), [("pass", 302), ("backlog", 404)])
def test_pass_and_unknown_products_are_not_assigned_by_hand(
    desk: Client, mia: Member, product: str, status: int
) -> None:
    before = AuditEvent.objects.count()

    assert desk.post(url("member-licence-withdraw", mia, product)).status_code == status
    assert fresh(mia).has_pass
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("name", ["member-deactivate", "member-delete"])
def test_a_managed_administrator_who_puts_themselves_out_is_out_and_told_so(
    client: Client, aozora: Organization, aiko: Member, name: str
) -> None:
    emi = managed(aozora, "emi", role=Role.ADMIN)
    browser = signed_in(client, emi)

    answer = browser.post(url(name, emi), follow=True)

    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0].startswith(reverse("signin"))
    assert "Emi Ueda" in text(answer)
    assert browser.get(reverse("profile")).status_code == 302
