"""Anybody may post to the ACS: what that costs is bounded, and it shuts nobody out."""

import base64
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Member, Organization
from saml.events import SamlEvent
from saml.models import RefusedPosts, SamlSettings, SignInRequest
from saml.sso import crypto_refusals, xmlsec1
from tests.cast.rows import events
from tests.cast.saml_messages import DS, EXCLUSIVE, Message, encode, key_pair, signed
from tests.cast.sso import answered, ask, callback, is_in, post, saml, why_refused

__all__ = ["saml"]


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """No minute ends while something is counted."""
    minute = timezone.now().replace(second=0, microsecond=0)
    monkeypatch.setattr("saml.models.refused_posts._this_minute", lambda: minute)


def _forged(saml: SamlSettings, **parts: Any) -> str:
    """A response with a signature of the right form by nobody, which is what makes xmlsec1 work."""
    message = Message.for_sp(saml, "mia@aozora.example", **parts)
    return signed(message.xml(), "Response", by=key_pair("stranger"))


def _within(xml: str, extra: str) -> str:
    return xml.replace("</samlp:Status>", f"</samlp:Status><samlp:Extensions>{extra}</samlp:Extensions>", 1)


def _prefixed(xml: str, names: str) -> str:
    method = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"'
    listed = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{names}"/>'
    return xml.replace(f"{method}/>", f"{method}>{listed}</ds:CanonicalizationMethod>")


def heavy(saml: SamlSettings) -> Iterator[tuple[str, str, str]]:
    """A name, a document that costs a canonicalizing program seconds, and what it is refused as."""
    xml = _forged(saml)
    many = "saml_too_complex"
    yield "40,000 attributes", _within(xml, "<a " + " ".join(f'a{i}=""' for i in range(40_000)) + "/>"), many
    yield "40,000 namespaces", _within(xml, "<a " + " ".join(f'xmlns:a{i}="u"' for i in range(30_000)) + "/>"), many
    yield (
        "namespaces all the way down",
        _within(xml, "".join(f'<a xmlns:a{i}="u">' for i in range(60)) + "</a>" * 60),
        many,
    )
    yield "100,000 elements", _within(xml, "<a/>" * 100_000), many
    yield "10,000 levels", _within(xml, "<a>" * 10_000 + "</a>" * 10_000), many
    yield "an attribute of 400 KB", _within(xml, f'<a a="{"x" * 400_000}"/>'), many
    long = f'xmlns:p="urn:{"x" * 300_000}"'
    for what, one in (("elements", "<p:a/>"), ("attributes", '<a p:a=""/>')):
        yield f"a namespace of 300 KB for 9,000 {what}", _within(xml, f"<a {long}>{one * 9_000}</a>"), many
    yield "40,000 prefixes", _prefixed(_within(xml, "<a/>" * 5_000), "p " * 20_000), many
    yield "a prefix of 70 KB", _prefixed(_within(xml, "<a/>" * 500), "p" * 4_000), many
    lists = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="y"/>' * 4_000
    listed = _prefixed(xml, "x").replace("<ec:Inc", f"{lists}<ec:Inc", 1)
    yield "4,000 lists of prefixes", listed, "saml_canonicalization"
    yield "a signature of 400 KB", re.sub("<ds:SignatureValue>[^<]*", f"<ds:SignatureValue>{'A' * 400_000}", xml), many
    yield "a digest of 400 KB", re.sub("<ds:DigestValue>[^<]*", f"<ds:DigestValue>{'A' * 400_000}", xml), many
    yield (
        "a certificate of 400 KB",
        re.sub("<ds:X509Certificate>[^<]*", f"<ds:X509Certificate>{'A' * 300_000}", xml),
        many,
    )
    yield "text of 400 KB", _within(xml, "x" * 400_000), "saml_wrong_signature"
    yield "9,000 elements", _within(xml, "<a/>" * 9_000), "saml_wrong_signature"
    thirty = " ".join(f'a{i}=""' for i in range(30))
    yield "1,500 elements with 30 attributes", _within(xml, f"<a {thirty}/>" * 1_500), "saml_wrong_signature"


