"""Signing in through the IdP: who is let in, where to, and whom it never replaces unasked."""

import datetime
import re
import time
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Member, Organization, Role
from saml.events import SamlEvent
from saml.models import SamlSettings
from saml.sso.session import WAITING_COOKIE
from tests.cast import OPERATOR, address_at, managed, nulab, signed_in
from tests.cast.rows import events, last_event
from tests.cast.saml_messages import EMAIL_ADDRESS, XENC, Message, encode, encrypted, signed
from tests.cast.sso import (
    answered,
    ask,
    authn_request,
    callback,
    is_in,
    post,
    saml,
    signed_in_as,
    trusting,
    why_refused,
)

__all__ = ["saml"]
IDP = {"Origin": "https://idp.aozora.example"}


def sp_certificate() -> str:
    with open(settings.SAML_SP_CERTIFICATE) as file:
        return file.read()


# -- to the IdP


def test_the_sign_in_link_sends_a_signed_request_to_the_idp(client: Client, saml: SamlSettings) -> None:
    answer = client.get(reverse("saml-begin", args=[saml.organization.space_key]))

    request = authn_request(answer)
    query = parse_qs(urlsplit(answer["Location"]).query)
    assert answer["Location"].startswith("https://idp.aozora.example/sso?")
    assert query["SigAlg"] == ["http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"]
    assert query["Signature"]
    assert request.attrib["Destination"] == saml.idp_sso_url
    assert request.attrib["AssertionConsumerServiceURL"] == saml.acs_url
    assert request.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer") == saml.sp_entity_id
    policy = request.find("{urn:oasis:names:tc:SAML:2.0:protocol}NameIDPolicy")
    assert policy is not None
    assert policy.attrib["Format"] == EMAIL_ADDRESS


@pytest.mark.parametrize("identifier", ["mia@aozora.example", "MIA@Aozora.example", "aozora"])
def test_the_sign_in_page_leads_to_the_idp(client: Client, saml: SamlSettings, mia: Member, identifier: str) -> None:
    answer = client.post(reverse("signin"), {"identifier": identifier}, follow=True)

    assert [urlsplit(url).path for url, _status in answer.redirect_chain] == [
        f"/signin/spaces/{saml.organization.space_key}",
        "/sso",
    ]


def test_the_idp_is_asked_anew_where_a_page_wants_a_recent_sign_in(client: Client, saml: SamlSettings) -> None:
    answer = client.get(reverse("saml-begin", args=[saml.organization.space_key]), {"again": "1"})

    assert authn_request(answer).attrib["ForceAuthn"] == "true"


def test_an_answer_that_relies_on_an_old_sign_in_does_not_count_as_a_recent_one(
    client: Client, saml: SamlSettings, mia: Member
) -> None:
    request = ask(client, saml, again="1")
    long_ago = timezone.now() - datetime.timedelta(minutes=3)
    message = Message.for_sp(saml, mia.account.email, in_response_to=request, authn_instant=long_ago)

    answer = post(client, saml, answered(message))

    assert answer.status_code == 403
    assert why_refused(saml.organization) == "saml_stale"


# -- and back


@pytest.mark.parametrize("elements", [("Assertion",), ("Response",), ("Assertion", "Response")])
def test_a_managed_account_is_signed_in(
    client: Client, saml: SamlSettings, mia: Member, hakata: Organization, elements: tuple[str, ...]
) -> None:
    request = ask(client, saml, next="/profile?from=link")

    answer = post(client, saml, answered(Message.for_sp(saml, mia.account.email, in_response_to=request), *elements))  # type: ignore[arg-type]

    assert answer["Location"] == "/profile?from=link"
    assert is_in(client, mia)
    assert last_event(saml.organization).event == SamlEvent.SIGNED_IN
    assert last_event(saml.organization).subject_id == mia.scim_id
    assert SamlEvent.SIGNED_IN not in events(hakata)


