"""Organization Settings › Members: order, pages, figures; the same whatever the size."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Account, Headcount, Member, Organization, Role, Synchronization, restore
from members.people import listing
from tests.cast import OPERATOR, idp_actor, managed, nulab, provisioned
from tests.cast.console import listed, text
from tests.cast.rows import fresh


def page_of(desk: Client, organization: Organization, **query: str) -> Any:
    return desk.get(reverse("members", args=[organization.space_key]), query)


@pytest.fixture
def crew(aozora: Organization, hakata: Organization, aiko: Member) -> Organization:
    """Beside Aiko: one of each role, synchronized at different times or never; the neighbour has the same."""
    for organization in (hakata, aozora):
        for handle, role, hours in (("nao", Role.USER, 1), ("emi", Role.GUEST, 3), ("yuki", Role.USER, None)):
            member = managed(organization, handle, role=role)
            if hours:
                then = timezone.now() - datetime.timedelta(hours=hours)
                with member.locked():
                    Synchronization.at_first(member, then)
    return aozora


@pytest.mark.parametrize(
    ("sort", "people"),
    [
        ("name", ["Aiko Tanaka", "Emi Ueda", "Nao Ito", "Yuki Abe"]),
        ("-name", ["Yuki Abe", "Nao Ito", "Emi Ueda", "Aiko Tanaka"]),
        ("role", ["Aiko Tanaka", "Nao Ito", "Yuki Abe", "Emi Ueda"]),
        ("-role", ["Emi Ueda", "Nao Ito", "Yuki Abe", "Aiko Tanaka"]),
        ("sync", ["Emi Ueda", "Nao Ito", "Aiko Tanaka", "Yuki Abe"]),
        ("-sync", ["Nao Ito", "Emi Ueda", "Aiko Tanaka", "Yuki Abe"]),
        ("password", ["Aiko Tanaka", "Emi Ueda", "Nao Ito", "Yuki Abe"]),
    ],
)
def test_a_column_header_sorts(
    desk: Client, crew: Organization, monkeypatch: Any, sort: str, people: list[str]
) -> None:
    assert listed(desk, crew, sort=sort) == people

    monkeypatch.setattr(listing, "ROWS", 1)
    assert [name for number in "1234" for name in listed(desk, crew, sort=sort, page=number)] == people


def test_an_account_kept_by_the_idp_that_was_never_synchronized_stands_last_too(
    desk: Client, crew: Organization
) -> None:
    crew.managed_accounts.update(type=Account.Type.PROVISIONED)

    assert listed(desk, crew, sort="-sync") == ["Nao Ito", "Emi Ueda", "Aiko Tanaka", "Yuki Abe"]


def test_somebody_is_found_by_address_and_any_id(desk: Client, crew: Organization) -> None:
    nao = crew.members.get(unique_id="nao")
    nao.change_external_id("0a21f0f2-Nao", by=OPERATOR)

    for words in ("nao@aozora", "NAO", "0A21F0F2-nao ", nao.scim_id):
        assert listed(desk, crew, q=words) == ["Nao Ito"], words
    assert listed(desk, crew, q="0a21f0f2") == []


def test_the_header_says_how_it_is_sorted_and_keeps_the_filters(desk: Client, crew: Organization) -> None:
    page = page_of(desk, crew, sort="name", status="active", page="1").content.decode()

    assert page.count("aria-sort") == 1
    sorted_by = page.partition('aria-sort="ascending">')[2].lstrip()
    assert sorted_by.startswith('<a class="sort sort-ascending" href="?sort=-name&amp;status=active"')
    assert 'type="hidden" name="sort" value="name"' in page


def test_a_new_name_takes_its_place_in_the_order(desk: Client, crew: Organization) -> None:
    nao = crew.members.get(unique_id="nao")

    nao.change_profile({"display_name": "Åke Ito" + "o" * 240}, by=OPERATOR)
    nao.change_profile({"display_name": "zoe Ito"}, by=OPERATOR)

    assert listed(desk, crew)[-1] == "zoe Ito"


def test_a_search_that_finds_too_many_says_so_and_stops(desk: Client, crew: Organization, monkeypatch: Any) -> None:
    monkeypatch.setattr(listing, "MAX_FOUND", 2)

    assert "1–2 of more than 2" in text(page_of(desk, crew, status="active"))
    assert "1–2 of 2" in text(page_of(desk, crew, role="USER"))
    assert "1–4 of 4" in text(page_of(desk, crew, sort="role"))


def test_a_nonsensical_filter_does_not_hide_that_another_narrows(desk: Client, crew: Organization) -> None:
    assert "1–1 of 1" in text(page_of(desk, crew, role="GUEST", status="asleep"))


def test_the_figures_follow_every_way_in_and_out(
    desk: Client, crew: Organization, hakata: Organization, operator: Any
) -> None:
    def figures() -> list[tuple[int, int]]:
        kept = [Headcount.objects.get(pk=organization.pk) for organization in (crew, hakata)]
        counted = [(place.members.count(), place.members.active().count()) for place in (crew, hakata)]
        assert [(row.members, row.active) for row in kept] == counted
        return counted

    assert figures() == [(4, 4), (6, 6)]
    guest = provisioned(crew, "kenji", is_active=False)
    Member.objects.add(hakata, guest.account, role=Role.GUEST, by=operator)
    assert figures() == [(5, 4), (7, 6)]
    guest.reactivate(by=idp_actor(crew))
    assert figures() == [(5, 5), (7, 7)]
    guest.deactivate(by=idp_actor(crew))
    guest.deactivate(by=idp_actor(crew))
    assert figures() == [(5, 4), (7, 6)]
    guest.remove(by=idp_actor(crew))
    assert figures() == [(4, 4), (6, 6)]
    restore(crew.deleted_accounts.get(), by=operator)
    nulab(crew, "gina").remove(by=operator)
    assert figures() == [(5, 4), (6, 6)]
    assert "5 members, 4 active." in text(page_of(desk, crew))


def test_each_row_has_a_menu_of_what_can_be_done(desk: Client, crew: Organization) -> None:
    gina = nulab(crew, "gina")

    page = page_of(desk, crew, q="gina").content.decode()

    assert 'aria-label="Actions for Gina"' in page
    assert reverse("member-delete", args=[crew.space_key, gina.scim_id]) in page
    assert reverse("member-deactivate", args=[crew.space_key, gina.scim_id]) not in page
    assert fresh(gina).is_active
