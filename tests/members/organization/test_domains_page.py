"""Organization Settings › Domains."""

import datetime
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from dns.resolver import Resolver

from members import dns
from members.dns_refusals import DnsBusy
from members.models import Domain, Member, Organization
from members.models.domain_lookup import DomainLookup
from tests.cast import OPERATOR, signed_in
from tests.cast.console import text


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
    settings.TXT_LOOKUP = "tests.members.organization.test_domains_page.no_records"
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


# -- an administrator chooses whose DNS is asked


def verify(desk: Client, organization: Organization) -> str:
    return text(desk.post(reverse("domain-verify", args=[organization.space_key, "studio.example"]), follow=True))


def test_dns_is_asked_six_times_a_minute_for_an_organization(
    desk: Client, aozora: Organization, hakata: Organization, ren: Member, settings: Any
) -> None:
    settings.TXT_LOOKUP = "tests.members.organization.test_domains_page.no_records"
    for organization in (aozora, hakata):
        Domain.objects.add(organization, "studio.example", by=OPERATOR)

    answers = [verify(desk, aozora) for _ in range(8)]

    assert ["does not show" in answer for answer in answers] == [True] * 6 + [False] * 2
    assert "Wait a minute, then verify again." in answers[-1]
    assert DomainLookup.objects.filter(organization=aozora).count() == 6, "one that is refused does not put the end off"
    assert "does not show" in verify(signed_in(Client(), ren), hakata)
    for row in DomainLookup.objects.filter(organization=aozora):
        DomainLookup.objects.filter(pk=row.pk).update(at=row.at - datetime.timedelta(minutes=1))
    assert "does not show" in verify(desk, aozora)
    assert DomainLookup.objects.filter(organization=aozora).count() == 1


def test_while_one_lookup_dawdles_another_request_does_not_wait(aozora: Organization, settings: Any) -> None:
    settings.TXT_LOOKUP = "tests.members.organization.test_domains_page.dawdle"
    begun.clear()
    goes_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(dns.look_up, "studio.example")
        assert begun.wait(10)
        with pytest.raises(DnsBusy):
            dns.look_up("other.example")
        goes_on.set()
        assert first.result() == []
    assert dns.look_up("other.example") == []


begun, goes_on = Event(), Event()


def dawdle(domain: str) -> list[str]:
    begun.set()
    goes_on.wait(10)
    return []


def test_a_dns_that_is_silent_is_given_up_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], silent.getsockname()[1]
        monkeypatch.setattr("dns.resolver.default_resolver", resolver)

        before = time.monotonic()
        assert dns.records("studio.test") == []

    assert 1 < time.monotonic() - before < 4