@pytest.mark.parametrize("name_id", ["MIA@AOZORA.example", "  mia@aozora.example ", "mia.work@aozora.example"])
def test_the_name_id_is_the_user_name_or_the_email_in_any_case(
    client: Client, saml: SamlSettings, mia: Member, name_id: str
) -> None:
    mia.change_profile({"email": "mia.work@aozora.example"}, by=OPERATOR)

    post(client, saml, answered(Message.for_sp(saml, name_id, in_response_to=ask(client, saml))))

    assert is_in(client, mia)


@pytest.mark.parametrize(
    "name_id",
    ["ｍｉａ@aozora.example", "\u212aenji@aozora.example", "mia@aozora.example\u00a0", "mia@aozora.example\u2028"],
    ids=ascii,
)
def test_letters_that_look_alike_are_another_address(
    client: Client, saml: SamlSettings, mia: Member, kenji: Member, name_id: str
) -> None:
    post(client, saml, answered(Message.for_sp(saml, name_id)))

    assert signed_in_as(client) is None
    assert why_refused(saml.organization) in ("saml_name_id_unknown", "saml_name_id_no_address")


def test_a_sign_in_may_start_at_the_idp(client: Client, saml: SamlSettings, mia: Member) -> None:
    answer = post(client, saml, answered(Message.for_sp(saml, mia.account.email)), RelayState="/profile")

    assert answer["Location"] == "/profile"
    assert is_in(client, mia)


def test_a_sign_in_that_starts_at_the_idp_can_be_switched_off(
    client: Client, saml: SamlSettings, mia: Member, aiko: Member
) -> None:
    signed_in(Client(), aiko).post(reverse("saml-unsolicited", args=[saml.organization.space_key]))

    answer = post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    assert answer.status_code == 403
    assert why_refused(saml.organization) == "saml_unsolicited"
    assert signed_in_as(client) is None


def test_an_encrypted_assertion_is_opened_with_the_sites_key(client: Client, saml: SamlSettings, mia: Member) -> None:
    message = Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml))

    answer = post(client, saml, encode(encrypted(signed(message.xml(), "Assertion"), sp_certificate())))

    assert answer.status_code == 302, answer.content.decode()
    assert is_in(client, mia)


def test_a_sign_in_may_hold_for_ever(client: Client, saml: SamlSettings, mia: Member) -> None:
    last = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    message = Message.for_sp(saml, mia.account.email, not_on_or_after=last, confirmed_until=last)

    post(client, saml, answered(replace(message, session_not_on_or_after=last)))

    assert is_in(client, mia)


TYPED = (
    '<saml:AttributeStatement><saml:Attribute Name="mail"><saml:AttributeValue '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:type="xs:string">mia@aozora.example</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>'
)


@pytest.mark.parametrize("certificate", [sp_certificate, None], ids=["encrypted", "in the clear"])
@pytest.mark.parametrize("statement", [TYPED, "<saml:AttributeStatement/>"], ids=["typed", "none"])
def test_attributes_may_say_their_type_or_be_none(
    client: Client, saml: SamlSettings, mia: Member, statement: str, certificate: Callable[[], str] | None
) -> None:
    """As SimpleSAMLphp, Keycloak and Okta do, and npm's samlp."""
    message = Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml), assertion_extra=statement)
    xml = signed(message.xml(), "Assertion")

    answer = post(client, saml, encode(encrypted(xml, certificate()) if certificate else xml))

    assert answer.status_code == 302, answer.content.decode()
    assert is_in(client, mia)


def test_the_key_of_the_cipher_may_stand_beside_it(client: Client, saml: SamlSettings, mia: Member) -> None:
    """As Shibboleth places it; saml-core-2.0-os, 2.2.4."""
    message = Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml))
    before, key, after = re.split(
        r"(<xenc:EncryptedKey>.*</xenc:EncryptedKey>)",
        encrypted(signed(message.xml(), "Assertion"), sp_certificate()),
        flags=re.DOTALL,
    )
    beside = key.replace("<xenc:EncryptedKey>", f'<xenc:EncryptedKey xmlns:xenc="{XENC}" Id="_key">')
    pointer = f'<ds:RetrievalMethod Type="{XENC}EncryptedKey" URI="#_key"/>'
    end = "</xenc:EncryptedData>"

    post(client, saml, encode(before + pointer + after.replace(end, end + beside)))

    assert is_in(client, mia)


