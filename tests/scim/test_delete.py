"""DELETE, and whoever must not leave: protected members and accounts that are not the IdP's to write."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from members.models import Account, Member, Organization, Role
from provisioning.models import RefusedDeparture, ScimToken
from saml.models import SamlSettings
from tests.cast import OPERATOR, managed, nulab, page_actor, scim_token, signed_in
from tests.cast.rows import fresh, rows_of
from tests.scim import Answer, Idp, remove, replace, user


def test_a_deleted_member_is_gone_from_scim_and_the_address_is_free(idp: Idp) -> None:
    first = idp.create("nao", externalId="n-1")

    answer = idp.delete(first["id"])

    assert (answer.status, answer.content) == (204, b"")
    assert idp.read(first["id"]).status == 404
    assert idp.find('externalId eq "n-1"')["totalResults"] == 0
    assert idp.create("nao", externalId="n-1")["id"] != first["id"]


def test_a_repeated_deletion_is_not_found_and_harmless(idp: Idp) -> None:
    made = idp.create("nao")
    idp.delete(made["id"])

    assert [idp.delete(made["id"]).status for _ in range(2)] == [404, 404]
    assert idp.patch(made["id"], replace("active", True)).status == 404
    assert idp.put(made["id"], user("nao@aozora.example")).status == 404


def test_a_deletion_of_another_version_is_refused(idp: Idp) -> None:
    made = idp.create("nao")

    assert idp.delete(made["id"], headers={"If-Match": 'W/"other"'}).status == 412
    assert idp.delete(made["id"], headers={"If-Match": made.etag}).status == 204


def test_an_inactive_member_is_deleted_too(idp: Idp) -> None:
    made = idp.create("nao", active=False)

    assert idp.delete(made["id"]).status == 204


def test_sessions_end_with_a_deactivation_and_with_a_deletion(idp: Idp) -> None:
    for leave in (lambda scim_id: idp.patch(scim_id, replace("active", "False")), idp.delete):
        made = idp.create(f"n{leave.__name__.strip('<>')}")
        browser = signed_in(Client(), idp.member(made))
        assert browser.get("/").status_code == 302
        here = browser.get("/", follow=True)
        assert here.wsgi_request.user.is_authenticated

        leave(made["id"])

        assert not browser.get("/", follow=True).wsgi_request.user.is_authenticated


# -- protected members

DEPARTURES: dict[str, Callable[[Idp, Member], Answer]] = {
    "deactivated by PATCH": lambda idp, member: idp.patch(member.scim_id, replace("active", "False")),
    "deactivated by PUT": lambda idp, member: idp.put(
        member.scim_id, user(member.account.user_name, active=False, displayName="Changed")
    ),
    "deleted": lambda idp, member: idp.delete(member.scim_id),
}
DEMOTIONS: dict[str, Callable[[Idp, Member], Answer]] = {
    "demoted by PATCH": lambda idp, member: idp.patch(
        member.scim_id, replace("displayName", "Changed"), replace("roles", [{"value": "USER"}])
    ),
    "demoted by removal": lambda idp, member: idp.patch(member.scim_id, remove("roles")),
    "demoted by PUT": lambda idp, member: idp.put(
        member.scim_id, user(member.account.user_name, roles=[{"value": "USER"}])
    ),
}


@pytest.fixture
def emi(idp: Idp, aiko: Member) -> Member:
    """A managed administrator in whose name Aozora's token stands."""
    emi = managed(idp.organization, "emi", role=Role.ADMIN)
    ScimToken.objects.get(organization=idp.organization).change_issuer(emi, by=page_actor(aiko))
    return emi


@pytest.mark.parametrize("name", [*DEPARTURES, *DEMOTIONS])
def test_the_token_issuer_stays_and_the_refusal_says_why(idp: Idp, emi: Member, name: str) -> None:
    before = idp.read(emi.scim_id)

    answer = {**DEPARTURES, **DEMOTIONS}[name](idp, emi)

    assert (answer.status, answer["status"]) == (403, "403")
    assert "is the issuer of the live SCIM token" in answer.detail
    assert "Change the issuer" in answer.detail
    assert idp.read(emi.scim_id).body == before.body


