"""A customer: its names, what stays for ever, and the switches that depend on each other."""

import re

import pytest

from members.models import Event, Headcount, Member, Organization, Product, Role, Team, UsedOrganizationId
from members.models.member.refusals import AlreadyMember, ReservedForSandbox
from members.models.organization_refusals import OrganizationIdTaken
from members.models.team_refusals import TeamNameTaken
from members.refusals import Refusal
from members.values_refusals import InvalidOrganizationId, NameMissing
from provisioning.events import ProvisioningEvent
from provisioning.guards_refusals import SamlIsNeeded
from provisioning.models import Lifetime, ProvisioningSettings, ScimToken, preconditions
from provisioning.models.settings_refusals import NeedsDomain, NeedsPass, NeedsSaml, NotEnabled
from provisioning.models.token_refusals import TokenIsNotLive
from saml.models import SamlSettings
from saml.models.settings_refusals import LastCertificate, NoEmergencyAdministrator, SamlIncomplete, SamlNotTested
from tests.cast import OPERATOR, certificate, managed, nulab_account, page_actor, scim_token, turn_saml_on
from tests.cast.rows import events, last_event, refused, rows_of, unchanged


def test_a_space_key_has_ten_characters_and_belongs_to_one(aozora: Organization, hakata: Organization) -> None:
    assert re.fullmatch(r"[A-Z0-9]{10}", aozora.space_key)
    assert aozora.space_key != hakata.space_key


def test_renaming_changes_names_and_never_the_space_key(aozora: Organization) -> None:
    space_key = aozora.space_key

    aozora.rename(name="Nova Design", slug="nova-design", by=OPERATOR)

    aozora.refresh_from_db()
    assert (aozora.name, aozora.slug, aozora.space_key) == ("Nova Design", "nova-design", space_key)
    changes = {"name": ["Aozora Design", "Nova Design"], "slug": ["aozora", "nova-design"]}
    assert (last_event(aozora).event, last_event(aozora).changes) == (Event.ORGANIZATION_RENAMED, changes)


def test_a_former_organization_id_is_reserved_for_ever(aozora: Organization, hakata: Organization) -> None:
    aozora.rename(slug="nova", by=OPERATOR)

    for taker in (hakata, aozora):
        with refused(OrganizationIdTaken, "aozora"):
            taker.rename(slug="aozora", by=OPERATOR)
    with refused(OrganizationIdTaken, "aozora"):
        Organization.objects.register(name="Another", slug="aozora", by=OPERATOR)
    assert UsedOrganizationId.objects.get(slug="aozora").organization == aozora


def test_a_former_organization_id_signs_nobody_in(aozora: Organization) -> None:
    aozora.rename(slug="nova", by=OPERATOR)

    assert not Organization.objects.filter(slug="aozora").exists()


def test_an_organization_id_in_use_is_taken(aozora: Organization, hakata: Organization) -> None:
    with refused(OrganizationIdTaken, "hakata"):
        aozora.rename(slug="hakata", by=OPERATOR)


@pytest.mark.parametrize(
    "slug", ["", "ab", "a" * 21, "-ab", "ab-", "Aozora", "ao zora", "aozora\n", "青空", "ａｏｚｏｒａ", "a_b"]
)
def test_an_organization_id_has_3_to_20_permitted_characters(aozora: Organization, slug: str) -> None:
    with refused(InvalidOrganizationId):
        aozora.rename(slug=slug, by=OPERATOR)
    with refused(InvalidOrganizationId):
        Organization.objects.register(name="New", slug=slug, by=OPERATOR)


@pytest.mark.parametrize("slug", ["abc", "a" * 20, "a-b", "1-2", "a--b"])
def test_an_organization_id_may_have_hyphens_and_digits(aozora: Organization, slug: str) -> None:
    aozora.rename(slug=slug, by=OPERATOR)

    assert Organization.objects.get(slug=slug) == aozora


@pytest.mark.parametrize("name", ["", "  "])
def test_an_organization_and_a_team_have_a_name(aozora: Organization, name: str) -> None:
    with refused(NameMissing):
        aozora.rename(name=name, by=OPERATOR)
    with refused(NameMissing):
        Team.objects.create_team(aozora, name, by=OPERATOR)


def test_renaming_to_the_same_changes_nothing(aozora: Organization) -> None:
    with unchanged():
        aozora.rename(name="Aozora Design", slug="aozora", by=OPERATOR)


def test_the_headcount_is_what_counting_would_say(aozora: Organization, hakata: Organization, mia: Member) -> None:
    Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    for organization in (aozora, hakata):
        assert Headcount.objects.get(pk=organization.pk).members == organization.members.count()


