"""What is always refused is not offered: the page says why, and where it can be mended."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Domain, Member, Organization, Product, Role, Subscription
from tests.cast import OPERATOR, managed, nulab, provisioned
from tests.console import text


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
    assert "None: all 0 are in use" in text(shown)


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
