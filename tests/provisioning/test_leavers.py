"""A leaver whom the IdP could not put out must not stay in unseen."""

from typing import Any

import pytest
from django.core import mail

from members.models import Member, Organization, Role
from members.models.member.refusals import LastAdministrator
from members.refusals import Protected
from provisioning.guards_refusals import IsTokenIssuer
from provisioning.models import RefusedDeparture
from tests.cast import OPERATOR, idp_actor, managed, nulab, provisioned, scim_token
from tests.cast.rows import refused


@pytest.fixture
def emi(aozora: Organization) -> Member:
    """An administrator in whose name the SCIM token stands, and who has left the company."""
    emi = provisioned(aozora, "emi", role=Role.ADMIN)
    scim_token(aozora, issuer=emi)
    return emi


def refuse_departure(member: Member) -> Protected:
    with pytest.raises(Protected) as refusal:
        member.deactivate(by=idp_actor(member.organization))
    RefusedDeparture.remember(member, refusal.value)
    return refusal.value


def test_the_other_administrators_get_a_mail_with_the_reason_and_the_way_to_mend_it(
    aozora: Organization, aiko: Member, ren: Member, emi: Member, django_capture_on_commit_callbacks: Any
) -> None:
    managed(aozora, "mia")

    with django_capture_on_commit_callbacks(execute=True):
        refuse_departure(emi)

    assert [message.to for message in mail.outbox] == [["aiko.tanaka@aozora.example"]]
    body = str(mail.outbox[0].body)
    assert "Emi Ueda is the issuer of the live SCIM token" in body
    assert f"/spaces/{aozora.space_key}/" in body


def test_the_person_gets_the_mail_if_there_is_no_other_administrator(
    aozora: Organization, aiko: Member, emi: Member, django_capture_on_commit_callbacks: Any
) -> None:
    aozora.members.filter(pk=aiko.pk).update(role=Role.USER)

    with django_capture_on_commit_callbacks(execute=True):
        refuse_departure(emi)

    assert [message.to for message in mail.outbox] == [["emi@aozora.example"]]


def test_an_idp_that_tries_every_forty_minutes_mails_once(emi: Member, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            refuse_departure(emi)

    assert len(mail.outbox) == 1
    assert RefusedDeparture.objects.count() == 1


def test_every_administrator_reads_the_mail_in_their_language(
    aozora: Organization, aiko: Member, emi: Member, django_capture_on_commit_callbacks: Any
) -> None:
    nao = nulab(aozora, "nao", role=Role.ADMIN)
    nao.account.prefer(language="ja", by=OPERATOR)

    with django_capture_on_commit_callbacks(execute=True):
        refuse_departure(emi)

    assert {message.to[0] for message in mail.outbox} == {"aiko.tanaka@aozora.example", "nao@aozora.example"}


def test_the_reason_is_told_again_in_the_readers_words(emi: Member) -> None:
    refusal = refuse_departure(emi)

    departure = RefusedDeparture.objects.get()
    assert isinstance(refusal, IsTokenIssuer)
    assert (departure.code, departure.reason) == (IsTokenIssuer.code, str(refusal))


def test_the_warning_ends_when_the_person_is_out(aozora: Organization, aiko: Member, emi: Member) -> None:
    refuse_departure(emi)
    emi.issued_tokens.get().change_issuer(aiko, by=OPERATOR)

    emi.deactivate(by=idp_actor(aozora))

    assert not RefusedDeparture.objects.exists()


def test_the_warning_goes_with_the_account(aozora: Organization, aiko: Member, emi: Member) -> None:
    refuse_departure(emi)
    emi.issued_tokens.get().revoke(by=OPERATOR)

    emi.remove(by=idp_actor(aozora))

    assert not RefusedDeparture.objects.exists()


def test_a_sandbox_sends_no_mail(sandbox: Organization, sam: Member, django_capture_on_commit_callbacks: Any) -> None:
    invented = managed(sandbox, "barbara", role=Role.ADMIN)

    with django_capture_on_commit_callbacks(execute=True):
        RefusedDeparture.remember(invented, LastAdministrator(member="Barbara"))

    assert mail.outbox == []


def test_a_refused_departure_changes_nothing_but_the_warning(emi: Member) -> None:
    with refused(IsTokenIssuer, "Emi Ueda", "Change the issuer", "User Provisioning"):
        emi.deactivate(by=idp_actor(emi.organization))
