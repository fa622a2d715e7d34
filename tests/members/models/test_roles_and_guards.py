"""Members whom others depend on stay, whichever way they would go and whoever sends them."""

from collections.abc import Callable

import pytest

from members.actors import Actor
from members.models import Event, Member, Organization, Role
from members.models.member.refusals import AtMostMember, IsNulabAccount, LastAdministrator, LastPlanAdmin, NoPlanAdmin
from provisioning.guards_refusals import IsTokenIssuer
from provisioning.models import ProvisioningSettings, ScimToken
from provisioning.models.token_refusals import IssuerMustBeAdministrator, SupportIssuesNoTokens, TwoTokensAlready
from saml.models import SamlSettings
from saml.models.settings_refusals import LastEmergencyAdministrator
from tests.cast import (
    OPERATOR,
    SUPPORT,
    idp_actor,
    managed,
    nulab,
    nulab_account,
    page_actor,
    provisioned,
    scim_token,
)
from tests.cast.rows import fresh, last_event, refused, rows_of, unchanged

Way = Callable[[Member, Actor], None]
WAYS_OUT = {
    "demoted": lambda member, by: member.change_role(Role.USER, by=by),
    "deactivated": lambda member, by: member.deactivate(by=by),
    "removed": lambda member, by: member.remove(by=by),
}
# An account that its owner manages can be demoted and removed; nobody else switches it off.
WAYS_OUT_OF_NULAB = {name: way for name, way in WAYS_OUT.items() if name != "deactivated"}


@pytest.fixture(params=["page", "support", "IdP"])
def by(request: pytest.FixtureRequest, aozora: Organization, aiko: Member) -> Actor:
    """Whoever sends the member away: the same rules for each."""
    return {"page": page_actor(aiko), "support": SUPPORT, "IdP": idp_actor(aozora)}[request.param]


@pytest.fixture(params=list(WAYS_OUT.values()), ids=list(WAYS_OUT))
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture
def emi(aozora: Organization) -> Member:
    """A second administrator, kept by the IdP."""
    return provisioned(aozora, "emi", role=Role.ADMIN)


def leave_only(emi: Member, aiko: Member) -> None:
    """Emi as the one administrator, which SAML would not allow while it is on."""
    SamlSettings.of(emi.organization).disable(by=OPERATOR)
    aiko.change_role(Role.USER, by=OPERATOR)


# -- the last administrator


def test_the_last_administrator_stays(aiko: Member, emi: Member, way: Way, by: Actor) -> None:
    leave_only(emi, aiko)

    with refused(LastAdministrator, "Emi Ueda"):
        way(emi, by)


def test_one_of_two_administrators_may_go(aozora: Organization, emi: Member, way: Way, by: Actor) -> None:
    way(emi, by)

    assert [member.account.name for member in aozora.members.administrators()] == ["Aiko Tanaka"]


def test_an_inactive_administrator_is_no_replacement(aozora: Organization, aiko: Member, emi: Member, way: Way) -> None:
    second = managed(aozora, "yuki", role=Role.ADMIN)
    second.deactivate(by=OPERATOR)
    leave_only(emi, aiko)

    with refused(LastAdministrator):
        way(emi, OPERATOR)


def test_an_administrator_next_door_is_no_replacement(aiko: Member, emi: Member, ren: Member, way: Way) -> None:
    assert ren.is_administrator
    leave_only(emi, aiko)

    with refused(LastAdministrator):
        way(emi, OPERATOR)


def test_an_inactive_administrator_may_be_demoted_and_removed(aozora: Organization, aiko: Member, emi: Member) -> None:
    emi.deactivate(by=OPERATOR)

    emi.change_role(Role.GUEST, by=idp_actor(aozora))
    emi.remove(by=idp_actor(aozora))

    assert not aozora.members.filter(pk=emi.pk).exists()


def test_the_guards_of_another_organization_never_block_the_managing_one(
    aozora: Organization, hakata: Organization, mia: Member, way: Way
) -> None:
    Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    way(mia, idp_actor(aozora)) if way is not WAYS_OUT["demoted"] else mia.deactivate(by=idp_actor(aozora))

    assert not hakata.members.active().filter(account_id=mia.account_id).exists()


# -- the last emergency administrator


@pytest.mark.parametrize("way", WAYS_OUT_OF_NULAB.values(), ids=list(WAYS_OUT_OF_NULAB))
def test_the_last_emergency_administrator_stays_while_saml_is_on(aiko: Member, emi: Member, way: Way) -> None:
    with refused(LastEmergencyAdministrator, "Aiko Tanaka"):
        way(aiko, page_actor(emi))