def test_a_signed_response_around_an_encrypted_assertion_is_accepted(
    client: Client, saml: SamlSettings, mia: Member
) -> None:
    message = Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml))

    post(client, saml, encode(signed(encrypted(message.xml(), sp_certificate()), "Response")))

    assert is_in(client, mia)


def test_the_session_ends_when_the_idp_says_so(client: Client, saml: SamlSettings, mia: Member) -> None:
    until = timezone.now() + datetime.timedelta(minutes=20)
    message = replace(Message.for_sp(saml, mia.account.email), session_not_on_or_after=until)

    post(client, saml, answered(message))

    assert abs(client.session.get_expiry_date() - until) < datetime.timedelta(seconds=2)


def test_the_session_key_is_a_new_one(client: Client, saml: SamlSettings, mia: Member) -> None:
    client.session.save()
    client.get(reverse("signin"))
    before = client.cookies.get(settings.SESSION_COOKIE_NAME)

    post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    after = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert before is None or before.value != after


@pytest.mark.parametrize(("ago", "is_recent"), [(-1, True), (0, True), (5, True), (11, False), (8 * 60, False)])
@pytest.mark.parametrize("waits", [False, True])
def test_a_sign_in_is_as_recent_as_the_one_at_the_idp(
    client: Client, saml: SamlSettings, mia: Member, ago: int, is_recent: bool, waits: bool
) -> None:
    message = Message.for_sp(saml, mia.account.email, authn_instant=timezone.now() - datetime.timedelta(minutes=ago))

    client.post(callback(saml), {"SAMLResponse": answered(message)}, headers=IDP if waits else {}, follow=True)

    assert is_in(client, mia)
    assert client.session["signed_in_at"] <= time.time()
    assert (time.time() - client.session["signed_in_at"] < 600) == is_recent


# -- nobody is replaced unasked


def test_a_person_who_is_signed_in_is_asked_before_somebody_else_takes_the_place(
    client: Client, saml: SamlSettings, mia: Member, aiko: Member
) -> None:
    signed_in(client, aiko)

    question = client.post(
        callback(saml), {"SAMLResponse": answered(Message.for_sp(saml, mia.account.email))}, follow=True
    )

    assert is_in(client, aiko)
    assert "Switch accounts?" in question.content.decode()
    client.post(question.redirect_chain[-1][0])
    assert is_in(client, mia)


def test_a_post_from_the_idps_site_looks_for_the_session_at_the_next_step(
    client: Client, saml: SamlSettings, mia: Member, aiko: Member
) -> None:
    """A browser leaves its Lax cookies behind when the IdP's page posts to us."""
    signed_in(client, aiko)
    kept = client.cookies.pop(settings.SESSION_COOKIE_NAME)

    answer = client.post(
        callback(saml), {"SAMLResponse": answered(Message.for_sp(saml, mia.account.email))}, headers=IDP
    )

    client.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert "Switch accounts?" in client.get(answer["Location"]).content.decode()
    assert is_in(client, aiko)


def test_a_post_from_the_idps_site_signs_in_where_nobody_was(client: Client, saml: SamlSettings, mia: Member) -> None:
    client.post(
        callback(saml), {"SAMLResponse": answered(Message.for_sp(saml, mia.account.email))}, headers=IDP, follow=True
    )

    assert is_in(client, mia)


