"""What the ACS refuses, each with really signed messages: nobody is signed in, and the audit log says why."""

import base64
import datetime
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import AuditEvent, Member, Organization
from saml.events import SamlEvent
from saml.models import SamlSettings
from tests.cast import OPERATOR
from tests.cast.rows import events, last_event
from tests.cast.saml_chains import issue
from tests.cast.saml_messages import (
    RSA_SHA1,
    SAML,
    SHA1,
    XENC,
    Message,
    cipher,
    encode,
    encrypted,
    key_pair,
    signed,
    signed_element,
)
from tests.cast.sso import answered, ask, callback, is_in, post, saml, signed_in_as, trusting, why_refused

__all__ = ["saml"]

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
HOLDER_OF_KEY = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
LAST_MOMENT = datetime.datetime.max.replace(tzinfo=datetime.UTC)
HMAC = "http://www.w3.org/2000/09/xmldsig#hmac-sha1"


def refused(client: Client, saml: SamlSettings, response: str, *codes: str) -> None:
    """In words, with the reason in the audit log, and nobody is in."""
    answer = post(client, saml, response)
    assert answer.status_code == 403, answer
    assert "For your administrator" in answer.content.decode()
    assert why_refused(saml.organization) in codes
    assert signed_in_as(client) is None
    assert SamlEvent.SIGNED_IN not in events(saml.organization)


# -- what it says


def _later(**shift: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(**shift)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"destination": "https://apps.example/elsewhere"}, "saml_wrong_destination"),
        ({"destination": None}, "saml_wrong_destination"),
        ({"recipient": "https://apps.example/elsewhere"}, "saml_wrong_recipient"),
        ({"recipient": None}, "saml_wrong_recipient"),
        ({"audience": "https://apps.example/elsewhere"}, "saml_wrong_audience"),
        ({"audience": None}, "saml_wrong_audience"),
        ({"issuer": "https://idp.evil.example"}, "saml_wrong_issuer"),
        ({"issuer": None}, "saml_wrong_issuer"),
        ({"assertion_issuer": "https://idp.evil.example"}, "saml_wrong_issuer"),
        ({"assertion_issuer": None}, "saml_wrong_issuer"),
        ({"has_conditions": False}, "saml_missing_conditions"),
        ({"not_on_or_after": None}, "saml_missing_conditions"),
        ({"confirmed_until": None}, "saml_missing_conditions"),
        ({"not_before": 90}, "saml_too_early"),
        ({"confirmed_not_before": 90}, "saml_too_early"),
        ({"issue_instant": 90}, "saml_too_early"),
        ({"not_on_or_after": -60}, "saml_expired"),
        ({"confirmed_until": -60}, "saml_expired"),
        ({"session_not_on_or_after": -1}, "saml_expired"),
        ({"not_before": LAST_MOMENT}, "saml_too_early"),
        ({"method": HOLDER_OF_KEY}, "saml_not_bearer"),
        ({"name_id_format": PERSISTENT}, "saml_name_id_format"),
        ({"name_id_format": TRANSIENT}, "saml_name_id_format"),
        ({"name_id": ""}, "saml_no_name_id"),
        ({"name_id_xml": "<saml:b>mia@aozora.example</saml:b>"}, "saml_not_a_response"),
        ({"conditions_extra": "<saml:OnlyOnTuesdays/>"}, "saml_not_a_response"),
        ({"version": "1.1"}, "saml_not_a_response"),
        ({"version": None}, "saml_not_a_response"),
        ({"response_id": None}, "saml_not_a_response"),
        ({"in_response_to": "_forged"}, "saml_foreign_request"),
        ({"confirmed_in_response_to": "_forged"}, "saml_in_response_to"),
        ({"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"}, "saml_idp_failure"),
    ],
    ids=lambda value: ",".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else value,
)
def test_a_response_that_says_something_wrong_is_refused(
    client: Client, saml: SamlSettings, mia: Member, changes: dict[str, Any], code: str
) -> None:
    moments: dict[str, Any] = {
        name: _later(seconds=value) if type(value) is int else value for name, value in changes.items()
    }

    # The response's own signature leaves nothing to be said about the form of either part.
    refused(client, saml, answered(replace(_message(saml, mia), **moments), "Response"), code)


