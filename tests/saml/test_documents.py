"""Uploaded metadata in the encodings and disguises in which it arrives, and what is said where it is something else."""

import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.refusals import Refusal
from saml.addresses_refusals import (
    EndpointHasEmptyQuery,
    EndpointHasForeignHost,
    EndpointHasFragment,
    EndpointHasOddCharacter,
    EndpointHasPassword,
    EndpointHasRequest,
    EndpointIsHere,
    InvalidEndpoint,
)
from saml.idp_documents.refusals import (
    MetadataBroken,
    MetadataEncoding,
    MetadataIsCertificate,
    MetadataIsJson,
    MetadataIsWebPage,
    MetadataTooComplex,
    MetadataUnreadable,
    NotMetadata,
    PrivateKeyPasted,
)
from saml.models import SamlSettings
from tests.cast.saml_chains import bare, issue
from tests.cast.sso import saml
from tests.saml.test_metadata import REDIRECT, fresh, idp, several, upload

__all__ = ["saml"]
NEW = ("https://idp.new.example/", "https://idp.new.example/sso")
BANNER = (
    "This XML file does not appear to have any style information associated with it. The document tree is shown below."
)
BANNER_JA = "この XML ファイルにはスタイル情報が関連づけられていないようです。以下にドキュメント ツリーを表示します。"


def shown() -> str:
    """Of an IdP with a Japanese name."""
    about = "<!-- 青空 --><Extensions/>"
    return idp(issue("documents").bare, keys="").replace("<IDPSSODescriptor", f"{about}<IDPSSODescriptor", 1)


def declared(encoding: str, *, quote: str = '"') -> str:
    return f"<?xml version={quote}1.0{quote} encoding={quote}{encoding}{quote}?>\n{shown()}"


def in_a_browser(text: str) -> str:
    """As Internet Explorer and old Firefoxes copy their tree."""
    return "\n".join("- " + line for line in text.replace("><", ">\n<").splitlines())


DOCUMENTS: dict[str, Any] = {
    "UTF-8": lambda: shown().encode(),
    "UTF-8 with a mark": lambda: shown().encode("utf-8-sig"),
    "UTF-8 with a mark, declared": lambda: declared("UTF-8").encode("utf-8-sig"),
    "UTF-16": lambda: declared("utf-16").encode("utf-16"),
    "UTF-16, big end first": lambda: b"\xfe\xff" + declared("utf-16").encode("utf-16-be"),
    "UTF-16 without a mark": lambda: declared("UTF-16").encode("utf-16-le"),
    "UTF-16 without a mark, big end first": lambda: declared("UTF-16").encode("utf-16-be"),
    "UTF-16, not declared": lambda: shown().encode("utf-16"),
    "UTF-16, declared UTF-8": lambda: declared("utf-8").encode("utf-16"),
    "UTF-8, declared UTF-16": lambda: declared("utf-16").encode(),
    "UTF-32": lambda: declared("UTF-32").encode("utf-32"),
    "Shift_JIS": lambda: declared("Shift_JIS").encode("cp932"),
    "Windows' Shift_JIS": lambda: declared("Windows-31J", quote="'").encode("cp932"),
    "EUC-JP": lambda: declared("EUC-JP").encode("euc-jp"),
    "ISO-2022-JP": lambda: declared("ISO-2022-JP").encode("iso-2022-jp"),
    "ISO-8859-1": lambda: declared("iso-8859-1").replace("青空", "Zürich").encode("latin-1"),
    "Windows-1252": lambda: declared("windows-1252").replace("青空", "Zürich").encode("cp1252"),
    "US-ASCII": lambda: declared("us-ascii").replace("青空", "").encode(),
    "a blank line before the declaration": lambda: ("\r\n \n" + declared("UTF-8")).encode(),
    "a comment before the declaration": lambda: ("<!-- downloaded today -->\n" + declared("UTF-8")).encode(),
    "a browser's words": lambda: f"{BANNER}\n{shown()}".encode(),
    "a browser's words in Japanese": lambda: f"{BANNER_JA}\n\n{shown()}".encode(),
    "a browser's dashes": lambda: in_a_browser(shown()).encode(),
    "a browser's words and dashes": lambda: f"{BANNER}\n{in_a_browser(declared('UTF-8'))}".encode(),
    "words behind": lambda: f"{shown()}\n\nSent from my phone".encode(),
    "a stylesheet": lambda: f'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?>{shown()}'.encode(),
    "a comment in a value": lambda: shown().replace("</ds:X509C", "<!-- 2026 --></ds:X509C").encode(),
    "comments everywhere": lambda: shown().replace("><", "><!-- - --><").encode(),
}  # fmt: skip


