"""Encrypted assertions: what is opened, what the metadata offers, and how little is said about what is not."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.test import Client
from django.urls import reverse

from members.models import Member
from saml.events import SamlEvent
from saml.models import SamlSettings
from saml.sso import xmlsec1
from tests.cast import OPERATOR
from tests.cast.rows import events, last_event
from tests.cast.saml_ciphers import DIGEST_NAMES, MGF1P, OAEP, XENC11, sealed
from tests.cast.saml_messages import SAML, XENC, Message, encode, encrypted, key_pair, signed
from tests.cast.sso import ask, is_in, post, saml, signed_in_as, why_refused

__all__ = ["saml"]
DIGESTS = sorted(DIGEST_NAMES)
CBC = f"{XENC}aes256-cbc"
AES = [
    f"{namespace}aes{bits}-{mode}" for namespace, mode in ((XENC, "cbc"), (XENC11, "gcm")) for bits in (128, 192, 256)
]


def sp_certificate() -> str:
    return Path(settings.SAML_SP_CERTIFICATE).read_text()


def message(client: Client, saml: SamlSettings, mia: Member) -> Message:
    return Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml))


def opens(client: Client, saml: SamlSettings, mia: Member, **how: Any) -> None:
    xml = signed(message(client, saml, mia).xml(), "Assertion")
    answer = post(client, saml, encode(sealed(xml, sp_certificate(), **how)))
    assert answer.status_code == 302, answer.content.decode()
    assert is_in(client, mia)


@pytest.mark.parametrize("digest", DIGESTS)
@pytest.mark.parametrize("mask", DIGESTS)
def test_oaep_is_opened_with_any_digest_and_mask(
    client: Client, saml: SamlSettings, mia: Member, digest: str, mask: str
) -> None:
    opens(client, saml, mia, transport=OAEP, digest=digest, mask=mask)


@pytest.mark.parametrize("digest", ["", *DIGESTS])
@pytest.mark.parametrize("transport", [MGF1P, OAEP])
def test_the_mask_is_sha_1_where_none_is_named(
    client: Client, saml: SamlSettings, mia: Member, digest: str, transport: str
) -> None:
    opens(client, saml, mia, transport=transport, digest=digest)


def test_the_mask_may_be_the_digests_where_none_is_named(client: Client, saml: SamlSettings, mia: Member) -> None:
    """As npm's xml-encryption makes it, since Node knows one hash for both."""
    opens(client, saml, mia, transport=MGF1P, digest="sha256", made_with_mask="sha256")


def test_oaep_may_have_a_label(client: Client, saml: SamlSettings, mia: Member) -> None:
    opens(client, saml, mia, transport=OAEP, digest="sha256", mask="sha256", label=b"a label")


@pytest.mark.parametrize("cipher", AES)
def test_the_ciphers_of_aes_are_opened(client: Client, saml: SamlSettings, mia: Member, cipher: str) -> None:
    opens(client, saml, mia, cipher=cipher)


def test_the_cipher_need_not_say_that_it_is_of_an_element(client: Client, saml: SamlSettings, mia: Member) -> None:
    opens(client, saml, mia, kind="")


def test_prefixes_of_the_response_may_be_used_inside_the_cipher(
    client: Client, saml: SamlSettings, mia: Member
) -> None:
    xml = signed(message(client, saml, mia).xml(), "Assertion")
    declared = f'<saml:Assertion xmlns:saml="{SAML}"'
    assert declared in xml

    post(client, saml, encode(sealed(xml.replace(declared, "<saml:Assertion"), sp_certificate())))

    assert is_in(client, mia)


def test_one_of_several_keys_is_this_sites(client: Client, saml: SamlSettings, mia: Member) -> None:
    xml = sealed(signed(message(client, saml, mia).xml(), "Assertion"), sp_certificate())
    other = sealed(xml_of_somebody(saml), key_pair("somebody").certificate)
    [foreign] = re.findall("<xenc:EncryptedKey>.*</xenc:EncryptedKey>", other)

    post(client, saml, encode(xml.replace("<xenc:EncryptedKey>", f"{foreign}<xenc:EncryptedKey>", 1)))

    assert is_in(client, mia)


