"""Where things stand in a response: closed against signature wrapping before any signature is looked at.

Exactly one assertion, as a child of the response; a signature only as a child of what it covers,
over that element as a whole (saml-core-2.0-os, 5.4; the attacks: Somorovsky et al., “On Breaking SAML”).
"""

from base64 import b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from xml.etree.ElementTree import Element

from saml import sign_in_refusals as refusals
from saml.sso.xml import DS, EXC_C14N, SAML, SAMLP, XENC, elements, text_of

SIGNATURE_ALGORITHMS = {
    f"http://www.w3.org/2001/04/xmldsig-more#{kind}-{digest}"
    for kind in ("rsa", "ecdsa")
    for digest in ("sha256", "sha384", "sha512")
}
DIGEST_ALGORITHMS = {
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
}
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
CANONICALIZATIONS = {"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"}
AN_ELEMENT = "http://www.w3.org/2001/04/xmlenc#Element"
# PKCS #1 v1.5 tells an attacker too much about what it cannot open (Bleichenbacher).
WEAK_KEY_TRANSPORT = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"
DIGEST_OF_NOTHING = b64encode(sha256(b"").digest()).decode()


@dataclass(frozen=True)
class Shape:
    response: Element
    # The assertion, or the EncryptedAssertion it is in.
    assertion: Element
    is_encrypted: bool
    response_is_signed: bool
    assertion_is_signed: bool


def of_response(root: Element) -> Shape:
    """Raises NotAResponse, DuplicateId, NotOneAssertion, MisplacedSignature, WeakAlgorithm, IdpReportsFailure."""
    if root.tag != f"{SAMLP}Response" or root.get("Version") != "2.0" or not root.get("ID"):
        raise refusals.NotAResponse
    _require_unique_ids(root)
    _require_success(root)
    assertion = _only_assertion(root)
    is_encrypted = assertion.tag == f"{SAML}EncryptedAssertion"
    if is_encrypted:
        _require_good_encryption(root, assertion)
    return Shape(
        response=root,
        assertion=assertion,
        is_encrypted=is_encrypted,
        response_is_signed=_signature_of(root) is not None,
        assertion_is_signed=not is_encrypted and _signature_of(assertion) is not None,
    )


def of_decrypted(root: Element, before: Shape) -> Shape:
    """As `of_response`, after xmlsec1 has put the assertion in the place of its cipher.

    The response stays the one of `before`: that is what its signature has been held against.
    """
    _require_unique_ids(root)
    wrappers = root.findall(f"{SAML}EncryptedAssertion")
    # The key may stand beside the cipher.
    inside = [child for wrapper in wrappers for child in elements(wrapper) if child.tag != f"{XENC}EncryptedKey"]
    if len(inside) != 1 or inside[0].tag != f"{SAML}Assertion" or _count_assertions(root) != 2:
        raise refusals.NotOneAssertion(count=len(inside))
    _require_known_signatures(root, inside[0])
    return replace(
        before, assertion=inside[0], is_encrypted=False, assertion_is_signed=_signature_of(inside[0]) is not None
    )


def _require_unique_ids(root: Element) -> None:
    """Of whatever attribute anybody might take for an ID: xmlsec1 finds what is signed by it."""
    seen: set[str] = set()
    for node in root.iter():
        for name, value in node.attrib.items():
            if name.rpartition("}")[2].lower() in ("id", "assertionid"):
                if value in seen:
                    raise refusals.DuplicateId
                seen.add(value)


def _require_success(root: Element) -> None:
    code = root.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    if code is None:
        raise refusals.NotAResponse
    if code.get("Value") == "urn:oasis:names:tc:SAML:2.0:status:Success":
        return
    inner = code.find(f"{SAMLP}StatusCode")
    values = [node.get("Value", "").rpartition(":")[2] for node in (code, inner) if node is not None]
    message = text_of(root.find(f"{SAMLP}Status/{SAMLP}StatusMessage"))
    raise refusals.IdpReportsFailure(status=", ".join([*values, *([message] if message else [])])[:300])


def _count_assertions(root: Element) -> int:
    return sum(node.tag in (f"{SAML}Assertion", f"{SAML}EncryptedAssertion") for node in root.iter())


def _only_assertion(root: Element) -> Element:
    direct = [child for child in elements(root) if child.tag in (f"{SAML}Assertion", f"{SAML}EncryptedAssertion")]
    everywhere = _count_assertions(root)
    if len(direct) != 1 or everywhere != 1:
        raise refusals.NotOneAssertion(count=everywhere)
    if sum(node.tag == f"{SAMLP}Response" for node in root.iter()) != 1:
        raise refusals.NotAResponse
    _require_known_signatures(root, direct[0])
    return direct[0]


