"""The SAML Authentication page: values, certificates, and the switch that obeys its verb."""

import datetime
from collections.abc import Callable

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from provisioning.guards_refusals import SamlIsNeeded
from provisioning.models import ProvisioningSettings
from saml.addresses_refusals import InvalidEndpoint
from saml.events import SamlEvent
from saml.idp_documents.refusals import KeyTooShort, NotACertificate
from saml.models import SamlSettings
from saml.models.settings_refusals import (
    CertificateAdded,
    LastCertificate,
    NoEmergencyAdministrator,
    SamlIncomplete,
    SamlNotTested,
)
from tests.cast import OPERATOR, certificate, scim_token, signed_in
from tests.cast.saml_chains import bare

VALUES = {"entity_id": "https://idp.new.example/metadata", "sso_url": "https://idp.new.example/sso"}


@pytest.fixture
def saml(aozora: Organization) -> SamlSettings:
    """Aozora's: tested and on."""
    return SamlSettings.of(aozora)


@pytest.fixture
def saml_off(saml: SamlSettings) -> SamlSettings:
    """Tested, and off."""
    saml.disable(by=OPERATOR)
    return saml


def page(name: str, organization: Organization, *more: object) -> str:
    return reverse(name, args=[organization.space_key, *more])


def another_certificate(bits: int = 2048, days: int = 365) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "another.idp.test")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return signed.public_bytes(serialization.Encoding.PEM).decode("ascii")


# -- values


def test_the_page_shows_the_values_for_the_idp(desk: Client, aozora: Organization, hakata: Organization) -> None:
    shown = desk.get(page("saml", aozora)).content.decode()

    assert f'value="http://localhost:8000/signin/spaces/{aozora.space_key}/saml"' in shown
    assert f'value="http://localhost:8000/signin/spaces/{aozora.space_key}/saml/callback"' in shown
    assert hakata.space_key not in shown


def test_new_values_are_a_draft_and_the_live_ones_stay_in_force(
    desk: Client, aozora: Organization, saml: SamlSettings
) -> None:
    live = (saml.idp_entity_id, saml.idp_sso_url)

    answer = desk.post(page("saml-settings", aozora), VALUES, follow=True)

    saml.refresh_from_db()
    assert (saml.idp_entity_id, saml.idp_sso_url) == live
    assert (saml.draft_entity_id, saml.draft_sso_url) == (VALUES["entity_id"], VALUES["sso_url"])
    assert saml.is_enabled
    assert "These values are a draft" in answer.content.decode()
    assert live[0] in answer.content.decode()
    assert aozora.audit.filter(event=SamlEvent.CHANGED, operator_name="Aiko Tanaka").count() == 1


def test_a_passed_test_makes_the_draft_live(aozora: Organization, saml: SamlSettings) -> None:
    saml.propose(**VALUES, by=OPERATOR)
    saml.add_certificate(another_certificate(), by=OPERATOR)

    saml.record_test_result(passed=True, by=OPERATOR)

    assert (saml.idp_entity_id, saml.idp_sso_url) == (VALUES["entity_id"], VALUES["sso_url"])
    assert not saml.has_draft


@pytest.mark.parametrize(
    "url", ["http://idp.new.example/sso", "javascript:alert(1)", "https://", "https:///sso", "ftp://idp.example", "sso"]
)
def test_an_endpoint_that_is_not_https_is_refused_beside_its_field(
    desk: Client, aozora: Organization, saml: SamlSettings, url: str
) -> None:
    answer = desk.post(page("saml-settings", aozora), VALUES | {"sso_url": url})

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"sso_url": [str(InvalidEndpoint(url=url))]}
    saml.refresh_from_db()
    assert not saml.has_draft


def test_both_values_are_needed(desk: Client, aozora: Organization) -> None:
    answer = desk.post(page("saml-settings", aozora), {"entity_id": " ", "sso_url": ""})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"entity_id", "sso_url"}


# -- certificates


@pytest.mark.parametrize("typed", [str, bare])
def test_a_second_certificate_is_trusted_beside_the_first(
    desk: Client, aozora: Organization, saml: SamlSettings, typed: Callable[[str], str]
) -> None:
    desk.post(page("saml-certificate-add", aozora), {"certificate": typed(another_certificate())})

    shown = desk.get(page("saml", aozora)).content.decode()
    assert saml.certificates.count() == 2
    assert "CN=idp.test" in shown
    assert "CN=another.idp.test" in shown


def test_an_expired_certificate_is_accepted_and_said_to_be_expired(desk: Client, aozora: Organization) -> None:
    answer = desk.post(page("saml-certificate-add", aozora), {"certificate": another_certificate(days=-1)}, follow=True)

    assert "Expired" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        pytest.param(lambda: "not a certificate", NotACertificate(), id="words"),
        pytest.param(lambda: "QUJD", NotACertificate(), id="Base64 of something else"),
        pytest.param(lambda: "証明書", NotACertificate(), id="Japanese"),
        pytest.param(lambda: another_certificate(bits=1024), KeyTooShort(bits="1024"), id="a short key"),
        pytest.param(certificate, CertificateAdded(), id="one that is trusted already"),
    ],
)
def test_what_cannot_be_trusted_is_refused_beside_its_field(
    desk: Client, aozora: Organization, saml: SamlSettings, typed: Callable[[], str], refusal: Exception
) -> None:
    answer = desk.post(page("saml-certificate-add", aozora), {"certificate": typed()})

    assert answer.status_code == 422
    assert answer.context["certificate_form"].errors == {"certificate": [str(refusal)]}
    assert saml.certificates.count() == 1


