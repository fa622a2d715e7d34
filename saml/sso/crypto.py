"""That what stands in a response is signed by the IdP, and of the form that SAML asks for.

shape.py has made sure that a signature covers the whole element it stands in, with algorithms that
are strong; here it is held against the trusted keys by xmlsec1.py, and the form against pysaml2's schemas.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, tostring

from saml2.xml.schema import XMLSchemaError, validate

from saml.refusals import SignInRefused
from saml.sso import crypto_refusals, encryption, shape, stand_in, xml
from saml.sso.relying_party import RelyingParty
from saml.sso.shape import Shape
from saml.sso.shape_refusals import ForbiddenXml, NotAResponse, TooComplex
from saml.sso.xml import DS, SAML, text_of
from saml.sso.xmlsec1 import XmlSec1

# Elements that are checked against the schemas; an assertion has about forty besides its attributes.
MAX_CHECKED = 500


@dataclass(frozen=True)
class Verified:
    shape: Shape
    # The trusted ones that its signatures fit, Base64 of DER.
    certificates: set[str]


@dataclass
class Keys:
    """The trusted certificates, held against the signatures of one message."""

    trusted: tuple[str, ...]
    xmlsec1: XmlSec1
    used: set[str] = field(default_factory=set)

    def require_signed(self, document: bytes, element: Element, *, hinted: bool = True) -> None:
        """Require a signature by the named certificate, if trusted, else by any. Raises WrongSignature, TookTooLong.

        Where nobody may learn from the time what was found, nothing is `hinted`: all are tried.
        """
        shown = element.findall(f"{DS}Signature/{DS}KeyInfo//{DS}X509Certificate") if hinted else []
        named = {"".join(text_of(one).split()) for one in shown}
        for certificate in [one for one in self.trusted if one in named] or self.trusted:
            if self._fits(document, element, certificate):
                self.used.add(certificate)
                return
        raise crypto_refusals.WrongSignature

    def _fits(self, document: bytes, element: Element, certificate: str) -> bool:
        namespace, _, tag = element.tag.removeprefix("{").partition("}")
        return self.xmlsec1.is_signed(document, f"{namespace}:{tag}", element.get("ID", ""), certificate)


def verified(document: bytes, found: Shape, party: RelyingParty) -> Verified:
    """The response with its assertion in the clear, all of it signed by a trusted key.

    Either signature is enough; one that is there must hold.
    Raises NotAResponse, Unsigned, WrongSignature, NotForOurKey, TookTooLong, TooComplex.
    """
    as_sent, keys = found.response, Keys(party.values.certificates, XmlSec1(party.xmlsec1))
    if found.response_is_signed:
        keys.require_signed(document, found.response)
    if found.is_encrypted:
        inside = encryption.opened(document, found.assertion, party.values.key_file)
        found = _vouched_inside(inside, found, keys) if found.response_is_signed else _inside(inside, found, keys)
    elif found.assertion_is_signed:
        keys.require_signed(document, found.assertion)
    elif not found.response_is_signed:
        raise crypto_refusals.Unsigned
    # Last, because it costs by the size of the message: nobody but the IdP gets this far.
    _require_valid(as_sent)
    _require_valid(found.assertion)
    return Verified(found, keys.used)


def _vouched_inside(inside: bytes | None, around: Shape, keys: Keys) -> Shape:
    """The content of a cipher that the IdP has signed. Any fault in it can be named."""
    if inside is None:
        raise crypto_refusals.NotForOurKey
    found = _read(inside, around)
    if found.assertion_is_signed:
        keys.require_signed(inside, found.assertion)
    return found


def _inside(inside: bytes | None, around: Shape, keys: Keys) -> Shape:
    """The content of a cipher that anybody may have made or changed, or a stand-in for it.

    Its own signature must hold; until it does there is one answer after one time, whether the key fits, the
    padding, the XML or the signature. Else the answers would read other people's assertions out, byte by byte
    (Jager and Somorovsky, “How to Break XML Encryption”). The stand-in has the size of the cipher: by that of the
    message, whoever fills the message would stretch the time of what did not open.
    """
    try:
        if inside is None:
            raise crypto_refusals.NotForOurKey
        found = _read(inside, around)
        if not found.assertion_is_signed:
            raise crypto_refusals.Unsigned
    except SignInRefused:
        inside = stand_in.of_size(encryption.size_of(around.assertion))
        found = _read(inside, around)
    try:
        keys.require_signed(inside, found.assertion, hinted=False)
    except (crypto_refusals.WrongSignature, crypto_refusals.TookTooLong):
        raise crypto_refusals.NotForOurKey from None
    return found


def _read(inside: bytes, around: Shape) -> Shape:
    try:
        return shape.of_decrypted(xml.parse(inside), around)
    except xml.ForbiddenError:
        raise ForbiddenXml from None
    except xml.TooComplexError:
        raise TooComplex from None
    except xml.UnreadableError:
        raise crypto_refusals.NotForOurKey from None


def _require_valid(element: Element) -> None:
    """Check against the schemas, but for the attributes, which are not read and which IdPs write in many ways."""
    checked = deepcopy(element)
    for assertion in checked.iter(f"{SAML}Assertion"):
        for statement in assertion.findall(f"{SAML}AttributeStatement"):
            assertion.remove(statement)
    # The schema wants to know every element in here; shape.py has let the list of prefixes pass and nothing else.
    for canonicalization in checked.iter(f"{DS}CanonicalizationMethod"):
        canonicalization[:] = []
    if sum(1 for _ in checked.iter()) > MAX_CHECKED:
        raise TooComplex
    try:
        validate(tostring(checked, encoding="unicode"))
    except XMLSchemaError:
        raise NotAResponse from None
