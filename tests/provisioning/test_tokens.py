"""SCIM tokens: issued, shown once, replaced, revoked, and in whose name they stand."""

import datetime
import importlib
import re

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.actors import Actor
from members.models import AuditEvent, Member, Organization, Role
from members.models.member.refusals import LastAdministrator
from members.sealing import hash_of
from provisioning.events import ProvisioningEvent
from provisioning.guards_refusals import IsTokenIssuer
from provisioning.models import Lifetime, ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.token_refusals import (
    SupportIssuesNoTokens,
    TokenIsNotLive,
    TwoTokensAlready,
)
from tests.cast import OPERATOR, managed, nulab, page_actor, scim_token, signed_in
from tests.cast.console import text

SECRET = re.compile(r"nlb_scim_[A-Za-z0-9_-]{43}")


@pytest.fixture
def emi(aozora: Organization) -> Member:
    """Another administrator of Aozora."""
    return nulab(aozora, "emi", role=Role.ADMIN)


def page(name: str, organization: Organization, *more: object) -> str:
    return reverse(name, args=[organization.space_key, *more])


def call(token: ScimToken, **fields: object) -> SyncActivity:
    told = {"kind": "read", "method": "GET", "path": "/Users", "status": 200, "duration_ms": 12, "is_lasting": False}
    return SyncActivity.objects.create(
        organization=token.organization, token_prefix=token.prefix, request_id="r1", **(told | fields)
    )


# -- issuing


def test_saving_the_ticked_box_enables_provisioning_and_shows_the_first_token(
    desk: Client, aozora: Organization
) -> None:
    answer = desk.post(page("provisioning-save", aozora), {"enable": "on", "lifetime": "1y"})

    secret = SECRET.search(answer.content.decode())
    assert secret
    assert ProvisioningSettings.is_enabled_for(aozora)
    assert ScimToken.objects.get(organization=aozora).hash == hash_of(secret[0])
    assert ProvisioningSettings.of(aozora).scim_url in answer.content.decode()


def test_a_token_is_never_shown_again_nor_kept_anywhere(desk: Client, aozora: Organization) -> None:
    answer = desk.post(page("provisioning-save", aozora), {"enable": "on", "lifetime": "1y"})
    found = SECRET.search(answer.content.decode())
    assert found
    secret = found[0]

    again = desk.post(page("provisioning-save", aozora), {"enable": "on", "lifetime": "1y"}, follow=True)

    assert "no-store" in answer["Cache-Control"]
    for name in ("provisioning", "provisioning-manage", "token-issue", "activity"):
        assert secret not in desk.get(page(name, aozora)).content.decode()
    assert not SECRET.search(again.content.decode())
    assert secret not in str(ScimToken.objects.values()) + str(AuditEvent.objects.values())
    assert secret not in str(desk.session.items())


def test_sending_the_form_twice_issues_one_token(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    newest = desk.get(page("token-issue", aozora)).context["form"].newest_id
    form = {"lifetime": "1y", "newest": newest}

    first = desk.post(page("token-issue", aozora), form)
    second = desk.post(page("token-issue", aozora), form)

    assert SECRET.search(first.content.decode())
    assert second.status_code == 422
    assert ScimToken.objects.live().filter(organization=aozora).count() == 2


@pytest.mark.parametrize(("lifetime", "days"), [("90d", 90), ("1y", 365), ("2y", 730), ("never", None)])
def test_a_token_lives_as_long_as_was_chosen(
    desk: Client, aozora: Organization, lifetime: str, days: int | None
) -> None:
    desk.post(page("provisioning-save", aozora), {"enable": "on", "lifetime": lifetime})

    token = ScimToken.objects.get(organization=aozora)
    lives = token.expires_at and round((token.expires_at - token.created_at) / datetime.timedelta(days=1))
    assert lives == days


def test_without_a_choice_a_token_lives_for_a_year(desk: Client, aozora: Organization) -> None:
    desk.post(page("provisioning-save", aozora), {"enable": "on"})

    token = ScimToken.objects.get(organization=aozora)
    assert token.expires_at
    assert timezone.now() + datetime.timedelta(days=364) < token.expires_at


def test_a_third_live_token_is_refused_in_words(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    scim_token(aozora)

    answer = desk.post(page("token-issue", aozora), {"lifetime": "1y"})

    assert answer.status_code == 409
    assert str(TwoTokensAlready()) in answer.content.decode()
    assert ScimToken.objects.filter(organization=aozora).count() == 2


def test_an_expired_token_makes_room_for_another(aozora: Organization, aiko: Member) -> None:
    scim_token(aozora)
    expired = scim_token(aozora)[0]
    ScimToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))

    ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko))

    assert ScimToken.objects.live().filter(organization=aozora).count() == 2


