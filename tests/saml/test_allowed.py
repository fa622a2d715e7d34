"""What the SAML standard allows, or IdPs write all the same, signs in; each as strict as it can be beside that."""

import datetime
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Member
from saml.models import SamlSettings, UsedAssertion
from tests.cast.saml_messages import BEARER, EXCLUSIVE, Message, encode, signed
from tests.cast.sso import answered, ask, is_in, post, saml, signed_in_as, why_refused

__all__ = ["saml"]
NAME_ID = "nameid-format"
DAY = datetime.timedelta(days=1)


def asked(client: Client, saml: SamlSettings, mia: Member, **parts: Any) -> Message:
    return Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml), **parts)


# -- what an unsigned response may leave to its signed assertion


@pytest.mark.parametrize("left_out", [{"response_issuer": None}, {"destination": None}], ids=str)
def test_a_response_that_is_not_signed_may_leave_it_out(
    client: Client, saml: SamlSettings, mia: Member, left_out: dict[str, None]
) -> None:
    """saml-profiles-2.0-os, 4.1.4.2 with errata; saml-bindings-2.0-os, 3.5.5.2."""
    post(client, saml, answered(asked(client, saml, mia, **left_out), "Assertion"))

    assert is_in(client, mia)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"response_issuer": ""}, None),
        ({"response_issuer": " "}, "saml_wrong_issuer"),
        ({"response_issuer": "https://idp.evil.example"}, "saml_wrong_issuer"),
        ({"destination": ""}, "saml_wrong_destination"),
        ({"destination": "https://apps.example/elsewhere"}, "saml_wrong_destination"),
    ],
    ids=str,
)
def test_what_is_there_must_be_right(
    client: Client, saml: SamlSettings, mia: Member, changed: dict[str, str], code: str | None
) -> None:
    post(client, saml, answered(asked(client, saml, mia, **changed), "Assertion"))

    assert is_in(client, mia) == (code is None)
    assert code is None or why_refused(saml.organization) == code


@pytest.mark.parametrize(
    ("left_out", "code"),
    [({"response_issuer": None}, "saml_wrong_issuer"), ({"destination": None}, "saml_wrong_destination")],
    ids=str,
)
def test_a_signed_response_says_all_of_it(
    client: Client, saml: SamlSettings, mia: Member, left_out: dict[str, None], code: str
) -> None:
    post(client, saml, answered(asked(client, saml, mia, **left_out), "Response"))

    assert why_refused(saml.organization) == code


def test_the_confirmation_names_the_request_that_is_answered(client: Client, saml: SamlSettings, mia: Member) -> None:
    """saml-profiles-2.0-os, 4.1.4.2: it MUST. The response alone is often not signed."""
    message = replace(asked(client, saml, mia), confirmed_in_response_to=None)

    answer = post(client, saml, answered(message, "Assertion", "Response"))

    assert why_refused(saml.organization) == "saml_in_response_to"
    assert message.in_response_to in answer.content.decode()


# -- the format of the NameID


@pytest.mark.parametrize(
    "name",
    [
        f"urn:oasis:names:tc:SAML:1.1:{NAME_ID}:emailAddress",
        f"urn:oasis:names:tc:SAML:2.0:{NAME_ID}:emailAddress",
        f"urn:oasis:names:tc:SAML:2.0:{NAME_ID}:email",
        f"urn:oasis:names:tc:SAML:1.1:{NAME_ID}:email",
        f"urn:oasis:names:tc:SAML:1.1:{NAME_ID}:unspecified",
        f"urn:oasis:names:tc:SAML:2.0:{NAME_ID}:unspecified",
        f"urn:oasis:names:tc:SAML:1.0:{NAME_ID}:unspecified",
        f"urn:oasis:names:tc:SAML:1.1:{NAME_ID}:emailaddress",
        "emailAddress",
        None,
        "",
    ],
)
def test_the_format_may_be_spelled_in_these_ways(
    client: Client, saml: SamlSettings, mia: Member, name: str | None
) -> None:
    post(client, saml, answered(asked(client, saml, mia, name_id_format=name)))

    assert is_in(client, mia)


@pytest.mark.parametrize(
    "name",
    [
        f"urn:oasis:names:tc:SAML:2.0:{NAME_ID}:persistent",
        f"urn:oasis:names:tc:SAML:2.0:{NAME_ID}:transient",
        f"urn:oasis:names:tc:SAML:2.0:{NAME_ID}:kerberos",
        f"urn:oasis:names:tc:SAML:1.1:{NAME_ID}:X509SubjectName",
        f"urn:oasis:names:tc:SAML:1.1:{NAME_ID}:WindowsDomainQualifiedName",
        f"urn:oasis:names:tc:SAML:3.0:{NAME_ID}:emailAddress",
        f"urn:evil:{NAME_ID}:emailAddress",
    ],
)
def test_another_format_is_refused_by_its_whole_name(
    client: Client, saml: SamlSettings, mia: Member, name: str
) -> None:
    answer = post(client, saml, answered(asked(client, saml, mia, name_id_format=name)))

    assert why_refused(saml.organization) == "saml_name_id_format"
    assert name in answer.content.decode()
    assert f"urn:oasis:names:tc:SAML:1.1:{NAME_ID}:emailAddress" in answer.content.decode()


