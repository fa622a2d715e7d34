"""One X509Data is one key, the IdP's own: the authorities of its chain sign nobody in."""

from itertools import permutations
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization
from members.refusals import Refusal
from saml.events import SamlEvent
from saml.idp_documents.refusals import (
    BadCertificateInMetadata,
    ChainHasNoEnd,
    ChainTooLong,
    IsAuthority,
    KeyTooShort,
    NotACertificate,
    SeveralKeys,
    UnknownKeyKind,
)
from saml.models import SamlSettings
from tests.cast import OPERATOR
from tests.cast.rows import events
from tests.cast.saml_chains import Issued, chain, issue, rsa_key
from tests.cast.saml_messages import Message, encode, signed
from tests.cast.sso import callback, is_in, saml
from tests.saml.test_metadata import idp, upload

__all__ = ["saml"]


def x509_data(*shown: Issued) -> str:
    inside = "".join(f"<ds:X509Certificate>{one.bare}</ds:X509Certificate>" for one in shown)
    return f"<ds:X509Data>{inside}</ds:X509Data>"


def key_of(*data: str, use: str = ' use="signing"') -> str:
    """A KeyDescriptor."""
    info = f'<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{"".join(data)}</ds:KeyInfo>'
    return f"<KeyDescriptor{use}>{info}</KeyDescriptor>"


def of_live_idp(saml: SamlSettings, *keys: str) -> str:
    return idp(keys="".join(keys), entity_id=saml.idp_entity_id, sso=saml.idp_sso_url)


def new_subjects(saml: SamlSettings) -> set[str]:
    return {one.subject for one in saml.certificates.all()} - {"CN=idp.test"}


def signs_in(saml: SamlSettings, member: Member, by: Issued) -> bool:
    client, message = Client(), Message.for_sp(saml, member.account.email)
    client.post(callback(saml), {"SAMLResponse": encode(signed(message.xml(), "Assertion", by=by.pair))})
    return is_in(client, member)


@pytest.mark.parametrize("order", permutations(range(3)), ids=str)
def test_of_a_chain_only_the_idps_own_key_signs_in_whatever_the_order(
    desk: Client, saml: SamlSettings, mia: Member, order: tuple[int, ...]
) -> None:
    leaf, middle, root = chain()

    upload(desk, saml, of_live_idp(saml, key_of(x509_data(*(chain()[place] for place in order)))))

    assert new_subjects(saml) == {"CN=login.corp.example"}
    assert signs_in(saml, mia, leaf)
    assert not signs_in(saml, mia, middle)
    assert not signs_in(saml, mia, root)


def test_nobody_is_reminded_of_an_authoritys_certificate(
    desk: Client, saml: SamlSettings, django_capture_on_commit_callbacks: Any
) -> None:
    root = issue("Ends soon CA", ca=True, days=5)
    upload(desk, saml, of_live_idp(saml, key_of(x509_data(issue("ours", root), root))))

    with django_capture_on_commit_callbacks(execute=True):
        call_command("remind")

    assert new_subjects(saml) == {"CN=ours"}
    assert mail.outbox == []


def test_a_chain_spread_over_several_places_makes_no_authority_a_signer(
    desk: Client, saml: SamlSettings, mia: Member
) -> None:
    leaf, middle, root = chain()
    keys = key_of(x509_data(leaf), x509_data(middle), x509_data(root)), key_of(x509_data(root), use="")

    shown = upload(desk, saml, of_live_idp(saml, *keys)).wsgi_request
    told = desk.get(reverse("saml", args=[saml.organization.space_key])).content.decode()

    assert shown.method == "POST"
    assert new_subjects(saml) == {"CN=login.corp.example"}
    assert "“CN=Root CA” has issued another certificate in this metadata" in told
    assert not signs_in(saml, mia, root)
    assert not signs_in(saml, mia, middle)


def test_each_x509data_is_a_key_and_what_stands_beside_it_is_passed_over(desk: Client, saml: SamlSettings) -> None:
    first, second, third = issue("first"), issue("second"), issue("third")
    value = "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus></ds:RSAKeyValue></ds:KeyValue>"
    name = "<ds:KeyName>main</ds:KeyName>"
    issuer = "<ds:X509Data><ds:X509SubjectName>CN=x</ds:X509SubjectName></ds:X509Data>"
    keys = key_of(name, value, issuer, x509_data(first), x509_data(second)), key_of(value, use="")

    upload(desk, saml, of_live_idp(saml, *keys, key_of(x509_data(third), use=' use="encryption"')))

    assert new_subjects(saml) == {"CN=first", "CN=second"}


def test_a_self_signed_certificate_that_calls_itself_an_authority_is_an_idps_own(
    desk: Client, saml: SamlSettings, mia: Member
) -> None:
    own = issue("openssl req -x509", ca=True)

    upload(desk, saml, of_live_idp(saml, key_of(x509_data(own))))

    assert signs_in(saml, mia, own)


def test_of_two_certificates_for_one_key_the_later_one_is_taken(desk: Client, saml: SamlSettings) -> None:
    _leaf, middle, root = chain()
    key = rsa_key("renewed")
    old, new = issue("renewed", middle, key=key, days=10), issue("renewed", middle, key=key, days=400)
    own = issue("renewed", key=key, days=20)

    upload(desk, saml, of_live_idp(saml, key_of(x509_data(root, old, own, new, middle))))

    assert [one.days_left for one in saml.certificates.filter(subject="CN=renewed")] == [399]


