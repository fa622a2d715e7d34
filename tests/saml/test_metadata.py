"""Metadata both ways: what the IdP says about itself, and what this site says to it."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from members.refusals import Refusal
from saml.addresses_refusals import InvalidEndpoint, InvalidEntityId
from saml.events import SamlEvent
from saml.idp_documents.refusals import (
    BadCertificateInMetadata,
    KeyTooShort,
    MetadataBroken,
    MetadataForbidden,
    MetadataIsWebPage,
    MetadataTooComplex,
    MetadataTooLarge,
    MetadataUnreadable,
    NoCertificateInMetadata,
    NoIdpInMetadata,
    NoRedirectInMetadata,
    NotACertificate,
    NotMetadata,
    SeveralIdpsInMetadata,
)
from saml.models import SamlSettings
from tests.cast import OPERATOR, signed_in
from tests.cast.rows import events
from tests.cast.saml_chains import bare
from tests.cast.saml_messages import key_pair
from tests.cast.sso import saml

__all__ = ["saml"]
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def key(certificate: str, use: str = ' use="signing"') -> str:
    return (
        f'<KeyDescriptor{use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>\n{certificate}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
    )


def idp(
    *certificates: str,
    entity_id: str = "https://idp.new.example/",
    sso: str = "https://idp.new.example/sso",
    **more: str,
) -> str:
    keys = "".join(map(key, certificates)) + more.get("keys", "")
    services = more.get("services", f'<SingleSignOnService Binding="{REDIRECT}" Location="{sso}"/>')
    return (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}"><IDPSSODescriptor '
        f'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}{services}</IDPSSODescriptor>'
        "</EntityDescriptor>"
    )


def several(*entities: str) -> str:
    return f'<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">{"".join(entities)}</EntitiesDescriptor>'


SP = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.example"><SPSSODescriptor '
    'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>'
)


def upload(desk: Client, saml: SamlSettings, document: str | bytes) -> Any:
    content = document.encode() if isinstance(document, str) else document
    file = SimpleUploadedFile("metadata.xml", content, content_type="text/xml")
    return desk.post(reverse("saml-metadata-import", args=[saml.organization.space_key]), {"metadata": file})


def fresh(saml: SamlSettings) -> SamlSettings:
    return SamlSettings.objects.get(pk=saml.pk)


def test_of_an_empty_file_it_is_said_what_belongs_there(desk: Client, saml: SamlSettings) -> None:
    assert "Download the federation metadata XML" in upload(desk, saml, "").content.decode()


def test_uploaded_metadata_becomes_the_draft_and_its_certificates_are_trusted(
    desk: Client, saml: SamlSettings, hakata: Organization
) -> None:
    before = saml.certificates.count()
    first, second = key_pair("new").certificate, key_pair("next").certificate

    answer = upload(desk, saml, "<!-- by Entra -->" + idp(bare(first), bare(second)))

    assert answer.status_code == 302
    assert fresh(saml).proposed == ("https://idp.new.example/", "https://idp.new.example/sso")
    assert fresh(saml).idp_entity_id == "https://idp.aozora.example/metadata"
    assert saml.certificates.count() == before + 2
    assert events(saml.organization)[-3:] == [
        SamlEvent.CHANGED,
        SamlEvent.CERTIFICATE_ADDED,
        SamlEvent.CERTIFICATE_ADDED,
    ]
    assert SamlSettings.of(hakata).has_draft is False


def test_reading_the_same_metadata_again_changes_nothing(desk: Client, saml: SamlSettings) -> None:
    document = idp(bare(key_pair("new").certificate))
    upload(desk, saml, document)
    before = events(saml.organization)

    assert upload(desk, saml, document).status_code == 302
    assert events(saml.organization) == before


def test_an_encryption_key_of_the_idp_is_not_a_signing_key(desk: Client, saml: SamlSettings) -> None:
    before = saml.certificates.count()
    other = key(bare(key_pair("other").certificate), ' use="encryption"')

    upload(desk, saml, idp(bare(key_pair("new").certificate), keys=other))

    assert saml.certificates.count() == before + 1


def test_the_one_idp_among_service_providers_is_found(desk: Client, saml: SamlSettings) -> None:
    upload(desk, saml, several(SP, idp(bare(key_pair("new").certificate))))

    assert fresh(saml).has_draft


def test_an_expired_certificate_is_taken_and_said_to_be_expired(desk: Client, saml: SamlSettings) -> None:
    upload(desk, saml, idp(bare(key_pair("old", days=-1).certificate)))

    shown = desk.get(reverse("saml", args=[saml.organization.space_key])).content.decode()
    assert "old.test" in shown
    assert "Expired" in shown


CERTIFICATE = bare(key_pair("new").certificate)
BILLION = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        ("not XML", MetadataUnreadable()),
        ("", None),
        (b"\xff\xfe<\x00a\x00", MetadataUnreadable()),
        (idp(CERTIFICATE)[:-9], MetadataBroken(line=3)),
        (BILLION + idp(CERTIFICATE), MetadataForbidden()),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd">' + idp(CERTIFICATE), MetadataForbidden()),
        ("<html/>", MetadataIsWebPage()),
        ("<feed/>", NotMetadata()),
        (SP, NoIdpInMetadata()),
        (several(), NoIdpInMetadata()),
        (several(idp(CERTIFICATE), idp(CERTIFICATE, entity_id="b")), SeveralIdpsInMetadata(count=2)),
        (idp(), NoCertificateInMetadata()),
        (idp("QUJD"), BadCertificateInMetadata(number=1, reason=NotACertificate())),
        (
            idp(bare(key_pair("short", bits=1024).certificate)),
            BadCertificateInMetadata(number=1, reason=KeyTooShort(bits="1024")),
        ),
        (idp(CERTIFICATE, services=""), NoRedirectInMetadata()),
        (
            idp(CERTIFICATE, services=f'<SingleSignOnService Binding="{POST}" Location="https://idp/"/>'),
            NoRedirectInMetadata(),
        ),
        (idp(CERTIFICATE, sso="javascript:alert(1)"), InvalidEndpoint(url="javascript:alert(1)")),
        (idp(CERTIFICATE, entity_id=""), InvalidEntityId()),
        ("<a>" + "x" * 1024 * 1024, MetadataTooLarge(kilobytes=1024)),
        (several("<EntityDescriptor/>" * 10_000), MetadataTooComplex()),
    ],
    ids=range(20),
)
def test_what_cannot_be_used_is_refused_in_words_and_changes_nothing(
    desk: Client, saml: SamlSettings, document: str | bytes, refusal: Refusal | None
) -> None:
    before, count = events(saml.organization), saml.certificates.count()

    answer = upload(desk, saml, document)

    assert answer.status_code == 422
    if refusal:
        assert answer.context["metadata_form"].errors == {"metadata": [str(refusal)]}
    assert events(saml.organization) == before
    assert saml.certificates.count() == count
    assert not fresh(saml).has_draft


def test_only_administrators_upload_metadata(client: Client, saml: SamlSettings, ren: Member, mia: Member) -> None:
    document = idp(CERTIFICATE)

    assert upload(signed_in(client, ren), saml, document).status_code == 404
    assert upload(signed_in(client, mia), saml, document).status_code == 403
    assert not fresh(saml).has_draft


def test_too_many_certificates_are_refused(desk: Client, saml: SamlSettings, monkeypatch: Any) -> None:
    monkeypatch.setattr("saml.models.settings_certificates.MAX_CERTIFICATES", 1)

    answer = upload(desk, saml, idp(CERTIFICATE, bare(key_pair("next").certificate)))

    assert answer.status_code == 422
    assert not fresh(saml).has_draft


@pytest.mark.parametrize("name", ["saml-metadata", "saml-entity"])
def test_the_metadata_of_this_site_names_the_organizations_own_addresses(
    client: Client, saml: SamlSettings, hakata: Organization, name: str
) -> None:
    answer = client.get(reverse(name, args=[saml.organization.space_key]))

    root = ElementTree.fromstring(answer.content)
    role = root.find(f"{MD}SPSSODescriptor")
    assert role is not None
    assert root.attrib["entityID"] == saml.sp_entity_id
    assert role.attrib["AuthnRequestsSigned"] == "true"
    assert [place.attrib["Location"] for place in role.findall(f"{MD}AssertionConsumerService")] == [saml.acs_url]
    assert {one.attrib.get("use") for one in role.findall(f"{MD}KeyDescriptor")} == {"signing", "encryption"}
    assert hakata.space_key not in answer.content.decode()
    assert "sha1" not in answer.content.decode()


@pytest.mark.parametrize(("days", "is_told"), [(65, False), (59, True), (29, True), (6, True), (-1, False)])
def test_administrators_are_told_before_a_certificate_expires(
    saml: SamlSettings, aiko: Member, ren: Member, django_capture_on_commit_callbacks: Any, days: int, is_told: bool
) -> None:
    saml.add_certificate(key_pair(f"due-{days}", days=days).certificate, by=OPERATOR)

    with django_capture_on_commit_callbacks(execute=True):
        call_command("remind")
        call_command("remind")

    assert [message.to for message in mail.outbox] == ([[aiko.account.email]] if is_told else [])
    if is_told:
        assert f"CN=due-{days}.test" in mail.outbox[0].body
        assert f"/spaces/{saml.organization.space_key}/saml" in mail.outbox[0].body