def _worked() -> float:
    """Seconds of CPU, of this process and of the programs that it has started."""
    usages = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def test_a_heavy_message_costs_little(client: Client, saml: SamlSettings, monkeypatch: Any) -> None:
    monkeypatch.setattr("saml.models.refused_posts.MAX_UNPROVEN", 1000)
    post(client, saml, encode(_forged(saml)))

    for name, xml, code in heavy(saml):
        began = _worked()
        answer = post(client, saml, encode(xml))
        took = _worked() - began

        assert answer.status_code == 403, name
        assert why_refused(saml.organization) == code, name
        # A tenth of it by itself; beside a browser and another worker several times that. Unbounded work is seconds.
        assert took < 1.5, f"{name}: {took:.2f} s"


def test_as_many_groups_as_fit_are_no_attack(client: Client, saml: SamlSettings, mia: Member) -> None:
    """2,500 groups, each with two namespaces and a type, as Okta and Keycloak write them."""
    value = (
        '<saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xsi:type="xs:string" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">g</saml:AttributeValue>'
    )
    groups = (
        f'<saml:AttributeStatement><saml:Attribute Name="g">{value * 2_500}</saml:Attribute></saml:AttributeStatement>'
    )
    message = Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml), assertion_extra=groups)

    post(client, saml, answered(message))

    assert is_in(client, mia)


# -- the program


@pytest.fixture
def stuck(tmp_path: Any) -> str:
    """In the place of xmlsec1: a program that never ends and whose child would not either."""
    program = tmp_path / "xmlsec1"
    program.write_text(
        f'#!/bin/sh\necho xmlsec1 1.2.37\n[ "$1" = --version ] && exit\nsleep 30 & echo $! > {tmp_path}/child\nwait\n'
    )
    program.chmod(0o755)
    return str(program)