@pytest.mark.parametrize("form", DOCUMENTS)
def test_metadata_is_read_in_whatever_form_it_arrives(desk: Client, saml: SamlSettings, form: str) -> None:
    answer = upload(desk, saml, DOCUMENTS[form]())

    assert answer.status_code == 302, answer.context["metadata_form"].errors
    assert fresh(saml).proposed == NEW
    assert [one.subject for one in fresh(saml).proposed_certificates] == ["CN=documents"]


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        pytest.param("<!DOCTYPE html><html><body>Sign in</body></html>", MetadataIsWebPage(), id="page"),
        pytest.param("\n<!-- x -->\n<HTML lang='en'><p>Sign in", MetadataIsWebPage(), id="old page"),
        pytest.param('<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html/>', MetadataIsWebPage(), id="XML"),
        pytest.param('{"issuer": "https://idp.example"}', MetadataIsJson(), id="OpenID Connect"),
        pytest.param(lambda: issue("documents").pem, MetadataIsCertificate(), id="PEM"),
        pytest.param(lambda: issue("documents").der, MetadataIsCertificate(), id="DER"),
        pytest.param(lambda: issue("documents").private_pem(), PrivateKeyPasted(), id="private key"),
        pytest.param("https://idp.example/metadata", MetadataUnreadable(), id="an address"),
        pytest.param(lambda: shown()[: shown().index("<IDPSSO")], MetadataBroken(line=1), id="cut off"),
        pytest.param("<a>\n<b>\n</a>", MetadataBroken(line=3), id="not closed"),
        pytest.param(lambda: declared("rot13").encode(), MetadataEncoding(encoding="rot13"), id="rot13"),
        pytest.param(lambda: declared("zip").encode(), MetadataEncoding(encoding="zip"), id="zip"),
        pytest.param(lambda: declared("x-mine").encode(), MetadataEncoding(encoding="x-mine"), id="unknown"),
        pytest.param(lambda: shown().encode("cp932"), MetadataEncoding(encoding="utf-8"), id="not declared"),
        pytest.param(b"PK\x03\x04\x14\x00\xff", MetadataEncoding(encoding="utf-8"), id="ZIP file"),
        pytest.param("<feed/>", NotMetadata(), id="other XML"),
        pytest.param("<a>" + "<b>" * 100 + "</b>" * 100 + "</a>", MetadataTooComplex(), id="too deep"),
        pytest.param("\0", MetadataUnreadable(), id="NUL"),
        pytest.param("<\0>", MetadataEncoding(encoding="utf-16-le"), id="NUL inside"),
        pytest.param("><", MetadataUnreadable(), id="wrong way round"),
    ],
)  # fmt: skip
def test_what_is_something_else_is_called_by_its_name(
    desk: Client, saml: SamlSettings, document: Any, refusal: Refusal
) -> None:
    answer = upload(desk, saml, document() if callable(document) else document)

    assert answer.status_code == 422
    assert answer.context["metadata_form"].errors == {"metadata": [str(refusal)]}
    assert not fresh(saml).has_draft


@pytest.mark.parametrize(("days", "is_told"), [(-1, True), (1, False)])
@pytest.mark.parametrize("place", ["EntityDescriptor", "IDPSSODescriptor", "EntitiesDescriptor"])
def test_metadata_that_is_out_of_date_is_read_and_said_to_be(
    desk: Client, saml: SamlSettings, days: int, is_told: bool, place: str
) -> None:
    moment = f"{timezone.now() + datetime.timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    document = several(shown()).replace(f"<{place} ", f'<{place} validUntil="{moment}" ')

    upload(desk, saml, document)

    told = desk.get(reverse("saml", args=[saml.organization.space_key])).content.decode()
    assert ("The IdP says that this metadata was valid until" in told) is is_told
    assert fresh(saml).proposed == NEW


