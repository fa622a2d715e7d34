"""Organization Settings › Domains."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Domain, Member, Organization
from tests.cast import OPERATOR
from tests.console import text


def test_a_domain_is_added_shows_its_record_and_is_verified(desk: Client, aozora: Organization) -> None:
    desk.post(reverse("domain-add", args=[aozora.space_key]), {"name": " Studio.Example "})
    record = Domain.objects.get(organization=aozora, name="studio.example").txt_record
    assert record in desk.get(reverse("domains", args=[aozora.space_key])).content.decode()
    assert "studio.example" not in aozora.verified_domains()

    desk.post(reverse("domain-verify", args=[aozora.space_key, "studio.example"]))

    assert "studio.example" in aozora.verified_domains()


def test_a_domain_whose_dns_does_not_show_the_record_stays_pending(
    desk: Client, aozora: Organization, settings: Any
) -> None:
    settings.TXT_LOOKUP = "tests.test_domains_page.no_records"
    Domain.objects.add(aozora, "studio.example", by=OPERATOR)

    answer = desk.post(reverse("domain-verify", args=[aozora.space_key, "studio.example"]), follow=True)

    assert "does not show the TXT record" in text(answer)
    assert "studio.example" not in aozora.verified_domains()


def no_records(domain: str) -> list[str]:
    """A DNS that knows nothing."""
    return []


@pytest.mark.parametrize("name", ["aozora.example", "no domain", "", "@", "a" * 300 + ".example"])
def test_a_domain_that_is_listed_or_none_is_refused_at_its_field(desk: Client, aozora: Organization, name: str) -> None:
    answer = desk.post(reverse("domain-add", args=[aozora.space_key]), {"name": name})

    assert answer.status_code == 422
    assert aozora.domains.count() == 1
    assert "field-error" in answer.content.decode()


def test_removing_a_domain_says_how_many_accounts_need_it_and_is_refused(
    desk: Client, aozora: Organization, mia: Member, kenji: Member
) -> None:
    address = reverse("domain-remove", args=[aozora.space_key, "aozora.example"])

    question = text(desk.get(address))
    refused = text(desk.post(address, follow=True))

    assert "2 Managed Accounts use addresses in “aozora.example”" in question
    assert "2 Managed Accounts use addresses in “aozora.example”" in refused
    assert "aozora.example" in aozora.verified_domains()


def test_a_domain_that_nobody_needs_can_be_removed(desk: Client, aozora: Organization, hakata: Organization) -> None:
    Domain.objects.add(aozora, "shared.example", by=OPERATOR).vouch(by=OPERATOR)
    Domain.objects.add(hakata, "shared.example", by=OPERATOR).vouch(by=OPERATOR)

    desk.post(reverse("domain-remove", args=[aozora.space_key, "shared.example"]))

    assert aozora.verified_domains() == {"aozora.example"}
    assert "shared.example" in hakata.verified_domains()


@pytest.mark.parametrize("name", ["domain-verify", "domain-remove"])
def test_a_neighbours_domain_is_not_found(desk: Client, aozora: Organization, name: str) -> None:
    assert desk.post(reverse(name, args=[aozora.space_key, "hakata.example"])).status_code == 404
