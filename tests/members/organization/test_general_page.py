"""Organization Settings › General."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from tests.cast import scim_token, signed_in
from tests.cast.console import text
from tests.cast.rows import events, last_event
from tests.scim import Idp


def general(organization: Organization) -> str:
    return reverse("general", args=[organization.space_key])


def change_id(client: Client, organization: Organization, new: str, typed: str = "aozora") -> str:
    return text(client.post(reverse("general-id", args=[organization.space_key]), {"slug": new, "confirmation": typed}))


def test_the_name_is_changed(desk: Client, aozora: Organization, hakata: Organization) -> None:
    desk.post(general(aozora), {"name": " 青空デザイン "})

    assert Organization.objects.get(pk=aozora.pk).name == "青空デザイン"
    assert last_event(aozora).changes == {"name": ["Aozora Design", "青空デザイン"]}
    assert Organization.objects.get(pk=hakata.pk).name == "Hakata Labs"


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x00b", "a\x07b"])
def test_a_name_that_is_none_is_refused_at_its_field(desk: Client, aozora: Organization, name: str) -> None:
    answer = desk.post(general(aozora), {"name": name})

    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert Organization.objects.get(pk=aozora.pk).name == "Aozora Design"


def test_the_page_of_the_organization_id_spells_the_consequences_out(desk: Client, aozora: Organization) -> None:
    page = text(desk.get(reverse("general-id", args=[aozora.space_key])))

    assert "No one can sign in with “aozora” any more" in page
    assert "“aozora” stays permanently reserved" in page
    assert "User provisioning (SCIM), SAML authentication and links are not affected" in page


def test_another_id_signs_in_the_former_stays_reserved_and_scim_goes_on(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    _, secret = scim_token(aozora)

    desk.post(reverse("general-id", args=[aozora.space_key]), {"slug": "aozora-tokyo", "confirmation": "aozora"})

    assert Organization.objects.get(pk=aozora.pk).slug == "aozora-tokyo"
    assert "There is no organization with this ID" in text(Client().post(reverse("signin"), {"identifier": "aozora"}))
    assert Idp(aozora, secret=secret).get("/Users").status == 200
    assert "Previous IDs, permanently reserved: aozora" in text(shown := desk.get(general(aozora)))
    assert [*shown.context["former"]] == ["aozora"]
    assert "is in use or was used before" in change_id(desk, aozora, "aozora", typed="aozora-tokyo")


@pytest.mark.parametrize(
    ("new", "typed", "sentence"),
    [
        ("hakata", "aozora", "is in use or was used before"),
        ("A!", "aozora", "cannot be an organization ID"),
        ("blue", "wrong", "This does not match “aozora”"),
        ("", "aozora", "This field is required"),
    ],
)
def test_an_id_that_cannot_be_is_refused_in_words(
    desk: Client, aozora: Organization, new: str, typed: str, sentence: str
) -> None:
    before = events(aozora)

    assert sentence in change_id(desk, aozora, new, typed)

    assert Organization.objects.get(pk=aozora.pk).slug == "aozora"
    assert events(aozora) == before


def test_general_is_for_the_organizations_administrators(
    client: Client, aozora: Organization, mia: Member, ren: Member
) -> None:
    assert client.get(general(aozora)).status_code == 302
    for member, status in ((mia, 403), (ren, 404)):
        browser = signed_in(Client(), member)
        assert browser.post(general(aozora), {"name": "Taken over"}).status_code == status
        assert browser.get(reverse("general-id", args=[aozora.space_key])).status_code == status
