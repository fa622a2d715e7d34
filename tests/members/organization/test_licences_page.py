"""Organization Settings › Licences: what is bought and used, who holds it, what inactive accounts gave back."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import DeletedAccount, Member, Organization, Product, Role, Subscription
from members.models.licence_refusals import NoFreeLicence
from members.models.restoring import restore
from members.organization import licences
from tests.cast import OPERATOR, managed, nulab, signed_in
from tests.cast.console import names_on, text, url
from tests.cast.rows import fresh


def page(client: Client, organization: Organization) -> str:
    return text(client.get(reverse("licences", args=[organization.space_key])))


def holders(organization: Organization, product: str = "cacoo") -> str:
    return reverse("licence-holders", args=[organization.space_key, product])


def returned(organization: Organization) -> dict[str, int]:
    return dict(organization.subscriptions.filter(returned__gt=0).values_list("product", "returned"))


@pytest.fixture
def nao(aozora: Organization) -> Member:
    """Plan admin, and no administrator."""
    nao = nulab(aozora, "nao")
    nao.change_privileges(is_plan_admin=True, by=OPERATOR)
    return nao


# -- who may


@pytest.mark.parametrize("name", ["licences", "licence-holders"])
def test_administrators_and_plan_admins_see_them_and_nobody_else(
    client: Client, aozora: Organization, aiko: Member, nao: Member, mia: Member, ren: Member, name: str
) -> None:
    address = reverse(name, args=[aozora.space_key, *(["cacoo"] if name == "licence-holders" else [])])
    mia.change_privileges(is_audit_log_admin=True, by=OPERATOR)

    assert client.get(address).status_code == 302
    answers = [signed_in(Client(), visitor).get(address).status_code for visitor in (aiko, nao, mia, ren)]
    assert answers == [200, 200, 403, 404]


def test_a_plan_admin_finds_the_licences_and_nothing_else(
    client: Client, aozora: Organization, nao: Member, mia: Member
) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)
    desk = signed_in(client, nao)

    home = desk.get("/", follow=True)

    assert home.redirect_chain[-1][0] == reverse("licences", args=[aozora.space_key])
    menu = re.findall(r'<nav class="sidebar".*?</nav>', home.content.decode(), flags=re.DOTALL)[0]
    assert re.findall(r'<a href="([^"]+)"', menu) == [reverse("licences", args=[aozora.space_key])]
    list_of_holders = desk.get(holders(aozora))
    assert "Mia Sato" in text(list_of_holders)
    assert url("member", mia) not in list_of_holders.content.decode()
    for forbidden in (url("member", mia), reverse("members", args=[aozora.space_key])):
        assert desk.get(forbidden).status_code == 403


# -- the figures


def test_every_product_shows_bought_used_and_free_with_a_word_for_it(
    desk: Client, aozora: Organization, mia: Member
) -> None:
    for handle in ("emi", "yuki"):
        managed(aozora, handle).assign_licence(Product.TYPETALK, by=OPERATOR)
    Subscription.objects.buy(aozora, Product.PASS, 3, by=OPERATOR)

    shown = page(desk, aozora)

    assert "In use OK 0 of 5" in shown
    assert "In use Full 2 of 2" in shown
    assert "In use Full 3 of 3" in shown
    assert "Bought 5 Used 0 Free 5" in shown
    assert "Pass licences are assigned automatically" in shown
    Subscription.objects.buy(aozora, Product.CACOO, 10, by=OPERATOR)
    aozora.subscriptions.filter(product=Product.CACOO).update(used=9)
    assert "In use Nearly full 9 of 10" in page(desk, aozora)


def test_the_page_says_that_licences_are_bought_elsewhere(desk: Client, aozora: Organization) -> None:
    shown = desk.get(reverse("licences", args=[aozora.space_key]))

    assert "contact support" in text(shown)
    assert "https://support.nulab.com/" in shown.content.decode().partition("<main")[2]


def test_an_ended_product_says_so(desk: Client, aozora: Organization) -> None:
    aozora.subscriptions.get(product=Product.TYPETALK).end(by=OPERATOR)

    assert "Ended Just now" in page(desk, aozora)


def test_a_sandbox_and_an_organization_without_products_are_told_what_that_means(
    client: Client, sandbox: Organization, sam: Member, aiko: Member
) -> None:
    bare = Organization.objects.register(name="Kita Works", slug="kita", by=OPERATOR)
    Member.objects.add(bare, aiko.account, role=Role.ADMIN, by=OPERATOR)

    assert "A sandbox needs no licences" in page(signed_in(client, sam), sandbox)
    assert "No subscriptions" in page(signed_in(Client(), aiko), bare)


def test_a_refusal_for_want_of_licences_leads_here(desk: Client, aozora: Organization, mia: Member) -> None:
    Subscription.objects.buy(aozora, Product.CACOO, 0, by=OPERATOR)

    told = desk.post(url("member-licence-assign", mia, "cacoo"), follow=True).content.decode()

    assert f'href="{reverse("licences", args=[aozora.space_key])}">Licences</a>' in told


# -- who holds them


def test_holders_are_listed_and_lead_to_their_pages(
    desk: Client, aozora: Organization, hakata: Organization, mia: Member, kenji: Member
) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)
    hakata.members.get(unique_id="kenji").assign_licence(Product.CACOO, by=OPERATOR)

    shown = desk.get(holders(aozora))

    assert names_on(shown) == ["Mia Sato"]
    assert f"{url('member', mia)}#licences" in shown.content.decode()
    assert names_on(desk.get(holders(aozora, "pass"))) == ["Kenji Mori", "Mia Sato"]


def test_holders_are_found_by_name_and_address(desk: Client, aozora: Organization, mia: Member, kenji: Member) -> None:
    for member in (mia, kenji):
        member.assign_licence(Product.CACOO, by=OPERATOR)

    assert names_on(desk.get(holders(aozora), {"q": "MORI"})) == ["Kenji Mori"]
    assert names_on(desk.get(holders(aozora), {"q": "mia@"})) == ["Mia Sato"]
    assert "No members match" in text(desk.get(holders(aozora), {"q": "ren"}))
    assert desk.get(holders(aozora), {"q": "\x00"}).status_code == 422


def test_every_holder_is_met_once_a_page_at_a_time(
    desk: Client, aozora: Organization, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for handle in ("kenji", "emi", "yuki", "nana"):
        managed(aozora, handle, display_name="Same Name")
    monkeypatch.setattr(licences, "ROWS", 2)

    found, address = [], holders(aozora, "pass")
    while address:
        shown = desk.get(address)
        found += re.findall(r'person-note">([^<]+)<', shown.content.decode())
        following = re.search(r'rel="next" href="([^"]+)"', shown.content.decode())
        address = f"{holders(aozora, 'pass')}{following[1].replace('&amp;', '&')}" if following else ""

    assert sorted(found) == [f"{handle}@aozora.example" for handle in ("emi", "kenji", "mia", "nana", "yuki")]


def test_a_page_of_holders_counts_nobody(desk: Client, aozora: Organization, mia: Member) -> None:
    with CaptureQueriesContext(connection) as asked:
        desk.get(holders(aozora, "pass"))

    assert not any("COUNT(" in query["sql"] for query in asked)


@pytest.mark.parametrize("product", ["nothing", "PASS", "%00", "backlog"])
def test_a_product_that_is_not_there_is_not_found(desk: Client, aozora: Organization, product: str) -> None:
    assert desk.get(f"/spaces/{aozora.space_key}/licences/{product}").status_code == 404


# -- what inactive accounts gave back


def test_what_was_given_back_and_would_not_fit_is_told(
    desk: Client, aozora: Organization, hakata: Organization, mia: Member, kenji: Member
) -> None:
    assert "No inactive account held a licence." in page(desk, aozora)
    for member in (mia, kenji):
        member.assign_licence(Product.TYPETALK, by=OPERATOR)
    mia.deactivate(by=OPERATOR)
    managed(aozora, "emi").assign_licence(Product.TYPETALK, by=OPERATOR)

    assert "Nulab Pass 1 98 0" in page(desk, aozora)
    assert "Typetalk 1 0 1" in page(desk, aozora)
    assert returned(hakata) == {}


def test_the_figure_follows_whoever_comes_back_leaves_or_is_restored(aozora: Organization, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)
    mia.deactivate(by=OPERATOR)
    assert returned(aozora) == {"pass": 1, "cacoo": 1}

    fresh(mia).reactivate(by=OPERATOR)
    assert returned(aozora) == {}

    fresh(mia).deactivate(by=OPERATOR)
    fresh(mia).remove(by=OPERATOR)
    assert returned(aozora) == {}

    restore(DeletedAccount.objects.get(), by=OPERATOR)
    assert returned(aozora) == {"pass": 1, "cacoo": 1}


def test_a_reactivation_that_is_refused_leaves_the_figure(aozora: Organization, mia: Member) -> None:
    mia.deactivate(by=OPERATOR)
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)

    with pytest.raises(NoFreeLicence):
        fresh(mia).reactivate(by=OPERATOR)

    assert returned(aozora) == {"pass": 1}


def test_licences_elsewhere_are_counted_elsewhere(aozora: Organization, hakata: Organization, mia: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)
    place.assign_licence(Product.CACOO, by=OPERATOR)

    fresh(mia).deactivate(by=OPERATOR)

    assert (returned(aozora), returned(hakata)) == ({"pass": 1}, {"cacoo": 1})