def test_nobody_is_a_member_twice(aozora: Organization, mia: Member) -> None:
    with refused(AlreadyMember, "Mia Sato"):
        Member.objects.add(aozora, mia.account, role=Role.GUEST, by=OPERATOR)


# -- teams


def test_a_team_name_is_the_organizations_own(aozora: Organization, hakata: Organization) -> None:
    Team.objects.create_team(aozora, "Design", by=OPERATOR)
    Team.objects.create_team(hakata, "Design", by=OPERATOR)

    with refused(TeamNameTaken, "DESIGN"):
        Team.objects.create_team(aozora, "DESIGN", by=OPERATOR)


def test_a_team_takes_each_member_once_and_members_of_its_organization_only(
    aozora: Organization, hakata: Organization, mia: Member
) -> None:
    team = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    team.add(mia, by=OPERATOR)

    with unchanged():
        team.add(mia, by=OPERATOR)
    with unchanged(), pytest.raises(Member.DoesNotExist):
        team.add(hakata.members.get(unique_id_key="mia"), by=OPERATOR)
    team.remove(mia, by=OPERATOR)

    assert events(aozora)[-2:] == [Event.TEAM_MEMBER_ADDED, Event.TEAM_MEMBER_REMOVED]
    assert not team.memberships.exists()


# -- SAML


def saml_without(organization: Organization, missing: str) -> SamlSettings:
    saml = SamlSettings.of(organization)
    if missing != "values":
        saml.propose(entity_id="https://idp.example/1", sso_url="https://idp.example/sso", by=OPERATOR)
        added = saml.add_certificate(certificate(), by=OPERATOR)
        if missing != "test":
            saml.record_test_result(passed=True, by=OPERATOR)
        if missing == "certificate":
            saml.remove_certificate(added, by=OPERATOR)
    return saml


@pytest.fixture
def empty(hakata: Organization) -> Organization:
    """An organization with an administrator and nothing else."""
    organization = Organization.objects.register(name="Empty", slug="empty", by=OPERATOR)
    Member.objects.add(organization, nulab_account("eri@empty.example"), role=Role.ADMIN, by=OPERATOR)
    return organization


@pytest.mark.parametrize(
    ("missing", "refusal"),
    [("values", SamlIncomplete), ("certificate", SamlIncomplete), ("test", SamlNotTested)],
)
def test_saml_is_enabled_only_when_complete_and_tested(
    empty: Organization, missing: str, refusal: type[Refusal]
) -> None:
    saml = saml_without(empty, missing)

    with refused(refusal):
        saml.enable(by=OPERATOR)


def test_a_failed_test_enables_nothing(empty: Organization) -> None:
    saml = saml_without(empty, "test")
    saml.record_test_result(passed=False, by=OPERATOR)

    with refused(SamlNotTested):
        saml.enable(by=OPERATOR)


def test_saml_needs_an_emergency_administrator_with_a_password(empty: Organization) -> None:
    saml = saml_without(empty, "nothing")
    administrator = empty.members.get().account
    administrator.set_unusable_password()
    administrator.save()

    with refused(NoEmergencyAdministrator):
        saml.enable(by=OPERATOR)


def test_changed_values_are_a_draft_until_their_own_test_passes(aozora: Organization) -> None:
    saml = SamlSettings.of(aozora)
    live = saml.idp_sso_url

    saml.propose(entity_id=saml.idp_entity_id, sso_url="https://new.example/sso", by=OPERATOR)
    saml.record_test_result(passed=False, by=OPERATOR)
    assert (saml.idp_sso_url, saml.is_enabled) == (live, True)
    saml.record_test_result(passed=True, by=OPERATOR)

    assert SamlSettings.of(aozora).idp_sso_url == "https://new.example/sso"


def test_the_last_certificate_stays_while_saml_is_on(aozora: Organization) -> None:
    saml = SamlSettings.of(aozora)

    with refused(LastCertificate):
        saml.remove_certificate(saml.certificates.get(), by=OPERATOR)


def test_saml_cannot_be_disabled_while_provisioning_is_enabled(aozora: Organization) -> None:
    scim_token(aozora)

    with refused(SamlIsNeeded):
        SamlSettings.of(aozora).disable(by=OPERATOR)
    ProvisioningSettings.of(aozora).disable(by=OPERATOR)
    SamlSettings.of(aozora).disable(by=OPERATOR)

    assert not SamlSettings.is_enabled_for(aozora)


# -- provisioning


