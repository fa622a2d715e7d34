"""Who keeps an account, how that changes, and whether the IdP may write it."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client

from members.models import Account, Domain, Event, Member, Organization, Product, Role, Session, Subscription
from members.models.licence_refusals import NoFreeLicence
from members.models.member.refusals import (
    ActiveOnly,
    AddressOutsideDomains,
    AdministratorElsewhere,
    AlreadyManaged,
    IsNulabAccount,
    ManagedElsewhere,
    NeedsNoUpdate,
    NeedsUpdate,
    NoNulabInSandbox,
    ReservedForSandbox,
)
from members.refusals import InvalidValue
from members.values_refusals import DomainNotVerified
from tests.cast import (
    OPERATOR,
    PASSWORD,
    idp_actor,
    managed,
    nulab,
    page_actor,
    provisioned,
    scim_token,
    signed_in,
)
from tests.cast.rows import fresh, last_event, refused, rows_of, unchanged


@pytest.fixture
def nao(aozora: Organization) -> Member:
    """A Nulab Account in the organization's domain."""
    return nulab(aozora, "nao")


# -- Nulab Account → Managed


def test_a_nulab_account_becomes_managed(aozora: Organization, aiko: Member, nao: Member) -> None:
    nao.convert_to_managed(by=page_actor(aiko))

    now = fresh(nao)
    assert (now.account.type, now.account.managed_by, now.has_pass) == (Account.Type.MANAGED, aozora, True)
    assert now.scim_id == nao.scim_id
    event = last_event(aozora)
    assert (event.event, event.changes) == (
        Event.ACCOUNT_TYPE_CHANGED,
        {"type": ["nulab", "managed"], "licences": [[], ["Nulab Pass"]]},
    )


def test_becoming_managed_ends_password_and_sessions(nao: Member) -> None:
    signed_in(Client(), nao)

    nao.convert_to_managed(by=OPERATOR)

    assert not fresh(nao).account.check_password(PASSWORD)
    assert not fresh(nao).account.has_usable_password()
    assert not Session.objects.filter(account=nao.account).exists()


def test_becoming_managed_is_mailed(nao: Member, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        nao.convert_to_managed(by=OPERATOR)

    assert [message.to for message in mail.outbox] == [["nao@aozora.example"]]
    assert "Aozora Design" in str(mail.outbox[0].subject)


def test_becoming_managed_keeps_memberships_elsewhere(hakata: Organization, nao: Member) -> None:
    Member.objects.add(hakata, nao.account, role=Role.USER, by=OPERATOR)
    before = rows_of(hakata)

    nao.convert_to_managed(by=OPERATOR)

    after = rows_of(hakata)
    places = [
        [{**row, "modified_at": None} for row in found["Member"] if row["account_id"] == nao.account_id]
        for found in (before, after)
    ]
    assert places[0] == places[1]


def test_an_account_outside_the_verified_domains_cannot_become_managed(aozora: Organization) -> None:
    outsider = nulab(aozora, "nao", email="nao@elsewhere.example")

    with refused(DomainNotVerified, "elsewhere.example"):
        outsider.convert_to_managed(by=OPERATOR)


@pytest.mark.parametrize("standing", ["administrator", "plan admin"])
def test_an_administrator_elsewhere_cannot_become_managed_here(
    hakata: Organization, nao: Member, standing: str
) -> None:
    role = Role.ADMIN if standing == "administrator" else Role.USER
    place = Member.objects.add(hakata, nao.account, role=role, by=OPERATOR)
    if standing == "plan admin":
        place.change_privileges(is_plan_admin=True, by=OPERATOR)

    with refused(AdministratorElsewhere, "Nao Ito"):
        nao.convert_to_managed(by=OPERATOR)


def test_becoming_managed_needs_a_free_pass_licence(aozora: Organization, nao: Member) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)

    with refused(NoFreeLicence, "No Nulab Pass licence has been bought"):
        nao.convert_to_managed(by=OPERATOR)


