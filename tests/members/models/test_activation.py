"""Deactivated means out, at once and everywhere; reactivated means back, with what still fits."""

from typing import Any

import pytest
from django.test import Client

from members.models import Event, Member, Organization, Product, Role, Session, Subscription, Team
from members.models.licence_refusals import NoFreeLicence
from members.models.member.refusals import IsNulabAccount, LastAdministrator, ManagedElsewhere
from provisioning.guards_refusals import ReactivationByIdp
from provisioning.models import ProvisioningSettings, RefusedDeparture
from tests.cast import (
    OPERATOR,
    SUPPORT,
    idp_actor,
    managed,
    nulab,
    page_actor,
    provisioned,
    scim_token,
    signed_in,
)
from tests.cast.rows import events, fresh, last_event, refused, rows_of, unchanged


def used(organization: Organization, product: Product) -> int:
    return organization.subscriptions.get(product=product).used


@pytest.fixture
def mia_at_hakata(mia: Member, hakata: Organization) -> Member:
    """Mia of Aozora, invited to Hakata, with a Cacoo licence there."""
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)
    place.assign_licence(Product.CACOO, by=OPERATOR)
    return place


def test_deactivation_ends_every_session_at_once(mia: Member, aiko: Member) -> None:
    phone, laptop, neighbour = Client(), Client(), Client()
    for client in (phone, laptop):
        signed_in(client, mia)
    signed_in(neighbour, aiko)

    mia.deactivate(by=page_actor(aiko))

    assert not Session.objects.filter(account=mia.account).exists()
    assert Session.objects.filter(account=aiko.account).count() == 1


def test_an_inactive_account_signs_in_by_no_door(mia: Member, client: Client) -> None:
    mia.deactivate(by=OPERATOR)

    signed_in(client, mia)

    assert "_auth_user_id" in client.session
    request = client.get("/").wsgi_request
    assert not request.user.is_authenticated


def test_deactivation_gives_back_all_licences(aozora: Organization, mia: Member) -> None:
    for product in (Product.CACOO, Product.TYPETALK):
        mia.assign_licence(product, by=OPERATOR)

    mia.deactivate(by=OPERATOR)

    assert fresh(mia).licences == []
    assert [used(aozora, product) for product in Product] == [0, 0, 0]


def test_deactivation_reaches_the_places_in_other_organizations(hakata: Organization, mia_at_hakata: Member) -> None:
    mia = mia_at_hakata.account.memberships.get(organization__slug="aozora")

    mia.deactivate(by=OPERATOR)

    there = fresh(mia_at_hakata)
    assert (there.is_active, there.licences) == (False, [])
    assert used(hakata, Product.CACOO) == 0
    assert last_event(hakata).event == Event.ACCOUNT_DEACTIVATED


def test_the_other_organization_does_not_learn_who_did_it(
    hakata: Organization, mia_at_hakata: Member, aiko: Member
) -> None:
    mia = mia_at_hakata.account.memberships.get(organization__slug="aozora")

    mia.deactivate(by=page_actor(aiko))

    event = last_event(hakata)
    assert (event.operator_name, event.operator_email, event.operator_id) == ("Managing organization", "", None)


def test_deactivation_leaves_the_neighbours_namesake_alone(hakata: Organization, mia: Member) -> None:
    before = rows_of(hakata)

    mia.deactivate(by=OPERATOR)

    assert rows_of(hakata) == before


def test_deactivating_twice_changes_nothing_the_second_time(mia: Member) -> None:
    mia.deactivate(by=OPERATOR)

    with unchanged():
        mia.deactivate(by=OPERATOR)


def test_reactivation_brings_back_id_role_teams_and_history(aozora: Organization, aiko: Member) -> None:
    emi = managed(aozora, "emi", role=Role.ADMIN, external_id="emi-1")
    Team.objects.create_team(aozora, "Design", by=OPERATOR).add(emi, by=OPERATOR)
    emi.deactivate(by=page_actor(aiko))

    emi.reactivate(by=page_actor(aiko))

    back = fresh(emi)
    assert (back.pk, back.scim_id, back.role, back.external_id) == (emi.pk, emi.scim_id, Role.ADMIN, "emi-1")
    assert list(back.team_memberships.values_list("team__name", flat=True)) == ["Design"]
    assert back.is_active
    assert events(aozora)[-2:] == [Event.ACCOUNT_DEACTIVATED, Event.ACCOUNT_REACTIVATED]


def test_reactivation_restores_the_licences_that_fit_and_records_the_rest(aozora: Organization, mia: Member) -> None:
    for product in (Product.CACOO, Product.TYPETALK):
        mia.assign_licence(product, by=OPERATOR)
    mia.deactivate(by=OPERATOR)
    for handle in ("yuki", "emi"):
        managed(aozora, handle).assign_licence(Product.TYPETALK, by=OPERATOR)

    mia.reactivate(by=OPERATOR)

    assert fresh(mia).licences == [Product.PASS, Product.CACOO]
    changes = last_event(aozora).changes
    assert changes["licences"] == [[], ["Nulab Pass", "Cacoo"]]
    assert changes["licences_without_room"] == [["Typetalk"], []]
    assert used(aozora, Product.TYPETALK) == 2


