"""Signatures and encryption, by pysaml2 and the program xmlsec1 that it calls.

shape.py has made sure that a signature covers the whole element it stands in, with algorithms that
are strong; here it is held against the trusted keys, and the form against the schemas of SAML.
"""

from copy import deepcopy
from tempfile import NamedTemporaryFile
from xml.etree.ElementTree import Element, tostring

from saml2.sigver import XmlsecError, pem_format
from saml2.xml.schema import XMLSchemaError, validate

from saml import sign_in_refusals as refusals
from saml.sso import shape, xml
from saml.sso.relying_party import RelyingParty
from saml.sso.shape import Shape
from saml.sso.xml import DS, SAML, text_of


def verified(document: bytes, found: Shape, party: RelyingParty) -> Shape:
    """The response with its assertion in the clear, all of it signed by a trusted key.

    Either signature is enough; one that is there must hold.
    Raises NotAResponse, Unsigned, WrongSignature, NotForOurKey.
    """
    as_sent = found.response
    if found.response_is_signed:
        _require_signed(document, found.response, party)
    if found.is_encrypted:
        document, found = _decrypted(document, found, party)
    if found.assertion_is_signed:
        _require_signed(document, found.assertion, party)
    if not found.response_is_signed and not found.assertion_is_signed:
        raise refusals.Unsigned
    # Last, because it costs by the size of the message: nobody but the IdP gets this far.
    _require_valid(as_sent)
    _require_valid(found.assertion)
    return found


def _require_valid(element: Element) -> None:
    """Against the schemas, but for the attributes, which nobody here reads and real IdPs write in many ways."""
    checked = deepcopy(element)
    for assertion in checked.iter(f"{SAML}Assertion"):
        for statement in assertion.findall(f"{SAML}AttributeStatement"):
            assertion.remove(statement)
    try:
        validate(tostring(checked, encoding="unicode"))
    except XMLSchemaError:
        raise refusals.NotAResponse from None


def _require_signed(document: bytes, element: Element, party: RelyingParty) -> None:
    """With each trusted certificate in turn, the one that the message names first, if it is among them."""
    named = {
        "".join(text_of(one).split()) for one in element.findall(f"{DS}Signature/{DS}KeyInfo//{DS}X509Certificate")
    }
    for certificate in sorted(party.values.certificates, key=lambda one: one not in named):
        if _is_signed(document, element, certificate, party):
            return
    raise refusals.WrongSignature


def _is_signed(document: bytes, element: Element, certificate: str, party: RelyingParty) -> bool:
    namespace, _, name = element.tag.removeprefix("{").partition("}")
    with NamedTemporaryFile(suffix=".pem") as file:
        file.write(pem_format(certificate))
        file.flush()
        try:
            holds = party.security.verify_signature(
                document, cert_file=file.name, node_name=f"{namespace}:{name}", node_id=element.get("ID")
            )
        except XmlsecError:
            return False
    return bool(holds)


def _decrypted(document: bytes, found: Shape, party: RelyingParty) -> tuple[bytes, Shape]:
    try:
        opened = party.security.decrypt(document.decode()).encode()
        return opened, shape.of_decrypted(xml.parse(opened), found)
    except xml.ForbiddenError:
        raise refusals.ForbiddenXml from None
    except (XmlsecError, xml.UnreadableError):
        raise refusals.NotForOurKey from None