@pytest.mark.parametrize(
    "changes",
    [{"not_before": 50}, {"not_on_or_after": -40}, {"confirmed_until": -40}, {"issue_instant": 50}],
    ids=str,
)
def test_clocks_may_be_a_minute_apart(client: Client, saml: SamlSettings, mia: Member, changes: dict[str, int]) -> None:
    moments = {name: _later(seconds=value) for name, value in changes.items()}

    post(client, saml, answered(Message.for_sp(saml, mia.account.email, **moments)))

    assert is_in(client, mia)


# -- who signed it, and how


def _message(saml: SamlSettings, mia: Member) -> Message:
    return Message.for_sp(saml, mia.account.email)


def test_an_unsigned_response_is_refused(client: Client, saml: SamlSettings, mia: Member) -> None:
    refused(client, saml, encode(_message(saml, mia).xml()), "saml_unsigned")


@pytest.mark.parametrize("element", ["Assertion", "Response"])
def test_a_signature_by_another_key_is_refused(client: Client, saml: SamlSettings, mia: Member, element: Any) -> None:
    xml = signed(_message(saml, mia).xml(), element, by=key_pair("stranger"))

    refused(client, saml, encode(xml), "saml_wrong_signature")


def test_a_certificate_that_the_message_brings_is_not_trusted(client: Client, saml: SamlSettings, mia: Member) -> None:
    xml = signed(_message(saml, mia).xml(), "Response", by=key_pair("stranger"))
    assert "<ds:X509Certificate>" in xml or "X509Certificate>" in xml

    refused(client, saml, encode(xml), "saml_wrong_signature")


@pytest.mark.parametrize("wrong", ["Assertion", "Response"])
def test_one_good_signature_does_not_excuse_a_bad_one(
    client: Client, saml: SamlSettings, mia: Member, wrong: str
) -> None:
    message = _message(saml, mia)
    if wrong == "Assertion":
        xml = signed(signed(message.xml(), "Assertion", by=key_pair("stranger")), "Response")
    else:
        xml = signed(signed(message.xml(), "Assertion"), "Response", by=key_pair("stranger"))

    refused(client, saml, encode(xml), "saml_wrong_signature")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mia@aozora.example", "kenji@aozora.example"),
        ("<saml:AuthnContext>", "<saml:AuthnContext> "),
        ("emailAddress", "unspecified"),
    ],
)
def test_a_message_that_was_altered_is_refused(
    client: Client, saml: SamlSettings, mia: Member, kenji: Member, before: str, after: str
) -> None:
    xml = signed(_message(saml, mia).xml(), "Assertion")

    refused(client, saml, encode(xml.replace(before, after)), "saml_wrong_signature")


@pytest.mark.parametrize(
    ("kinds", "code"), [({"signature": RSA_SHA1}, "saml_weak_algorithm"), ({"digest": SHA1}, "saml_weak_digest")]
)
def test_sha_1_is_refused(client: Client, saml: SamlSettings, mia: Member, kinds: dict[str, str], code: str) -> None:
    refused(client, saml, encode(signed(_message(saml, mia).xml(), "Assertion", **kinds)), code)  # type: ignore[arg-type]