def test_reactivation_restores_licences_in_other_organizations_too(hakata: Organization, mia_at_hakata: Member) -> None:
    mia = mia_at_hakata.account.memberships.get(organization__slug="aozora")
    mia.deactivate(by=OPERATOR)

    mia.reactivate(by=OPERATOR)

    assert fresh(mia_at_hakata).licences == [Product.CACOO]
    assert used(hakata, Product.CACOO) == 1


def test_reactivation_without_a_free_pass_licence_is_refused_with_the_figures(
    aozora: Organization, mia: Member
) -> None:
    mia.deactivate(by=OPERATOR)
    Subscription.objects.buy(aozora, Product.PASS, 1, by=OPERATOR)
    managed(aozora, "yuki")

    with refused(NoFreeLicence, "The only Nulab Pass licence"):
        mia.reactivate(by=OPERATOR)


def test_a_licence_withdrawn_from_nobody_else_comes_back_only_once(aozora: Organization, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)
    mia.deactivate(by=OPERATOR)
    mia.reactivate(by=OPERATOR)

    mia.withdraw_licence(Product.CACOO, by=OPERATOR)
    mia.deactivate(by=OPERATOR)
    mia.reactivate(by=OPERATOR)

    assert fresh(mia).licences == [Product.PASS]


# -- whose switch it is


def test_the_idp_switches_off_and_on(aozora: Organization, kenji: Member) -> None:
    scim_token(aozora)
    by = idp_actor(aozora)

    kenji.deactivate(by=by)
    assert not fresh(kenji).is_active
    kenji.reactivate(by=by)
    assert fresh(kenji).is_active


@pytest.mark.parametrize("door", ["page", "support"])
def test_whom_the_idp_has_switched_off_only_the_idp_switches_on(
    aozora: Organization, aiko: Member, kenji: Member, door: str
) -> None:
    scim_token(aozora)
    by = page_actor(aiko) if door == "page" else SUPPORT
    kenji.deactivate(by=idp_actor(aozora))

    with refused(ReactivationByIdp, "Kenji Mori"):
        kenji.reactivate(by=by)
    kenji.reactivate(by=idp_actor(aozora))

    assert fresh(kenji).is_active


def test_an_administrator_reactivates_while_provisioning_is_disabled(
    aozora: Organization, aiko: Member, kenji: Member
) -> None:
    scim_token(aozora)
    kenji.deactivate(by=idp_actor(aozora))
    ProvisioningSettings.of(aozora).disable(by=page_actor(aiko))

    kenji.reactivate(by=page_actor(aiko))

    assert fresh(kenji).is_active


def test_an_administrator_reactivates_an_account_that_is_not_provisioned(
    aozora: Organization, aiko: Member, mia: Member
) -> None:
    scim_token(aozora)
    mia.deactivate(by=page_actor(aiko))

    mia.reactivate(by=page_actor(aiko))

    assert fresh(mia).is_active


def test_another_organization_cannot_switch_the_account(mia_at_hakata: Member, ren: Member) -> None:
    with refused(ManagedElsewhere, "Mia Sato"):
        mia_at_hakata.deactivate(by=page_actor(ren))
    mia_at_hakata.account.memberships.get(organization__slug="aozora").deactivate(by=OPERATOR)
    with refused(ManagedElsewhere):
        mia_at_hakata.reactivate(by=page_actor(ren))


def test_nobody_switches_a_nulab_account(aozora: Organization, aiko: Member) -> None:
    nao = nulab(aozora, "nao")

    for by in (page_actor(aiko), idp_actor(aozora), SUPPORT):
        with refused(IsNulabAccount, "Nao Ito"):
            nao.deactivate(by=by)


def test_a_created_inactive_member_holds_no_licence(aozora: Organization) -> None:
    mia = provisioned(aozora, "mia", is_active=False)

    assert (fresh(mia).is_active, fresh(mia).licences, used(aozora, Product.PASS)) == (False, [], 0)


def test_deactivation_takes_down_the_banner_about_a_leaver(aozora: Organization, aiko: Member) -> None:
    emi = provisioned(aozora, "emi", role=Role.ADMIN)
    RefusedDeparture.remember(emi, LastAdministrator(member="Emi Ueda"))

    emi.deactivate(by=page_actor(aiko))

    assert not RefusedDeparture.objects.exists()


def test_a_stale_object_does_not_undo_what_happened_meanwhile(mia: Member) -> None:
    stale: Any = fresh(mia)
    mia.deactivate(by=OPERATOR)

    stale.change_profile({"display_name": "Mia Kato"}, by=OPERATOR)

    assert (fresh(mia).is_active, fresh(mia).account.name) == (False, "Mia Kato")