def test_who_was_deactivated_while_being_asked_stays_out(
    client: Client, saml: SamlSettings, mia: Member, aiko: Member
) -> None:
    signed_in(client, aiko)
    answer = post(client, saml, answered(Message.for_sp(saml, mia.account.email)))
    mia.deactivate(by=OPERATOR)

    finished = client.post(answer["Location"])

    assert finished.status_code == 403
    assert is_in(client, aiko)


def test_whose_session_at_the_idp_ended_while_being_asked_is_told_so(
    client: Client, saml: SamlSettings, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    message = Message.for_sp(saml, mia.account.email, session_not_on_or_after=now + datetime.timedelta(minutes=1))
    answer = client.post(callback(saml), {"SAMLResponse": answered(message)}, headers=IDP)
    monkeypatch.setattr(timezone, "now", lambda: now + datetime.timedelta(minutes=2))

    finished = client.get(answer["Location"])

    assert finished.status_code == 403
    assert "It was valid until" in finished.content.decode()


def test_the_last_step_is_taken_once(client: Client, saml: SamlSettings, mia: Member) -> None:
    answer = client.post(
        callback(saml), {"SAMLResponse": answered(Message.for_sp(saml, mia.account.email))}, headers=IDP
    )
    thief = Client()
    thief.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    client.get(answer["Location"])

    assert is_in(client, mia)
    assert thief.get(answer["Location"]).status_code == 403
    assert signed_in_as(thief) is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_last_step_alone_signs_nobody_in(client: Client, saml: SamlSettings, mia: Member, method: str) -> None:
    client.cookies["saml-waiting"] = "forged"

    answer = getattr(client, method)(reverse("saml-finish", args=[saml.organization.space_key]))

    assert answer.status_code == 403
    assert signed_in_as(client) is None


# -- where to


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/profile", "/profile"),
        ("http://localhost:8000/profile", "http://localhost:8000/profile"),
        ("https://cacoo.example/diagrams?new=1", "https://cacoo.example/diagrams?new=1"),
        ("https://cacoo.example", "https://cacoo.example"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        # Browsers leave such characters out.
        ("/\t/evil.example", "/"),
        ("/\t//evil.example", "/"),
        ("/\r\n//evil.example", "/"),
        ("\x01//evil.example", "/"),
        ("https://cacoo.example@evil.example/", "/"),
        ("https://cacoo.example.evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_relay_state_leads_to_this_site_or_to_an_app(
    client: Client, saml: SamlSettings, mia: Member, settings: object, wanted: str, reached: str
) -> None:
    settings.APP_URLS = ["https://cacoo.example"]  # type: ignore[attr-defined]

    answer = post(client, saml, answered(Message.for_sp(saml, mia.account.email)), RelayState=wanted)

    assert answer["Location"] == reached


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [("/会議" * 75, "/%E4%BC%9A%E8%AD%B0" * 75), ("/会議" * 600, "/"), ("/a" * 1024, "/a" * 1024)],
)
def test_an_address_that_waits_fits_into_a_cookie(
    client: Client, saml: SamlSettings, mia: Member, wanted: str, reached: str
) -> None:
    """A browser takes 4,096 bytes, and nobody is signed in without it."""
    answer = client.post(
        callback(saml),
        {"SAMLResponse": answered(Message.for_sp(saml, mia.account.email)), "RelayState": wanted},
        headers=IDP,
    )

    assert len(client.cookies[WAITING_COOKIE].OutputString()) < 4096
    assert client.get(answer["Location"])["Location"] == reached


@pytest.mark.parametrize("wanted", ["https://evil.example/", "/no\0where"])
def test_next_leads_nowhere_else_either(client: Client, saml: SamlSettings, mia: Member, wanted: str) -> None:
    request = ask(client, saml, next=wanted)

    message = Message.for_sp(saml, mia.account.email, in_response_to=request)
    answer = post(client, saml, answered(message), RelayState="https://evil.example/")

    assert answer["Location"] == "/"


# -- who stays out


def test_a_deactivated_member_is_refused_and_told_so(client: Client, saml: SamlSettings, mia: Member) -> None:
    mia.deactivate(by=OPERATOR)

    answer = post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    assert answer.status_code == 403
    assert "Your account has been deactivated" in answer.content.decode()
    assert why_refused(saml.organization) == "saml_account_inactive"
    assert last_event(saml.organization).changes["name_id"] == [None, "mia@aozora.example"]
    assert signed_in_as(client) is None


def test_a_deactivation_ends_the_session(client: Client, saml: SamlSettings, mia: Member) -> None:
    post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    mia.deactivate(by=OPERATOR)

    assert signed_in_as(client) is None


def test_a_nulab_account_is_never_signed_in_by_an_idp(client: Client, saml: SamlSettings, aiko: Member) -> None:
    post(client, saml, answered(Message.for_sp(saml, aiko.account.email)))

    assert signed_in_as(client) is None
    assert why_refused(saml.organization) == "saml_not_managed_here"


def test_an_account_that_another_organization_manages_is_not_signed_in(
    client: Client, saml: SamlSettings, hakata: Organization
) -> None:
    guest = hakata.members.get(account__user_name="mia@hakata.example")
    Member.objects.add(saml.organization, guest.account, role=Role.USER, by=OPERATOR)

    post(client, saml, answered(Message.for_sp(saml, guest.account.email)))

    assert signed_in_as(client) is None
    assert why_refused(saml.organization) == "saml_not_managed_here"


def test_nobody_is_created_by_signing_in(client: Client, saml: SamlSettings) -> None:
    count = saml.organization.members.count()

    answer = post(client, saml, answered(Message.for_sp(saml, "new.person@aozora.example")))

    assert answer.status_code == 403
    assert saml.organization.members.count() == count
    assert why_refused(saml.organization) == "saml_name_id_unknown"


def test_an_idp_that_is_turned_off_signs_nobody_in(client: Client, saml: SamlSettings, mia: Member) -> None:
    message = Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml))
    saml.disable(by=OPERATOR)

    post(client, saml, answered(message))

    assert signed_in_as(client) is None
    assert why_refused(saml.organization) == "saml_is_off"
    assert client.get(reverse("saml-begin", args=[saml.organization.space_key])).status_code == 403