def _require_known_signatures(root: Element, assertion: Element) -> None:
    """No signature anywhere but the response's and the assertion's own."""
    own = [child for parent in (root, assertion) for child in elements(parent) if child.tag == f"{DS}Signature"]
    if len(own) != sum(node.tag == f"{DS}Signature" for node in root.iter()):
        raise refusals.MisplacedSignature
    for parent in (root, assertion):
        if sum(child.tag == f"{DS}Signature" for child in elements(parent)) > 1:
            raise refusals.MisplacedSignature
        if (signature := _signature_of(parent)) is not None:
            _require_whole(signature, parent)


def _signature_of(parent: Element) -> Element | None:
    return parent.find(f"{DS}Signature")


def _require_whole(signature: Element, parent: Element) -> None:
    """One reference, to the parent as a whole; transforms that leave nothing of it out; strong algorithms."""
    parts = [child.tag.removeprefix(DS) for child in elements(signature)]
    if parts not in (["SignedInfo", "SignatureValue"], ["SignedInfo", "SignatureValue", "KeyInfo"]):
        raise refusals.MisplacedSignature
    info = signature[0]
    inside = [child.tag.removeprefix(DS) for child in elements(info)]
    if inside != ["CanonicalizationMethod", "SignatureMethod", "Reference"]:
        raise refusals.MisplacedSignature
    canonicalization, method, reference = info
    if canonicalization.get("Algorithm") not in CANONICALIZATIONS or not _is_plain(canonicalization):
        raise refusals.WeakAlgorithm(algorithm=canonicalization.get("Algorithm", ""))
    if method.get("Algorithm") not in SIGNATURE_ALGORITHMS or len(method):
        raise refusals.WeakAlgorithm(algorithm=method.get("Algorithm", ""))
    if not parent.get("ID") or reference.get("URI") != f"#{parent.get('ID')}":
        raise refusals.MisplacedSignature
    _require_good_reference(reference)
    if not text_of(signature[1]):
        raise refusals.MisplacedSignature


def _require_good_reference(reference: Element) -> None:
    parts = [child.tag.removeprefix(DS) for child in elements(reference)]
    if parts != ["Transforms", "DigestMethod", "DigestValue"]:
        raise refusals.MisplacedSignature
    transforms, method, value = reference
    algorithms = [child.get("Algorithm") for child in elements(transforms)]
    is_known = all(algorithm == ENVELOPED or algorithm in CANONICALIZATIONS for algorithm in algorithms)
    if not is_known or not all(_is_plain(child) for child in transforms):
        raise refusals.MisplacedSignature
    if ENVELOPED not in algorithms or len(algorithms) > 2 or len(set(algorithms)) != len(algorithms):
        raise refusals.MisplacedSignature
    if method.get("Algorithm") not in DIGEST_ALGORITHMS or len(method):
        raise refusals.WeakAlgorithm(algorithm=method.get("Algorithm", ""))
    # A canonicalization that failed unnoticed digests nothing (CVE-2025-66568).
    if text_of(value) in ("", DIGEST_OF_NOTHING):
        raise refusals.MisplacedSignature


def _is_plain(transform: Element) -> bool:
    """Without parameters beyond the list of prefixes: no XPath, no XSLT."""
    return all(child.tag == f"{EXC_C14N}InclusiveNamespaces" and not len(child) for child in transform)


def _require_good_encryption(root: Element, wrapper: Element) -> None:
    """One cipher, for one element, and nothing that sends xmlsec1 elsewhere.

    xmlsec1 opens the first cipher that it meets; where its Type is not an element, what comes out is
    the plaintext instead of the response. It also fetches whatever the URI of a key or a cipher names.
    """
    ciphers = list(root.iter(f"{XENC}EncryptedData"))
    if len(ciphers) != 1 or ciphers[0] not in wrapper or ciphers[0].get("Type") != AN_ELEMENT:
        raise refusals.NotForOurKey
    for node in root.iter():
        leads_away = not node.get("URI", "#").startswith("#") or (node.tag == f"{DS}RetrievalMethod" and len(node))
        if leads_away or node.tag == f"{XENC}CipherReference":
            raise refusals.NotForOurKey
    for node in wrapper.iter(f"{XENC}EncryptionMethod"):
        if node.get("Algorithm") == WEAK_KEY_TRANSPORT:
            raise refusals.WeakAlgorithm(algorithm=WEAK_KEY_TRANSPORT)
