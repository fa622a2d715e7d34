"""Removing a member: deletes an own Managed Account, ends anybody else's membership, and the way back."""

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from members.models import (
    Account,
    Address,
    DeletedAccount,
    Event,
    Headcount,
    Member,
    Organization,
    Product,
    Role,
    Session,
    Team,
    restore,
)
from members.models.address_refusals import AddressTakenHere
from members.models.restoring_refusals import RestoreNeeds, RestoreTooLate
from members.refusals import NotEligible
from members.values_refusals import DomainNotVerified
from tests.cast import OPERATOR, SUPPORT, idp_actor, managed, nulab, nulab_account, page_actor, provisioned, signed_in
from tests.cast.rows import events, fresh, last_event, refused, rows_of


def deleted(member: Member) -> DeletedAccount:
    return DeletedAccount.objects.get(scim_id=member.scim_id)


def kept(row: Any, *left_out: str) -> dict[str, Any]:
    return {field.name: getattr(row, field.attname) for field in row._meta.fields if field.name not in left_out}


def test_deleting_a_managed_account_takes_it_from_everywhere(aozora: Organization, mia: Member) -> None:
    signed_in(Client(), mia)

    mia.remove(by=OPERATOR)

    assert not aozora.members.filter(scim_id=mia.scim_id).exists()
    assert not Account.objects.filter(pk=mia.account_id).exists()
    assert Account.objects.with_address("mia@aozora.example") is None
    assert not Session.objects.exists()


def test_a_deleted_accounts_address_is_free_and_its_id_is_never_used_again(aozora: Organization, mia: Member) -> None:
    number, scim_id, account_number = mia.pk, mia.scim_id, mia.account_id
    mia.remove(by=OPERATOR)

    second = managed(aozora, "mia", external_id="mia-1")

    assert second.account.user_name == "mia@aozora.example"
    assert second.scim_id != scim_id
    assert second.pk > number
    assert second.account_id > account_number


def test_deleting_gives_back_every_licence(aozora: Organization, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)

    mia.remove(by=OPERATOR)

    assert set(aozora.subscriptions.values_list("used", flat=True)) == {0}


def test_deleting_ends_the_memberships_elsewhere(aozora: Organization, hakata: Organization, mia: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)
    place.assign_licence(Product.CACOO, by=OPERATOR)
    count = Headcount.objects.get(pk=hakata.pk).members

    mia.remove(by=idp_actor(aozora))

    assert not hakata.members.filter(pk=place.pk).exists()
    assert hakata.subscriptions.get(product=Product.CACOO).used == 0
    assert Headcount.objects.get(pk=hakata.pk).members == count - 1
    event = last_event(hakata)
    assert (event.event, event.subject) == (Event.MEMBER_REMOVED, "Mia Sato")
    assert (event.operator_name, event.ip_address) == ("Managing organization", None)


def test_deleting_touches_no_namesake_next_door(hakata: Organization, mia: Member) -> None:
    before = rows_of(hakata)

    mia.remove(by=OPERATOR)

    assert rows_of(hakata) == before


def test_removing_a_nulab_account_ends_the_membership_only(aozora: Organization, hakata: Organization) -> None:
    nao = nulab(aozora, "nao")
    elsewhere = Member.objects.add(hakata, nao.account, role=Role.USER, by=OPERATOR)
    nao.assign_licence(Product.CACOO, by=OPERATOR)

    nao.remove(by=OPERATOR)

    assert fresh(elsewhere).account.is_active
    assert fresh(elsewhere).account.has_usable_password()
    assert Account.objects.with_address("nao@aozora.example") == nao.account
    assert aozora.subscriptions.get(product=Product.CACOO).used == 0
    assert not DeletedAccount.objects.exists()
    assert last_event(aozora).event == Event.MEMBER_REMOVED


def test_removing_an_account_managed_elsewhere_ends_the_membership_only(
    hakata: Organization, mia: Member, ren: Member
) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    place.remove(by=page_actor(ren))

    assert fresh(mia).is_active
    assert fresh(mia).has_pass


@pytest.mark.parametrize("whose", ["nulab", "elsewhere"])
def test_the_idp_removes_only_accounts_that_it_may_write(
    aozora: Organization, hakata: Organization, whose: str
) -> None:
    if whose == "nulab":
        member = nulab(aozora, "nao")
    else:
        guest = hakata.members.select_related("account").get(unique_id_key="mia").account
        member = Member.objects.add(aozora, guest, role=Role.USER, by=OPERATOR)

    with refused(NotEligible, member.account.name):
        member.remove(by=idp_actor(aozora))


def test_the_headcount_follows(aozora: Organization, mia: Member) -> None:
    before = Headcount.objects.get(pk=aozora.pk).members

    mia.remove(by=OPERATOR)

    assert Headcount.objects.get(pk=aozora.pk).members == before - 1 == aozora.members.count()


# -- the way back


def test_a_restored_account_is_as_it_was_but_inactive(aozora: Organization, kenji: Member) -> None:
    Team.objects.create_team(aozora, "Design", by=OPERATOR).add(kenji, by=OPERATOR)
    kenji.assign_licence(Product.CACOO, by=OPERATOR)
    kenji.change_profile({"email": "k.mori@aozora.example", "given_name": "Kenji", "language": "ja"}, by=OPERATOR)
    before = fresh(kenji)
    kenji.remove(by=idp_actor(aozora))

    back = restore(deleted(before), by=SUPPORT)

    then = fresh(back)
    assert kept(then, "modified_at", "has_pass", "has_cacoo", "returned_licences") == kept(
        before, "modified_at", "has_pass", "has_cacoo", "returned_licences"
    )
    assert kept(then.account, "is_active", "password") == kept(before.account, "is_active", "password")
    assert not then.is_active
    assert then.licences == []
    assert list(then.team_memberships.values_list("team__name", flat=True)) == ["Design"]
    assert Headcount.objects.get(pk=aozora.pk).members == aozora.members.count()
    assert not DeletedAccount.objects.exists()


