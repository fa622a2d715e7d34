"""Signatures and encryption, by pysaml2 and the program xmlsec1 that it calls."""

import logging
from typing import Any

from saml2 import saml, samlp
from saml2.sigver import XmlsecError

from saml import sign_in_refusals as refusals
from saml.sso import shape, xml
from saml.sso.relying_party import RelyingParty
from saml.sso.shape import Shape

RESPONSE = f"{samlp.NAMESPACE}:Response"
ASSERTION = f"{saml.NAMESPACE}:Assertion"
logger = logging.getLogger(__name__)


def verified(document: bytes, found: Shape, party: RelyingParty) -> Shape:
    """The response with its assertion in the clear, all of it signed by a trusted key.

    Either signature is enough; one that is there must hold. Raises Unsigned, WrongSignature, NotForOurKey.
    """
    if found.response_is_signed:
        _verify(document, RESPONSE, party)
    if found.is_encrypted:
        document, found = _decrypted(document, party)
    if found.assertion_is_signed:
        _verify(document, ASSERTION, party)
    if not found.response_is_signed and not found.assertion_is_signed:
        raise refusals.Unsigned
    return found


def _decrypted(document: bytes, party: RelyingParty) -> tuple[bytes, Shape]:
    try:
        opened: str = party.security.decrypt(document.decode())
    except XmlsecError:
        raise refusals.NotForOurKey from None
    inside = opened.encode()
    try:
        return inside, shape.of_decrypted(xml.parse(inside))
    except xml.ForbiddenError:
        raise refusals.ForbiddenXml from None
    except xml.UnreadableError:
        raise refusals.NotForOurKey from None


def _verify(document: bytes, node: str, party: RelyingParty) -> None:
    """With each trusted certificate in turn; which issuer the message claims plays no part in the choice."""
    item = _instance(document, node)
    if item is None:
        raise refusals.NotAResponse
    try:
        party.security.check_signature(item, node, document)
    except Exception:  # whatever pysaml2 and its schemas stumble over: what is not verified is refused
        logger.info("A signature was not verified", exc_info=True)
        raise refusals.WrongSignature from None


def _instance(document: bytes, node: str) -> Any:
    """pysaml2's own reading of the response or of its assertion."""
    try:
        response = samlp.response_from_string(document)
    except Exception:  # as above
        logger.info("pysaml2 could not read a response", exc_info=True)
        return None
    if node == RESPONSE or response is None:
        return response
    inside = [*response.assertion, *_inside_encrypted(response)]
    return inside[0] if len(inside) == 1 else None


def _inside_encrypted(response: Any) -> list[Any]:
    """xmlsec1 puts the assertion into the EncryptedAssertion, where pysaml2 takes it for an extension."""
    return [
        saml.assertion_from_string(str(element))
        for wrapper in response.encrypted_assertion
        for element in wrapper.extension_elements
    ]
