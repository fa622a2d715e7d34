"""Several members at once: roles, licences, removal; each told who was refused and why."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account, Event, Member, Organization, Product, Role
from tests.cast import OPERATOR, managed, nulab, scim_token, signed_in
from tests.console import fresh, listed, text
from tests.rows import events, rows_of, unchanged

PAGES = ["members-deactivate", "members-role", "members-licence-assign", "members-licence-withdraw", "members-remove"]


def address(name: str, organization: Organization, *members: Member, **query: str) -> str:
    picked = [("member", member.scim_id) for member in members]
    return f"{reverse(name, args=[organization.space_key])}?{urlencode([*picked, *query.items()])}"


def undo(desk: Client, answer: Any) -> Any:
    """Press the Undo of the message."""
    page = desk.get(answer["Location"])
    return desk.post(next(iter(page.context["messages"])).extra_tags)


@pytest.fixture
def nao(aozora: Organization) -> Member:
    return managed(aozora, "nao", role=Role.GUEST)


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_for_administrators_and_find_this_organizations_members_only(
    client: Client, aozora: Organization, hakata: Organization, aiko: Member, mia: Member, ren: Member, name: str
) -> None:
    theirs = hakata.members.get(unique_id="mia")
    form = {"role": "GUEST", "product": "cacoo", "confirmation": "hakata"}

    neighbour = signed_in(client, ren)
    visitors = [Client(), signed_in(Client(), mia), neighbour]
    with unchanged():
        for visitor in visitors:
            assert visitor.post(address(name, aozora, mia), form).status_code in (302, 403, 404)
            assert visitor.get(address(name, aozora, mia)).status_code in (302, 403, 404)
        neighbour.post(address(name, hakata, mia), form)
    page = text(signed_in(Client(), aiko).get(address(name, aozora, theirs)))
    assert "No members selected" in page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("query", ["", "member=", "member=%00", "member=1&member=x", f"member={'a' * 3000}"])
def test_nonsense_is_nobody(desk: Client, aozora: Organization, name: str, query: str) -> None:
    page = f"{reverse(name, args=[aozora.space_key])}?{query}"

    assert "No members selected" in text(desk.get(page))
    assert "No members selected" in text(desk.post(page, {"role": "ADMIN", "product": "x", "confirmation": "aozora"}))


def test_the_list_offers_them_in_a_form_of_its_own(desk: Client, aozora: Organization, mia: Member) -> None:
    page = desk.get(reverse("members", args=[aozora.space_key]), {"sort": "role"}).content.decode()

    assert f'name="member" value="{mia.scim_id}" aria-label="Select Mia Sato"' in page
    assert 'name="list" value="sort=role"' in page
    for name in PAGES:
        assert f'formaction="{reverse(name, args=[aozora.space_key])}"' in page


def test_a_role_is_given_to_several_and_can_be_undone(
    desk: Client, aozora: Organization, hakata: Organization, mia: Member, nao: Member
) -> None:
    theirs = rows_of(hakata)
    assert "Change the role of 2 members?" in text(desk.get(address("members-role", aozora, mia, nao)))

    answer = desk.post(address("members-role", aozora, mia, nao, list="sort=role"), {"role": "ADMIN"})

    assert answer["Location"] == f"{reverse('members', args=[aozora.space_key])}?sort=role"
    assert {fresh(mia).role, fresh(nao).role} == {"ADMIN"}
    undone = undo(desk, answer)
    assert undone["Location"] == answer["Location"]
    assert (fresh(mia).role, fresh(nao).role) == ("USER", "GUEST")
    assert events(aozora).count(Event.ROLE_CHANGED) == 4
    assert rows_of(hakata) == theirs


def test_who_is_refused_is_named_with_the_reason_and_the_others_are_changed(
    desk: Client, aozora: Organization, aiko: Member, mia: Member, nao: Member
) -> None:
    issuer = managed(aozora, "emi", role=Role.ADMIN)
    scim_token(aozora, issuer=issuer)

    answer = desk.post(address("members-role", aozora, mia, issuer, aiko), {"role": "GUEST"})

    page = text(answer)
    assert "The role of 1 member is Guest now." in page
    assert "2 were refused" in page
    assert "Emi Ueda is the issuer of the live SCIM token" in page
    assert "Aiko Tanaka is you." in page
    assert reverse("provisioning", args=[aozora.space_key]) in answer.content.decode()
    assert (fresh(mia).role, fresh(issuer).role, fresh(aiko).role) == ("GUEST", "ADMIN", "ADMIN")


@pytest.mark.parametrize("role", ["", "OWNER", "\0"])
def test_an_unknown_role_is_asked_for_again(desk: Client, aozora: Organization, mia: Member, role: str) -> None:
    with unchanged():
        assert desk.post(address("members-role", aozora, mia), {"role": role}).status_code == 422


def test_licences_are_assigned_as_far_as_they_reach_and_the_undo_takes_only_those(
    desk: Client, aozora: Organization, mia: Member, nao: Member
) -> None:
    emi = managed(aozora, "emi")
    emi.assign_licence(Product.TYPETALK, by=OPERATOR)
    page = address("members-licence-assign", aozora, mia, nao, emi)
    assert "Typetalk: 1 of 2 free" in text(desk.get(page))

    answer = desk.post(page, {"product": "typetalk"})

    assert "1 member got a Typetalk licence." in text(answer)
    assert "Nao Ito : All 2 Typetalk licences are in use" in text(answer)
    taken_back = f'action="{address("members-licence-withdraw", aozora, mia, product="typetalk")}"'
    assert taken_back.replace("&", "&amp;") in answer.content.decode()
    desk.post(address("members-licence-withdraw", aozora, mia, product="typetalk"))
    assert (fresh(mia).has_typetalk, fresh(nao).has_typetalk, fresh(emi).has_typetalk) == (False, False, True)


def test_licences_are_withdrawn_and_can_be_given_back(
    desk: Client, aozora: Organization, mia: Member, nao: Member
) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)

    answer = desk.post(address("members-licence-withdraw", aozora, mia, nao), {"product": "cacoo"})

    assert not fresh(mia).has_cacoo
    undo(desk, answer)
    assert (fresh(mia).has_cacoo, fresh(nao).has_cacoo) == (True, False)


def test_pass_is_not_among_the_products(desk: Client, aozora: Organization, mia: Member) -> None:
    with unchanged():
        assert desk.post(address("members-licence-withdraw", aozora, mia), {"product": "pass"}).status_code == 422


@pytest.fixture
def crowd(aozora: Organization, aiko: Member, mia: Member, hakata: Organization) -> list[Member]:
    """Own, another organization's, a Nulab Account, the token issuer, and oneself."""
    issuer = managed(aozora, "emi", role=Role.ADMIN)
    scim_token(aozora, issuer=issuer)
    guest = Member.objects.add(aozora, managed(hakata, "nao").account, role=Role.GUEST, by=OPERATOR)
    return [aiko, mia, issuer, guest, nulab(aozora, "yuki")]