def test_the_last_certificate_stays_while_saml_is_on(desk: Client, aozora: Organization, saml: SamlSettings) -> None:
    last = saml.certificates.get()

    answer = desk.post(page("saml-certificate-remove", aozora, last.pk))

    assert answer.status_code == 409
    assert str(LastCertificate()) in answer.content.decode()
    assert saml.certificates.exists()


def test_a_certificate_is_removed_after_its_confirmation(
    desk: Client, aozora: Organization, saml: SamlSettings
) -> None:
    old = saml.certificates.get()
    saml.add_certificate(another_certificate(), by=OPERATOR)

    asked = desk.get(page("saml-certificate-remove", aozora, old.pk))
    desk.post(page("saml-certificate-remove", aozora, old.pk))

    assert old.subject in asked.content.decode()
    assert [left.subject for left in saml.certificates.all()] == ["CN=another.idp.test"]


# -- the switch


def test_the_switch_is_locked_with_the_reason_until_the_test_has_passed(
    desk: Client, aozora: Organization, saml_off: SamlSettings
) -> None:
    saml_off.propose(**VALUES, by=OPERATOR)

    shown = desk.get(page("saml", aozora)).content.decode()
    answer = desk.post(page("saml-enable", aozora))

    assert str(SamlNotTested()) in shown
    assert page("saml-enable", aozora) not in shown
    assert answer.status_code == 409
    assert not SamlSettings.is_enabled_for(aozora)


def test_saml_cannot_be_turned_on_without_a_certificate(
    desk: Client, aozora: Organization, saml_off: SamlSettings
) -> None:
    saml_off.remove_certificate(saml_off.certificates.get(), by=OPERATOR)

    answer = desk.post(page("saml-enable", aozora))

    assert str(SamlIncomplete()) in answer.content.decode()
    assert not SamlSettings.is_enabled_for(aozora)


def test_saml_cannot_be_turned_on_without_an_emergency_account(
    desk: Client, aozora: Organization, aiko: Member, saml_off: SamlSettings
) -> None:
    aiko.account.set_unusable_password()
    aiko.account.save()
    signed_in(desk, aiko)

    answer = desk.post(page("saml-enable", aozora))

    assert str(NoEmergencyAdministrator()) in answer.content.decode()
    assert not SamlSettings.is_enabled_for(aozora)


def test_saml_is_turned_on_when_everything_is_there(desk: Client, aozora: Organization, saml_off: SamlSettings) -> None:
    shown = desk.get(page("saml", aozora)).content.decode()

    desk.post(page("saml-enable", aozora))

    assert page("saml-enable", aozora) in shown
    assert "aiko.tanaka@aozora.example" in shown  # the emergency account
    assert SamlSettings.is_enabled_for(aozora)


def test_saml_cannot_be_turned_off_while_provisioning_is_enabled(
    desk: Client, aozora: Organization, saml: SamlSettings
) -> None:
    scim_token(aozora)

    shown = desk.get(page("saml", aozora)).content.decode()
    answer = desk.post(page("saml-disable", aozora), {"confirmation": "aozora"})

    assert str(SamlIsNeeded()) in shown
    assert page("saml-disable", aozora) not in shown
    asked = desk.get(page("saml-disable", aozora)).content.decode().partition("<main")[2]
    assert "cannot be turned off while user provisioning is enabled" in asked
    assert "<form" not in asked
    assert answer.status_code == 409
    assert page("provisioning", aozora) in answer.content.decode()
    assert SamlSettings.is_enabled_for(aozora)
    with pytest.raises(SamlIsNeeded):
        saml.disable(by=OPERATOR)


def test_saml_is_turned_off_after_typing_the_organization_id(
    desk: Client, aozora: Organization, hakata: Organization
) -> None:
    scim_token(aozora)
    ProvisioningSettings.of(aozora).disable(by=OPERATOR)

    untyped = desk.post(page("saml-disable", aozora))
    was_on = SamlSettings.is_enabled_for(aozora)
    desk.post(page("saml-disable", aozora), {"confirmation": "aozora"})

    assert untyped.status_code == 422
    assert was_on
    assert not SamlSettings.is_enabled_for(aozora)
    assert SamlSettings.is_enabled_for(hakata)


@pytest.mark.parametrize(
    ("days", "badge"), [(365, "On"), (29, "Certificate expires in 28 days"), (-1, "Certificate has expired")]
)
def test_the_badge_warns_of_the_last_certificates_expiry(
    desk: Client, aozora: Organization, saml: SamlSettings, days: int, badge: str
) -> None:
    saml.add_certificate(another_certificate(days=days), by=OPERATOR)
    saml.remove_certificate(saml.certificates.get(subject="CN=idp.test"), by=OPERATOR)

    assert desk.get(page("saml", aozora)).context["badge"].label == badge