def test_the_last_emergency_administrator_cannot_become_managed(aiko: Member, emi: Member) -> None:
    with refused(LastEmergencyAdministrator, "Aiko Tanaka"):
        aiko.convert_to_managed(by=page_actor(emi))


@pytest.mark.parametrize("way", WAYS_OUT_OF_NULAB.values(), ids=list(WAYS_OUT_OF_NULAB))
def test_an_emergency_administrator_may_go_while_saml_is_off(
    aozora: Organization, aiko: Member, emi: Member, way: Way
) -> None:
    SamlSettings.of(aozora).disable(by=OPERATOR)

    way(aiko, page_actor(emi))

    assert not aozora.members.emergency().exists()


def test_a_second_nulab_account_makes_the_first_dispensable(aozora: Organization, aiko: Member) -> None:
    nulab(aozora, "nao", role=Role.ADMIN)

    aiko.change_role(Role.USER, by=OPERATOR)

    assert [member.account.name for member in aozora.members.emergency()] == ["Nao Ito"]


def test_an_administrator_who_never_set_a_password_is_no_emergency_account(aozora: Organization, aiko: Member) -> None:
    invited = nulab_account("nao@aozora.example", password=None)
    Member.objects.add(aozora, invited, role=Role.ADMIN, by=OPERATOR)

    with refused(LastEmergencyAdministrator):
        aiko.change_role(Role.USER, by=OPERATOR)


# -- the last plan admin


def test_the_last_plan_admin_stays(aozora: Organization, kenji: Member, by: Actor) -> None:
    kenji.change_privileges(is_plan_admin=True, by=OPERATOR)

    with refused(LastPlanAdmin, "Kenji Mori"):
        kenji.deactivate(by=by)
    with refused(LastPlanAdmin):
        kenji.remove(by=by)
    with refused(LastPlanAdmin):
        kenji.change_privileges(is_plan_admin=False, by=by)


def test_one_of_two_plan_admins_may_go(aozora: Organization, mia: Member, kenji: Member) -> None:
    for member in (mia, kenji):
        member.change_privileges(is_plan_admin=True, by=OPERATOR)

    kenji.deactivate(by=OPERATOR)

    with refused(LastPlanAdmin):
        mia.deactivate(by=OPERATOR)


def test_an_account_managed_elsewhere_cannot_be_plan_admin(mia: Member, hakata: Organization, ren: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    with refused(NoPlanAdmin, "Mia Sato"):
        place.change_privileges(is_plan_admin=True, by=page_actor(ren))


# -- the token issuer


def test_a_token_issuer_stays(aozora: Organization, emi: Member, way: Way, by: Actor) -> None:
    token, _ = scim_token(aozora, issuer=emi)

    with refused(IsTokenIssuer, "Emi Ueda", token.prefix):
        way(emi, by)


def test_a_token_issuer_stays_while_provisioning_is_disabled(aozora: Organization, emi: Member, way: Way) -> None:
    scim_token(aozora, issuer=emi)
    ProvisioningSettings.of(aozora).disable(by=OPERATOR)

    with refused(IsTokenIssuer):
        way(emi, OPERATOR)


def test_the_issuer_of_a_revoked_token_may_go(aozora: Organization, emi: Member, way: Way, by: Actor) -> None:
    token, _ = scim_token(aozora, issuer=emi)
    token.revoke(by=OPERATOR)

    way(emi, by)

    assert not aozora.members.administrators().filter(pk=emi.pk).exists()


def test_the_issuer_of_an_expired_token_may_go(aozora: Organization, emi: Member, way: Way) -> None:
    token, _ = scim_token(aozora, issuer=emi)
    ScimToken.objects.filter(pk=token.pk).update(expires_at=token.created_at)

    way(emi, OPERATOR)

    assert not aozora.members.administrators().filter(pk=emi.pk).exists()


def test_changing_the_issuer_frees_the_former_one_and_keeps_the_token(
    aozora: Organization, aiko: Member, emi: Member, way: Way
) -> None:
    token, _ = scim_token(aozora, issuer=emi)

    token.change_issuer(aiko, by=page_actor(aiko))
    way(emi, page_actor(aiko))

    token.refresh_from_db()
    assert token.is_live
    assert token.issuer == aiko


def test_each_live_token_has_its_own_issuer(aozora: Organization, aiko: Member, emi: Member) -> None:
    scim_token(aozora, issuer=aiko)
    second, _ = scim_token(aozora, issuer=emi)

    with refused(IsTokenIssuer, second.prefix):
        emi.deactivate(by=OPERATOR)


def test_a_token_of_the_neighbour_protects_nobody_here(
    aozora: Organization, hakata: Organization, emi: Member, way: Way
) -> None:
    scim_token(hakata)

    way(emi, OPERATOR)

    assert not aozora.members.administrators().filter(pk=emi.pk).exists()


@pytest.mark.parametrize("role", [Role.USER, Role.GUEST])
def test_only_an_active_administrator_can_be_issuer(aozora: Organization, aiko: Member, role: Role) -> None:
    token, _ = scim_token(aozora)
    mia = managed(aozora, "mia", role=role)
    yuki = managed(aozora, "yuki", role=Role.ADMIN, is_active=False)

    for unfit in (mia, yuki):
        with refused(IssuerMustBeAdministrator):
            token.change_issuer(unfit, by=page_actor(aiko))
        with refused(IssuerMustBeAdministrator):
            ScimToken.objects.issue(aozora, issuer=unfit, by=page_actor(aiko))


def test_an_administrator_of_the_neighbour_cannot_be_issuer(aozora: Organization, aiko: Member, ren: Member) -> None:
    token, _ = scim_token(aozora)

    with refused(IssuerMustBeAdministrator):
        token.change_issuer(ren, by=page_actor(aiko))
    with refused(IssuerMustBeAdministrator):
        ScimToken.objects.issue(aozora, issuer=ren, by=page_actor(aiko))


def test_there_are_two_live_tokens_at_most(aozora: Organization, aiko: Member) -> None:
    first, _ = scim_token(aozora)
    scim_token(aozora)

    with refused(TwoTokensAlready):
        ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko))
    first.revoke(by=page_actor(aiko))

    assert ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko))[0].is_live