def xml_of_somebody(saml: SamlSettings) -> str:
    return Message.for_sp(saml, "somebody@aozora.example").xml()


@pytest.mark.parametrize(
    ("how", "code", "named"),
    [
        ({"transport": f"{XENC}rsa-1_5"}, "saml_key_transport", "rsa-1_5"),
        ({"transport": "urn:example:transport"}, "saml_key_transport", "urn:example:transport"),
        ({"digest": "md5"}, "saml_key_transport", "#md5"),
        ({"mask": "md5"}, "saml_key_transport", "mgf1md5"),
        ({"cipher": "urn:example:aes256"}, "saml_data_encryption", "urn:example:aes256"),
    ],
    ids=str,
)
def test_what_cannot_be_opened_is_named(
    client: Client, saml: SamlSettings, mia: Member, how: dict[str, Any], code: str, named: str, monkeypatch: Any
) -> None:
    monkeypatch.setitem(DIGEST_NAMES, "md5", "http://www.w3.org/2001/04/xmldsig-more#md5")
    monkeypatch.setattr("tests.cast.saml_ciphers.made_with", lambda _name: hashes.SHA1())

    answer = post(client, saml, encode(sealed(message(client, saml, mia).xml(), sp_certificate(), **how)))

    assert answer.status_code == 403
    assert why_refused(saml.organization) == code
    assert named in answer.content.decode()


def test_the_metadata_says_what_is_opened(client: Client, saml: SamlSettings) -> None:
    answer = client.get(reverse("saml-metadata", args=[saml.organization.space_key]))

    methods = [
        method.attrib["Algorithm"]
        for key in ElementTree.fromstring(answer.content).iter("{urn:oasis:names:tc:SAML:2.0:metadata}KeyDescriptor")
        for method in key.iter("{urn:oasis:names:tc:SAML:2.0:metadata}EncryptionMethod")
        if key.attrib["use"] == "encryption"
    ]
    assert methods[0] == f"{XENC11}aes256-gcm"
    assert {CBC, MGF1P, OAEP} <= set(methods)


# -- one answer until a signature has held


def _flip(position: int) -> Callable[[bytes], bytes]:
    def spoil(data: bytes) -> bytes:
        changed = bytearray(data)
        changed[position] ^= 1
        return bytes(changed)

    return spoil


def _cut(data: bytes) -> bytes:
    return data[:-16]


# A padding that is wrong, one that is right by chance, XML that is broken, XML that is whole, a key that does not fit,
# nothing at all: whatever an attacker tries on somebody else's cipher.
SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "padding": _flip(-17),
    "last block": _flip(-1),
    "first letter": _flip(0),
    "a letter of a name": _flip(40),
    "in the middle": _flip(700),
    "cut": _cut,
    "odd length": lambda data: data[:-3],
    "empty": lambda _data: b"",
    "random": lambda data: bytes(len(data)),
}


def _answers(client: Client, saml: SamlSettings, responses: dict[str, str]) -> set[tuple[int, str, str]]:
    """Everything that can be told apart of the answers, the moment and the request's id left out."""
    seen = set()
    for response in responses.values():
        answer = post(client, saml, encode(response))
        page = re.sub(
            r"It is also in the audit log:[^<]*|[A-Za-z0-9]{64}|<code>[0-9a-f]{27}</code>", "", answer.content.decode()
        )
        seen.add((answer.status_code, page, str(last_event(saml.organization).changes)))
    return seen


