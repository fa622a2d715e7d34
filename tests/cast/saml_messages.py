"""SAML responses for the tests: right in every part unless told otherwise, and really signed.

    message = Message.for_sp(saml, "mia@aozora.example", in_response_to=request_id)
    client.post(saml.acs_url, {"SAMLResponse": encode(signed(message.xml(), "Assertion"))})

A test of a refusal changes the one part that it is about (`replace(message, audience=None)`
leaves that part out), or takes the text apart itself: `message.assertion()` and
`message.xml(assertion=…)` are plain strings. `xmlsec1` signs and encrypts, not the library
that the site reads with.
"""

import base64
import datetime
import functools
import re
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.utils import timezone

from saml.models import SamlSettings

SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
DS, XENC = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmlenc#"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
PASSWORD_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
RSA_SHA256, SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{XENC}sha256"
RSA_SHA1, SHA1 = f"{DS}rsa-sha1", f"{DS}sha1"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_OAEP, AES256_CBC = f"{XENC}rsa-oaep-mgf1p", f"{XENC}aes256-cbc"
LIFETIME = datetime.timedelta(minutes=5)

Element = Literal["Response", "Assertion"]


def new_id() -> str:
    return f"_{uuid.uuid4().hex}"


def _soon() -> datetime.datetime:
    return timezone.now() + LIFETIME


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a response says. None leaves the attribute or element out."""

    # Of the response and of the assertion; either can be given a value of its own below.
    issuer: str | None
    destination: str | None
    recipient: str | None
    audience: str | None
    name_id: str
    # Said in the Response and in the SubjectConfirmationData; None is a sign-in that the IdP began.
    in_response_to: str | None = None

    response_id: str | None = field(default_factory=new_id)
    assertion_id: str | None = field(default_factory=new_id)
    version: str | None = "2.0"
    status: str = SUCCESS
    name_id_format: str | None = EMAIL_ADDRESS
    method: str = BEARER
    has_conditions: bool = True
    issue_instant: datetime.datetime | None = field(default_factory=timezone.now)
    not_before: datetime.datetime | None = field(default_factory=timezone.now)
    not_on_or_after: datetime.datetime | None = field(default_factory=_soon)
    # Of the SubjectConfirmationData.
    confirmed_not_before: datetime.datetime | None = None
    confirmed_until: datetime.datetime | None = field(default_factory=_soon)
    session_not_on_or_after: datetime.datetime | None = None

    # When the person signed in at the IdP.
    authn_instant: datetime.datetime | None = field(default_factory=timezone.now)

    # Where the two places say different things: "" says what the other does.
    response_issuer: str | None = ""
    assertion_issuer: str | None = ""
    confirmed_in_response_to: str | None = ""

    # XML as it stands, for what no IdP writes.
    prologue: str = ""
    status_xml: str = ""
    name_id_xml: str | None = None
    response_extra: str = ""
    subject_extra: str = ""
    conditions_extra: str = ""
    assertion_extra: str = ""

    @classmethod
    def for_sp(cls, saml: SamlSettings, name_id: str, **parts: Any) -> "Message":
        """What the organization's IdP says to its own endpoint of this site."""
        addressed: dict[str, Any] = {
            "issuer": saml.idp_entity_id,
            "destination": saml.acs_url,
            "recipient": saml.acs_url,
            "audience": saml.sp_entity_id,
        }
        return cls(name_id=name_id, **(addressed | parts))

    def xml(self, *, assertion: str | None = None) -> str:
        """The response, around another assertion (or several, or none) when told so."""
        attributes = _attributes(
            ID=self.response_id,
            Version=self.version,
            IssueInstant=_time(self.issue_instant),
            Destination=self.destination,
            InResponseTo=self.in_response_to,
        )
        return (
            f'{self.prologue}<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}"{attributes}>'
            f"{_element('saml:Issuer', self.issuer if self.response_issuer == '' else self.response_issuer)}"
            f"<samlp:Status>{self.status_xml or _status(self.status)}</samlp:Status>"
            f"{self.response_extra}{self.assertion() if assertion is None else assertion}</samlp:Response>"
        )

    def assertion(self) -> str:
        issuer = self.issuer if self.assertion_issuer == "" else self.assertion_issuer
        attributes = _attributes(ID=self.assertion_id, Version=self.version, IssueInstant=_time(self.issue_instant))
        session = _attributes(
            AuthnInstant=_time(self.authn_instant),
            SessionIndex=self.assertion_id,
            SessionNotOnOrAfter=_time(self.session_not_on_or_after),
        )
        return (
            f'<saml:Assertion xmlns:saml="{SAML}"{attributes}>{_element("saml:Issuer", issuer)}'
            f"{self._subject()}{self._conditions()}"
            f"<saml:AuthnStatement{session}><saml:AuthnContext>"
            f"<saml:AuthnContextClassRef>{PASSWORD_CONTEXT}</saml:AuthnContextClassRef>"
            f"</saml:AuthnContext></saml:AuthnStatement>{self.assertion_extra}</saml:Assertion>"
        )

    def _subject(self) -> str:
        said = escape(self.name_id) if self.name_id_xml is None else self.name_id_xml
        in_response_to = self.in_response_to if self.confirmed_in_response_to == "" else self.confirmed_in_response_to
        confirmation = _attributes(
            InResponseTo=in_response_to,
            NotBefore=_time(self.confirmed_not_before),
            NotOnOrAfter=_time(self.confirmed_until),
            Recipient=self.recipient,
        )
        return (
            f"<saml:Subject><saml:NameID{_attributes(Format=self.name_id_format)}>{said}</saml:NameID>"
            f'<saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData{confirmation}/>'
            f"</saml:SubjectConfirmation>{self.subject_extra}</saml:Subject>"
        )

    def _conditions(self) -> str:
        if not self.has_conditions:
            return ""
        times = _attributes(NotBefore=_time(self.not_before), NotOnOrAfter=_time(self.not_on_or_after))
        audience = _element("saml:Audience", self.audience)
        restriction = f"<saml:AudienceRestriction>{audience}</saml:AudienceRestriction>" if audience else ""
        return f"<saml:Conditions{times}>{restriction}{self.conditions_extra}</saml:Conditions>"


