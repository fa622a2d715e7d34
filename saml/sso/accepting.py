"""A response at the door: read, held against the settings, used up; what comes out is a person or a refusal."""

import datetime
from base64 import b64decode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from xml.etree.ElementTree import Element

from django.db import transaction
from django.utils import timezone

from members.actors import Actor
from members.models import Member, Organization
from saml.models import SamlSettings, SignInRequest, UsedAssertion
from saml.models.request_refusals import ForeignRequest
from saml.refusals import SignInRefused
from saml.sso import accepting_refusals as refusals
from saml.sso import claims, crypto, shape, xml
from saml.sso.claims import Claims, Expected, IdpSession
from saml.sso.relying_party import RelyingParty, relying_party
from saml.sso.shape import Shape
from saml.sso.shape_refusals import ForbiddenXml, TooComplex, Unreadable

MAX_BYTES = 512 * 1024


@dataclass
class Message:
    """A response as it arrived; `name_id` is what it claims, for the audit log."""

    document: bytes
    root: Element
    name_id: str = ""
    # A signature of the IdP has held.
    is_proven: bool = False

    @cached_property
    def shape(self) -> Shape:
        """Its parts. Raises the refusals of shape.py."""
        return shape.of_response(self.root)

    @property
    def request_id(self) -> str | None:
        return self.root.get("InResponseTo")


@dataclass(frozen=True)
class SignIn:
    member: Member
    at_idp: IdpSession


def read(encoded: str) -> Message:
    """The message in the form's field. Raises NoResponse, ResponseTooLarge, ForbiddenXml, TooComplex, Unreadable."""
    if not encoded.strip():
        raise refusals.NoResponse
    try:
        document = xml.from_base64(encoded, most=MAX_BYTES)
        root = xml.parse(document)
    except OverflowError:
        raise refusals.ResponseTooLarge(kilobytes=MAX_BYTES // 1024) from None
    except xml.ForbiddenError:
        raise ForbiddenXml from None
    except xml.TooComplexError:
        raise TooComplex from None
    except xml.UnreadableError:
        raise Unreadable from None
    return Message(document, root, claims.claimed_name_id(root.find(f"{xml.SAML}Assertion")))


def request_answered(saml: SamlSettings, message: Message, browser: str) -> SignInRequest | None:
    """The request of this browser that the message answers, None if the IdP began.

    Raises the refusals of `SignInRequest.sent_by`, and before them those of the message's own form: what an IdP reports
    matters more than when.
    """
    try:
        return SignInRequest.sent_by(saml.organization, message.request_id, browser) if message.request_id else None
    except SignInRefused:
        _ = message.shape
        raise


def sign_in(saml: SamlSettings, message: Message, sent: SignInRequest | None) -> SignIn:
    """The sign-in that the message proves, once. `sent` is the request it answers, None if the IdP began."""
    _ = message.shape
    saml.require_open()
    if sent is None and not saml.accepts_unsolicited:
        raise refusals.Unsolicited
    said, signed_by = _verified(relying_party(saml), message, sent)
    member = member_with(saml, said.name_id)
    with transaction.atomic():
        _use_up(saml, said)
        if sent:
            sent.answer()
    _note_use(saml, said, signed_by)
    return SignIn(member, said.session)


def test(saml: SamlSettings, message: Message, sent: SignInRequest, *, by: Actor) -> None:
    """Pass Test sign-in: the draft goes live, unless it has changed meanwhile. Signs nobody in."""
    saml.require_unchanged_since(sent)
    said, signed_by = _verified(relying_party(saml, draft=True), message, sent)
    with saml.locked():
        # Once more under the lock: somebody may have changed them.
        saml.require_unchanged_since(sent)
        _use_up(saml, said)
        sent.answer(passed=True, name_id=said.name_id)
        saml.record_test_result(passed=True, by=by)
    _note_use(saml, said, signed_by)


def member_with(saml: SamlSettings, name_id: str) -> Member:
    """The active Managed Account of this organization with that address.

    Raises NameIdUnknown, NotManagedHere, AccountInactive.
    """
    member = member_named(saml.organization, name_id)
    if member is None:
        raise refusals.NameIdUnknown(name_id=name_id)
    _require_welcome(saml, member, name_id)
    return member


def member_named(organization: Organization, name_id: str) -> Member | None:
    """The member with this userName or Email, whether or not an IdP may sign that member in; or None.

    Compared without case, and by no wider rule: letters that merely look alike are another address.
    """
    member = organization.members.with_address(name_id).select_related("account").first()
    known = [member.account.user_name, member.account.email] if member else []
    return member if any(_is_same(name_id, address) for address in known) else None


def _is_same(name_id: str, address: str) -> bool:
    """Whether both are the same in lower and in upper case: the Kelvin sign becomes a k, but no k becomes one."""
    return name_id.lower() == address.lower() and name_id.upper() == address.upper()


def still_welcome(saml: SamlSettings, scim_id: str) -> Member:
    """The member of a sign-in that waited a moment, checked again. Raises the refusals of `member_with`."""
    member = saml.organization.members.filter(scim_id=scim_id).select_related("account").first()
    if member is None:
        raise refusals.NameIdUnknown(name_id="")
    _require_welcome(saml, member, member.account.user_name)
    return member


def use_waiting(saml: SamlSettings, once: str, until: datetime.datetime) -> None:
    """Let a waiting sign-in take its second step, once. Raises Replayed."""
    if not UsedAssertion.use(saml.organization, "waiting", once, until):
        raise refusals.Replayed


def _require_welcome(saml: SamlSettings, member: Member, name_id: str) -> None:
    member.organization = saml.organization
    if not member.is_own:
        raise refusals.NotManagedHere(name_id=name_id)
    if not member.is_active:
        raise refusals.AccountInactive(name_id=name_id)


def _verified(party: RelyingParty, message: Message, sent: SignInRequest | None) -> tuple[Claims, set[str]]:
    """The verified response, and the certificates that its signatures fit."""
    values = party.values
    expected = Expected(
        idp_entity_id=values.idp_entity_id,
        sp_entity_id=values.sp_entity_id,
        acs_url=values.acs_url,
        signed_in_since=sent.created_at if sent and sent.is_forced else None,
    )
    claims.require_issuer(message.shape, expected)
    found = crypto.verified(message.document, message.shape, party)
    message.is_proven, message.name_id = True, claims.claimed_name_id(found.shape.assertion)
    said = claims.check(found.shape, expected)
    if claims.in_response_to(found.shape) != (sent.pk if sent else None):
        raise ForeignRequest
    return said, found.certificates


def _use_up(saml: SamlSettings, said: Claims) -> None:
    if not UsedAssertion.use(saml.organization, said.issuer, said.assertion_id, said.valid_until):
        raise refusals.Replayed


def _note_use(saml: SamlSettings, said: Claims, signed_by: set[str]) -> None:
    """Note the use of certificates (Base64 of DER): administrators want to know which one the IdP signs with."""
    fingerprints = [sha256(b64decode(one)).hexdigest() for one in signed_by]
    for certificate in saml.certificates_of(said.issuer).filter(fingerprint__in=fingerprints):
        certificate.note_use(timezone.now())