def test_support_staff_revoke_tokens_but_never_issue_them(aozora: Organization, aiko: Member) -> None:
    token, _ = scim_token(aozora)

    with refused(SupportIssuesNoTokens):
        ScimToken.objects.issue(aozora, issuer=aiko, by=SUPPORT)
    token.revoke(by=SUPPORT)

    token.refresh_from_db()
    assert not token.is_live


# -- roles


def test_an_account_managed_elsewhere_is_at_most_member(mia: Member, hakata: Organization, ren: Member) -> None:
    with refused(AtMostMember, "Mia Sato"):
        Member.objects.add(hakata, mia.account, role=Role.ADMIN, by=OPERATOR)
    place = Member.objects.add(hakata, mia.account, role=Role.GUEST, by=OPERATOR)
    place.change_role(Role.USER, by=page_actor(ren))

    with refused(AtMostMember, "Mia Sato"):
        place.change_role(Role.ADMIN, by=page_actor(ren))


def test_a_role_in_one_organization_says_nothing_about_another(mia: Member, hakata: Organization, aiko: Member) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.GUEST, by=OPERATOR)

    mia.change_role(Role.ADMIN, by=page_actor(aiko))

    assert fresh(place).role == Role.GUEST


def test_the_idp_changes_no_role_of_a_nulab_account(aozora: Organization) -> None:
    nao = nulab(aozora, "nao")

    with refused(IsNulabAccount, "Nao Ito"):
        nao.change_role(Role.ADMIN, by=idp_actor(aozora))


def test_a_changed_role_is_in_the_audit_log_and_touches_nobody_next_door(
    aozora: Organization, hakata: Organization, aiko: Member, mia: Member
) -> None:
    before = rows_of(hakata)

    mia.change_role(Role.ADMIN, by=page_actor(aiko))

    event = last_event(aozora)
    assert (event.event, event.changes, event.subject) == (Event.ROLE_CHANGED, {"role": ["USER", "ADMIN"]}, "Mia Sato")
    assert rows_of(hakata) == before


def test_the_same_role_again_changes_nothing(mia: Member) -> None:
    with unchanged():
        mia.change_role(Role.USER, by=OPERATOR)
    with unchanged():
        mia.change_privileges(is_plan_admin=False, by=OPERATOR)


# -- the sandbox


@pytest.mark.parametrize("way", WAYS_OUT_OF_NULAB.values(), ids=list(WAYS_OUT_OF_NULAB))
def test_the_last_real_administrator_of_a_sandbox_stays_whoever_was_invented(
    sandbox: Organization, sam: Member, way: Way
) -> None:
    managed(sandbox, "barbara", role=Role.ADMIN)

    with refused(LastAdministrator, "Sam Sandbox"):
        way(sam, OPERATOR)


def test_an_invented_administrator_of_a_sandbox_may_go(sandbox: Organization, sam: Member, way: Way) -> None:
    barbara = provisioned(sandbox, "barbara", role=Role.ADMIN)

    way(barbara, idp_actor(sandbox))

    assert [member.account.name for member in sandbox.members.administrators()] == ["Sam Sandbox"]