@pytest.mark.parametrize("name", DEPARTURES)
def test_a_refused_departure_is_mailed_once_and_stands_on_a_banner(
    idp: Idp,
    emi: Member,
    aiko: Member,
    desk: Client,
    name: str,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        for _ in range(2):
            DEPARTURES[name](idp, emi)

    assert [message.to for message in mail.outbox] == [[aiko.account.email]]
    assert "Emi Ueda" in mail.outbox[0].body
    page = desk.get(reverse("members", args=[idp.organization.space_key]))
    assert "Emi Ueda" in page.content.decode()
    assert RefusedDeparture.objects.get().code == "is_token_issuer"


def test_the_banner_goes_when_the_idp_wants_the_person_in_again(idp: Idp, emi: Member) -> None:
    idp.patch(emi.scim_id, replace("active", False))
    assert RefusedDeparture.objects.exists()

    idp.patch(emi.scim_id, replace("active", True))

    assert not RefusedDeparture.objects.exists()


def test_a_refused_demotion_is_no_departure(idp: Idp, emi: Member) -> None:
    DEMOTIONS["demoted by PATCH"](idp, emi)

    assert not RefusedDeparture.objects.exists()


@pytest.mark.parametrize("name", [*DEPARTURES, *DEMOTIONS])
def test_the_last_administrator_stays(idp: Idp, aozora: Organization, aiko: Member, name: str) -> None:
    SamlSettings.objects.filter(organization=aozora).update(enabled_at=None)
    emi = managed(aozora, "emi", role=Role.ADMIN)
    Account.objects.filter(pk=aiko.account_id).update(is_active=False)
    ScimToken.objects.filter(organization=aozora).update(issuer=None)

    answer = {**DEPARTURES, **DEMOTIONS}[name](idp, emi)

    assert answer.status == 403
    assert "is the last active administrator" in answer.detail
    assert fresh(emi).is_administrator


@pytest.mark.parametrize("name", DEPARTURES)
def test_the_last_plan_admin_stays(idp: Idp, name: str) -> None:
    mia = managed(idp.organization, "mia")
    mia.change_privileges(is_plan_admin=True, by=OPERATOR)

    answer = DEPARTURES[name](idp, mia)

    assert answer.status == 403
    assert "last active plan admin" in answer.detail
    assert fresh(mia).is_active


# -- not the IdP's to write


def own_account(idp: Idp, hakata: Organization) -> Member:
    return nulab(idp.organization, "yuki")


def emergency_administrator(idp: Idp, hakata: Organization) -> Member:
    return idp.organization.members.select_related("account").get(role=Role.ADMIN)


def managed_next_door(idp: Idp, hakata: Organization) -> Member:
    return Member.objects.add(idp.organization, managed(hakata, "guest").account, role=Role.USER, by=OPERATOR)


def too_old(idp: Idp, hakata: Organization) -> Member:
    member = managed(idp.organization, "old")
    Account.objects.filter(pk=member.account_id).update(created_at=datetime(2023, 1, 15, 23, 59, tzinfo=UTC))
    return member


def outside_the_domains(idp: Idp, hakata: Organization) -> Member:
    member = managed(idp.organization, "far")
    member.account.user_name = member.account.email = "far@elsewhere.example"
    member.account.save(update_fields=["user_name", "email"])
    return member


NOT_ELIGIBLE: dict[Callable[[Idp, Organization], Member], str] = {
    own_account: "has a Nulab Account",
    emergency_administrator: "has a Nulab Account",
    managed_next_door: "managed by another organization",
    too_old: "created before 16 January 2023",
    outside_the_domains: "not verified for this organization",
}


@pytest.mark.parametrize("who", NOT_ELIGIBLE, ids=lambda who: who.__name__)
def test_an_account_that_is_not_the_idps_is_listed_but_not_written(
    idp: Idp, hakata: Organization, who: Callable[[Idp, Organization], Member]
) -> None:
    member = who(idp, hakata)
    before, neighbour = idp.read(member.scim_id), rows_of(hakata)
    assert before.status == 200

    for answer in (
        *(deed(idp, member) for deed in (*DEPARTURES.values(), *DEMOTIONS.values())),
        idp.patch(member.scim_id),
        idp.patch(member.scim_id, replace("externalId", "x")),
        idp.patch(member.scim_id, replace("nickName", "free.one")),
    ):
        assert answer.status == 403, answer
        assert NOT_ELIGIBLE[who] in answer.detail

    assert idp.read(member.scim_id).body == before.body
    assert rows_of(hakata) == neighbour


def test_the_sandboxs_administrator_is_refused_but_its_people_come_and_go(play_idp: Idp, sam: Member) -> None:
    made = play_idp.post(user("anything", roles=["ADMIN"]))

    assert play_idp.delete(sam.scim_id).status == 403
    assert play_idp.patch(made["id"], replace("roles", "USER")).status == 200
    assert play_idp.delete(made["id"]).status == 204


def test_a_second_token_protects_its_issuer_too(idp: Idp, aiko: Member) -> None:
    emi = managed(idp.organization, "emi", role=Role.ADMIN)
    token, _ = scim_token(idp.organization, issuer=emi)

    assert idp.delete(emi.scim_id).status == 403
    token.revoke(by=page_actor(aiko))
    assert idp.delete(emi.scim_id).status == 204