@pytest.mark.parametrize(("missing", "refusal"), [("pass", NeedsPass), ("domain", NeedsDomain), ("saml", NeedsSaml)])
def test_provisioning_needs_pass_a_domain_and_saml(
    aozora: Organization, aiko: Member, missing: str, refusal: type[Refusal]
) -> None:
    if missing == "pass":
        aozora.subscriptions.get(product=Product.PASS).end(by=OPERATOR)
    elif missing == "domain":
        aozora.domains.get().remove(by=OPERATOR)
    else:
        SamlSettings.of(aozora).disable(by=OPERATOR)
    provisioning = ProvisioningSettings.of(aozora)

    with refused(refusal):
        provisioning.enable(issuer=aiko, by=page_actor(aiko))
    assert not provisioning.is_enabled
    assert [type(reason) for reason, is_met in preconditions(aozora) if not is_met] == [refusal]


def test_no_token_is_issued_once_pass_has_ended(aozora: Organization, aiko: Member) -> None:
    token, _ = scim_token(aozora)
    aozora.subscriptions.get(product=Product.PASS).end(by=OPERATOR)

    with refused(NeedsPass):
        ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko))
    token.refresh_from_db()
    assert token.is_live


def test_no_token_is_issued_while_provisioning_is_disabled(aozora: Organization, aiko: Member) -> None:
    with refused(NotEnabled):
        ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko))


def test_enabling_yields_the_first_token_and_keeps_its_hash_only(aozora: Organization, aiko: Member) -> None:
    secret = ProvisioningSettings.of(aozora).enable(issuer=aiko, by=page_actor(aiko))

    assert secret
    token = ScimToken.objects.get()
    assert token.prefix == secret[: len(token.prefix)]
    assert secret not in str(ScimToken.objects.values().get())
    assert token.expires_at
    assert (token.expires_at - token.created_at).days in (364, 365)
    assert events(aozora)[-2:] == [ProvisioningEvent.ENABLED, ProvisioningEvent.TOKEN_ISSUED]


def test_enabling_again_issues_no_token_if_a_live_one_exists(aozora: Organization, aiko: Member) -> None:
    scim_token(aozora)
    provisioning = ProvisioningSettings.of(aozora)
    provisioning.disable(by=OPERATOR)

    assert provisioning.enable(issuer=aiko, by=page_actor(aiko)) is None
    assert provisioning.is_enabled


def test_disabling_keeps_accounts_types_external_ids_and_tokens(aozora: Organization, kenji: Member) -> None:
    token, _ = scim_token(aozora)
    before = rows_of(aozora)

    ProvisioningSettings.of(aozora).disable(by=OPERATOR)

    after = rows_of(aozora)
    assert {name for name in before if before[name] != after[name]} == {
        "AuditEvent",
        "Event",
        "EventCounter",
        "Outgoing",
        "ProvisioningSettings",
    }
    assert token.is_live


def test_a_token_is_revoked_once_and_changed_no_more(aozora: Organization, aiko: Member) -> None:
    token, _ = scim_token(aozora)
    token.revoke(by=OPERATOR)

    with refused(TokenIsNotLive):
        token.revoke(by=OPERATOR)
    with refused(TokenIsNotLive):
        token.rename("Entra", by=OPERATOR)
    with refused(TokenIsNotLive):
        token.change_issuer(aiko, by=OPERATOR)


@pytest.mark.parametrize(("lifetime", "days"), [("90d", 90), ("1y", 365), ("2y", 730), ("never", None)])
def test_a_token_lives_as_long_as_chosen(aozora: Organization, aiko: Member, lifetime: str, days: int | None) -> None:
    scim_token(aozora)

    token, _ = ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko), lifetime=Lifetime(lifetime))

    lived = token.expires_at and round((token.expires_at - token.created_at).total_seconds() / 86400)
    assert lived == days


def test_a_sandbox_waives_the_preconditions(sandbox: Organization, sam: Member) -> None:
    assert ProvisioningSettings.of(sandbox).enable(issuer=sam, by=page_actor(sam))
    assert preconditions(sandbox) == []


def test_only_nulab_account_administrators_join_a_sandbox(sandbox: Organization, mia: Member) -> None:
    nao = nulab_account("nao@hakata.example")

    for account, role in ((mia.account, Role.USER), (nao, Role.USER)):
        with refused(ReservedForSandbox):
            Member.objects.add(sandbox, account, role=role, by=OPERATOR)


def test_saml_of_one_organization_says_nothing_about_another(empty: Organization, aozora: Organization) -> None:
    assert SamlSettings.is_enabled_for(aozora)
    assert not SamlSettings.is_enabled_for(empty)

    turn_saml_on(empty)
    SamlSettings.of(empty).disable(by=OPERATOR)

    assert SamlSettings.is_enabled_for(aozora)


def test_sandbox_people_are_made_by_the_same_code(sandbox: Organization) -> None:
    assert managed(sandbox, "mia").account.scope == sandbox.pk
