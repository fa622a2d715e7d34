"""What administrators paste into the certificate field, and what becomes of a private key there."""

import base64
import contextlib
import functools
import json
import logging
import random
import subprocess
import time
from collections.abc import Callable
from textwrap import wrap
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse

from members.refusals import Refusal
from saml.idp_documents import pasted as pasted_text
from saml.idp_documents.refusals import MetadataPasted, NotACertificate, PublicKeyPasted, RequestPasted, SeveralKeys
from saml.models import SamlSettings
from tests.cast.rows import rows
from tests.cast.saml_chains import Issued, bare, issue, rsa_key
from tests.cast.sso import saml
from tests.saml.test_metadata import idp

__all__ = ["saml"]
PEM = serialization.Encoding.PEM


@functools.cache
def pasted() -> Issued:
    return issue("pasted")


def openssl(*arguments: str, given: str) -> str:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, text=True, check=True).stdout


def add(desk: Client, saml: SamlSettings, text: str, **more: str) -> object:
    url = reverse("saml-certificate-add", args=[saml.organization.space_key])
    return desk.post(url, {"certificate": text, **more})


def quoted_lines(one: Issued) -> str:
    """As a program's source has it."""
    return " +\n".join(f'"{line}\\n"' for line in one.pem.splitlines())


BAGS = "Bag Attributes\n    localKeyID: 01 00 00 00\n    friendlyName: the private one\nsubject=CN = pasted\n\n"
WAYS: dict[str, Callable[[Issued], str]] = {
    "bag attributes": lambda one: BAGS + one.pem,
    "openssl x509 -text": lambda one: openssl("x509", "-text", given=one.pem),
    "trusted by openssl": lambda one: openssl("x509", "-trustout", "-addtrust", "emailProtection", given=one.pem),
    "literal line ends": lambda one: one.pem.replace("\n", "\\n"),
    "literal Windows line ends": lambda one: one.pem.replace("\n", "\\r\\n"),
    "Windows line ends": lambda one: one.pem.replace("\n", "\r\n"),
    "JSON": lambda one: json.dumps({"x5c": [one.bare], "kid": "pasted", "kty": "RSA"}),
    "JSON with escapes": lambda one: json.dumps(one.pem).replace("/", "\\/").replace("+", "\\u002b"),
    "quotes": lambda one: f'"{one.bare}"',
    "quoted lines": quoted_lines,
    "e-mail": lambda one: "".join(f"> {line}\n" for line in one.pem.splitlines()),
    "Base64 without lines": lambda one: one.bare,
    "Base64 without padding": lambda one: one.bare.rstrip("="),
    "a label before it": lambda one: f"X509Certificate {one.bare}",
    "spaces for line ends": lambda one: one.pem.replace("\n", " "),
    "one line": lambda one: f"-----BEGIN CERTIFICATE-----{one.bare}-----END CERTIFICATE-----",
    "without its end": lambda one: one.pem.partition("-----END")[0],
    "long dashes": lambda one: one.pem.replace("-----", "—–-"),
    "an XML element": lambda one: f"<ds:X509Certificate>\n{one.bare}&#13;\n</ds:X509Certificate>",
    "percent signs": lambda one: quote(one.pem),
    "hexadecimal": lambda one: one.der.hex(),
    "hexadecimal with colons": lambda one: one.der.hex(":").upper(),
    "Base64 of PEM": lambda one: base64.b64encode(one.pem.encode()).decode(),
    "PKCS #7": lambda one: pkcs7.serialize_certificates([one.certificate], PEM).decode(),
    "PKCS #7 without a header": lambda one: bare(pkcs7.serialize_certificates([one.certificate], PEM).decode()),
    "twice": lambda one: one.pem + one.pem,
    "X509": lambda one: one.pem.replace("CERTIFICATE", "X509 CERTIFICATE"),
    "invisible characters": lambda one: "\ufeff\u200b" + one.pem,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_certificate_is_read_however_it_was_copied(desk: Client, saml: SamlSettings, way: str) -> None:
    add(desk, saml, WAYS[way](pasted()))

    kept = saml.certificates.get(subject="CN=pasted")
    assert kept.pem == pasted().pem


def test_a_whole_pkcs7_chain_is_one_key(desk: Client, saml: SamlSettings) -> None:
    root = issue("PKCS7 CA", ca=True)
    leaf = issue("under it", root)

    add(desk, saml, pkcs7.serialize_certificates([root.certificate, leaf.certificate], PEM).decode())

    assert {one.subject for one in saml.certificates.all()} - {"CN=idp.test"} == {"CN=under it"}


SHA256 = hashes.SHA256()
EMPTY = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"


def text_only(one: Issued) -> str:
    return openssl("x509", "-noout", "-text", given=one.pem)


def request_of(one: Issued) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "asked")])
    asked = x509.CertificateSigningRequestBuilder().subject_name(name).sign(rsa_key("pasted"), hashes.SHA256())
    return asked.public_bytes(PEM).decode()