def test_an_hmac_is_no_signature(client: Client, saml: SamlSettings, mia: Member) -> None:
    xml = signed(_message(saml, mia).xml(), "Assertion")

    forged = re.sub(r'(SignatureMethod Algorithm=)"[^"]*"', rf'\1"{HMAC}"', xml)

    refused(client, saml, encode(forged), "saml_weak_algorithm")


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"<ds:SignatureValue>[^<]*</ds:SignatureValue>", "<ds:SignatureValue></ds:SignatureValue>"),
        (r"<ds:DigestValue>[^<]*", "<ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        (r'URI="#[^"]*"', 'URI=""'),
        (r'URI="#[^"]*"', 'URI="#elsewhere"'),
        (r'URI="#[^"]*"', 'URI="http://idp.example/other.xml"'),
        (r"<ds:Transforms>.*?</ds:Transforms>", "<ds:Transforms/>"),
        (r'<ds:Transform Algorithm="[^"]*enveloped-signature"/>', ""),
        (
            r"</ds:Transforms>",
            '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>self::a</ds:XPath>'
            "</ds:Transform></ds:Transforms>",
        ),
        (r"(<ds:Reference.*?</ds:Reference>)", r"\1\1"),
        (r"(<ds:SignedInfo>.*?</ds:SignedInfo>)", r"\1\1"),
        (r"</ds:Signature>", "<ds:Object/></ds:Signature>"),
    ],
    ids=range(11),
)
def test_a_signature_of_an_odd_form_is_refused(
    client: Client, saml: SamlSettings, mia: Member, pattern: str, replacement: str
) -> None:
    xml = signed(_message(saml, mia).xml(), "Assertion")
    odd = re.sub(pattern, replacement, xml, flags=re.DOTALL)
    assert odd != xml

    refused(client, saml, encode(odd), "saml_misplaced_signature", "saml_wrong_signature")


def test_a_short_key_cannot_be_trusted(saml: SamlSettings) -> None:
    from saml.idp_documents.refusals import KeyTooShort

    with pytest.raises(KeyTooShort):
        saml.add_certificate(key_pair("short", bits=1024).certificate, by=OPERATOR)


def test_a_short_curve_cannot_be_trusted(saml: SamlSettings) -> None:
    from saml.idp_documents.refusals import CurveTooShort

    with pytest.raises(CurveTooShort):
        saml.add_certificate(issue("short", key=ec.generate_private_key(ec.SECP192R1())).pem, by=OPERATOR)

    saml.add_certificate(issue("long enough", key=ec.generate_private_key(ec.SECP256R1())).pem, by=OPERATOR)


def test_an_expired_certificate_is_still_a_trusted_key(client: Client, saml: SamlSettings, mia: Member) -> None:
    old = key_pair("old", days=-1)
    saml.add_certificate(old.certificate, by=OPERATOR)

    post(client, saml, encode(signed(_message(saml, mia).xml(), "Assertion", by=old)))

    assert is_in(client, mia)


def test_a_certificate_is_trusted_until_it_is_removed(client: Client, saml: SamlSettings, mia: Member) -> None:
    next_one = key_pair("next")
    row = saml.add_certificate(next_one.certificate, by=OPERATOR)
    post(client, saml, encode(signed(_message(saml, mia).xml(), "Assertion", by=next_one)))
    assert is_in(client, mia)

    saml.remove_certificate(row, by=OPERATOR)
    client.cookies.clear()

    answer = post(client, saml, encode(signed(_message(saml, mia).xml(), "Assertion", by=next_one)))
    assert answer.status_code == 403
    assert why_refused(saml.organization) == "saml_wrong_signature"


# -- wrapping: a good signature, and somebody else's assertion


def _parts(saml: SamlSettings, mia: Member) -> tuple[str, str, str, str]:
    """A response with mia's signed assertion, that assertion, its signature, and a forged one for kenji."""
    xml = signed(_message(saml, mia).xml(), "Assertion")
    [assertion] = re.findall(r"<saml:Assertion.*</saml:Assertion>", xml, flags=re.DOTALL)
    [signature] = re.findall(r"<ds:Signature.*</ds:Signature>", xml, flags=re.DOTALL)
    forged = Message.for_sp(saml, "kenji@aozora.example").assertion()
    return xml, assertion, signature, forged