def test_what_is_no_address_is_refused_in_words(client: Client, saml: SamlSettings, mia: Member) -> None:
    message = asked(client, saml, mia, name_id_format=f"urn:oasis:names:tc:SAML:2.0:{NAME_ID}:unspecified")

    answer = post(client, saml, answered(replace(message, name_id="AOZORA\\mia")))

    assert why_refused(saml.organization) == "saml_name_id_no_address"
    assert "AOZORA\\mia" in answer.content.decode()


# -- the form of the signature


@pytest.mark.parametrize("place", ["CanonicalizationMethod", "Transform", "both"])
@pytest.mark.parametrize("element", ["Assertion", "Response"])
def test_canonicalization_may_name_prefixes(
    client: Client, saml: SamlSettings, mia: Member, place: str, element: Any
) -> None:
    post(client, saml, encode(signed(asked(client, saml, mia).xml(), element, prefixes={place: "saml xs #default"})))

    assert is_in(client, mia)


@pytest.mark.parametrize(
    ("algorithm", "put", "code"),
    [
        (EXCLUSIVE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "saml_canonicalization"),
        (EXCLUSIVE, "http://www.w3.org/2006/12/xml-c14n11", "saml_canonicalization"),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "saml_weak_algorithm",
        ),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1", "saml_weak_digest"),
    ],
)
def test_each_algorithm_has_a_sentence_of_its_own(
    client: Client, saml: SamlSettings, mia: Member, algorithm: str, put: str, code: str
) -> None:
    xml = signed(asked(client, saml, mia).xml(), "Assertion")

    for odd in {xml.replace(f'"{algorithm}"', f'"{put}"', 1), put.join(xml.rsplit(algorithm, 1))}:
        answer = post(client, saml, encode(odd))

        assert why_refused(saml.organization) == code
        assert put in answer.content.decode()
        assert ("RSA-SHA256" in answer.content.decode()) == (code == "saml_weak_algorithm")


# -- how long an assertion is good


@pytest.mark.parametrize(("age", "is_let_in"), [(DAY - datetime.timedelta(hours=1), True), (2 * DAY, False)])
def test_an_assertion_is_good_for_a_day_whatever_it_says(
    client: Client, saml: SamlSettings, mia: Member, age: datetime.timedelta, is_let_in: bool
) -> None:
    moment, end = timezone.now() - age, timezone.now() + 3650 * DAY
    message = Message.for_sp(
        saml, mia.account.email, issue_instant=moment, not_before=moment, not_on_or_after=end, confirmed_until=end
    )

    post(client, saml, answered(message))

    assert is_in(client, mia) == is_let_in
    if is_let_in:
        assert UsedAssertion.objects.get().valid_until <= timezone.now() + DAY
    else:
        assert why_refused(saml.organization) == "saml_too_old"


def test_what_was_used_is_remembered_for_as_long_as_it_is_good(client: Client, saml: SamlSettings, mia: Member) -> None:
    end = timezone.now() + 3650 * DAY
    response = answered(Message.for_sp(saml, mia.account.email, not_on_or_after=end, confirmed_until=end))
    post(client, saml, response)
    UsedAssertion.prune()

    post(Client(), saml, response)

    assert why_refused(saml.organization) == "saml_replayed"
    assert signed_in_as(Client()) is None


def test_a_later_confirmation_does_not_let_it_in_again(
    client: Client, saml: SamlSettings, mia: Member, monkeypatch: Any
) -> None:
    """The first one ends, what was used is pruned, and the second one still holds."""
    now, end = timezone.now(), timezone.now() + datetime.timedelta(hours=12)
    later = (
        f'<saml:SubjectConfirmation Method="{BEARER}"><saml:SubjectConfirmationData Recipient="{saml.acs_url}" '
        f'NotOnOrAfter="{end:%Y-%m-%dT%H:%M:%SZ}"/></saml:SubjectConfirmation>'
    )
    response = answered(Message.for_sp(saml, mia.account.email, not_on_or_after=end, subject_extra=later))
    post(client, saml, response)
    assert is_in(client, mia)
    monkeypatch.setattr(timezone, "now", lambda: now + datetime.timedelta(hours=1))
    UsedAssertion.prune()

    post(Client(), saml, response)

    assert why_refused(saml.organization) == "saml_replayed"


# -- which certificate it was


def test_the_certificate_that_the_idp_signed_with_is_noted(client: Client, saml: SamlSettings, mia: Member) -> None:
    assert not saml.certificates.exclude(last_used_at=None).exists()

    post(client, saml, answered(asked(client, saml, mia)))

    [used] = saml.certificates.exclude(last_used_at=None)
    assert re.fullmatch("CN=idp.test", used.subject)


def test_a_refused_sign_in_notes_no_certificate(client: Client, saml: SamlSettings, mia: Member) -> None:
    post(client, saml, answered(Message.for_sp(saml, "nobody@aozora.example")))

    assert not saml.certificates.exclude(last_used_at=None).exists()
