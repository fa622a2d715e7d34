"""Test sign-in: with the settings as they are being made, before anybody depends on them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization, Role
from saml.events import SamlEvent
from saml.models import SamlSettings
from saml.sso.status import STATUS
from tests.cast import OPERATOR, nulab, signed_in
from tests.cast.rows import events
from tests.cast.saml_messages import RSA_SHA1, Message, encode, signed
from tests.cast.sso import answered, callback, request_id, saml, trusting

__all__ = ["saml"]
NEW = {"entity_id": "https://idp.new.example/metadata", "sso_url": "https://idp.new.example/sso"}


@pytest.fixture
def draft(saml: SamlSettings) -> SamlSettings:
    """Aozora's settings with another IdP proposed, which signs with the key that `saml_messages` signs with."""
    saml.propose(**NEW, by=OPERATOR)
    return trusting(saml.organization)


def start(desk: Client, saml: SamlSettings) -> Any:
    return desk.post(reverse("saml-test", args=[saml.organization.space_key]))


def answer_test(desk: Client, saml: SamlSettings, name_id: str, **parts: Any) -> Any:
    """The result page that the browser ends up on."""
    request = request_id(start(desk, saml))
    issuer = saml.proposed[0]
    message = Message.for_sp(saml, name_id, in_response_to=request, **({"issuer": issuer} | parts))
    return desk.post(callback(saml), {"SAMLResponse": answered(message)}, follow=True)


def fresh(saml: SamlSettings) -> SamlSettings:
    return SamlSettings.objects.get(pk=saml.pk)


def test_the_test_goes_to_the_proposed_idp(desk: Client, draft: SamlSettings) -> None:
    assert start(desk, draft)["Location"].startswith("https://idp.new.example/sso?SAMLRequest=")


def test_a_passed_test_shows_the_account_and_brings_the_draft_into_force(
    desk: Client, draft: SamlSettings, mia: Member, aiko: Member
) -> None:
    result = answer_test(desk, draft, "MIA@aozora.example")

    shown = result.content.decode()
    assert "Passed" in shown
    assert "Mia Sato" in shown
    assert fresh(draft).idp_entity_id == NEW["entity_id"]
    assert not fresh(draft).has_draft
    assert desk.get(reverse("profile")).wsgi_request.user.pk == aiko.account_id
    assert events(draft.organization)[-1] == SamlEvent.TESTED
    assert SamlEvent.SIGNED_IN not in events(draft.organization)


@pytest.mark.parametrize(
    ("name_id", "words"),
    [
        ("nobody@aozora.example", "No Managed Account of this organization has the address"),
        ("aiko.tanaka@aozora.example", "does not manage"),
    ],
)
def test_a_test_passes_without_an_account_and_says_why_there_is_none(
    desk: Client, draft: SamlSettings, mia: Member, name_id: str, words: str
) -> None:
    result = answer_test(desk, draft, name_id)

    assert "Passed" in result.content.decode()
    assert words in result.content.decode()


def test_before_anybody_is_provisioned_no_account_is_what_a_test_should_find(desk: Client, draft: SamlSettings) -> None:
    result = answer_test(desk, draft, "nobody@aozora.example")

    assert "This is expected" in result.content.decode()


def test_a_failed_test_says_why_and_leaves_the_draft_a_draft(
    desk: Client, draft: SamlSettings, hakata: Organization
) -> None:
    result = answer_test(desk, draft, "mia@aozora.example", audience="https://elsewhere.example")

    assert "https://elsewhere.example" in result.content.decode()
    assert "Failed" in result.content.decode()
    assert fresh(draft).has_draft
    assert fresh(draft).idp_entity_id == "https://idp.aozora.example/metadata"


def _reporting(message: Message) -> str:
    denied = f'<samlp:StatusCode Value="{STATUS}RequestDenied"/>'
    denied = f'<samlp:StatusCode Value="{STATUS}Responder">{denied}</samlp:StatusCode>'
    return replace(message, status_xml=denied).xml(assertion="")


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (_reporting, "Assign the person there."),
        (lambda message: signed(message.xml(), "Assertion", signature=RSA_SHA1), "Choose RSA-SHA256"),
        (lambda message: message.xml(assertion=""), "exactly one assertion"),
    ],
    ids=["reported by the IdP", "SHA-1", "no assertion"],
)
def test_a_test_has_its_result_where_the_answer_is_no_assertion_to_be_read(
    desk: Client, draft: SamlSettings, spoilt: Callable[[Message], str], words: str
) -> None:
    request = request_id(start(desk, draft))
    message = Message.for_sp(draft, "mia@aozora.example", in_response_to=request, issuer=NEW["entity_id"])

    result = desk.post(callback(draft), {"SAMLResponse": encode(spoilt(message))}, follow=True)

    assert result.request["PATH_INFO"] == reverse("saml-test-result", args=[draft.organization.space_key, request])
    assert "Failed" in result.content.decode()
    assert words in result.content.decode()
    assert events(draft.organization)[-1] == SamlEvent.TESTED


def test_the_live_idp_cannot_pass_the_test_of_the_draft(desk: Client, draft: SamlSettings) -> None:
    result = answer_test(desk, draft, "mia@aozora.example", issuer="https://idp.aozora.example/metadata")

    assert "Failed" in result.content.decode()


