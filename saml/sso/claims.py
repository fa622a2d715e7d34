"""What a response says, held against what it must say (saml-profiles-2.0-os, 4.1.4.2 and 4.1.4.3).

Works on a response whose signature has been verified.
"""

import datetime
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from django.utils import timezone

from saml import sign_in_refusals as refusals
from saml.sso.shape import Shape
from saml.sso.xml import SAML, elements, text_of, without_namespace

# How far the clocks of the IdP and of this site may be apart.
SKEW = datetime.timedelta(seconds=60)
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
# “Unspecified” leaves the meaning to the two sides (saml-core-2.0-os, 8.3.1): here it is the address, too.
NAME_ID_FORMATS = ("", EMAIL_ADDRESS, "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified")
HARMLESS_CONDITIONS = ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")
LONGEST_NAME_ID = 320


@dataclass(frozen=True)
class Expected:
    idp_entity_id: str
    sp_entity_id: str
    acs_url: str
    # Since when the person must have signed in at the IdP (ForceAuthn), or None.
    signed_in_since: datetime.datetime | None = None


@dataclass(frozen=True)
class Claims:
    issuer: str
    assertion_id: str
    name_id: str
    valid_until: datetime.datetime
    session_until: datetime.datetime | None


def in_response_to(shape: Shape) -> str | None:
    """The AuthnRequest that it answers; None where the IdP began.

    The assertion's word counts, because it is what is signed by everybody; the response's must be
    the same, else somebody could marry a stolen assertion to a request of ours. Raises InResponseToDiffers.
    """
    confirmed = {data.get("InResponseTo") for data in _bearer_data(shape.assertion)}
    if confirmed != {shape.response.get("InResponseTo")}:
        raise refusals.InResponseToDiffers
    return confirmed.pop()


def check(shape: Shape, expected: Expected) -> Claims:
    """Issuer, destination, conditions and subject, in this order; raises a SignInRefused that names the first wrong."""
    response, assertion = shape.response, shape.assertion
    require_issuer(shape, expected)
    destination = response.get("Destination", "")
    if destination != expected.acs_url:
        raise refusals.WrongDestination(destination=destination[:200], expected=expected.acs_url)
    for place in (response, assertion):
        if _moment(place.get("IssueInstant")) > timezone.now() + SKEW:
            raise refusals.TooEarly(time=place.get("IssueInstant"))
    if assertion.get("Version") != "2.0" or not assertion.get("ID"):
        raise refusals.NotAResponse
    until = min(_conditions_until(assertion, expected), _confirmed_until(assertion, expected))
    return Claims(
        issuer=expected.idp_entity_id,
        assertion_id=assertion.get("ID", ""),
        valid_until=until,
        session_until=_session_until(assertion, expected),
        name_id=_name_id(assertion),
    )


def require_issuer(shape: Shape, expected: Expected) -> None:
    """Of the response and of its assertion, unless that is still encrypted. Raises WrongIssuer."""
    places = [shape.response] if shape.is_encrypted else [shape.response, shape.assertion]
    for place in places:
        issuer = text_of(place.find(f"{SAML}Issuer"))
        if issuer != expected.idp_entity_id:
            raise refusals.WrongIssuer(issuer=issuer[:200], expected=expected.idp_entity_id)


def claimed_name_id(assertion: Element) -> str:
    """For the audit log, whatever is wrong with it."""
    return text_of(assertion.find(f"{SAML}Subject/{SAML}NameID"))[:LONGEST_NAME_ID]


def _name_id(assertion: Element) -> str:
    subjects = assertion.findall(f"{SAML}Subject")
    names = [name for subject in subjects for name in subject.findall(f"{SAML}NameID")]
    if len(subjects) != 1 or len(names) != 1 or not text_of(names[0]):
        raise refusals.MissingNameId
    name_id, kind = text_of(names[0]), names[0].get("Format", "")
    if len(name_id) > LONGEST_NAME_ID:
        raise refusals.MissingNameId
    if kind not in NAME_ID_FORMATS:
        raise refusals.WrongNameIdFormat(name_id=name_id, format=kind.rpartition(":")[2][:100])
    return name_id


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


def _confirmed_until(assertion: Element, expected: Expected) -> datetime.datetime:
    """One bearer confirmation that holds is enough; of several that do not, the first says why."""
    reasons: list[refusals.SignInRefused] = []
    for data in _bearer_data(assertion):
        try:
            if data.get("Recipient") != expected.acs_url:
                recipient = data.get("Recipient", "")[:200]
                raise refusals.WrongRecipient(recipient=recipient, expected=expected.acs_url)
            if not data.get("NotOnOrAfter"):
                raise refusals.MissingConditions
            return _require_now(data)
        except refusals.SignInRefused as reason:
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


def _session_until(assertion: Element, expected: Expected) -> datetime.datetime | None:
    statements = assertion.findall(f"{SAML}AuthnStatement")
    if not statements:
        raise refusals.MissingAuthnStatement
    since = expected.signed_in_since
    if since and _moment(statements[0].get("AuthnInstant")) < since - SKEW:
        raise refusals.StaleAuthentication(time=statements[0].get("AuthnInstant"))
    ends = [
        _moment(statement.get("SessionNotOnOrAfter"))
        for statement in statements
        if statement.get("SessionNotOnOrAfter")
    ]
    if ends and min(ends) <= timezone.now() - SKEW:
        raise refusals.Expired(time=min(ends).isoformat())
    return min(ends, default=None)


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