def test_a_sandbox_signs_none_of_its_invented_people_in(client: Client, sandbox: Organization, sam: Member) -> None:
    saml = SamlSettings.of(sandbox)
    saml.propose(
        entity_id="https://idp.sandbox.example/metadata", sso_url="https://idp.sandbox.example/sso", by=OPERATOR
    )
    trusting(sandbox)
    saml.record_test_result(passed=True, by=OPERATOR)
    saml.enable(by=OPERATOR)
    invented = managed(sandbox, "mia", user_name="mia@sandbox.example")

    post(client, saml, answered(Message.for_sp(saml, invented.account.user_name)))

    assert signed_in_as(client) is None
    assert why_refused(sandbox) == "saml_sandbox"


def test_the_neighbours_person_is_out_of_reach(client: Client, saml: SamlSettings, hakata: Organization) -> None:
    for name_id in ("mia@hakata.example", "MIA@hakata.example", "ren.kobayashi@hakata.example"):
        post(client, saml, answered(Message.for_sp(saml, name_id)))

    assert signed_in_as(client) is None
    assert SamlEvent.SIGNED_IN not in events(hakata)


def test_a_member_who_becomes_a_nulab_account_leaves_the_idps_session(
    client: Client, saml: SamlSettings, mia: Member
) -> None:
    post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    mia.convert_to_nulab(by=OPERATOR)

    assert signed_in_as(client) is None


def test_the_address_of_a_nulab_account_gets_a_password_field_and_no_idp(
    client: Client, saml: SamlSettings, aiko: Member
) -> None:
    nulab(saml.organization, "nao")

    answer = client.post(reverse("signin"), {"identifier": address_at(saml.organization, "nao")})

    assert 'type="password"' in answer.content.decode()