def _status(value: str) -> str:
    return f'<samlp:StatusCode Value="{value}"/>'


def _time(moment: datetime.datetime | None) -> str | None:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _attributes(**values: str | None) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value is not None)


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<{name}>{escape(text)}</{name}>"


# -- keys


@dataclass(frozen=True)
class KeyPair:
    """A private key and its self-signed certificate, both PEM."""

    key: str
    certificate: str


@functools.cache
def key_pair(name: str = "idp", *, bits: int = 2048, days: int = 365) -> KeyPair:
    """Made once per run and name. `days`: how long the certificate is still good, negative for an expired one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name}.test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return KeyPair(private.decode("ascii"), certificate.public_bytes(pem).decode("ascii"))


# -- what xmlsec1 does


def signed(
    xml: str,
    *elements: Element,
    by: KeyPair | None = None,
    signature: str = RSA_SHA256,
    digest: str = SHA256,
    prefixes: Mapping[str, str] | None = None,
) -> str:
    """The response with these of its elements signed, in this order: the assertion comes before the response.

    `prefixes` has the list for InclusiveNamespaces in the CanonicalizationMethod, the Transform or both.
    """
    for element in elements:
        template = _signature_template(_id_of(xml, element), signature, digest)
        for place, names in (prefixes or {}).items():
            template = _with_prefixes(template, place, names)
        xml = re.sub(
            rf"(<saml[p]?:{element}\b[^>]*>(?:\s*<saml:Issuer>[^<]*</saml:Issuer>)?)",
            lambda found: found[1] + template,  # noqa: B023 - called at once
            xml,
            count=1,
        )
        xml = _sign(xml, by or key_pair())
    return xml


def signed_element(xml: str, *, element_id: str, by: KeyPair | None = None) -> str:
    """The response with its `{{signature}}` replaced by a signature over the element of that ID, wherever that is."""
    return _sign(xml.replace("{{signature}}", _signature_template(element_id, RSA_SHA256, SHA256)), by or key_pair())


def encrypted(xml: str, certificate: str, *, transport: str = RSA_OAEP, cipher: str = AES256_CBC) -> str:
    """The response with its assertion encrypted for the holder of the certificate (PEM)."""
    wrapped = re.sub(
        r"<saml:Assertion\b.*</saml:Assertion>",
        lambda found: f"<saml:EncryptedAssertion>{found[0]}</saml:EncryptedAssertion>",
        xml,
        flags=re.DOTALL,
    )
    session_key = re.search(r"aes(\d+)", cipher)
    assert session_key
    with tempfile.TemporaryDirectory() as folder:
        return _xmlsec1(
            folder,
            "--encrypt",
            *("--pubkey-cert-pem", _written(folder, "certificate.pem", certificate)),
            *("--session-key", f"aes-{session_key[1]}"),
            *("--xml-data", _written(folder, "data.xml", wrapped)),
            *("--node-xpath", "//*[local-name()='EncryptedAssertion']/*"),
            _written(folder, "template.xml", _encryption_template(transport, cipher)),
        )


def cipher(plaintext: bytes, certificate: str) -> str:
    """Whatever it is, encrypted for the holder of the certificate; nothing says that it is an element."""
    template = _encryption_template(RSA_OAEP, AES256_CBC).replace(f' Type="{XENC}Element"', "")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.write_bytes(plaintext)
        return _xmlsec1(
            folder,
            "--encrypt",
            *("--pubkey-cert-pem", _written(folder, "certificate.pem", certificate)),
            *("--session-key", "aes-256"),
            *("--binary-data", str(data)),
            _written(folder, "template.xml", template),
        )


def is_signed_by(xml: str, certificate: str, element: Element) -> bool:
    """Whether xmlsec1 finds the element's own signature good."""
    with tempfile.TemporaryDirectory() as folder:
        verified = subprocess.run(
            [
                *("xmlsec1", "--verify", "--pubkey-cert-pem", _written(folder, "certificate.pem", certificate)),
                *("--enabled-key-data", "rsa"),
                *_ID_ATTRIBUTES,
                *("--node-xpath", f"//*[local-name()='{element}']/*[local-name()='Signature']"),
                _written(folder, "message.xml", xml),
            ],
            capture_output=True,
        )
    return verified.returncode == 0


