"""The statements of a response, compared with what they must be (saml-profiles-2.0-os, 4.1.4.2 and 4.1.4.3).

Works on a response whose signature has been verified.
"""

import datetime
import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from django.utils import timezone

from saml.refusals import SignInRefused
from saml.spelled_out import spelled_out
from saml.sso import claims_refusals as refusals
from saml.sso.shape import Shape
from saml.sso.shape_refusals import NotAResponse
from saml.sso.xml import SAML, elements, text_of, without_namespace

# Difference that the clocks of the IdP and of this site may have.
SKEW = datetime.timedelta(seconds=60)
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
# An assertion is good for a day at most, however long it says; what has signed in is remembered until then.
MAX_VALIDITY = datetime.timedelta(days=1)
# Formats in the spelling of saml-core-2.0-os, 8.3, and of IdPs. “Unspecified” leaves the meaning to the two sides: here
# it is the address, too.
ADDRESS_FORMAT = re.compile(
    r"(urn:oasis:names:tc:SAML:(1\.0|1\.1|2\.0):nameid-format:)?(emailAddress|email|unspecified)", re.IGNORECASE
)
HARMLESS_CONDITIONS = ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")
MAX_NAME_ID = 320


@dataclass(frozen=True)
class Expected:
    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    # Earliest sign-in at the IdP that is accepted (ForceAuthn), or None.
    signed_in_since: datetime.datetime | None = None


@dataclass(frozen=True)
class Claims:
    issuer: str
    assertion_id: str
    name_id: str
    valid_until: datetime.datetime
    session: "IdpSession"


@dataclass(frozen=True)
class IdpSession:
    """The session at the IdP: the time of signing in there, and its end or None."""

    since: datetime.datetime
    until: datetime.datetime | None


def in_response_to(shape: Shape) -> str | None:
    """The ID of the AuthnRequest that it answers; None where the IdP began.

    The confirmation must name it (saml-profiles-2.0-os, 4.1.4.2) and the response the same one: often the assertion
    alone is signed, and somebody could marry a stolen one to a request of ours. Raises InResponseToDiffers.
    """
    said, confirmed = (
        shape.response.get("InResponseTo"),
        [one.get("InResponseTo") for one in _bearer_data(shape.assertion)],
    )
    for one in confirmed:
        if one != said:
            raise refusals.InResponseToDiffers(response=(said or "")[:100], assertion=(one or "")[:100])
    return said


def check(shape: Shape, expected: Expected) -> Claims:
    """Issuer, destination, conditions and subject, in this order; raises a SignInRefused that names the first wrong."""
    response, assertion = shape.response, shape.assertion
    require_issuer(shape, expected)
    _require_destination(shape, expected)
    for place in (response, assertion):
        if _moment(place.get("IssueInstant")) > timezone.now() + SKEW:
            raise refusals.TooEarly(time=place.get("IssueInstant"))
    if assertion.get("Version") != "2.0" or not assertion.get("ID"):
        raise NotAResponse
    until = min(_issued_until(assertion), _conditions_until(assertion, expected))
    _require_confirmed(assertion, expected)
    return Claims(
        issuer=expected.idp_entity_id,
        assertion_id=assertion.get("ID", ""),
        # The end of its conditions: of several confirmations another may hold once the first has ended.
        valid_until=until,
        session=_session(assertion, expected),
        name_id=_name_id(assertion),
    )


def require_issuer(shape: Shape, expected: Expected) -> None:
    """Require the issuer of the response and, unless it is still encrypted, of the assertion. Raises WrongIssuer.

    The response may leave it out where neither it is signed nor the assertion encrypted (saml-profiles-2.0-os,
    4.1.4.2, as corrected by erratum E17): then the signed assertion says it.
    """
    issuer = shape.response.find(f"{SAML}Issuer")
    places = [] if issuer is None and not shape.response_is_signed and not shape.is_encrypted else [issuer]
    if not shape.is_encrypted:
        places.append(shape.assertion.find(f"{SAML}Issuer"))
    for said in map(text_of, places):
        if said != expected.idp_entity_id:
            raise refusals.WrongIssuer(issuer=said[:200], expected=expected.idp_entity_id)


def _require_destination(shape: Shape, expected: Expected) -> None:
    """Require the Destination; an unsigned response may leave it out (saml-bindings-2.0-os, 3.5.5.2)."""
    destination = shape.response.get("Destination")
    if destination is None and not shape.response_is_signed:
        return
    if destination != expected.acs_url:
        raise refusals.WrongDestination(destination=(destination or "")[:200], expected=expected.acs_url)


def claimed_name_id(assertion: Element | None) -> str:
    """The NameID for the audit log, verified or not; "" without an assertion in the clear."""
    found = None if assertion is None else assertion.find(f"{SAML}Subject/{SAML}NameID")
    return spelled_out(text_of(found))[:MAX_NAME_ID]


