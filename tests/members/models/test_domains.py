"""A mail domain counts once it is proved, and stays while somebody needs it."""

import pytest

from members.models import Domain, Event, Member, Organization
from members.models.domain_refusals import DomainAdded, DomainHasNoCode, DomainInUse
from members.values_refusals import DomainNotVerified, InvalidDomain
from provisioning.guards_refusals import LastDomain
from provisioning.models import ProvisioningSettings
from tests.cast import OPERATOR, managed, scim_token
from tests.cast.rows import events, last_event, refused, rows_of, unchanged


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What DNS answers: the network, and so replaced."""
    found: dict[str, list[str]] = {}
    monkeypatch.setattr("demo.dns.txt_records", lambda name: found.get(name, []))
    return found


def test_a_domain_is_verified_by_its_txt_record(aozora: Organization, records: dict[str, list[str]]) -> None:
    domain = Domain.objects.add(aozora, "aozora.jp", by=OPERATOR)
    with refused(DomainHasNoCode, "aozora.jp", domain.txt_record):
        domain.verify(by=OPERATOR)

    records["aozora.jp"] = ["v=spf1 -all", domain.txt_record]
    domain.verify(by=OPERATOR)

    assert "aozora.jp" in aozora.verified_domains()
    assert last_event(aozora).changes == {"proof": ["", "dns"]}


def test_the_code_of_another_organization_proves_nothing(
    aozora: Organization, hakata: Organization, records: dict[str, list[str]]
) -> None:
    theirs = Domain.objects.add(hakata, "group.example", by=OPERATOR)
    ours = Domain.objects.add(aozora, "group.example", by=OPERATOR)
    records["group.example"] = [theirs.txt_record]

    with refused(DomainHasNoCode):
        ours.verify(by=OPERATOR)


def test_several_organizations_may_verify_one_domain(aozora: Organization, hakata: Organization) -> None:
    for organization in (aozora, hakata):
        Domain.objects.add(organization, "group.example", by=OPERATOR).vouch(by=OPERATOR)

    managed(aozora, "yuki", user_name="yuki@group.example")
    managed(hakata, "emi", user_name="emi@group.example")

    assert aozora.members.filter(user_name_key="yuki@group.example").exists()


def test_verifying_again_changes_nothing(aozora: Organization) -> None:
    domain = aozora.domains.get()

    with unchanged():
        domain.vouch(by=OPERATOR)


def test_an_unverified_domain_counts_for_nothing(aozora: Organization) -> None:
    Domain.objects.add(aozora, "pending.example", by=OPERATOR)

    with refused(DomainNotVerified, "pending.example"):
        managed(aozora, "yuki", user_name="yuki@pending.example")


@pytest.mark.parametrize("name", ["AOZORA.example", " aozora.example. ", "ａｏｚｏｒａ.example"])
def test_a_domain_stands_on_the_list_once(aozora: Organization, name: str) -> None:
    with refused(DomainAdded, "aozora.example"):
        Domain.objects.add(aozora, name, by=OPERATOR)


@pytest.mark.parametrize(
    "name",
    ["", "example", "exa mple.com", "-x.example", "x..example", "a@b.example", "1.2.3.4", "x" * 260 + ".example"],
)
def test_what_is_no_domain_is_refused(aozora: Organization, name: str) -> None:
    with refused(InvalidDomain):
        Domain.objects.add(aozora, name, by=OPERATOR)


def test_an_international_domain_is_kept_as_dns_knows_it(aozora: Organization) -> None:
    assert Domain.objects.add(aozora, "日本.example", by=OPERATOR).name == "xn--wgv71a.example"


# -- removing


def test_a_domain_stays_while_managed_accounts_use_it(aozora: Organization, mia: Member, kenji: Member) -> None:
    kenji.deactivate(by=OPERATOR)

    with refused(DomainInUse, "2 Managed Accounts", "aozora.example"):
        aozora.domains.get().remove(by=OPERATOR)


def test_a_domain_stays_while_an_email_uses_it(aozora: Organization, mia: Member) -> None:
    second = Domain.objects.add(aozora, "mail.example", by=OPERATOR)
    second.vouch(by=OPERATOR)
    mia.change_profile({"email": "mia@mail.example"}, by=OPERATOR)

    with refused(DomainInUse, "1 Managed Account", "mail.example"):
        second.remove(by=OPERATOR)


def test_nulab_accounts_and_the_neighbours_people_need_no_domain_here(
    aozora: Organization, hakata: Organization, aiko: Member
) -> None:
    shared = [Domain.objects.add(organization, "group.example", by=OPERATOR) for organization in (aozora, hakata)]
    for domain in shared:
        domain.vouch(by=OPERATOR)
    managed(hakata, "emi", user_name="emi@group.example")
    before = rows_of(hakata)

    shared[0].remove(by=OPERATOR)
    aozora.domains.get().remove(by=OPERATOR)

    assert aozora.verified_domains() == set()
    assert rows_of(hakata) == before


def test_the_last_verified_domain_stays_while_provisioning_is_enabled(aozora: Organization) -> None:
    scim_token(aozora)
    Domain.objects.add(aozora, "pending.example", by=OPERATOR)

    with refused(LastDomain, "aozora.example"):
        aozora.domains.get(name="aozora.example").remove(by=OPERATOR)


def test_the_last_domain_may_go_once_provisioning_is_disabled(aozora: Organization) -> None:
    scim_token(aozora)
    ProvisioningSettings.of(aozora).disable(by=OPERATOR)

    aozora.domains.get().remove(by=OPERATOR)

    assert events(aozora)[-1] == Event.DOMAIN_REMOVED


def test_one_of_two_verified_domains_may_go_while_provisioning_is_enabled(aozora: Organization) -> None:
    scim_token(aozora)
    Domain.objects.add(aozora, "second.example", by=OPERATOR).vouch(by=OPERATOR)

    aozora.domains.get(name="second.example").remove(by=OPERATOR)

    assert aozora.verified_domains() == {"aozora.example"}


def test_a_pending_domain_may_go_at_any_time(aozora: Organization) -> None:
    scim_token(aozora)
    pending = Domain.objects.add(aozora, "pending.example", by=OPERATOR)

    pending.remove(by=OPERATOR)

    assert not aozora.domains.filter(name="pending.example").exists()


def test_a_domain_verified_meanwhile_is_not_taken_for_pending(aozora: Organization) -> None:
    stale = Domain.objects.add(aozora, "second.example", by=OPERATOR)
    Domain.objects.get(pk=stale.pk).vouch(by=OPERATOR)
    managed(aozora, "yuki", user_name="yuki@second.example")

    with refused(DomainInUse, "second.example"):
        stale.remove(by=OPERATOR)