def _xsw(number: int, saml: SamlSettings, mia: Member) -> str:
    xml, assertion, signature, forged = _parts(saml, mia)
    unsigned = assertion.replace(signature, "")
    whole = signed(_message(saml, mia).xml(), "Response")
    [whole_signature] = re.findall(r"<ds:Signature.*</ds:Signature>", whole, flags=re.DOTALL)
    bare = whole.replace(whole_signature, "")
    evil = Message.for_sp(saml, "kenji@aozora.example").xml()
    evil_head, evil_rest = evil.split("<samlp:Status>", 1)
    inner = re.sub(r"^<\?xml[^>]*\?>\s*", "", bare)
    after_issuer = forged.index("</saml:Issuer>") + len("</saml:Issuer>")
    return {
        1: f"{evil_head}{whole_signature.replace('</ds:Signature>', f'<ds:Object>{inner}</ds:Object></ds:Signature>')}"
        f"<samlp:Status>{evil_rest}",
        2: f"{evil_head}<samlp:Extensions>{inner}</samlp:Extensions>{whole_signature}<samlp:Status>{evil_rest}",
        3: xml.replace(assertion, forged + assertion),
        4: xml.replace(assertion, forged.replace("</saml:Assertion>", f"{assertion}</saml:Assertion>")),
        5: xml.replace(assertion, forged[:after_issuer] + signature + forged[after_issuer:] + unsigned),
        6: xml.replace(
            assertion,
            forged[:after_issuer]
            + signature.replace("</ds:Signature>", f"<ds:Object>{unsigned}</ds:Object></ds:Signature>")
            + forged[after_issuer:],
        ),
        7: xml.replace("<samlp:Status>", f"<samlp:Extensions>{forged}</samlp:Extensions><samlp:Status>", 1),
        8: xml.replace(
            assertion,
            forged[:after_issuer]
            + signature.replace("</ds:Signature>", f"<ds:Object>{assertion}</ds:Object></ds:Signature>")
            + forged[after_issuer:],
        ),
    }[number]


@pytest.mark.parametrize("number", range(1, 9))
def test_signature_wrapping_is_refused(
    client: Client, saml: SamlSettings, mia: Member, kenji: Member, number: int
) -> None:
    codes = ("saml_not_one_assertion", "saml_misplaced_signature", "saml_duplicate_id", "saml_not_a_response")

    refused(client, saml, encode(_xsw(number, saml, mia)), *codes)


def test_a_signature_over_another_element_is_refused(client: Client, saml: SamlSettings, mia: Member) -> None:
    message = _message(saml, mia)
    template = message.xml().replace("<saml:Subject>", "{{signature}}<saml:Subject>")
    odd = signed_element(template, element_id=message.response_id or "")

    refused(client, saml, encode(odd), "saml_misplaced_signature")


def test_two_assertions_are_refused_even_if_both_are_signed(client: Client, saml: SamlSettings, mia: Member) -> None:
    _xml, assertion, _signature, _forged = _parts(saml, mia)
    _xml, other, _signature, _forged = _parts(saml, mia)

    xml = signed(_message(saml, mia).xml(assertion=assertion + other), "Response")

    refused(client, saml, encode(xml), "saml_not_one_assertion")


def test_no_assertion_is_refused(client: Client, saml: SamlSettings, mia: Member) -> None:
    refused(client, saml, encode(signed(_message(saml, mia).xml(assertion=""), "Response")), "saml_not_one_assertion")


def test_two_elements_with_one_id_are_refused(client: Client, saml: SamlSettings, mia: Member) -> None:
    message = _message(saml, mia)

    xml = signed(replace(message, assertion_extra=f'<saml:Advice Id="{message.assertion_id}"/>').xml(), "Response")

    refused(client, saml, encode(xml), "saml_duplicate_id")


# -- tricks with XML


@pytest.mark.parametrize(
    "name_id",
    [
        "kenji@aozora.example<!-- -->.evil.example",
        "kenji@aozora.example<?x y?>.evil.example",
        "<!-- -->kenji@aozora.example",
    ],
)
def test_comments_and_instructions_in_the_name_id_are_refused(
    client: Client, saml: SamlSettings, kenji: Member, name_id: str
) -> None:
    message = Message.for_sp(saml, "", name_id_xml=name_id)

    refused(client, saml, answered(message), "saml_forbidden_xml")