def public_key_of(one: Issued) -> str:
    public = one.certificate.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        pytest.param(lambda: request_of(pasted()), RequestPasted(), id="CSR"),
        pytest.param(lambda: bare(request_of(pasted())), RequestPasted(), id="bare CSR"),
        pytest.param(lambda: public_key_of(pasted()), PublicKeyPasted(), id="public key"),
        pytest.param(lambda: idp(pasted().bare), MetadataPasted(), id="metadata"),
        pytest.param(
            lambda: pasted().pem + issue("other").pem,
            SeveralKeys(subjects=["CN=pasted", "CN=other"]),
            id="two",
        ),
        pytest.param(lambda: pasted().bare[:-200], NotACertificate(), id="cut off"),
        pytest.param(lambda: text_only(pasted()), NotACertificate(), id="text only"),
        pytest.param(lambda: pasted().certificate.fingerprint(SHA256).hex(":"), NotACertificate(), id="hash"),
        pytest.param(lambda: "https://idp.example/certificate.pem", NotACertificate(), id="address"),
        pytest.param(lambda: "A" * 5000, NotACertificate(), id="zeros"),
        pytest.param(lambda: EMPTY, NotACertificate(), id="empty"),
    ],
)
def test_what_is_no_certificate_is_said_to_be_what_it_is(
    desk: Client, saml: SamlSettings, text: Callable[[], str], refusal: Refusal
) -> None:
    before = saml.certificates.count()

    answer = add(desk, saml, text())

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert answer.context["certificate_form"].errors == {"certificate": [str(refusal)]}  # type: ignore[attr-defined]
    assert saml.certificates.count() == before