def test_a_managed_account_is_managed_already(hakata: Organization, mia: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    with refused(AlreadyManaged, "Mia Sato"):
        mia.convert_to_managed(by=OPERATOR)
    with refused(ManagedElsewhere, "Mia Sato"):
        place.convert_to_managed(by=OPERATOR)


def test_the_administrator_of_a_sandbox_cannot_become_one_of_its_people(sandbox: Organization, sam: Member) -> None:
    with refused(ReservedForSandbox):
        sam.convert_to_managed(by=OPERATOR)


# -- Managed → Nulab Account


def test_a_managed_account_becomes_its_owners(aozora: Organization, aiko: Member, kenji: Member) -> None:
    kenji.convert_to_nulab(by=page_actor(aiko))

    now = fresh(kenji)
    assert (now.account.type, now.account.managed_by, now.external_id) == (Account.Type.NULAB, None, None)
    assert now.licences == []
    assert aozora.subscriptions.get(product=Product.PASS).used == 0


def test_becoming_a_nulab_account_mails_a_link_that_sets_a_password(
    kenji: Member, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        kenji.convert_to_nulab(by=OPERATOR)

    link = next(word for word in mail.outbox[0].body.split() if word.startswith("http"))
    assert mail.outbox[0].to == ["kenji@aozora.example"]
    assert default_token_generator.check_token(fresh(kenji).account, link.rstrip("/").rpartition("/")[2])


def test_after_becoming_a_nulab_account_the_idp_is_refused(aozora: Organization, kenji: Member) -> None:
    scim_token(aozora)
    kenji.convert_to_nulab(by=OPERATOR)

    by = idp_actor(aozora)
    writes: list[Callable[[], None]] = [
        lambda: kenji.change_profile({"display_name": "K"}, by=by),
        lambda: kenji.change_role(Role.ADMIN, by=by),
        lambda: kenji.change_unique_id("k2", by=by),
        lambda: kenji.change_external_id("k-2", by=by),
        lambda: kenji.mark_provisioned(by=by),
        lambda: kenji.deactivate(by=by),
        lambda: kenji.reactivate(by=by),
        lambda: kenji.remove(by=by),
    ]
    for write in writes:
        with refused(IsNulabAccount, "Kenji Mori"):
            write()


def test_only_an_active_account_becomes_a_nulab_account(kenji: Member) -> None:
    kenji.deactivate(by=OPERATOR)

    with refused(ActiveOnly, "Kenji Mori"):
        kenji.convert_to_nulab(by=OPERATOR)


def test_another_organization_cannot_hand_the_account_over(hakata: Organization, mia: Member, ren: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    with refused(ManagedElsewhere, "Mia Sato"):
        place.convert_to_nulab(by=page_actor(ren))


def test_the_invented_people_of_a_sandbox_stay_invented(sandbox: Organization) -> None:
    invented = managed(sandbox, "x")

    with refused(NoNulabInSandbox):
        invented.convert_to_nulab(by=OPERATOR)


def test_there_and_back_again_keeps_the_member(mia: Member) -> None:
    mia.convert_to_nulab(by=OPERATOR)
    mia.convert_to_managed(by=OPERATOR)

    now = fresh(mia)
    assert (now.scim_id, now.account.type, now.has_pass) == (mia.scim_id, Account.Type.MANAGED, True)


# -- Managed → Provision Managed


def test_what_the_idp_creates_is_provision_managed(aozora: Organization) -> None:
    assert provisioned(aozora, "yuki").account.type == Account.Type.PROVISIONED
    assert managed(aozora, "emi").account.type == Account.Type.MANAGED


def test_the_first_write_of_the_idp_makes_it_provision_managed_even_if_nothing_changes(
    aozora: Organization, mia: Member
) -> None:
    before = fresh(mia).modified_at

    mia.mark_provisioned(by=idp_actor(aozora))

    assert fresh(mia).account.type == Account.Type.PROVISIONED
    assert fresh(mia).modified_at == before
    assert last_event(aozora).event == Event.ACCOUNT_MATCHED


def test_later_writes_of_the_idp_are_no_further_event(aozora: Organization, kenji: Member) -> None:
    events = aozora.audit.count()

    kenji.mark_provisioned(by=idp_actor(aozora))

    assert aozora.audit.count() == events


# -- eligibility


def reason(member: Member) -> str | None:
    found = fresh(member).ineligibility(member.organization.verified_domains())
    return found.code if found else None


def test_an_own_managed_account_in_a_verified_domain_is_eligible(mia: Member) -> None:
    assert reason(mia) is None


def test_a_nulab_account_is_not_eligible(nao: Member) -> None:
    assert reason(nao) == "is_nulab_account"


def test_an_account_managed_elsewhere_is_not_eligible(hakata: Organization, mia: Member) -> None:
    assert reason(Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)) == "managed_elsewhere"


@pytest.mark.parametrize(
    ("created", "code"),
    [((2023, 1, 15, 23, 59, 59), "needs_update"), ((2023, 1, 16, 0, 0, 0), None)],
    ids=["a second before", "on the day"],
)
def test_accounts_from_before_16_january_2023_need_the_update(
    mia: Member, created: tuple[int, ...], code: str | None
) -> None:
    moment = datetime.datetime(*created, tzinfo=datetime.UTC)  # type: ignore[misc, arg-type]
    Account.objects.filter(pk=mia.account_id).update(created_at=moment)

    assert reason(mia) == code


def test_the_update_makes_an_old_account_eligible(aozora: Organization, aiko: Member, mia: Member) -> None:
    old = datetime.datetime(2020, 4, 1, tzinfo=datetime.UTC)
    Account.objects.filter(pk=mia.account_id).update(created_at=old)
    with refused(NeedsUpdate, "Mia Sato", "Update"):
        mia.change_profile({"display_name": "M"}, by=idp_actor(aozora))

    mia.bring_up_to_date(by=page_actor(aiko))

    mia.change_profile({"display_name": "M"}, by=idp_actor(aozora))
    assert fresh(mia).account.name == "M"
    assert fresh(mia).account.created_at == old


def test_a_current_account_needs_no_update(mia: Member, nao: Member) -> None:
    with refused(NeedsNoUpdate, "Mia Sato"):
        mia.bring_up_to_date(by=OPERATOR)
    with refused(IsNulabAccount):
        nao.bring_up_to_date(by=OPERATOR)


def test_a_domain_that_nobody_verified_makes_nobody_eligible(aozora: Organization, mia: Member) -> None:
    Domain.objects.filter(organization=aozora).update(verified_at=None)

    with refused(AddressOutsideDomains, "Mia Sato", "aozora.example"):
        mia.change_profile({"display_name": "M"}, by=idp_actor(aozora))


def test_the_neighbours_verified_domain_makes_nobody_eligible(aozora: Organization, hakata: Organization) -> None:
    with refused(DomainNotVerified, "hakata.example"):
        provisioned(aozora, "yuki", user_name="yuki@hakata.example")


@pytest.mark.parametrize("address", ["yuki@sub.aozora.example", "yuki@aozora.example.org", "yuki@notaozora.example"])
def test_a_domain_covers_itself_only(aozora: Organization, address: str) -> None:
    with refused(DomainNotVerified, address.partition("@")[2]):
        managed(aozora, "yuki", user_name=address)


@pytest.mark.parametrize("value", ["yuki", "yuki@", "@aozora.example", "yu ki@aozora.example", "a@b@aozora.example"])
def test_a_user_name_of_a_real_organization_is_an_address(aozora: Organization, value: str) -> None:
    with refused(InvalidValue):
        managed(aozora, "yuki", user_name=value)


def test_pages_may_edit_what_the_idp_may_not_yet(aozora: Organization, aiko: Member, mia: Member) -> None:
    Account.objects.filter(pk=mia.account_id).update(created_at=datetime.datetime(2020, 4, 1, tzinfo=datetime.UTC))

    mia.change_profile({"display_name": "M"}, by=page_actor(aiko))

    assert fresh(mia).account.name == "M"


def test_nothing_else_changes_with_the_same_type(kenji: Member, aozora: Organization) -> None:
    with unchanged(), pytest.raises(AlreadyManaged):
        kenji.convert_to_managed(by=OPERATOR)