def test_an_authority_of_the_same_name_is_told_by_its_signature(desk: Client, saml: SamlSettings, mia: Member) -> None:
    root = issue("corp", ca=True)
    leaf = issue("corp", root, ca=False, key=rsa_key("the leaf called corp"))

    upload(desk, saml, of_live_idp(saml, key_of(x509_data(root, leaf))))

    assert signs_in(saml, mia, leaf)
    assert not signs_in(saml, mia, root)


def circle() -> tuple[Issued, Issued]:
    """Two authorities that have issued each other."""
    one, other = issue("One CA", ca=True), issue("Other CA", ca=True)
    return issue("One CA", other, ca=True), issue("Other CA", one, ca=True)


def unreadable() -> str:
    return "<ds:X509Certificate>QUJD</ds:X509Certificate>"


LEAF, MIDDLE, ROOT = 0, 1, 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(
            lambda: x509_data(issue("a"), issue("b")), SeveralKeys(subjects=["CN=a", "CN=b"]), id="two leaves"
        ),
        pytest.param(
            lambda: x509_data(chain()[LEAF], chain()[ROOT]),
            SeveralKeys(subjects=["CN=login.corp.example", "CN=Root CA"]),
            id="the link is missing",
        ),
        pytest.param(lambda: x509_data(*circle()), ChainHasNoEnd(), id="a circle"),
        pytest.param(
            lambda: x509_data(chain()[MIDDLE], chain()[ROOT]),
            IsAuthority(subject="CN=Issuing CA"),
            id="the leaf is missing",
        ),
        pytest.param(lambda: x509_data(chain()[MIDDLE]), IsAuthority(subject="CN=Issuing CA"), id="an authority alone"),
        pytest.param(
            lambda: x509_data(issue("weak", chain()[ROOT], bits=1024), chain()[ROOT]),
            KeyTooShort(bits="1024"),
            id="a weak leaf under a strong authority",
        ),
        pytest.param(
            lambda: x509_data(issue("ed", chain()[ROOT], key=ed25519.Ed25519PrivateKey.generate()), chain()[ROOT]),
            UnknownKeyKind(),
            id="a leaf of another kind",
        ),
        pytest.param(
            lambda: x509_data(chain()[ROOT]).replace("</ds:X509Data>", unreadable() + "</ds:X509Data>"),
            NotACertificate(),
            id="a leaf that cannot be read",
        ),
        pytest.param(
            lambda: x509_data(*(issue(f"many {number}", key=rsa_key("many")) for number in range(21))),
            ChainTooLong(most=20),
            id="too many",
        ),
    ],
)
def test_a_chain_whose_own_key_cannot_be_told_is_refused_in_words(
    desk: Client, saml: SamlSettings, data: Any, reason: Refusal
) -> None:
    before = events(saml.organization)

    answer = upload(desk, saml, of_live_idp(saml, key_of(data())))

    told = BadCertificateInMetadata(number=1, reason=reason)
    assert answer.status_code == 422
    assert answer.context["metadata_form"].errors == {"metadata": [str(told)]}
    assert not new_subjects(saml)
    assert events(saml.organization) == before


def test_the_usable_certificates_are_taken_and_the_others_named(
    desk: Client, saml: SamlSettings, hakata: Organization
) -> None:
    keys = [issue("weak", bits=1024), issue("good"), issue("ed", key=ed25519.Ed25519PrivateKey.generate())]
    document = of_live_idp(saml, *(key_of(x509_data(one)) for one in keys))

    upload(desk, saml, document)
    told = desk.get(reverse("saml", args=[saml.organization.space_key])).content.decode()

    assert new_subjects(saml) == {"CN=good"}
    assert "Certificate 1 in this metadata cannot be used: The certificate&#x27;s key has 1024 bits" in told
    assert "Certificate 3 in this metadata cannot be used: The certificate&#x27;s key is neither RSA nor ECDSA" in told
    rows = saml.organization.audit.filter(event=SamlEvent.CERTIFICATE_UNUSABLE).order_by("pk")
    kept = [(row.subject, row.changes["refusal"][0]) for row in rows]
    assert kept == [("1", "key_too_short"), ("3", "unknown_key_kind")]
    before = events(saml.organization)
    upload(desk, saml, document)
    assert events(saml.organization) == before


def test_where_none_can_be_used_each_reason_is_said(desk: Client, saml: SamlSettings) -> None:
    keys = key_of(x509_data(issue("weak", bits=1024))), key_of(x509_data(chain()[MIDDLE]))

    answer = upload(desk, saml, of_live_idp(saml, *keys))

    (told,) = answer.context["metadata_form"].errors["metadata"]
    assert told.startswith("None of the certificates in this metadata can be used. Certificate 1 in")
    assert "1024 bits" in told
    assert "certificate authority" in told


def test_of_a_pasted_chain_only_the_idps_own_certificate_is_trusted(
    desk: Client, saml: SamlSettings, mia: Member
) -> None:
    leaf, middle, root = chain()

    desk.post(
        reverse("saml-certificate-add", args=[saml.organization.space_key]),
        {"certificate": root.pem + middle.pem + leaf.pem},
    )

    assert new_subjects(saml) == {"CN=login.corp.example"}
    assert signs_in(saml, mia, leaf)
    assert not signs_in(saml, mia, root)


def test_the_verb_takes_the_idps_own_certificate_too(saml: SamlSettings) -> None:
    saml.add_certificate("".join(one.pem for one in chain()), by=OPERATOR)

    assert new_subjects(saml) == {"CN=login.corp.example"}
