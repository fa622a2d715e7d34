"""What is always refused is not offered: the page says why, and where it can be mended."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import resolve, reverse

from members.models import Domain, Invitation, Member, Organization, Product, Role, Subscription
from saml.models import SamlSettings
from tests.cast import OPERATOR, managed, nulab, provisioned, signed_in
from tests.cast.console import text
from tests.cast.saml_messages import key_pair


def address(organization: Organization, name: str, *more: str) -> str:
    return reverse(name, args=[organization.space_key, *more])


@pytest.mark.parametrize("name", ["member-delete", "member-deactivate"])
def test_the_last_administrator_cannot_be_confirmed_away(
    desk: Client, aozora: Organization, aiko: Member, name: str
) -> None:
    asked = desk.get(address(aozora, name, aiko.scim_id)).content.decode()
    emi = desk.get(address(aozora, name, managed(aozora, "emi", role=Role.ADMIN).scim_id)).content.decode()

    assert "is the last active administrator" in asked
    assert "confirm-card" not in asked
    assert "confirm-card" in emi


def test_a_domain_in_use_cannot_be_confirmed_away(desk: Client, aozora: Organization, mia: Member) -> None:
    Domain.objects.add(aozora, "unused.example", by=OPERATOR)

    in_use = desk.get(address(aozora, "domain-remove", "aozora.example")).content.decode()
    unused = desk.get(address(aozora, "domain-remove", "unused.example")).content.decode()

    assert "Remove domain" not in text_of_buttons(in_use)
    assert "Remove domain" in text_of_buttons(unused)


def text_of_buttons(page: str) -> str:
    return " ".join(part.partition("</button>")[0] for part in page.split("<button")[1:])


def test_a_licence_that_nobody_has_left_is_not_offered(desk: Client, aozora: Organization, mia: Member) -> None:
    page = address(aozora, "member", mia.scim_id)
    assert "Assign Typetalk" in text_of_buttons(desk.get(page).content.decode())
    Subscription.objects.buy(aozora, Product.TYPETALK, 0, by=OPERATOR)

    shown = desk.get(page)

    assert "Assign Typetalk" not in text_of_buttons(shown.content.decode())
    assert "None: no free licence (0 bought)" in text(shown)


def test_assigning_to_more_than_there_is_room_for_says_so_first(
    desk: Client, aozora: Organization, mia: Member
) -> None:
    people = [mia, *(managed(aozora, f"n{number}") for number in range(2))]

    page = text(desk.get(address(aozora, "members-licence-assign"), {"member": [one.scim_id for one in people]}))

    assert "Typetalk: 2 of 2 free, 1 of 3 members would get none" in page
    assert "Cacoo: 5 of 5 free" in page
    assert "Cacoo: 5 of 5 free," not in page


def test_nobody_is_invited_to_a_sandbox(client: Client, sandbox: Organization) -> None:
    sam = sandbox.members.get(role=Role.ADMIN)
    client.force_login(sam.account, backend="members.signin.PasswordBackend")

    assert address(sandbox, "invite") not in client.get(address(sandbox, "invitations")).content.decode()


def test_an_invitation_says_what_becomes_of_an_administrator_managed_elsewhere(
    desk: Client, aozora: Organization
) -> None:
    assert "they join as Member, even if you choose Administrator" in text(desk.get(address(aozora, "invite")))


def test_deleting_what_the_idp_keeps_says_that_it_comes_back(desk: Client, aozora: Organization, mia: Member) -> None:
    kenji, emi = provisioned(aozora, "kenji"), managed(aozora, "emi")

    pages = [text(desk.get(address(aozora, "member-delete", one.scim_id))) for one in (kenji, emi)]

    assert ["creates a new account" in page for page in pages] == [True, False]


def test_support_confirms_fewer_licences_than_are_in_use(support_desk: Client, aozora: Organization) -> None:
    nulab(aozora, "nao").assign_licence(Product.CACOO, by=OPERATOR)
    cacoo = aozora.subscriptions.get(product=Product.CACOO)
    page = reverse("admin:members_subscription_change", args=[cacoo.pk])

    refused = support_desk.post(page, {"bought": 0})
    bought = aozora.subscriptions.get(product=Product.CACOO).bought
    support_desk.post(page, {"bought": 0, "below_used": "on"})

    assert "In use: 1. Set at least as many" in refused.content.decode()
    assert (bought, aozora.subscriptions.get(product=Product.CACOO).bought) == (5, 0)


def roles_offered(page: str) -> list[str]:
    return re.findall(r'<option value="(\w+)"', page.partition('name="role"')[2].partition("</select>")[0])


def test_roles_that_a_member_cannot_have_are_not_offered(
    desk: Client, client: Client, aozora: Organization, hakata: Organization, aiko: Member, mia: Member, ren: Member
) -> None:
    place = Member.objects.add(aozora, managed(hakata, "gina").account, role=Role.USER, by=OPERATOR)

    pages = [desk.get(address(aozora, "member-edit", one.scim_id)).content.decode() for one in (aiko, place, mia)]
    sent = desk.post(address(aozora, "member-edit", place.scim_id), {"role": "ADMIN", "initial-role": "USER"})

    assert [roles_offered(page) for page in pages] == [["ADMIN"], ["USER", "GUEST"], ["ADMIN", "USER", "GUEST"]]
    assert ["is the last active administrator" in page for page in pages] == [True, False, False]
    assert "the role here can only be Member or Guest" in text(sent)


def test_a_privilege_that_cannot_change_is_not_offered(
    desk: Client, aozora: Organization, hakata: Organization, aiko: Member, mia: Member
) -> None:
    mia.change_privileges(is_plan_admin=True, by=OPERATOR)
    place = Member.objects.add(aozora, managed(hakata, "gina").account, role=Role.USER, by=OPERATOR)

    pages = [desk.get(address(aozora, "member-privileges", one.scim_id)) for one in (mia, place, aiko)]
    boxes = [
        re.findall(r'<input type="checkbox"[^>]*name="is_plan_admin"[^>]*>', page.content.decode()) for page in pages
    ]
    # As the browser sends the form on which the other privilege has been ticked.
    sent = desk.post(address(aozora, "member-privileges", mia.scim_id), {"is_plan_admin": "on", "can_invite": "on"})

    assert ["disabled" in box for [box] in boxes] == [True, True, False]
    assert ["is the last active plan admin" in text(page) for page in pages] == [True, False, False]
    assert ["so it cannot be plan admin here" in text(page) for page in pages] == [False, True, False]
    assert ['type="hidden" name="is_plan_admin"' in page.content.decode() for page in pages] == [True, False, False]
    assert sent.status_code == 302


def test_an_account_that_cannot_become_managed_is_not_offered_that(
    desk: Client, aozora: Organization, hakata: Organization, aiko: Member
) -> None:
    outside = nulab(aozora, "nao", email="nao@partner.example")
    busy = nulab(aozora, "emi")
    Member.objects.add(hakata, busy.account, role=Role.ADMIN, by=OPERATOR)
    fits = nulab(aozora, "yuki")

    def offered(member: Member) -> tuple[bool, bool, str]:
        page = desk.get(address(aozora, "member", member.scim_id))
        asked = desk.get(address(aozora, "member-to-managed", member.scim_id))
        link = address(aozora, "member-to-managed", member.scim_id)
        return f'href="{link}"' in page.content.decode(), "confirm-card" in asked.content.decode(), text(page)

    assert offered(fits)[:2] == (True, True)
    no_domain, elsewhere = offered(outside), offered(busy)
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)
    no_licence = offered(fits)

    assert [one[:2] for one in (no_domain, elsewhere, no_licence)] == [(False, False)] * 3
    assert "The e-mail domain “partner.example” is not verified" in no_domain[2]
    assert "is an administrator or plan admin of another organization" in elsewhere[2]
    assert "No Nulab Pass licence has been bought" in no_licence[2]


def test_reactivation_without_a_free_licence_is_not_offered(desk: Client, aozora: Organization, mia: Member) -> None:
    mia.deactivate(by=OPERATOR)
    page = address(aozora, "member", mia.scim_id)
    before = desk.get(page).content.decode()
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)

    after = desk.get(page)

    assert "Reactivate account" in text_of_buttons(before)
    assert "Reactivate account" not in text_of_buttons(after.content.decode())
    assert "No Nulab Pass licence has been bought" in text(after)


@pytest.mark.parametrize("name", ["member-new", "members-import"])
def test_an_account_that_cannot_be_created_has_no_form(desk: Client, aozora: Organization, name: str) -> None:
    offered = desk.get(address(aozora, name)).content.decode()
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)
    refused = desk.get(address(aozora, name))

    assert "form-card" in offered
    assert "form-card" not in refused.content.decode()
    assert "No Nulab Pass licence has been bought" in text(refused)


def test_an_invitation_whose_inviter_has_lost_the_right_is_not_sent_again(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    emi = managed(aozora, "emi", role=Role.ADMIN)
    for inviter, email in ((emi, "a@partner.example"), (aiko, "b@partner.example")):
        Invitation.objects.invite(inviter, email, role=Role.ADMIN, by=OPERATOR)
    Member.objects.filter(pk=emi.pk).update(role=Role.USER)

    page = desk.get(address(aozora, "invitations"))

    assert text_of_buttons(page.content.decode()).count("Send again") == 1
    assert "Withdraw the invitation and send a new one" in text(page)


def test_provisioning_without_its_preconditions_cannot_be_ticked(desk: Client, aozora: Organization) -> None:
    met = desk.get(address(aozora, "provisioning-manage")).content.decode()
    SamlSettings.of(aozora).disable(by=OPERATOR)
    missing = desk.get(address(aozora, "provisioning-manage"))

    assert "form-card" in met
    assert "form-card" not in missing.content.decode()
    assert "User provisioning needs SAML authentication" in text(missing)


def test_the_last_certificate_in_force_cannot_be_confirmed_away(desk: Client, aozora: Organization) -> None:
    saml = SamlSettings.of(aozora)
    page = reverse("saml-certificate-remove", args=[aozora.space_key, saml.certificates.get().pk])
    last = desk.get(page)
    saml.add_certificate(key_pair().certificate, by=OPERATOR)

    assert "confirm-card" not in last.content.decode()
    assert "Add the new one before you remove the last one" in text(last)
    assert "confirm-card" in desk.get(page).content.decode()


@pytest.mark.parametrize("who", ["administrator", "plan admin", "audit log admin", "inviter", "guest", "support"])
def test_every_link_that_a_person_sees_opens(
    client: Client, aozora: Organization, aiko: Member, who: str, request: pytest.FixtureRequest
) -> None:
    """One page of each kind: what is linked is neither forbidden nor missing."""
    managed(aozora, "gone").deactivate(by=OPERATOR)
    provisioned(aozora, "kept")
    visitor = aiko if who == "administrator" else nulab(aozora, "vic", role=Role.GUEST)
    privilege = {"plan admin": "is_plan_admin", "audit log admin": "is_audit_log_admin", "inviter": "can_invite"}.get(
        who
    )
    if privilege:
        visitor.change_privileges(by=OPERATOR, **{privilege: True})
    signed_in(client, visitor) if who != "support" else request.getfixturevalue("support_desk")
    seen: dict[str, str] = {}
    waiting, wrong = [(reverse("admin:index") if who == "support" else "/", ""), (reverse("profile"), "")], []
    while waiting:
        link, source = waiting.pop()
        answer = client.get(link, follow=True)
        if answer.status_code != 200:
            wrong.append((link, source, answer.status_code))
        page = "" if answer.streaming else answer.content.decode()
        for found in map(unescape, re.findall(r'<a [^>]*href="(/[^"#]*)', page)):
            kind = resolve(found.partition("?")[0]).view_name
            if kind not in seen:
                seen[kind] = link
                waiting.append((found, link))

    assert wrong == []
    assert "profile" in seen
