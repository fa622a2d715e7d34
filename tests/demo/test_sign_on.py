"""The demo identity provider signs its people in on this site, and on no other."""

import stat
import zlib
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.utils import timezone

from demo.key import certificate, pair
from members.models import Organization
from saml.models import SamlSettings
from tests.cast import OPERATOR
from tests.cast.demo_idp import Visitor
from tests.cast.saml_messages import DS, SAML, SAMLP, is_signed_by, key_pair


def asked(issuer: str, destination: str, *, acs: str = "https://evil.example/acs") -> str:
    """An AuthnRequest as the redirect carries it; whatever ACS it names is for the demo to ignore."""
    xml = (
        f'<p:AuthnRequest xmlns:p="{SAMLP}" xmlns:a="{SAML}" ID="_asked" Version="2.0" Destination="{destination}" '
        f'IssueInstant="{timezone.now():%Y-%m-%dT%H:%M:%SZ}" AssertionConsumerServiceURL="{acs}">'
        f"<a:Issuer>{issuer}</a:Issuer></p:AuthnRequest>"
    )
    return b64encode(zlib.compress(xml.encode())[2:-4]).decode()


def field(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


@pytest.fixture
def sp(aozora: Organization) -> SamlSettings:
    return SamlSettings.of(aozora)


@pytest.fixture
def request_of(sp: SamlSettings, visitor: Visitor) -> dict[str, str]:
    return {"SAMLRequest": asked(sp.sp_entity_id, f"{visitor.server.url}/sso"), "RelayState": "/profile"}


def test_its_metadata_shows_its_addresses_and_the_certificate_that_the_demo_trusts(visitor: Visitor) -> None:
    status, body = visitor.ask("GET", "/metadata")

    metadata = ElementTree.fromstring(body)
    assert (status, metadata.get("entityID")) == (200, f"{visitor.server.url}/metadata")
    service = metadata.find(".//{*}SingleSignOnService")
    assert service is not None
    assert service.get("Location") == f"{visitor.server.url}/sso"
    shown = metadata.findtext(f".//{{{DS}}}X509Certificate") or ""
    assert "".join(shown.split()) == "".join(certificate().splitlines()[1:-1])


def test_whoever_is_asked_for_chooses_a_person_and_carries_a_signed_answer_to_the_site(
    visitor: Visitor, sp: SamlSettings, request_of: dict[str, str]
) -> None:
    chooser = visitor.page(f"/sso?{urlencode(request_of)}")
    status, page = visitor.ask("POST", "/people/kenji.mori/answer", request_of)

    assert "Sign in as Kenji Mori" in chooser
    assert status == 200
    assert f'action="{sp.acs_url}"' in page
    assert field(page, "RelayState") == "/profile"
    xml = b64decode(field(page, "SAMLResponse")).decode()
    assert is_signed_by(xml, certificate(), "Assertion")
    response = ElementTree.fromstring(xml)
    assert (response.get("Destination"), response.get("InResponseTo")) == (sp.acs_url, "_asked")
    assert response.findtext(f".//{{{SAML}}}NameID") == "kenji.mori@aozora.example"
    assert response.findtext(f".//{{{SAML}}}Audience") == sp.sp_entity_id
    assert "sha1" not in xml


def test_a_person_signs_in_unasked_at_the_organization_connected_with(
    visitor: Visitor, live_server: Any, aozora: Organization, sp: SamlSettings
) -> None:
    before = visitor.ask("POST", "/people/kenji.mori/sign-in")
    visitor.connect(aozora)

    page = visitor.ask("POST", "/people/kenji.mori/sign-in")[1]

    assert before[0] == 400
    assert "Connect with an organization first" in before[1]
    assert f'action="{sp.acs_url}"' in page
    assert "InResponseTo" not in b64decode(field(page, "SAMLResponse")).decode()


def test_somebody_deactivated_is_left_to_the_site_to_refuse(
    visitor: Visitor, sp: SamlSettings, request_of: dict[str, str]
) -> None:
    people = visitor.server.idp.people
    people["kenji.mori"] = replace(people["kenji.mori"], is_enabled=False)

    chooser = visitor.page(f"/sso?{urlencode(request_of)}")
    status, page = visitor.ask("POST", "/people/kenji.mori/answer", request_of)

    assert 'aria-label="Sign in as Kenji Mori">' in chooser
    assert (status, "SAMLResponse" in page) == (200, True)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://evil.example/signin/spaces/AAAAAAAAAA/saml",
        "http://localhost:8000.evil.example/signin/spaces/AAAAAAAAAA/saml",
        "http://localhost:8000/signin/spaces/short/saml",
        "",
    ],
)
def test_nobody_else_is_answered(visitor: Visitor, issuer: str) -> None:
    request = {"SAMLRequest": asked(issuer, f"{visitor.server.url}/sso")}

    for status, page in (
        visitor.ask("GET", f"/sso?{urlencode(request)}"),
        visitor.ask("POST", "/people/kenji.mori/answer", request),
    ):
        assert status == 400
        assert "is not registered here" in page
        assert "SAMLResponse" not in page


@pytest.mark.parametrize("request_text", ["", "%%%", "QUJD", "証明書", b64encode(b"<x/>").decode()])
def test_what_is_no_request_is_told(visitor: Visitor, request_text: str) -> None:
    status, page = visitor.ask("GET", f"/sso?SAMLRequest={quote(request_text)}")

    assert status == 400
    assert "This is no SAML request" in page


def test_a_request_meant_for_another_is_told(visitor: Visitor, sp: SamlSettings) -> None:
    elsewhere = asked(sp.sp_entity_id, "https://another.idp.example/sso")

    assert visitor.ask("GET", f"/sso?{urlencode({'SAMLRequest': elsewhere})}")[0] == 400


def test_its_key_is_made_once_and_its_owners_only(settings: Any, tmp_path: Path) -> None:
    settings.DEMO_IDP_KEYS = tmp_path / "new" / "demo-idp"

    first, again = pair().key.read_bytes(), pair().key.read_bytes()

    assert first == again
    assert stat.S_IMODE(pair().key.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.DEMO_IDP_KEYS.stat().st_mode) == 0o700


def test_an_organization_that_trusts_a_former_key_is_named_with_what_to_do(
    aozora: Organization, hakata: Organization, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEBUG = True
    saml = SamlSettings.of(aozora)
    saml.propose(entity_id=f"{settings.DEMO_IDP_URL}/metadata", sso_url=f"{settings.DEMO_IDP_URL}/sso", by=OPERATOR)
    saml.add_certificate(key_pair("former").certificate, by=OPERATOR)
    saml.record_test_result(passed=True, by=OPERATOR)
    call_command("seed_demo")
    told = capsys.readouterr().err
    saml.add_certificate(certificate(), by=OPERATOR)
    call_command("seed_demo")

    assert "Aozora Design trusts another certificate" in told
    assert f"{settings.DEMO_IDP_URL}/metadata" in told
    assert "Hakata" not in told
    assert capsys.readouterr().err == ""