def _name_id(assertion: Element) -> str:
    subjects = assertion.findall(f"{SAML}Subject")
    names = [name for subject in subjects for name in subject.findall(f"{SAML}NameID")]
    if len(subjects) != 1 or len(names) != 1 or not text_of(names[0]):
        raise refusals.MissingNameId
    name_id, kind = text_of(names[0]), names[0].get("Format", "").strip()
    if len(name_id) > MAX_NAME_ID:
        raise refusals.MissingNameId
    if kind and not ADDRESS_FORMAT.fullmatch(kind):
        raise refusals.WrongNameIdFormat(name_id=name_id, format=kind[:200])
    if "@" not in name_id or not name_id.isprintable():
        raise refusals.NameIdIsNoAddress(name_id=name_id)
    return name_id


def _issued_until(assertion: Element) -> datetime.datetime:
    """The end of the day after its issue. Raises TooOld."""
    issued = _moment(assertion.get("IssueInstant"))
    if issued + MAX_VALIDITY <= timezone.now() - SKEW:
        raise refusals.TooOld(time=assertion.get("IssueInstant"))
    return issued + MAX_VALIDITY


def _conditions_until(assertion: Element, expected: Expected) -> datetime.datetime:
    conditions = assertion.findall(f"{SAML}Conditions")
    if len(conditions) != 1 or not conditions[0].get("NotOnOrAfter"):
        raise refusals.MissingConditions
    for condition in elements(conditions[0]):
        if without_namespace(condition) not in HARMLESS_CONDITIONS or not condition.tag.startswith(SAML):
            raise refusals.UnknownCondition(condition=without_namespace(condition)[:100])
    restrictions = conditions[0].findall(f"{SAML}AudienceRestriction")
    if not restrictions:
        raise refusals.WrongAudience(audience="", expected=expected.sp_entity_id)
    for restriction in restrictions:
        audiences = [text_of(audience) for audience in restriction.findall(f"{SAML}Audience")]
        if expected.sp_entity_id not in audiences:
            raise refusals.WrongAudience(audience=", ".join(audiences)[:200], expected=expected.sp_entity_id)
    return _require_now(conditions[0])


def _require_confirmed(assertion: Element, expected: Expected) -> None:
    """Require a bearer confirmation that holds. Raises the refusal of the first if none does."""
    reasons: list[SignInRefused] = []
    for data in _bearer_data(assertion):
        try:
            if data.get("Recipient") != expected.acs_url:
                recipient = data.get("Recipient", "")[:200]
                raise refusals.WrongRecipient(recipient=recipient, expected=expected.acs_url)
            if not data.get("NotOnOrAfter"):
                raise refusals.MissingConditions
            _require_now(data)
            return
        except SignInRefused as reason:
            reasons.append(reason)
    raise reasons[0] if reasons else refusals.NotBearer()


def _bearer_data(assertion: Element) -> list[Element]:
    confirmations = assertion.findall(f"{SAML}Subject/{SAML}SubjectConfirmation")
    bearers = [confirmation for confirmation in confirmations if confirmation.get("Method") == BEARER]
    found = [confirmation.find(f"{SAML}SubjectConfirmationData") for confirmation in bearers]
    data = [one for one in found if one is not None]
    if not data:
        raise refusals.NotBearer
    return data


def _session(assertion: Element, expected: Expected) -> IdpSession:
    """The session at the IdP: of several statements the oldest sign-in, and the first end."""
    statements = assertion.findall(f"{SAML}AuthnStatement")
    if not statements:
        raise refusals.MissingAuthnStatement
    since = min(_moment(statement.get("AuthnInstant")) for statement in statements)
    if expected.signed_in_since and since < expected.signed_in_since - SKEW:
        raise refusals.StaleAuthentication(time=since.isoformat())
    ends = [
        _moment(statement.get("SessionNotOnOrAfter"))
        for statement in statements
        if statement.get("SessionNotOnOrAfter")
    ]
    # No difference of clocks is allowed for: a session that is over here would end unseen as it begins.
    if ends and min(ends) <= timezone.now():
        raise refusals.Expired(time=min(ends).isoformat())
    return IdpSession(since=since, until=min(ends, default=None))


def _require_now(element: Element) -> datetime.datetime:
    """NotBefore and NotOnOrAfter of an element; returns the latter."""
    now = timezone.now()
    until = _moment(element.get("NotOnOrAfter"))
    if element.get("NotBefore") and _moment(element.get("NotBefore")) > now + SKEW:
        raise refusals.TooEarly(time=element.get("NotBefore"))
    # The clock is moved, not the moment: that may be the last there is.
    if now - SKEW >= until:
        raise refusals.Expired(time=element.get("NotOnOrAfter"))
    return until


def _moment(value: str | None) -> datetime.datetime:
    """An xs:dateTime; one without a zone is in UTC, as all of SAML's are (saml-core-2.0-os, 1.3.3)."""
    try:
        moment = datetime.datetime.fromisoformat(value or "")
        return moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except (ValueError, OverflowError):
        raise refusals.InvalidTime(value=(value or "")[:60]) from None