@pytest.mark.parametrize(
    "moment",
    ["", "soon", "2026-02-30T00:00:00Z", "2026-01-01", "99999-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
)
def test_an_end_that_is_no_time_is_passed_over(desk: Client, saml: SamlSettings, moment: str) -> None:
    upload(desk, saml, shown().replace("<EntityDescriptor ", f'<EntityDescriptor validUntil="{moment}" '))

    assert fresh(saml).proposed == NEW


HIDDEN = "\u200b"
HERE = f"{settings.BASE_URL}/signin/spaces/AAAAAAAAAA"
ADDRESSES = [
    pytest.param("https://idp.example/sso#app", EndpointHasFragment(), id="fragment"),
    pytest.param("https://idp.example/sso#", EndpointHasFragment(), id="empty fragment"),
    pytest.param("https://idp.example/sso?", EndpointHasEmptyQuery(), id="?"),
    pytest.param("https://idp.example/sso?app=1&", EndpointHasEmptyQuery(), id="&"),
    pytest.param("https://idp.example/sso?#", EndpointHasFragment(), id="?#"),
    pytest.param("https://aiko:sesame@idp.example/sso", EndpointHasPassword(), id="password"),
    pytest.param("https://aiko@idp.example/sso", EndpointHasPassword(), id="user"),
    pytest.param("https://@idp.example/sso", EndpointHasPassword(), id="@"),
    pytest.param("https://idp.example\\@evil.example/sso", EndpointHasPassword(), id="backslash and @"),
    pytest.param("https://idp.example\\evil/sso", EndpointHasOddCharacter(character="\\"), id="backslash"),
    pytest.param("https://idp.example/s so", EndpointHasOddCharacter(character="U+0020"), id="space"),
    pytest.param("https://idp.example/sso　x", EndpointHasOddCharacter(character="U+3000"), id="wide space"),
    pytest.param(f"https://idp.example/{HIDDEN}sso", EndpointHasOddCharacter(character="U+200B"), id="hidden"),
    pytest.param("https://idp.example/&lt;sso>", EndpointHasOddCharacter(character=">"), id="bracket"),
    pytest.param("https://идп.example/sso", EndpointHasForeignHost(host="идп.example"), id="foreign host"),
    pytest.param("https://ｉｄｐ.example/sso", EndpointHasForeignHost(host="ｉｄｐ.example"), id="wide host"),
    pytest.param("https://idp.example/?SAMLRequest=x", EndpointHasRequest(parameter="SAMLRequest"), id="sent"),
    pytest.param(f"{HERE}/saml/callback", EndpointIsHere(url=f"{HERE}/saml/callback"), id="here"),
    pytest.param(HERE.upper(), EndpointIsHere(url=HERE.upper()), id="here in capitals"),
    pytest.param("http://idp.example/sso", InvalidEndpoint(url="http://idp.example/sso"), id="http"),
    pytest.param("//idp.example/sso", InvalidEndpoint(url="//idp.example/sso"), id="no scheme"),
    pytest.param("https://[idp/sso", InvalidEndpoint(url="https://[idp/sso"), id="half an IPv6 address"),
    pytest.param("https://idp.example:port/", InvalidEndpoint(url="https://idp.example:port/"), id="port"),
    pytest.param("https://idp.example:99999", InvalidEndpoint(url="https://idp.example:99999"), id="big"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "refusal"), ADDRESSES)
def test_an_endpoint_that_no_request_reaches_is_refused_in_the_form(
    desk: Client, saml: SamlSettings, url: str, refusal: Refusal
) -> None:
    typed = {"entity_id": "https://idp.example/", "sso_url": url.replace("&lt;", "<")}
    if "<" in typed["sso_url"]:
        refusal = EndpointHasOddCharacter(character="<")

    answer = desk.post(reverse("saml-settings", args=[saml.organization.space_key]), typed)

    assert answer.status_code == 422
    assert answer.context["form"].errors == {"sso_url": [str(refusal)]}
    assert not fresh(saml).has_draft


@pytest.mark.parametrize(("url", "refusal"), ADDRESSES)
def test_an_endpoint_that_no_request_reaches_is_refused_in_metadata(
    desk: Client, saml: SamlSettings, url: str, refusal: Refusal
) -> None:
    if "&lt;" in url:
        refusal = EndpointHasOddCharacter(character="<")

    answer = upload(desk, saml, idp(issue("documents").bare, sso=url.replace("?app=1&", "?app=1&amp;")))

    assert answer.status_code == 422
    assert answer.context["metadata_form"].errors == {"metadata": [str(refusal)]}


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        ("https://idp.example/sso?app=1", "https://idp.example/sso?app=1&SAMLRequest="),
        ("https://idp.example/sso?app=a%20b&x=", "https://idp.example/sso?app=a%20b&x=&SAMLRequest="),
        ("  https://idp.example:8443/sso \n", "https://idp.example:8443/sso?SAMLRequest="),
        ("https://xn--d1acpjx3f.example/sso", "https://xn--d1acpjx3f.example/sso?SAMLRequest="),
        ("HTTPS://IdP.example/sso", "HTTPS://IdP.example/sso?SAMLRequest="),
        ("https://idp.example/アプリ", "https://idp.example/%E3%82%A2%E3%83%97%E3%83%AA?SAMLRequest="),
    ],
)
def test_the_query_that_is_there_stays_and_the_request_is_added(
    desk: Client, saml: SamlSettings, url: str, begins: str
) -> None:
    upload(desk, saml, idp(issue("documents").bare, sso=url.replace("&", "&amp;")))

    sent = desk.post(reverse("saml-test", args=[saml.organization.space_key]))

    assert sent["Location"].startswith(begins)


@pytest.mark.parametrize("entity_id", ["https://idp .example", "https://idp.example/\u200bx", "a\u2028b", "あ" * 400])
def test_an_entity_id_that_no_idp_has_is_refused_in_words(desk: Client, saml: SamlSettings, entity_id: str) -> None:
    typed = {"entity_id": entity_id, "sso_url": "https://idp.example/sso"}

    answer = desk.post(reverse("saml-settings", args=[saml.organization.space_key]), typed)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["entity_id"]
    assert upload(desk, saml, idp(issue("documents").bare, entity_id=entity_id)).status_code == 422
    assert not fresh(saml).has_draft


def test_a_password_in_an_address_is_not_shown_again_by_the_refusal(desk: Client, saml: SamlSettings) -> None:
    answer = upload(desk, saml, idp(bare(issue("documents").pem), sso="https://aiko:sesame@idp.example/sso"))

    assert "sesame" not in answer.content.decode()
    assert REDIRECT not in answer.content.decode()