@pytest.mark.parametrize("unseen", ["\u202e", "\u200b", "\u2028", "\u2066", "\n"])
def test_a_name_id_with_unseen_characters_is_no_address(
    client: Client, saml: SamlSettings, mia: Member, unseen: str
) -> None:
    """Nor does it reach the audit log as it is, where it would turn the line around, signed or not."""
    message = Message.for_sp(saml, mia.account.email.replace("@", f"{unseen}@"))

    refused(client, saml, encode(signed(message.xml(), "Assertion")), "saml_name_id_no_address")
    refused(client, saml, encode(message.xml()), "saml_unsigned")
    for event in AuditEvent.objects.filter(organization=saml.organization, event=SamlEvent.REFUSED):
        for said in (event.subject, event.changes["name_id"][1], *event.changes["refusal"][1].values()):
            assert said == f"mia[U+{ord(unseen):04X}]@aozora.example"


def test_a_comment_slipped_into_a_signed_name_id_is_refused(client: Client, saml: SamlSettings, mia: Member) -> None:
    """Canonicalization leaves comments out, so the signature would hold."""
    xml = signed(_message(saml, mia).xml(), "Assertion").replace("mia@aozora", "mia<!-- x -->@aozora")

    refused(client, saml, encode(xml), "saml_forbidden_xml")


def test_a_comment_in_a_digest_is_refused(client: Client, saml: SamlSettings, mia: Member) -> None:
    xml = signed(_message(saml, mia).xml(), "Assertion").replace("<ds:DigestValue>", "<ds:DigestValue><!-- x -->")

    refused(client, saml, encode(xml), "saml_forbidden_xml")


@pytest.mark.parametrize(
    "prologue",
    [
        "<!DOCTYPE a>",
        '<!DOCTYPE a [<!ENTITY x "mia@aozora.example">]>',
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd">',
        "<!DOCTYPE a [<!ATTLIST a ID ID #IMPLIED>]>",
    ],
)
def test_document_types_and_entities_are_refused(
    client: Client, saml: SamlSettings, mia: Member, prologue: str
) -> None:
    xml = signed(_message(saml, mia).xml(), "Response")

    refused(client, saml, encode(prologue + xml), "saml_forbidden_xml")


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ("", "saml_no_response"),
        ("%%%", "saml_unreadable"),
        ("bWlh", "saml_unreadable"),
        (base64.b64encode(b"<a>\xff</a>").decode(), "saml_unreadable"),
        (base64.b64encode("<?xml version='1.0' encoding='utf-16'?><a/>".encode("utf-16")).decode(), "saml_unreadable"),
        (base64.b64encode(b"<?xml version='1.0' encoding='iso-8859-1'?><a/>").decode(), "saml_unreadable"),
        (
            base64.b64encode(b"<?xml version='1.0'" + b" " * 999 + b"encoding='koi8-r'?><a/>").decode(),
            "saml_unreadable",
        ),
        (base64.b64encode(b"<a/>").decode(), "saml_not_a_response"),
        (base64.b64encode(b"<a>" * 50).decode(), "saml_unreadable"),
        ("A" * 800_000, "saml_too_large"),
        ("証明書", "saml_unreadable"),
        ("\0", "saml_unreadable"),
    ],
    ids=range(12),
)
def test_what_is_no_response_is_refused(client: Client, saml: SamlSettings, response: str, code: str) -> None:
    refused(client, saml, response, code)


def test_a_form_without_the_field_is_refused(client: Client, saml: SamlSettings) -> None:
    answer = client.post(callback(saml))

    assert answer.status_code == 403
    assert why_refused(saml.organization) == "saml_no_response"


@pytest.mark.parametrize(("method", "parameter"), [("get", "SAMLResponse"), ("get", "SAMLart"), ("post", "SAMLart")])
def test_an_answer_by_another_binding_is_refused_and_not_sent_round_in_circles(
    client: Client, saml: SamlSettings, mia: Member, method: str, parameter: str
) -> None:
    """The sign-in link would lead to the IdP, which answers in the same way again."""
    answer = getattr(client, method)(callback(saml), {parameter: answered(_message(saml, mia))})

    assert answer.status_code == 403
    assert "HTTP-POST" in answer.content.decode()
    assert why_refused(saml.organization) == "saml_not_by_post"


