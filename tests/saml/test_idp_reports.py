"""What an IdP reports in place of a sign-in, and what stays of a refusal: in the audit log and with the member."""

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from saml.events import SamlEvent
from saml.models import SamlSettings
from saml.sso.status_refusals import BY_STATUS
from tests.cast import OPERATOR, signed_in
from tests.cast.rows import last_event
from tests.cast.saml_messages import SAMLP, Message, encode, key_pair, signed
from tests.cast.sso import answered, post, saml, why_refused

__all__ = ["saml"]
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def reports(client: Client, saml: SamlSettings, *values: str, message: str = "") -> str:
    """The page where the IdP answers with these statuses, the outer one first, and without an assertion."""
    status = f"</samlp:StatusCode>{message and f'<samlp:StatusMessage>{message}</samlp:StatusMessage>'}"
    for place, value in enumerate(reversed(values)):
        opened = f'<samlp:StatusCode xmlns:samlp="{SAMLP}" Value="{STATUS}{value}">'
        status = opened + (status if place == 0 else f"{status}</samlp:StatusCode>")
    if message:
        inner = status.replace(f"<samlp:StatusMessage>{message}</samlp:StatusMessage>", "")
        status = f"{inner}<samlp:StatusMessage>{message}</samlp:StatusMessage>"
    xml = Message.for_sp(saml, "mia@aozora.example", status_xml=status).xml(assertion="")
    answer = post(client, saml, encode(xml))
    assert answer.status_code == 403
    page: str = answer.content.decode()
    return page


@pytest.mark.parametrize("status", sorted(BY_STATUS))
def test_each_status_has_a_sentence_of_its_own(client: Client, saml: SamlSettings, status: str) -> None:
    page = reports(client, saml, "Responder", status)

    assert why_refused(saml.organization) == BY_STATUS[status].code
    assert f"Responder, {status}" in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("InvalidNameIDPolicy", "Unique User Identifier"),
        ("NoAuthnContext", "Conditional Access"),
        ("RequestDenied", "Users and groups"),
        ("AuthnFailed", "second factor"),
        ("NoPassive", "IsPassive"),
        ("UnknownPrincipal", "does not know the person"),
        ("RequestUnsupported", "HTTP-Redirect"),
        ("UnsupportedBinding", "HTTP POST"),
        ("ProxyCountExceeded", "too many IdPs"),
    ],
)
def test_it_says_what_to_do_at_the_idp(client: Client, saml: SamlSettings, status: str, words: str) -> None:
    assert words in reports(client, saml, "Responder", status)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (("Responder",), "saml_idp_failure"),
        (("Requester",), "saml_idp_requester"),
        (("VersionMismatch",), "saml_idp_version"),
        (("Responder", "urn:example:unheard-of"), "saml_idp_failure"),
        (("Requester", "urn:example:unheard-of"), "saml_idp_requester"),
        (("Requester", "InvalidNameIDPolicy"), "saml_idp_name_id_policy"),
    ],
)
def test_the_innermost_status_that_is_known_counts(
    client: Client, saml: SamlSettings, values: tuple[str, ...], code: str
) -> None:
    page = reports(client, saml, *values, message="AADSTS75011 &lt;b&gt;")

    assert why_refused(saml.organization) == code
    assert "AADSTS75011 &lt;b&gt;" in page


# -- the member whom a refusal is about


@pytest.mark.parametrize("name_id", ["mia@aozora.example", "MIA@aozora.example", "mia.work@aozora.example"])
def test_a_refusal_stands_in_the_history_of_whom_it_names(
    client: Client, saml: SamlSettings, mia: Member, aiko: Member, name_id: str
) -> None:
    mia.change_profile({"email": "mia.work@aozora.example"}, by=OPERATOR)

    post(client, saml, encode(signed(Message.for_sp(saml, name_id).xml(), "Assertion", by=key_pair("stranger"))))

    event = last_event(saml.organization)
    assert (event.event, event.subject_id) == (SamlEvent.REFUSED, mia.scim_id)
    assert event.changes["name_id"] == [None, name_id]
    page = signed_in(Client(), aiko).get(reverse("member", args=[saml.organization.space_key, mia.scim_id]))
    assert "The signature matches none of the certificates" in page.content.decode()


def test_a_deactivated_member_is_named_too(client: Client, saml: SamlSettings, mia: Member) -> None:
    mia.deactivate(by=OPERATOR)

    post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    assert last_event(saml.organization).subject_id == mia.scim_id


@pytest.mark.parametrize("name_id", ["mia@hakata.example", "nobody@aozora.example", "ｍｉａ@aozora.example"])
def test_who_is_no_member_here_is_nobodys_history(
    client: Client, saml: SamlSettings, hakata: Organization, mia: Member, name_id: str
) -> None:
    post(client, saml, answered(Message.for_sp(saml, name_id)))

    event = last_event(saml.organization)
    assert (event.event, event.subject_id, event.subject) == (SamlEvent.REFUSED, "", name_id)
