"""Signatures and encryption, by pysaml2 and the program xmlsec1 that it calls."""

import logging
from typing import Any

from saml2 import extension_elements_to_elements, saml, samlp
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
    """With each trusted certificate in turn."""
    try:
        party.security.check_signature(_item(document, node), node, document)
    except Exception:  # whatever pysaml2 and its schemas stumble over: what is not verified is refused
        logger.info("A signature was not verified", exc_info=True)
        raise refusals.WrongSignature from None


def _item(document: bytes, node: str) -> Any:
    """pysaml2's own reading of the response or of its assertion."""
    response = samlp.response_from_string(document)
    if node == RESPONSE:
        return response
    inside: list[Any] = list(response.assertion)
    # xmlsec1 puts the assertion into the EncryptedAssertion, where pysaml2 takes it for an extension.
    for wrapper in response.encrypted_assertion:
        inside += extension_elements_to_elements(wrapper.extension_elements, [saml])
    [item] = inside
    return item