@pytest.mark.parametrize("path", ["", "/", "/saml", "/saml/metadata", "/saml/callback/", "/saml/acs"])
def test_an_answer_to_another_address_than_the_acs_is_refused_with_the_right_one(
    saml: SamlSettings, mia: Member, path: str
) -> None:
    """Somebody has entered the SP Entity ID in the place of the ACS, or mistyped it."""
    browser = Client(enforce_csrf_checks=True)
    address = reverse("saml-begin", args=[saml.organization.space_key]) + path

    answer = browser.post(address, {"SAMLResponse": answered(_message(saml, mia))})

    assert answer.status_code == 403
    assert saml.acs_url in answer.content.decode()
    assert why_refused(saml.organization) == "saml_not_at_acs"
    assert signed_in_as(browser) is None


def test_of_a_long_mistyped_address_the_beginning_is_kept(client: Client, saml: SamlSettings) -> None:
    client.post(f"{callback(saml)}/{'x' * 5000}", {"SAMLResponse": "x"})

    assert len(last_event(saml.organization).changes["refusal"][1]["url"]) == 200


def test_a_reload_of_the_address_starts_again(client: Client, saml: SamlSettings) -> None:
    assert client.get(callback(saml))["Location"] == reverse("saml-begin", args=[saml.organization.space_key])


def test_a_logout_response_is_no_response(client: Client, saml: SamlSettings, mia: Member) -> None:
    xml = _message(saml, mia).xml().replace("samlp:Response", "samlp:LogoutResponse")

    refused(client, saml, encode(xml), "saml_not_a_response")


# -- encryption


def test_an_assertion_for_another_key_is_refused_in_words(client: Client, saml: SamlSettings, mia: Member) -> None:
    xml = encrypted(signed(_message(saml, mia).xml(), "Assertion"), key_pair("somebody").certificate)

    refused(client, saml, encode(xml), "saml_not_decrypted")


def test_encryption_replaces_no_signature(client: Client, saml: SamlSettings, mia: Member, settings: Any) -> None:
    with open(settings.SAML_SP_CERTIFICATE) as file:
        xml = encrypted(_message(saml, mia).xml(), file.read())

    refused(client, saml, encode(xml), "saml_not_decrypted")


def test_a_stranger_can_encrypt_but_not_sign(client: Client, saml: SamlSettings, mia: Member, settings: Any) -> None:
    with open(settings.SAML_SP_CERTIFICATE) as file:
        xml = encrypted(signed(_message(saml, mia).xml(), "Assertion", by=key_pair("stranger")), file.read())

    refused(client, saml, encode(xml), "saml_not_decrypted")


def _holding(saml: SamlSettings, mia: Member, encrypted_data: str) -> str:
    """An unsigned response around this cipher."""
    assertion = f"<saml:EncryptedAssertion>{encrypted_data}</saml:EncryptedAssertion>"
    return encode(_message(saml, mia).xml(assertion=assertion))


def test_a_cipher_cannot_take_the_place_of_the_response(
    client: Client, saml: SamlSettings, mia: Member, settings: Any
) -> None:
    """xmlsec1 puts out the plaintext alone where no Type says element: here a response with any signature."""
    bare = _message(saml, mia)
    wrapped = f'<saml:EncryptedAssertion xmlns:saml="{SAML}">{bare.assertion()}</saml:EncryptedAssertion>'
    forged = signed(bare.xml(assertion=wrapped), "Response", by=key_pair("stranger"))
    with open(settings.SAML_SP_CERTIFICATE) as file:
        encrypted_data = cipher(forged.encode(), file.read())

    refused(client, saml, _holding(saml, mia, encrypted_data), "saml_not_decrypted")