def encode(xml: str) -> str:
    """As the form field SAMLResponse carries it."""
    return base64.b64encode(xml.encode()).decode("ascii")


_ID_ATTRIBUTES = ("--id-attr:ID", f"{SAMLP}:Response", "--id-attr:ID", f"{SAML}:Assertion")


def _sign(xml: str, by: KeyPair) -> str:
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = _written(folder, "key.pem", by.key), _written(folder, "certificate.pem", by.certificate)
        return _xmlsec1(
            folder,
            "--sign",
            *("--privkey-pem", f"{key},{certificate}"),
            *_ID_ATTRIBUTES,
            *("--node-xpath", "//*[local-name()='Signature'][not(*[local-name()='SignatureValue']/text())]"),
            _written(folder, "message.xml", xml),
        )


def _xmlsec1(folder: str, command: str, *arguments: str) -> str:
    output = Path(folder, "output.xml")
    done = subprocess.run(["xmlsec1", command, "--output", str(output), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return output.read_text().removeprefix('<?xml version="1.0"?>\n').rstrip("\n")


def _written(folder: str, name: str, text: str) -> str:
    path = Path(folder, name)
    path.write_text(text)
    return str(path)


def _id_of(xml: str, element: Element) -> str:
    found = re.search(rf'<samlp?:{element}\b[^>]*\sID="([^"]*)"', xml)
    return found[1] if found else ""


def _signature_template(reference: str, signature: str, digest: str) -> str:
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{signature}"/><ds:Reference URI="{f"#{reference}" if reference else ""}">'
        f'<ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"/><ds:Transform Algorithm="{EXCLUSIVE}"/>'
        f'</ds:Transforms><ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>'
        "<ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
    )


def _with_prefixes(template: str, place: str, names: str) -> str:
    names_them = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{names}"/>'
    for tag in ("CanonicalizationMethod", "Transform") if place == "both" else (place,):
        closed = f'<ds:{tag} Algorithm="{EXCLUSIVE}"'
        template = template.replace(f"{closed}/>", f"{closed}>{names_them}</ds:{tag}>")
    return template


def _encryption_template(transport: str, cipher: str) -> str:
    return (
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element"><xenc:EncryptionMethod Algorithm="{cipher}"/>'
        f'<ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{transport}"/>'
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
        "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"
    )
