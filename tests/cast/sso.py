"""Signing in through the IdP, as its users do: what is sent, what comes back, who is in afterwards."""

import base64
import zlib
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from members.models import AuditEvent, Member, Organization
from saml.events import SamlEvent
from saml.models import SamlSettings
from tests.cast import OPERATOR
from tests.cast.rows import last_event
from tests.cast.saml_messages import Element, Message, encode, key_pair, signed


def trusting(organization: Organization) -> SamlSettings:
    """The organization's settings, with the key that `saml_messages` signs with among its certificates."""
    saml = SamlSettings.of(organization)
    saml.add_certificate(key_pair().certificate, by=OPERATOR)
    return saml


@pytest.fixture
def saml(aozora: Organization) -> SamlSettings:
    return trusting(aozora)


def callback(saml: SamlSettings) -> str:
    return reverse("saml-callback", args=[saml.organization.space_key])


def answered(message: Message, *elements: Element) -> str:
    """The form's field, signed as Entra does unless told otherwise."""
    return encode(signed(message.xml(), *(elements or ("Assertion",))))


def post(client: Client, saml: SamlSettings, response: str, **more: Any) -> Any:
    """A browser posts it to the organization's ACS."""
    return client.post(callback(saml), {"SAMLResponse": response, **more})


def ask(client: Client, saml: SamlSettings, **query: str) -> str:
    """Start at the organization's sign-in link; the ID of the AuthnRequest that goes to the IdP."""
    return request_id(client.get(reverse("saml-begin", args=[saml.organization.space_key]), query))


def request_id(redirect: Any) -> str:
    return authn_request(redirect).attrib["ID"]


def authn_request(redirect: Any) -> ElementTree.Element:
    """What the redirect to the IdP carries (saml-bindings-2.0-os, 3.4.4.1)."""
    assert redirect.status_code == 302, redirect.content.decode()[:500]
    query = parse_qs(urlsplit(redirect["Location"]).query)
    return ElementTree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))


def signed_in_as(client: Client) -> int | None:
    """The account's key, from the session that the next page would see."""
    user = client.get(reverse("profile")).wsgi_request.user
    return user.pk if user.is_authenticated else None


def is_in(client: Client, member: Member) -> bool:
    return signed_in_as(client) == member.account_id


def why_refused(organization: Organization) -> str:
    """The code of the newest refusal in the audit log."""
    event: AuditEvent = last_event(organization)
    assert event.event == SamlEvent.REFUSED, event
    code: str = event.changes["refusal"][0]
    return code
