"""Organization Settings › Members: the list."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization, Product, Role
from tests.cast import OPERATOR, managed, provisioned, scim_token
from tests.cast.console import listed, names_on, text, url


def test_addresses_that_no_organization_can_have_are_not_found(desk: Client) -> None:
    for space_key in ("%00", "AOZORA-0001", "'--", "NOBODY0000"):
        assert desk.get(f"/spaces/{space_key}/members").status_code == 404


def test_the_list_counts_members_and_active_ones(desk: Client, aozora: Organization, mia: Member) -> None:
    managed(aozora, "nao", is_active=False)

    page = text(desk.get(reverse("members", args=[aozora.space_key])))

    assert "3 members, 2 active." in page


def test_the_list_shows_this_organizations_members_only(desk: Client, aozora: Organization, mia: Member) -> None:
    assert listed(desk, aozora) == ["Aiko Tanaka", "Mia Sato"]


@pytest.mark.parametrize(
    "words", ["田中", "健一", "KENICHI", "kenichi.tanaka@", "ken_the_pen", "ＫＥＮＩＣＨＩ", " KEN_the "]
)
def test_people_are_found_by_any_part_of_name_address_and_unique_id(
    desk: Client, aozora: Organization, hakata: Organization, words: str
) -> None:
    for organization in (aozora, hakata):
        address = f"kenichi.tanaka@{organization.slug}.example"
        managed(organization, "kenichi", display_name="田中 健一", user_name=address, unique_id="Ken_the_pen")
    managed(aozora, "nao")

    assert listed(desk, aozora, q=words) == ["田中 健一"]


@pytest.mark.parametrize(("words", "found"), [("%", []), ("_", []), ("é", ["José Élan"]), ("JOSÉ", ["José Élan"])])
def test_search_takes_every_character_literally_and_folds_case_beyond_ascii(
    desk: Client, aozora: Organization, words: str, found: list[str]
) -> None:
    managed(aozora, "jose", display_name="José Élan")

    assert listed(desk, aozora, q=words) == found


def test_filters_combine(desk: Client, aozora: Organization, mia: Member, kenji: Member) -> None:
    nao = provisioned(aozora, "nao", role=Role.GUEST)
    provisioned(aozora, "emi", role=Role.GUEST, is_active=False)
    nao.assign_licence(Product.CACOO, by=OPERATOR)

    assert listed(desk, aozora, status="inactive") == ["Emi Ueda"]
    assert listed(desk, aozora, type="managed") == ["Mia Sato"]
    assert listed(desk, aozora, type="provisioned", status="active") == ["Kenji Mori", "Nao Ito"]
    assert listed(desk, aozora, role="ADMIN") == ["Aiko Tanaka"]
    assert listed(desk, aozora, role="GUEST", product="cacoo") == ["Nao Ito"]
    assert listed(desk, aozora, product="pass", q="mia") == ["Mia Sato"]


def test_a_search_that_finds_nobody_offers_to_clear_the_filters(desk: Client, aozora: Organization) -> None:
    page = desk.get(reverse("members", args=[aozora.space_key]), {"q": "nobody", "status": "active"})

    assert "No members match" in text(page)
    assert f'href="{reverse("members", args=[aozora.space_key])}">Clear filters' in page.content.decode()


@pytest.mark.parametrize("query", ["status=asleep", "page=zero", "page=-1", "page=99999", "q=%00", "role[]=ADMIN"])
def test_nonsense_in_the_address_is_no_error(desk: Client, aozora: Organization, query: str) -> None:
    answer = desk.get(f"{reverse('members', args=[aozora.space_key])}?{query}")

    assert answer.status_code == 200


def test_pages_hold_25_and_keep_the_filters(desk: Client, aozora: Organization) -> None:
    for number in range(30):
        managed(aozora, f"p{number:02}")

    first = desk.get(reverse("members", args=[aozora.space_key]), {"type": "managed"})
    second = listed(desk, aozora, type="managed", page="2")

    assert len(names_on(first)) == 25
    assert "1–25 of 30" in text(first)
    assert "?type=managed&amp;page=2" in first.content.decode()
    assert second == [f"P{number:02}" for number in range(25, 30)]


def test_the_list_asks_the_database_equally_often_whatever_its_length(
    desk: Client, aozora: Organization, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    scim_token(aozora)
    address = reverse("members", args=[aozora.space_key])
    with CaptureQueriesContext(connection) as short:
        desk.get(address)
    for number in range(24):
        provisioned(aozora, f"p{number:02}")

    with django_assert_num_queries(len(short)):
        desk.get(address)
    assert len(short) <= 12


def test_the_token_issuer_is_marked(desk: Client, aozora: Organization, hakata: Organization, mia: Member) -> None:
    scim_token(hakata)
    address = reverse("members", args=[aozora.space_key])
    assert "Token issuer" not in text(desk.get(address))

    scim_token(aozora)

    assert text(desk.get(address)).count("Token issuer") == 1


def test_names_cannot_smuggle_markup_into_the_page(desk: Client, aozora: Organization) -> None:
    nao = managed(aozora, "nao", display_name="<script>alert(1)</script>")

    for address in (reverse("members", args=[aozora.space_key]), url("member", nao), url("member-edit", nao)):
        assert "<script>alert" not in desk.get(address).content.decode()