def test_a_cipher_of_no_text_is_refused(client: Client, saml: SamlSettings, mia: Member, settings: Any) -> None:
    with open(settings.SAML_SP_CERTIFICATE) as file:
        encrypted_data = cipher(b"\xff\xfe", file.read())
    typed = encrypted_data.replace("<xenc:EncryptedData ", f'<xenc:EncryptedData Type="{XENC}Element" ')
    assert typed != encrypted_data

    refused(client, saml, _holding(saml, mia, typed), "saml_not_decrypted")


def test_no_key_is_fetched_from_elsewhere(
    client: Client, saml: SamlSettings, mia: Member, settings: Any, tmp_path: Path
) -> None:
    """Nobody makes the site call an address or read a file by naming it, even where the right key lies there."""
    with open(settings.SAML_SP_CERTIFICATE) as file:
        xml = encrypted(signed(_message(saml, mia).xml(), "Assertion"), file.read())
    [key] = re.findall("<xenc:EncryptedKey>.*</xenc:EncryptedKey>", xml, flags=re.DOTALL)
    elsewhere = tmp_path / "key.xml"
    elsewhere.write_text(key.replace("<xenc:EncryptedKey>", f'<xenc:EncryptedKey xmlns:xenc="{XENC}">'))
    method = f'<ds:RetrievalMethod Type="{XENC}EncryptedKey" URI="{elsewhere.as_uri()}"/>'

    refused(client, saml, encode(xml.replace(key, method)), "saml_not_decrypted")


# -- once, in one browser, for one organization


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_a_response_signs_in_once(client: Client, saml: SamlSettings, mia: Member, is_asked_for: bool) -> None:
    request = ask(client, saml) if is_asked_for else None
    response = answered(Message.for_sp(saml, mia.account.email, in_response_to=request))
    post(client, saml, response)
    assert is_in(client, mia)

    again = Client()
    again.cookies.load({name: morsel.value for name, morsel in client.cookies.items() if name != "session"})
    answer = post(again, saml, response)

    assert answer.status_code == 403
    assert why_refused(saml.organization) == ("saml_request_answered" if is_asked_for else "saml_replayed")
    assert signed_in_as(again) is None


def test_an_assertion_is_used_up_whatever_it_is_wrapped_in(client: Client, saml: SamlSettings, mia: Member) -> None:
    message = _message(saml, mia)
    post(client, saml, answered(message))

    answer = post(Client(), saml, answered(replace(message, response_id="_another")))

    assert answer.status_code == 403
    assert why_refused(saml.organization) == "saml_replayed"


def test_a_response_is_for_the_browser_that_asked(client: Client, saml: SamlSettings, mia: Member) -> None:
    request = ask(Client(), saml)
    ask(client, saml)

    response = answered(Message.for_sp(saml, mia.account.email, in_response_to=request))

    refused(client, saml, response, "saml_other_browser")


def test_a_request_waits_for_an_hour(client: Client, saml: SamlSettings, mia: Member, monkeypatch: Any) -> None:
    request = ask(client, saml)
    response = answered(Message.for_sp(saml, mia.account.email, in_response_to=request))
    monkeypatch.setattr("saml.models.request.ANSWERED_WITHIN", datetime.timedelta())

    refused(client, saml, response, "saml_request_expired")


def test_an_assertion_cannot_be_married_to_another_request(client: Client, saml: SamlSettings, mia: Member) -> None:
    """Somebody else's assertion, signed for a sign-in that began at the IdP, put into an answer to ours."""
    stolen = replace(_message(saml, mia), confirmed_in_response_to=None, in_response_to=ask(client, saml))

    refused(client, saml, answered(stolen), "saml_in_response_to")


@pytest.fixture
def shared(saml: SamlSettings, hakata: Organization) -> SamlSettings:
    """Hakata's settings, with the same IdP behind them as Aozora's."""
    neighbour = SamlSettings.of(hakata)
    neighbour.propose(entity_id=saml.idp_entity_id, sso_url=saml.idp_sso_url, by=OPERATOR)
    trusting(hakata)
    neighbour.record_test_result(passed=True, by=OPERATOR)
    return neighbour