def _is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_xmlsec1_is_killed_with_all_that_it_started(stuck: str, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(xmlsec1, "MAX_RUN", 0.5)

    began = time.monotonic()
    with pytest.raises(crypto_refusals.TookTooLong):
        xmlsec1.XmlSec1(stuck).is_signed(b"<a/>", "a", "b", "c")

    assert time.monotonic() - began < 10
    child = int((tmp_path / "child").read_text())
    for _attempt in range(50):
        if not _is_alive(child):
            break
        time.sleep(0.05)
    assert not _is_alive(child)


def test_a_message_that_takes_too_long_is_refused_in_words(
    client: Client, saml: SamlSettings, stuck: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr(xmlsec1, "MAX_RUN", 0.2)
    monkeypatch.setattr("saml.sso.relying_party.RelyingParty.xmlsec1", stuck)

    answer = post(client, saml, encode(_forged(saml)))

    assert answer.status_code == 403
    assert why_refused(saml.organization) == "saml_took_too_long"


@pytest.mark.parametrize("fate", ["missing", "killed"])
def test_a_site_without_xmlsec1_says_so(
    client: Client, saml: SamlSettings, mia: Member, monkeypatch: Any, tmp_path: Any, fate: str
) -> None:
    """Nobody is told to look for another certificate, and nothing counts against the network."""
    program = tmp_path / "xmlsec1"
    if fate == "killed":
        program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo xmlsec1 1.2.37 && exit\nkill -KILL $$\n')
        program.chmod(0o755)
    monkeypatch.setattr("saml.sso.relying_party.RelyingParty.xmlsec1", str(program))
    xmlsec1._version.cache_clear()

    answer = post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert "cannot check sign-ins" in answer.content.decode()
    assert not is_in(client, mia)
    assert not RefusedPosts.objects.exists()


def test_all_runs_of_one_message_share_their_time(stuck: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(xmlsec1, "MAX_MESSAGE", 0)

    began = time.monotonic()
    with pytest.raises(crypto_refusals.TookTooLong):
        xmlsec1.XmlSec1(stuck).is_signed(b"<a/>", "a", "b", "c")

    assert time.monotonic() - began < 2


def test_few_run_at_once_and_whoever_waits_too_long_is_told(
    client: Client, saml: SamlSettings, monkeypatch: Any
) -> None:
    monkeypatch.setattr(xmlsec1, "MAX_WAIT", 0.1)
    for _slot in range(xmlsec1.AT_ONCE):
        assert xmlsec1._slots.acquire(timeout=1)
    try:
        answer = post(client, saml, encode(_forged(saml)))
    finally:
        for _slot in range(xmlsec1.AT_ONCE):
            xmlsec1._slots.release()

    assert answer.status_code == 503
    assert answer["Retry-After"].isdigit()
    assert "Nothing is wrong with this one" in answer.content.decode()
    assert SamlEvent.REFUSED not in events(saml.organization)


@pytest.mark.parametrize(("names_it", "runs"), [(True, 1), (False, 3)])
def test_a_trusted_certificate_that_is_named_is_tried_alone(
    client: Client, saml: SamlSettings, mia: Member, monkeypatch: Any, names_it: bool, runs: int
) -> None:
    from tests.cast import OPERATOR

    saml.add_certificate(key_pair("next").certificate, by=OPERATOR)
    assert saml.certificates.count() == 3
    tried: list[object] = []
    run = xmlsec1._run

    def counted(command: list[str], seconds: float) -> tuple[int, str]:
        if "--verify" in command:
            tried.append(command)
        return run(command, seconds)

    monkeypatch.setattr(xmlsec1, "_run", counted)
    xml = signed(Message.for_sp(saml, mia.account.email).xml(), "Assertion").replace("mia@", "mio@")

    post(client, saml, encode(xml if names_it else re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", "", xml, flags=re.DOTALL)))

    assert len(tried) == runs
    assert why_refused(saml.organization) == "saml_wrong_signature"


# -- whoever is refused again and again


RUBBISH = base64.b64encode(b"rubbish").decode()


def _flood(saml: SamlSettings, times: int, client: Client | None = None, **sent: Any) -> list[int]:
    flooder = client or Client()
    return [flooder.post(callback(saml), {"SAMLResponse": RUBBISH}, **sent).status_code for _number in range(times)]


def test_a_network_that_is_refused_too_often_waits(client: Client, saml: SamlSettings, monkeypatch: Any) -> None:
    statuses = _flood(saml, 40)
    assert statuses == [403] * 30 + [429] * 10
    monkeypatch.setattr(xmlsec1, "_run", lambda *_given: pytest.fail("xmlsec1 was started"))

    answer = post(client, saml, encode(_forged(saml)))

    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert "Start again from your organization" in answer.content.decode()
    assert events(saml.organization).count(SamlEvent.REFUSED) == 30


def test_the_waiting_is_said_in_japanese_too(client: Client, saml: SamlSettings) -> None:
    _flood(saml, 30)
    client.cookies["language"] = "ja"

    answer = post(client, saml, RUBBISH)

    assert answer.status_code == 429
    assert "同じネットワーク" in answer.content.decode()


def test_it_is_over_after_a_minute(client: Client, saml: SamlSettings, mia: Member) -> None:
    _flood(saml, 31)
    RefusedPosts.objects.update(minute="2026-01-01T00:00:00Z")

    post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    assert is_in(client, mia)


def test_nobody_locks_colleagues_out(client: Client, saml: SamlSettings, mia: Member) -> None:
    """The same network, and a sign-in that began at the organization's sign-in link."""
    _flood(saml, 40)

    post(client, saml, answered(Message.for_sp(saml, mia.account.email, in_response_to=ask(client, saml))))

    assert is_in(client, mia)


def test_a_browser_that_asks_has_five_tries_beyond(client: Client, saml: SamlSettings) -> None:
    _flood(saml, 30)
    ask(client, saml)

    assert _flood(saml, 7, client) == [403] * 5 + [429] * 2


def test_beyond_three_hundred_a_browser_has_one_try(client: Client, saml: SamlSettings, mia: Member) -> None:
    _flood(saml, 1)
    RefusedPosts.objects.update(proven=270, unproven=30)
    ask(client, saml)
    assert _flood(saml, 3, client) == [403, 429, 429]

    request = ask(client, saml)
    post(client, saml, answered(Message.for_sp(saml, mia.account.email, in_response_to=request)))

    assert is_in(client, mia)


@pytest.mark.parametrize(("proven", "status"), [(299, 403), (300, 429)])
def test_people_whom_the_idp_vouches_for_are_not_without_end(
    client: Client, saml: SamlSettings, proven: int, status: int
) -> None:
    _flood(saml, 1)
    RefusedPosts.objects.update(proven=proven, unproven=0)

    assert _flood(saml, 1) == [status]


def test_people_whom_the_idp_vouches_for_are_not_rubbish(client: Client, saml: SamlSettings, mia: Member) -> None:
    """Forty people who are not provisioned yet, and one who is, in a company behind one address."""
    for number in range(40):
        answer = post(Client(), saml, answered(Message.for_sp(saml, f"new{number}@aozora.example")))
        assert answer.status_code == 403

    post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    assert is_in(client, mia)


def test_sign_ins_that_succeed_are_not_counted(client: Client, saml: SamlSettings, mia: Member) -> None:
    post(client, saml, answered(Message.for_sp(saml, mia.account.email)))

    assert not RefusedPosts.objects.exists()


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
def test_a_network_is_an_address_or_a_64(
    client: Client, saml: SamlSettings, one: str, other: str, is_same: bool
) -> None:
    _flood(saml, 31, REMOTE_ADDR=one)

    assert _flood(saml, 1, REMOTE_ADDR=other) == [429 if is_same else 403]


def test_counts_are_not_kept(saml: SamlSettings, client: Client) -> None:
    _flood(saml, 1)
    RefusedPosts.objects.update(minute="2026-01-01T00:00:00Z")

    call_command("prune")

    assert not RefusedPosts.objects.exists()


# -- requests on their way


def _begin(saml: SamlSettings, client: Client | None = None, **sent: Any) -> None:
    (client or Client()).get(reverse("saml-begin", args=[saml.organization.space_key]), **sent)


@pytest.mark.parametrize(
    ("limit", "is_one_browser", "is_one_network"),
    [("BROWSER", True, False), ("NETWORK", False, True), ("ORGANIZATION", False, False)],
)
def test_only_so_many_requests_wait(
    client: Client, saml: SamlSettings, monkeypatch: Any, limit: str, is_one_browser: bool, is_one_network: bool
) -> None:
    suffix = {"BROWSER": "A_BROWSER", "NETWORK": "A_NETWORK", "ORGANIZATION": "AN_ORGANIZATION"}[limit]
    monkeypatch.setattr(f"saml.models.request.MAX_OF_{suffix}", 3)

    for number in range(6):
        network = "192.0.2.1" if is_one_network else f"192.0.2.{number}"
        _begin(saml, client if is_one_browser else None, REMOTE_ADDR=network)

    assert SignInRequest.objects.count() == 3


def test_the_newest_request_is_the_one_that_stays(
    client: Client, saml: SamlSettings, mia: Member, monkeypatch: Any
) -> None:
    monkeypatch.setattr("saml.models.request.MAX_OF_A_NETWORK", 3)
    for _number in range(5):
        _begin(saml)
    request = ask(client, saml)

    post(client, saml, answered(Message.for_sp(saml, mia.account.email, in_response_to=request)))

    assert is_in(client, mia)


def test_another_organizations_requests_make_no_room(
    client: Client, saml: SamlSettings, hakata: Organization, mia: Member, monkeypatch: Any
) -> None:
    monkeypatch.setattr("saml.models.request.MAX_OF_AN_ORGANIZATION", 1)
    request = ask(client, saml)
    other = SamlSettings.of(hakata)
    for number in range(3):
        SignInRequest.make(hakata, browser="other", network=f"192.0.2.{number}")
    assert other.organization_id != saml.organization_id

    post(client, saml, answered(Message.for_sp(saml, mia.account.email, in_response_to=request)))

    assert is_in(client, mia)


@pytest.mark.parametrize("path", ["/saml/test/%00", "/saml/test/_a%00b"])
def test_a_nul_in_an_address_is_not_found(client: Client, saml: SamlSettings, aiko: Member, path: str) -> None:
    from tests.cast import signed_in

    answer = signed_in(client, aiko).get(f"/spaces/{saml.organization.space_key}{path}")

    assert answer.status_code == 404


def test_no_signature_makes_the_site_fetch_a_key(client: Client, saml: SamlSettings) -> None:
    method = f'<ds:RetrievalMethod xmlns:ds="{DS}" URI="http://127.0.0.1:1/key"/>'
    xml = re.sub(r"<ds:X509Data>.*</ds:X509Data>", method, _forged(saml), flags=re.DOTALL)

    post(client, saml, encode(xml))

    assert why_refused(saml.organization) == "saml_wrong_signature"