@pytest.mark.parametrize("cipher", [CBC, f"{XENC11}aes256-gcm"])
def test_whatever_is_wrong_inside_an_unsigned_response_gets_the_same_answer(
    client: Client, saml: SamlSettings, mia: Member, cipher: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("saml.models.refused_posts.MAX_UNPROVEN", 1000)
    bare = Message.for_sp(saml, mia.account.email).xml()
    xml, key = signed(bare, "Assertion"), sp_certificate()
    tried = {name: sealed(xml, key, cipher=cipher, spoil=spoil) for name, spoil in SPOILS.items()}
    tried |= {
        "not signed": sealed(bare, key, cipher=cipher),
        "by a stranger": sealed(signed(bare, "Assertion", by=key_pair("stranger")), key, cipher=cipher),
        "weak digest": sealed(xml.replace("xmlenc#sha256", "xmldsig-more#md5"), key, cipher=cipher),
        "two with one ID": sealed(re.sub(r"(<saml:AuthnStatement.*?)SessionIndex=", r"\1ID=", xml), key, cipher=cipher),
        "a comment inside": sealed(xml.replace("mia@", "<!-- -->mia@"), key, cipher=cipher),
        "too deep": sealed(xml.replace("<saml:AuthnContext>", "<a>" * 80 + "</a>" * 80, 1), key, cipher=cipher),
        "for another key": sealed(xml, key_pair("somebody").certificate, cipher=cipher),
    }

    answers = _answers(client, saml, tried)

    assert len(answers) == 1
    assert why_refused(saml.organization) == "saml_not_decrypted"
    assert signed_in_as(client) is None
    assert SamlEvent.SIGNED_IN not in events(saml.organization)


def test_whatever_is_wrong_inside_makes_the_same_work(
    client: Client, saml: SamlSettings, mia: Member, monkeypatch: Any
) -> None:
    """Each trusted certificate is tried, on as much, whatever came out of the cipher and with what it came."""
    runs: list[int] = []
    saml.add_certificate(key_pair("next").certificate, by=OPERATOR)
    run = xmlsec1._run

    def counted(command: list[str], seconds: float) -> tuple[int, str]:
        if "--verify" in command:
            runs.append(Path(command[-1]).stat().st_size)
        return run(command, seconds)

    monkeypatch.setattr(xmlsec1, "_run", counted)
    filled = f"<samlp:Extensions><filling>{'x' * 100_000}</filling></samlp:Extensions>"
    xml = signed(Message.for_sp(saml, mia.account.email, response_extra=filled).xml(), "Assertion")
    altered = xml.replace("mia@", "mio@")

    for response in (
        sealed(altered, sp_certificate(), cipher=CBC),
        sealed(xml, sp_certificate(), cipher=CBC, spoil=_flip(-17)),
        sealed(xml, sp_certificate(), cipher=CBC, spoil=_flip(40)),
        sealed(xml, key_pair("somebody").certificate, cipher=CBC),
    ):
        runs.clear()
        post(client, saml, encode(response))
        assert len(runs) == saml.certificates.count() > 1
        assert max(runs) < 10_000


def test_a_signed_response_may_say_what_is_wrong_inside(client: Client, saml: SamlSettings, mia: Member) -> None:
    inside = signed(Message.for_sp(saml, mia.account.email).xml(), "Assertion", by=key_pair("stranger"))

    post(client, saml, encode(signed(encrypted(inside, sp_certificate()), "Response")))

    assert why_refused(saml.organization) == "saml_wrong_signature"


def test_a_broken_cipher_in_a_response_signed_by_a_stranger_is_not_opened(
    client: Client, saml: SamlSettings, mia: Member, monkeypatch: Any
) -> None:
    monkeypatch.setattr("saml.sso.encryption.opened", lambda *_given: pytest.fail("was opened"))
    xml = encrypted(signed(Message.for_sp(saml, mia.account.email).xml(), "Assertion"), sp_certificate())

    post(client, saml, encode(signed(xml, "Response", by=key_pair("stranger"))))

    assert why_refused(saml.organization) == "saml_wrong_signature"
