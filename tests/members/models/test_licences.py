"""What is bought, who holds it, and that nobody gets what is not there."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from members.models import DeletedAccount, Event, Member, Organization, Product, Role, Subscription
from members.models.licence_refusals import NoFreeLicence, NoSubscription
from members.models.member.refusals import InactiveHoldsNoLicence, PassBelongsToManaged
from members.models.restoring import restore
from tests.cast import OPERATOR, SUPPORT, idp_actor, managed, nulab, provisioned
from tests.cast.rows import events, fresh, last_event, refused, rows_of, unchanged


def subscription(organization: Organization, product: Product) -> Subscription:
    return organization.subscriptions.get(product=product)


def test_every_active_managed_account_holds_one_pass_licence(aozora: Organization, mia: Member, kenji: Member) -> None:
    nulab(aozora, "nao")

    assert subscription(aozora, Product.PASS).used == 2
    assert {member.account.name for member in aozora.members.licensed_for(Product.PASS)} == {"Mia Sato", "Kenji Mori"}


def test_a_guest_from_elsewhere_holds_no_pass_licence_here(hakata: Organization, mia: Member) -> None:
    before = subscription(hakata, Product.PASS).used

    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    assert not place.has_pass
    assert subscription(hakata, Product.PASS).used == before


@pytest.mark.parametrize("door", ["page", "IdP"])
def test_a_creation_without_a_free_pass_licence_is_refused_with_the_figures(aozora: Organization, door: str) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 1, by=OPERATOR)
    managed(aozora, "first")

    with refused(NoFreeLicence, "The only Nulab Pass licence is in use"):
        managed(aozora, "second", by=OPERATOR if door == "page" else idp_actor(aozora))


def test_an_inactive_creation_needs_no_licence(aozora: Organization) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 0, by=OPERATOR)

    mia = provisioned(aozora, "mia", is_active=False)

    assert not mia.has_pass


def test_nobody_is_created_after_pass_has_ended(aozora: Organization) -> None:
    subscription(aozora, Product.PASS).end(by=OPERATOR)

    with refused(NoSubscription, "Nulab Pass"):
        managed(aozora, "mia")


def test_whoever_held_a_licence_holds_it_again_when_pass_starts_again(aozora: Organization, mia: Member) -> None:
    subscription(aozora, Product.PASS).end(by=OPERATOR)

    Subscription.objects.buy(aozora, Product.PASS, 3, by=OPERATOR)

    assert fresh(mia).has_pass
    assert (subscription(aozora, Product.PASS).used, subscription(aozora, Product.PASS).free) == (1, 2)


def test_those_who_leave_after_the_end_are_not_counted_when_it_starts_again(
    aozora: Organization, mia: Member, kenji: Member
) -> None:
    subscription(aozora, Product.PASS).end(by=OPERATOR)
    mia.deactivate(by=OPERATOR)

    Subscription.objects.buy(aozora, Product.PASS, 3, by=OPERATOR)

    assert subscription(aozora, Product.PASS).used == 1


def test_buying_fewer_than_in_use_takes_nothing_from_anybody_but_gives_nobody_more(
    aozora: Organization, mia: Member, kenji: Member
) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 1, by=OPERATOR)

    assert fresh(mia).has_pass
    assert fresh(kenji).has_pass
    assert subscription(aozora, Product.PASS).free == 0
    with refused(NoFreeLicence, "The only Nulab Pass licence"):
        managed(aozora, "yuki")


def test_buying_the_same_again_changes_nothing(aozora: Organization) -> None:
    with unchanged():
        Subscription.objects.buy(aozora, Product.PASS, 100, by=OPERATOR)


def test_buying_is_audited_with_before_and_after(aozora: Organization) -> None:
    Subscription.objects.buy(aozora, Product.CACOO, 9, by=OPERATOR)

    event = last_event(aozora)
    assert (event.event, event.subject, event.changes) == (Event.SUBSCRIPTION_CHANGED, "Cacoo", {"bought": [5, 9]})


def test_a_subscription_ends_once(aozora: Organization) -> None:
    cacoo = subscription(aozora, Product.CACOO)
    cacoo.end(by=OPERATOR)

    with unchanged():
        cacoo.end(by=OPERATOR)
    assert events(aozora).count(Event.SUBSCRIPTION_ENDED) == 1


def test_the_database_keeps_the_figures_from_going_below_zero(aozora: Organization) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(organization=aozora).update(used=-1)


# -- Cacoo and Typetalk


def test_an_administrator_assigns_and_withdraws_cacoo(aozora: Organization, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)
    assert (fresh(mia).has_cacoo, subscription(aozora, Product.CACOO).used) == (True, 1)

    mia.withdraw_licence(Product.CACOO, by=OPERATOR)
    assert (fresh(mia).has_cacoo, subscription(aozora, Product.CACOO).used) == (False, 0)
    assert events(aozora)[-2:] == [Event.LICENCE_ASSIGNED, Event.LICENCE_WITHDRAWN]


def test_a_licence_counts_once_however_often_it_is_assigned(aozora: Organization, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)

    with unchanged():
        mia.assign_licence(Product.CACOO, by=OPERATOR)
    mia.withdraw_licence(Product.CACOO, by=OPERATOR)
    with unchanged():
        mia.withdraw_licence(Product.CACOO, by=OPERATOR)


def test_the_last_licence_is_the_last(aozora: Organization) -> None:
    for handle in ("one", "two"):
        managed(aozora, handle).assign_licence(Product.TYPETALK, by=OPERATOR)
    third = managed(aozora, "three")

    with refused(NoFreeLicence, "All 2 Typetalk licences"):
        third.assign_licence(Product.TYPETALK, by=OPERATOR)


def test_the_neighbours_licences_are_the_neighbours(aozora: Organization, hakata: Organization, mia: Member) -> None:
    subscription(aozora, Product.CACOO).end(by=OPERATOR)
    before = rows_of(hakata)

    with refused(NoSubscription, "Cacoo"):
        mia.assign_licence(Product.CACOO, by=OPERATOR)

    assert rows_of(hakata) == before


def test_an_inactive_member_is_given_no_licence(mia: Member) -> None:
    mia.deactivate(by=OPERATOR)

    with refused(InactiveHoldsNoLicence, "Mia Sato"):
        mia.assign_licence(Product.CACOO, by=OPERATOR)


def test_pass_is_not_assigned_by_hand(mia: Member) -> None:
    with refused(PassBelongsToManaged):
        mia.assign_licence(Product.PASS, by=OPERATOR)
    with refused(PassBelongsToManaged):
        mia.withdraw_licence(Product.PASS, by=OPERATOR)


def test_a_nulab_account_may_hold_cacoo(aozora: Organization) -> None:
    nao = nulab(aozora, "nao")

    nao.assign_licence(Product.CACOO, by=OPERATOR)

    assert fresh(nao).licences == [Product.CACOO]


# -- the sandbox


def test_a_sandbox_needs_no_licence(sandbox: Organization) -> None:
    invented = provisioned(sandbox, "x")
    invented.deactivate(by=idp_actor(sandbox))
    invented.reactivate(by=idp_actor(sandbox))

    assert (fresh(invented).is_active, fresh(invented).licences) == (True, [])


def added_up(organization: Organization) -> dict[str, int]:
    """What is in use by the audit log alone: licences in less licences out."""
    total: Counter[str] = Counter({product.label: 0 for product in Product})
    for event in organization.audit.all():
        out, into = event.changes.get("licences", [[], []])
        total.update(into)
        total.subtract(out)
    return dict(total)


def in_use(organization: Organization) -> dict[str, int]:
    return {subscription.get_product_display(): subscription.used for subscription in organization.subscriptions.all()}


def test_the_audit_log_adds_up_to_the_licences_in_use(aozora: Organization, hakata: Organization, aiko: Member) -> None:
    """Through every way in and out, after each step and in both organizations."""
    nao = nulab(aozora, "nao")
    kenji = provisioned(aozora, "kenji")
    mia, emi = managed(aozora, "mia"), managed(aozora, "emi", is_active=False)
    guest = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)
    steps: list[Callable[[], object]] = [
        lambda: guest.assign_licence(Product.CACOO, by=OPERATOR),
        lambda: mia.assign_licence(Product.TYPETALK, by=OPERATOR),
        lambda: kenji.assign_licence(Product.CACOO, by=OPERATOR),
        lambda: kenji.withdraw_licence(Product.CACOO, by=OPERATOR),
        lambda: nao.assign_licence(Product.CACOO, by=OPERATOR),
        lambda: nao.convert_to_managed(by=OPERATOR),
        lambda: nao.convert_to_nulab(by=OPERATOR),
        lambda: fresh(mia).deactivate(by=idp_actor(aozora)),
        lambda: emi.reactivate(by=OPERATOR),
        lambda: fresh(mia).reactivate(by=idp_actor(aozora)),
        lambda: nao.remove(by=OPERATOR),
        lambda: kenji.remove(by=idp_actor(aozora)),
        lambda: restore(DeletedAccount.objects.get(scim_id=kenji.scim_id), by=SUPPORT).reactivate(by=SUPPORT),
        lambda: emi.deactivate(by=OPERATOR),
        lambda: fresh(mia).remove(by=OPERATOR),
    ]

    for step in steps:
        step()

        for organization in (aozora, hakata):
            assert added_up(organization) == in_use(organization)
    assert in_use(aozora) == {"Nulab Pass": 1, "Cacoo": 0, "Typetalk": 0}
