"""Home, and everybody's own profile."""

from django.test import Client
from django.urls import reverse

from members.models import AuditEvent, Member, Organization, Role
from tests.cast import OPERATOR, nulab, signed_in
from tests.cast.console import text
from tests.cast.rows import fresh


def test_home_leads_administrators_to_get_started_and_others_to_their_profile(
    client: Client, aiko: Member, aozora: Organization, mia: Member
) -> None:
    assert client.get("/")["Location"].startswith(reverse("signin"))
    assert signed_in(Client(), aiko).get("/")["Location"] == reverse("start", args=[aozora.space_key])
    assert signed_in(Client(), mia).get("/")["Location"] == reverse("profile")


def test_the_profile_of_a_managed_account_names_who_manages_it(client: Client, mia: Member) -> None:
    page = text(signed_in(client, mia).get(reverse("profile")))

    assert "This account is managed by Aozora Design" in page
    assert "Hakata" not in page


def test_the_profile_lists_ones_own_organizations(client: Client, aozora: Organization, hakata: Organization) -> None:
    yuki = nulab(aozora, "yuki")
    Member.objects.add(hakata, yuki.account, role=Role.GUEST, by=OPERATOR)

    page = text(signed_in(client, yuki).get(reverse("profile")))

    assert "Aozora Design Member" in page
    assert "Hakata Labs Guest" in page


def test_preferences_are_kept_and_spoken_at_once(client: Client, mia: Member) -> None:
    browser = signed_in(client, mia)

    browser.post(reverse("profile"), {"language": "ja", "theme": "dark", "time_zone": "Asia/Tokyo"})

    page = browser.get(reverse("profile")).content.decode()
    assert '<html lang="ja" data-bs-theme="dark">' in page
    assert fresh(mia).account.time_zone == "Asia/Tokyo"
    told = AuditEvent.objects.filter(subject_id=mia.scim_id, event="account.changed").get()
    assert told.changes == {
        "language": ["en", "ja"],
        "time_zone": ["UTC", "Asia/Tokyo"],
    }


def test_a_change_of_language_is_news_to_the_identity_provider(client: Client, kenji: Member, aiko: Member) -> None:
    for member in (kenji, aiko):
        before = member.modified_at

        signed_in(Client(), member).post(reverse("preferences-language"), {"language": "ja"})

        assert fresh(member).account.language == "ja"
        assert fresh(member).modified_at > before