def test_people_sign_in_with_the_live_settings_meanwhile(client: Client, draft: SamlSettings, mia: Member) -> None:
    client.post(callback(draft), {"SAMLResponse": answered(Message.for_sp(draft, mia.account.email))})

    assert client.get(reverse("profile")).wsgi_request.user.pk == mia.account_id


def test_settings_changed_during_the_test_are_not_passed_by_it(desk: Client, draft: SamlSettings) -> None:
    request = request_id(start(desk, draft))
    message = Message.for_sp(draft, "mia@aozora.example", in_response_to=request, issuer=NEW["entity_id"])
    draft.propose(entity_id="https://idp.third.example", sso_url="https://idp.third.example/sso", by=OPERATOR)

    result = desk.post(callback(draft), {"SAMLResponse": answered(message)}, follow=True)

    assert "The settings were changed while the test was running" in result.content.decode()
    assert fresh(draft).draft_entity_id == "https://idp.third.example"


def test_who_is_no_administrator_any_more_brings_nothing_into_force(
    client: Client, draft: SamlSettings, aozora: Organization, mia: Member
) -> None:
    nao = nulab(aozora, "nao", role=Role.ADMIN)
    request = request_id(start(signed_in(client, nao), draft))
    nao.change_role(Role.USER, by=OPERATOR)

    message = Message.for_sp(draft, mia.account.email, in_response_to=request, issuer=NEW["entity_id"])
    client.post(callback(draft), {"SAMLResponse": answered(message)})

    assert fresh(draft).has_draft


def test_a_sign_in_that_starts_at_the_idp_is_no_test(client: Client, draft: SamlSettings, mia: Member) -> None:
    message = Message.for_sp(draft, mia.account.email, issuer=NEW["entity_id"])

    assert client.post(callback(draft), {"SAMLResponse": answered(message)}).status_code == 403
    assert fresh(draft).has_draft


def test_a_test_is_passed_by_a_signed_response_only(desk: Client, draft: SamlSettings) -> None:
    request = request_id(start(desk, draft))
    message = Message.for_sp(draft, "mia@aozora.example", in_response_to=request, issuer=NEW["entity_id"])

    result = desk.post(callback(draft), {"SAMLResponse": encode(message.xml())}, follow=True)

    assert "Neither the response nor the assertion is signed" in result.content.decode()
    assert fresh(draft).has_draft


def test_a_test_is_answered_once(desk: Client, draft: SamlSettings) -> None:
    request = request_id(start(desk, draft))
    message = Message.for_sp(draft, "mia@aozora.example", in_response_to=request, issuer=NEW["entity_id"])
    desk.post(callback(draft), {"SAMLResponse": answered(message)})

    assert desk.post(callback(draft), {"SAMLResponse": answered(message)}).status_code == 403


def test_a_test_in_a_second_tab_leaves_the_first_one_its_answer(
    desk: Client, draft: SamlSettings, aiko: Member
) -> None:
    first = start(desk, draft)
    # A browser sends a cookie to the addresses below its path only; the test client sends it everywhere.
    begins_at = reverse("saml-test", args=[draft.organization.space_key])
    unseen = [name for name, cookie in desk.cookies.items() if not begins_at.startswith(cookie["path"])]
    for name in unseen:
        del desk.cookies[name]

    second = start(desk, draft)

    for tab in (first, second):
        message = Message.for_sp(draft, aiko.account.email, in_response_to=request_id(tab), issuer=NEW["entity_id"])
        result = desk.post(callback(draft), {"SAMLResponse": answered(message)}, follow=True)
        assert "Passed" in result.content.decode()


def test_saml_can_be_enabled_once_the_test_has_passed(desk: Client, draft: SamlSettings, mia: Member) -> None:
    draft.disable(by=OPERATOR)
    enable = reverse("saml-enable", args=[draft.organization.space_key])
    assert desk.post(enable).status_code == 409

    answer_test(desk, draft, mia.account.email)
    desk.post(enable)

    assert fresh(draft).is_enabled


def test_without_values_or_a_certificate_there_is_nothing_to_test(desk: Client, saml: SamlSettings) -> None:
    saml.disable(by=OPERATOR)
    saml.certificates.all().delete()

    answer = start(desk, saml)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/")


def test_only_administrators_test_and_see_the_result(
    desk: Client, draft: SamlSettings, mia: Member, ren: Member
) -> None:
    result = answer_test(desk, draft, mia.account.email).redirect_chain[-1][0]

    assert signed_in(Client(), mia).get(result).status_code == 403
    assert signed_in(Client(), ren).get(result).status_code == 404
    assert start(signed_in(Client(), mia), draft).status_code == 403
    assert start(signed_in(Client(), ren), draft).status_code == 404


def test_a_test_wants_a_recent_sign_in(desk: Client, draft: SamlSettings) -> None:
    session = desk.session
    session["signed_in_at"] -= 11 * 60
    session.save()

    assert start(desk, draft)["Location"].startswith(reverse("signin"))


def test_the_page_may_lead_to_the_idp(desk: Client, draft: SamlSettings) -> None:
    policy = desk.get(reverse("saml", args=[draft.organization.space_key]))["Content-Security-Policy"]

    assert "form-action 'self' https:" in policy