def test_the_removal_says_before_anything_happens_who_goes_how_and_who_stays_why(
    desk: Client, aozora: Organization, crowd: list[Member]
) -> None:
    with unchanged():
        page = text(desk.get(address("members-remove", aozora, *crowd)))

    assert "Remove 3 members?" in page
    assert "1 Managed Account of this organization is deleted" in page
    assert "2 accounts that this organization does not manage are only removed from it" in page
    assert "Aiko Tanaka : Aiko Tanaka is your own account." in page
    assert "Emi Ueda is the issuer of the live SCIM token" in page
    assert "Type aozora to confirm" in page


def test_the_removal_needs_the_organization_id_and_takes_nobody_else(
    desk: Client, aozora: Organization, hakata: Organization, crowd: list[Member]
) -> None:
    page = address("members-remove", aozora, *crowd)
    with unchanged():
        assert desk.post(page, {"confirmation": "hakata"}).status_code == 422

    answer = desk.post(page, {"confirmation": "aozora"}, follow=True)

    assert "3 members are removed." in text(answer)
    assert listed(desk, aozora) == ["Aiko Tanaka", "Emi Ueda"]
    assert hakata.members.filter(unique_id="nao").exists(), "only the place at Aozora ended"
    assert Account.objects.with_address("yuki@aozora.example")
    assert Account.objects.with_address("mia@aozora.example") is None


def test_where_everybody_is_protected_there_is_nothing_to_confirm(
    desk: Client, aozora: Organization, crowd: list[Member]
) -> None:
    page = desk.get(address("members-remove", aozora, crowd[0], crowd[2]))

    assert "None of these members can be removed" in text(page)
    assert 'name="confirmation"' not in page.content.decode()