def traditional(one: Issued) -> str:
    key = one.key.private_bytes(PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return key.decode()


def elliptic(form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(PEM, form, serialization.NoEncryption()).decode()


def p12(one: Issued) -> str:
    lock = serialization.BestAvailableEncryption(b"secret")
    file = pkcs12.serialize_key_and_certificates(b"x", one.key, one.certificate, None, lock)  # type: ignore[arg-type]
    return base64.b64encode(file).decode()


def jwk() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    numbers = {"x": key.public_numbers.x, "y": key.public_numbers.y, "d": key.private_value}
    written = {name: base64.urlsafe_b64encode(one.to_bytes(32)).decode().rstrip("=") for name, one in numbers.items()}
    return json.dumps({"kty": "EC", "crv": "P-256", **written}, separators=(",", ":"))


def in_url_alphabet(one: Issued) -> bytes:
    """With both letters that the usual alphabet lacks, and two of them in a row where there are any."""
    der = base64.b64decode(bare(one.private_pem()))
    written = base64.urlsafe_b64encode(der).rstrip(b"=")
    assert b"-" in written
    assert b"_" in written
    return written


SECRETS: dict[str, Callable[[Issued], str]] = {
    "PKCS #8": lambda one: one.private_pem(),
    "encrypted": lambda one: one.private_pem(b"secret"),
    "RSA": traditional,
    "EC": lambda one: elliptic(),
    "beside its certificate": lambda one: one.pem + one.private_pem(),
    "with literal line ends": lambda one: one.private_pem().replace("\n", "\\n"),
    "in JSON": lambda one: json.dumps({"key": one.private_pem(), "certificate": one.pem}),
    "bare": lambda one: bare(one.private_pem()),
    "bare and encrypted": lambda one: bare(one.private_pem(b"secret")),
    "bare RSA": lambda one: bare(traditional(one)),
    "Base64 of PEM": lambda one: base64.b64encode(one.private_pem().encode()).decode(),
    "PKCS #12": p12,
    "after more than fits": lambda one: "x" * 100_000 + "\n" + one.private_pem(),
    "OpenSSH": lambda one: one.private_pem().replace("PRIVATE KEY", "OPENSSH PRIVATE KEY"),
    "without its end": lambda one: one.private_pem().partition("-----END")[0],
    "percent signs": lambda one: quote(one.private_pem()),
    "hexadecimal": lambda one: base64.b64decode(bare(one.private_pem())).hex(),
    "bare EC": lambda one: bare(elliptic()),
    "bare EC of its own form": lambda one: bare(elliptic(serialization.PrivateFormat.TraditionalOpenSSL)),
    "behind what is cut off": lambda one: one.bare[:-200] + ", " + bare(one.private_pem()),
    "behind words": lambda one: "The key is " + bare(one.private_pem()),
    "bare beside its certificate": lambda one: f"key: {bare(one.private_pem())}\n{one.pem}",
    "by another name": lambda one: one.private_pem().replace("PRIVATE KEY", "CERTIFICATE"),
    "without dashes": lambda one: one.private_pem().replace("-----", ""),
    "JSON Web Key": lambda one: json.dumps({"kty": "RSA", "n": one.bare[:340], "d": one.bare[:342].replace("/", "_")}),
    "JSON Web Key of an elliptic curve, wrapped": lambda one: jwk().replace('"d":"', '"d":"\n  '),
    "JSON Web Key within JSON": lambda one: json.dumps({"key": jwk()}),
    "JSON Web Key in Base64": lambda one: base64.urlsafe_b64encode(jwk().encode()).decode().rstrip("="),
    "Base64 of addresses": lambda one: in_url_alphabet(one).decode(),
    "Base64 of addresses, wrapped, behind words": lambda one: (
        "key: " + "\n".join(wrap(in_url_alphabet(one).decode(), 64))
    ),
    ".NET": lambda one: f"<RSAKeyValue><Modulus>{one.bare[:340]}</Modulus><D>{one.bare[:340]}</D></RSAKeyValue>",
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_private_key_is_refused_with_what_to_do_and_kept_nowhere(
    desk: Client, saml: SamlSettings, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = SECRETS[kind](pasted())
    tell_tale = max(secret.replace("\\n", "\n").split(), key=len)[10:50]

    answer = add(desk, saml, secret)

    shown = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "revoke the certificate of the old one" in shown
    assert tell_tale not in shown
    assert tell_tale not in caplog.text
    assert tell_tale not in str(rows())
    assert not saml.certificates.filter(subject="CN=pasted").exists()


def test_a_text_that_is_too_long_is_neither_searched_piece_by_piece_nor_shown_again(
    desk: Client, saml: SamlSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("saml.idp_documents.private_keys._holds_one", lambda _data: pytest.fail("was searched"))
    unmarked = bare(pasted().private_pem())

    shown = add(desk, saml, "\\n" * 100_000 + unmarked).content.decode()  # type: ignore[attr-defined]

    assert "at most 100000 characters" in shown
    assert unmarked[-50:] not in shown
    assert len(shown) < 100_000


def test_what_else_is_refused_is_shown_again(desk: Client, saml: SamlSettings) -> None:
    answer = add(desk, saml, "MII what I typed")

    assert "MII what I typed" in answer.content.decode()  # type: ignore[attr-defined]


ENDLESS = ["-", "-----BEGIN CERTIFICATE", "<", "<a>", "%2D", "\\u002d", "MII", "=A", "30 82 ", "&amp;", "MIIA=", "AAAA"]


@pytest.mark.parametrize("part", ENDLESS)
def test_a_long_text_takes_no_longer_than_it_is(part: str) -> None:
    text = (part * 100_000)[:100_000]
    began = time.process_time()
    with contextlib.suppress(NotACertificate):
        pasted_text.certificates_in(text)

    assert time.process_time() - began < 2


def test_odd_bytes_are_refused_in_words(desk: Client, saml: SamlSettings) -> None:
    chosen = random.Random(7)
    for _round in range(80):
        damaged = bytearray(pasted().der)
        for _change in range(chosen.randint(1, 6)):
            damaged[chosen.randrange(len(damaged) // 2)] = chosen.randrange(256)
        answer = add(desk, saml, base64.b64encode(damaged).decode())
        assert answer.status_code in (302, 422)  # type: ignore[attr-defined]
        saml.certificates.exclude(subject="CN=idp.test").delete()