@pytest.mark.parametrize("element", ["Assertion", "Response"])
def test_a_response_for_one_organization_is_refused_at_another_with_the_same_idp(
    client: Client, saml: SamlSettings, shared: SamlSettings, mia: Member, element: Any
) -> None:
    refused(client, shared, answered(_message(saml, mia), element), "saml_wrong_destination")


@pytest.mark.parametrize("kept", ["destination", "recipient", "audience"])
def test_each_of_the_addresses_must_be_the_organizations_own(
    client: Client, saml: SamlSettings, shared: SamlSettings, mia: Member, kept: str
) -> None:
    ours, theirs = _message(saml, mia), Message.for_sp(shared, mia.account.email)

    refused(client, shared, answered(replace(theirs, **{kept: getattr(ours, kept)})), f"saml_wrong_{kept}")


def test_a_request_of_one_organization_is_not_answered_at_another(
    client: Client, saml: SamlSettings, shared: SamlSettings, mia: Member
) -> None:
    request = ask(client, saml)

    response = answered(Message.for_sp(shared, "mia@hakata.example", in_response_to=request))

    refused(client, shared, response, "saml_foreign_request")


def test_the_neighbours_idp_cannot_speak_for_this_organization(
    client: Client, saml: SamlSettings, hakata: Organization, mia: Member
) -> None:
    theirs = key_pair("hakata")
    SamlSettings.of(hakata).add_certificate(theirs.certificate, by=OPERATOR)

    refused(client, saml, encode(signed(_message(saml, mia).xml(), "Assertion", by=theirs)), "saml_wrong_signature")


def test_the_neighbours_idp_cannot_sign_in_a_person_of_this_organization_at_home(
    client: Client, saml: SamlSettings, shared: SamlSettings, mia: Member
) -> None:
    refused(client, shared, answered(Message.for_sp(shared, mia.account.email)), "saml_name_id_unknown")


def test_a_flood_does_not_bury_the_audit_log(client: Client, saml: SamlSettings, monkeypatch: Any) -> None:
    monkeypatch.setattr("members.sign_in.records.MAX_REFUSALS", 3)

    for _number in range(6):
        assert post(client, saml, "bWlh").status_code == 403

    assert events(saml.organization).count(SamlEvent.REFUSED) == 3


def test_an_unknown_organization_has_no_door(client: Client, db: None) -> None:
    for path in ("ZZZZZZZZZZ", "ZZZZZZZZZZ/saml", "ZZZZZZZZZZ/saml/metadata", "ZZZZZZZZZZ/saml/finish", "%00/saml"):
        assert client.get(f"/signin/spaces/{path}").status_code == 404
    assert client.post("/signin/spaces/ZZZZZZZZZZ/saml/callback", {"SAMLResponse": "x"}).status_code == 404


ODD: list[Callable[[str], str]] = [
    lambda xml: xml.replace("saml:Subject", "saml:Object"),
    lambda xml: xml.replace("<saml:Subject>", "<saml:Subject><saml:EncryptedID/>"),
    lambda xml: xml.replace('NotOnOrAfter="2', 'NotOnOrAfter="x2'),
    lambda xml: xml.replace("<saml:AuthnStatement", "<saml:AuthnXStatement").replace(
        "saml:AuthnStatement>", "saml:AuthnXStatement>"
    ),
    lambda xml: xml.replace("<samlp:Status>", "<samlp:Statuss>").replace("</samlp:Status>", "</samlp:Statuss>"),
    lambda xml: xml.replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:1.0:assertion"),
]


@pytest.mark.parametrize("spoil", ODD, ids=range(len(ODD)))
def test_nothing_odd_is_a_500(client: Client, saml: SamlSettings, mia: Member, spoil: Callable[[str], str]) -> None:
    xml = spoil(_message(saml, mia).xml())

    answer = post(client, saml, encode(signed(xml, "Response")))

    assert answer.status_code == 403
    assert signed_in_as(client) is None