def test_support_staff_cannot_get_the_first_token_by_enabling(
    aozora: Organization, aiko: Member, support: Actor
) -> None:
    with pytest.raises(SupportIssuesNoTokens):
        ProvisioningSettings.of(aozora).enable(issuer=aiko, by=support)

    assert not ProvisioningSettings.is_enabled_for(aozora)


def test_no_token_is_issued_while_provisioning_is_disabled(desk: Client, aozora: Organization) -> None:
    answer = desk.post(page("token-issue", aozora), {"lifetime": "1y"})

    assert answer.status_code == 409
    assert not ScimToken.objects.filter(organization=aozora).exists()


def test_enabling_again_issues_no_token_while_one_is_live(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    ProvisioningSettings.of(aozora).disable(by=OPERATOR)

    answer = desk.post(page("provisioning-save", aozora), {"enable": "on", "lifetime": "1y"}, follow=True)

    assert ProvisioningSettings.is_enabled_for(aozora)
    assert ScimToken.objects.filter(organization=aozora).count() == 1
    assert not SECRET.search(answer.content.decode())


# -- the first request


def test_the_page_waits_until_the_new_token_is_used(desk: Client, aozora: Organization, hakata: Organization) -> None:
    old, token, neighbours = scim_token(aozora)[0], scim_token(aozora)[0], scim_token(hakata)[0]
    call(old)
    call(neighbours)
    url = page("provisioning-first-request", aozora, token.pk)

    before = desk.get(url)
    call(token, method="POST", status=201, subject="Mia Sato")
    after = desk.get(url)

    assert before.status_code == 204
    assert after.status_code == 286  # htmx stops polling
    assert "Mia Sato" in after.content.decode()


# -- revoking


def test_a_token_is_revoked_at_once(desk: Client, aozora: Organization) -> None:
    token, secret = scim_token(aozora)
    bearer = {"Authorization": f"Bearer {secret}"}
    users = f"/spaces/{aozora.space_key}/scim/v2/Users"
    before = desk.get(users, headers=bearer)

    desk.post(page("token-revoke", aozora, token.pk))

    assert before.status_code == 200
    assert desk.get(users, headers=bearer).status_code == 401
    assert AuditEvent.objects.filter(organization=aozora, event=ProvisioningEvent.TOKEN_REVOKED).count() == 1


def test_a_token_is_revoked_once_only(desk: Client, aozora: Organization) -> None:
    token = scim_token(aozora)[0]
    token.revoke(by=OPERATOR)

    answer = desk.post(page("token-revoke", aozora, token.pk))

    assert answer.status_code == 409
    assert str(TokenIsNotLive()) in answer.content.decode()


@pytest.mark.parametrize("name", ["token-revoke", "token-name", "token-issuer"])
def test_a_token_that_has_ended_meanwhile_is_offered_no_change(desk: Client, aozora: Organization, name: str) -> None:
    token = scim_token(aozora)[0]
    token.revoke(by=OPERATOR)

    shown = desk.get(page(name, aozora, token.pk)).content.decode().partition("<main")[2]

    assert str(TokenIsNotLive()) in shown
    assert "<form" not in shown


def test_a_token_is_marked_that_expires_soon(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    marked = []
    for days in (29, 31):
        ScimToken.objects.update(expires_at=timezone.now() + datetime.timedelta(days=days))
        marked.append("Expires soon" in text(desk.get(reverse("provisioning", args=[aozora.space_key]))))
    assert marked == [True, False]


def test_a_token_keeps_its_name_until_another_one_is_typed(desk: Client, aozora: Organization) -> None:
    token = scim_token(aozora)[0]

    answer = desk.post(page("token-name", aozora, token.pk), {"name": "  "})

    assert answer.status_code == 422
    assert "Enter a name." in answer.content.decode()


# -- the issuer


@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_issuer_of_a_live_token_cannot_be_removed_on_the_page(
    desk: Client, aozora: Organization, emi: Member, is_enabled: bool
) -> None:
    scim_token(aozora, emi)
    if not is_enabled:
        ProvisioningSettings.of(aozora).disable(by=OPERATOR)

    answer = desk.post(page("member-delete", aozora, emi.scim_id))

    assert "issuer of the live SCIM token" in answer.content.decode()
    assert page("provisioning", aozora) in answer.content.decode()
    assert aozora.members.filter(pk=emi.pk).exists()


def test_changing_the_issuer_keeps_the_token_and_frees_the_former_one(
    desk: Client, aozora: Organization, aiko: Member, emi: Member
) -> None:
    token, secret = scim_token(aozora, aiko)

    desk.post(page("token-issuer", aozora, token.pk), {"issuer": emi.pk})

    token.refresh_from_db()
    assert token.issuer == emi
    assert token.hash == hash_of(secret)
    assert token.is_live
    told = AuditEvent.objects.get(organization=aozora, event=ProvisioningEvent.TOKEN_ISSUER_CHANGED)
    assert told.changes == {"issuer": ["Aiko Tanaka", "Emi Ueda"]}
    with pytest.raises(IsTokenIssuer):
        emi.change_role(Role.USER, by=OPERATOR)
    mended = aozora.members.select_related("account").get(pk=aiko.pk)
    # Only SAML's emergency rule could still hold her, and Emi is another emergency administrator.
    mended.change_role(Role.USER, by=OPERATOR)


def test_only_active_administrators_of_the_organization_are_offered_as_issuer(
    desk: Client, aozora: Organization, aiko: Member, emi: Member, ren: Member
) -> None:
    token = scim_token(aozora, aiko)[0]
    plain = managed(aozora, "mia")
    gone = managed(aozora, "kenji", role=Role.ADMIN)
    gone.deactivate(by=OPERATOR)

    offered = desk.get(page("token-issuer", aozora, token.pk)).context["form"].candidates
    answers = [desk.post(page("token-issuer", aozora, token.pk), {"issuer": who.pk}) for who in (plain, gone, ren)]

    assert list(offered) == [emi]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    token.refresh_from_db()
    assert token.issuer == aiko


def test_the_last_administrator_is_told_so_before_the_token(aozora: Organization, aiko: Member) -> None:
    scim_token(aozora, aiko)

    with pytest.raises(LastAdministrator):
        aiko.change_role(Role.USER, by=OPERATOR)


def test_lifetimes_are_those_of_the_product() -> None:
    assert Lifetime.values == ["90d", "1y", "2y", "never"]


# -- names, and which of two the IdP uses


def use(secret: str, organization: Organization, user_agent: str = "Entra") -> None:
    bearer = {"Authorization": f"Bearer {secret}", "User-Agent": user_agent}
    assert Client().get(f"/spaces/{organization.space_key}/scim/v2/Users", headers=bearer).status_code == 200


def revoke_page(desk: Client, token: ScimToken) -> str:
    return text(desk.get(page("token-revoke", token.organization, token.pk)))


def test_a_token_has_the_name_that_it_was_given(desk: Client, aozora: Organization) -> None:
    first = {"enable": "on", "lifetime": "1y", "name": "Entra production"}
    assert text(desk.post(page("provisioning-save", aozora), first)).count("Entra production") >= 1
    assert "Entra production" in text(desk.get(page("provisioning", aozora)))

    desk.post(page("token-issue", aozora), {"lifetime": "1y", "name": " Entra 2027 "})

    assert set(aozora.scim_tokens.values_list("name", flat=True)) == {"Entra production", "Entra 2027"}
    issued = AuditEvent.objects.filter(organization=aozora, event=ProvisioningEvent.TOKEN_ISSUED).order_by("-pk")[0]
    assert issued.subject.startswith("Entra 2027 (nlb_scim_")


def test_a_name_is_suggested_and_taken_where_none_is_chosen(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    form = desk.get(page("token-issue", aozora)).context["form"]
    assert form.initial["name"] == "Token 2"
    assert form.fields["name"].required

    desk.post(page("token-issue", aozora), {"lifetime": "1y", "name": "  "})

    assert set(aozora.scim_tokens.values_list("name", flat=True)) == {"Token 1", "Token 2"}


@pytest.mark.parametrize(("name", "status"), [("token 1", 409), ("x" * 61, 422), ("a\nb\x07", 409)])
def test_a_name_that_helps_nobody_is_refused(desk: Client, aozora: Organization, name: str, status: int) -> None:
    scim_token(aozora)

    answer = desk.post(page("token-issue", aozora), {"lifetime": "1y", "name": name})

    assert answer.status_code == status
    assert aozora.scim_tokens.count() == 1


def test_a_token_is_renamed_and_the_audit_log_tells_it(desk: Client, aozora: Organization, ren: Member) -> None:
    token, other = scim_token(aozora)[0], scim_token(aozora)[0]
    url = page("token-name", aozora, token.pk)

    assert desk.post(url, {"name": other.name}).status_code == 409
    assert signed_in(Client(), ren).post(url, {"name": "Mine"}).status_code in (403, 404)
    desk.post(url, {"name": "Entra production"})
    desk.post(url, {"name": "Entra production"})

    token.refresh_from_db()
    assert token.name == "Entra production"
    told = AuditEvent.objects.get(organization=aozora, event=ProvisioningEvent.TOKEN_RENAMED)
    assert told.changes == {"name": ["Token 1", "Entra production"]}


def test_the_user_agent_of_the_last_use_is_kept(desk: Client, aozora: Organization) -> None:
    token, secret = scim_token(aozora)
    use(secret, aozora, "curl/8.1")
    use(secret, aozora, "Azure AD SCIM client" + "x" * 400)

    token.refresh_from_db()
    assert token.last_used_by.startswith("Azure AD SCIM client")
    assert "by Azure AD SCIM client" in text(desk.get(page("provisioning", aozora)))


def test_revoking_the_one_in_use_warns_that_the_other_was_never_used(desk: Client, aozora: Organization) -> None:
    old, secret = scim_token(aozora)
    new = scim_token(aozora)[0]
    use(secret, aozora, "Azure AD SCIM client")

    asked = revoke_page(desk, old)

    assert "by Azure AD SCIM client" in asked
    assert f"Warning: the other token, “{new.name}”, has never been used." in asked
    assert "It has never been used." in revoke_page(desk, new)
    assert "safe to revoke" not in text(desk.get(page("provisioning", aozora)))


def test_the_old_one_is_safe_to_revoke_once_the_new_one_is_used(desk: Client, aozora: Organization) -> None:
    old, old_secret = scim_token(aozora)
    new, new_secret = scim_token(aozora)
    use(old_secret, aozora)
    use(new_secret, aozora)

    assert "safe to revoke" in revoke_page(desk, old)
    assert "safe to revoke" not in revoke_page(desk, new)
    assert text(desk.get(page("provisioning", aozora))).count("it is safe to revoke") == 2  # the card, the dialog

    use(old_secret, aozora)  # Test connection alone had used the new one

    assert "safe to revoke" not in revoke_page(desk, old)
    assert "safe to revoke" not in text(desk.get(page("provisioning", aozora)))


def test_tokens_issued_before_they_had_names_are_numbered_by_age(aozora: Organization, hakata: Organization) -> None:
    secret = scim_token(aozora)[1]
    tokens = [scim_token(aozora)[0], scim_token(hakata)[0]]
    use(secret, aozora)
    ScimToken.objects.update(name="", first_used_at=None)
    naming = importlib.import_module("provisioning.migrations.0004_name_the_tokens_there_are")

    naming.name_them(apps, None)
    naming.name_them(apps, None)

    assert list(aozora.scim_tokens.order_by("pk").values_list("name", flat=True)) == ["Token 1", "Token 2"]
    assert [ScimToken.objects.get(pk=token.pk).name for token in tokens] == ["Token 2", "Token 1"]
    used = aozora.scim_tokens.exclude(first_used_at=None).get()
    assert used.first_used_at == aozora.sync_activity.get().at
    assert used.hash == hash_of(secret)


def test_revoking_the_only_one_says_that_the_synchronization_stops(desk: Client, aozora: Organization) -> None:
    assert "There is no other live token" in revoke_page(desk, scim_token(aozora)[0])


def test_a_dead_token_that_still_comes_is_told(desk: Client, aozora: Organization, hakata: Organization) -> None:
    token, secret = scim_token(aozora)
    token.revoke(by=OPERATOR)
    users = f"/spaces/{aozora.space_key}/scim/v2/Users"
    neighbours = f"/spaces/{hakata.space_key}/scim/v2/Users"
    assert Client().get(neighbours, headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert "This token is still being sent" not in text(desk.get(page("provisioning", aozora)))

    assert Client().get(users, headers={"Authorization": f"Bearer {secret}"}).status_code == 401

    assert "This token is still being sent" in text(desk.get(page("provisioning", aozora)))