def test_a_restored_account_comes_back_with_its_licences_on_reactivation(aozora: Organization, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)
    mia.deactivate(by=OPERATOR)
    mia.remove(by=OPERATOR)

    back = restore(DeletedAccount.objects.get(), by=SUPPORT)
    back.reactivate(by=OPERATOR)

    assert fresh(back).licences == [Product.PASS, Product.CACOO]


def test_a_restored_account_owns_its_address_again(aozora: Organization, mia: Member) -> None:
    mia.remove(by=OPERATOR)
    restore(DeletedAccount.objects.get(), by=SUPPORT)

    with refused(AddressTakenHere, "Mia Sato"):
        managed(aozora, "mia")


@pytest.mark.parametrize("taken", ["mia@aozora.example", "mia.s@aozora.example"], ids=["userName", "Email"])
def test_restoring_says_which_address_is_taken_and_accepts_another(
    aozora: Organization, mia: Member, taken: str
) -> None:
    mia.change_profile({"email": "mia.s@aozora.example"}, by=OPERATOR)
    mia.remove(by=OPERATOR)
    managed(aozora, "newcomer", user_name=taken, unique_id="newcomer")

    with refused(RestoreNeeds, taken):
        restore(DeletedAccount.objects.get(), by=SUPPORT)
    back = restore(DeletedAccount.objects.get(), by=SUPPORT, user_name="mia.kato@aozora.example")

    assert (back.account.user_name, back.account.email) == ("mia.kato@aozora.example", "mia.kato@aozora.example")
    assert last_event(aozora).changes["user_name"] == ["mia@aozora.example", "mia.kato@aozora.example"]


def test_restoring_says_that_the_unique_id_is_taken_and_accepts_another(aozora: Organization, mia: Member) -> None:
    mia.remove(by=OPERATOR)
    managed(aozora, "newcomer", unique_id="MIA")

    with refused(RestoreNeeds, "mia"):
        restore(DeletedAccount.objects.get(), by=SUPPORT)
    back = restore(DeletedAccount.objects.get(), by=SUPPORT, unique_id="mia.sato")

    assert fresh(back).unique_id == "mia.sato"


def test_a_restored_account_has_its_external_id_whoever_else_has_it(aozora: Organization, mia: Member) -> None:
    mia.remove(by=OPERATOR)
    newcomer = managed(aozora, "newcomer", external_id="mia-1")

    back = restore(DeletedAccount.objects.get(), by=SUPPORT)

    assert (fresh(back).external_id, fresh(newcomer).external_id) == ("mia-1", "mia-1")
    assert not last_event(aozora).changes


def test_an_address_in_a_domain_that_has_gone_is_not_restored(aozora: Organization, mia: Member) -> None:
    mia.remove(by=OPERATOR)
    aozora.domains.get().remove(by=OPERATOR)

    with refused(DomainNotVerified, "aozora.example"):
        restore(DeletedAccount.objects.get(), by=SUPPORT)


def test_restoring_in_a_sandbox_asks_for_no_domain(sandbox: Organization) -> None:
    invented = provisioned(sandbox, "x", user_name="bjensen")
    invented.remove(by=idp_actor(sandbox))

    back = restore(DeletedAccount.objects.get(), by=SUPPORT)

    assert Address.objects.get(account=back.account).scope == sandbox.pk
    with refused(AddressTakenHere):
        managed(sandbox, "y", user_name="BJENSEN")


def test_a_sandbox_restores_an_address_that_the_site_has_given_out(sandbox: Organization, aozora: Organization) -> None:
    managed(sandbox, "x", user_name="nao@hakata.example").remove(by=OPERATOR)
    nulab_account("nao@hakata.example")

    assert restore(DeletedAccount.objects.get(), by=SUPPORT).account.user_name == "nao@hakata.example"


def test_nobody_is_restored_twice(mia: Member) -> None:
    mia.remove(by=OPERATOR)
    gone = DeletedAccount.objects.get()
    restore(gone, by=SUPPORT)
    gone.pk = gone.id = 1

    with refused(RestoreTooLate, "Mia Sato"):
        restore(gone, by=SUPPORT)


def test_after_30_days_nobody_is_restored_and_the_snapshot_is_purged(
    aozora: Organization, mia: Member, kenji: Member
) -> None:
    for member in (mia, kenji):
        member.remove(by=OPERATOR)
    old = DeletedAccount.objects.get(name="Mia Sato")
    DeletedAccount.objects.filter(pk=old.pk).update(deleted_at=timezone.now() - datetime.timedelta(days=30, minutes=1))

    with refused(RestoreTooLate, "Mia Sato"):
        restore(old, by=SUPPORT)

    assert DeletedAccount.purge() == 1
    assert DeletedAccount.objects.get().name == "Kenji Mori"


def test_deleting_and_restoring_stand_in_the_audit_log_under_one_id(aozora: Organization, mia: Member) -> None:
    scim_id = mia.scim_id
    mia.remove(by=OPERATOR)
    restore(DeletedAccount.objects.get(), by=SUPPORT)

    assert events(aozora)[-2:] == [Event.ACCOUNT_DELETED, Event.ACCOUNT_RESTORED]
    assert set(aozora.audit.order_by("-pk").values_list("subject_id", flat=True)[:2]) == {scim_id}
