"""The places of elements in a response, checked against signature wrapping before any signature is.

Exactly one assertion, as a child of the response; a signature only as a child of what it covers,
over that element as a whole (saml-core-2.0-os, 5.4; the attacks: Somorovsky et al., “On Breaking SAML”).
"""

from dataclasses import dataclass, replace
from hashlib import sha256, sha384, sha512
from xml.etree.ElementTree import Element

from saml.sso import crypto_refusals, encryption
from saml.sso import shape_refusals as refusals
from saml.sso.status import require_success
from saml.sso.xml import DS, EXC_C14N, SAML, SAMLP, algorithm_of, decoded, elements, text_of

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
# Exclusive and inclusive canonicalization of any version, with comments or without.
OTHER_CANONICALIZATIONS = ("http://www.w3.org/TR/2001/REC-xml-c14n-", "http://www.w3.org/2006/12/xml-c14n11")
# Prefixes of InclusiveNamespaces: a canonicalizing program goes through the list for each element.
MAX_PREFIXES, MAX_PREFIX_LIST = 20, 400
# Characters of a signature's value, digest or certificate in Base64.
MAX_SIGNATURE_TEXT = 20_000
DIGESTS_OF_NOTHING = {b"", *(digest(b"").digest() for digest in (sha256, sha384, sha512))}


@dataclass(frozen=True)
class Shape:
    response: Element
    # The assertion, or the EncryptedAssertion it is in.
    assertion: Element
    is_encrypted: bool
    response_is_signed: bool
    assertion_is_signed: bool


def of_response(root: Element) -> Shape:
    """The parts of a response. Raises refusals of form, algorithms, and of the IdP's own report of a failure."""
    if root.tag != f"{SAMLP}Response" or root.get("Version") != "2.0" or not root.get("ID"):
        raise refusals.NotAResponse
    _require_unique_ids(root)
    require_success(root)
    assertion = _only_assertion(root)
    is_encrypted = assertion.tag == f"{SAML}EncryptedAssertion"
    if is_encrypted:
        encryption.require_readable(assertion)
    return Shape(
        response=root,
        assertion=assertion,
        is_encrypted=is_encrypted,
        response_is_signed=_signature_of(root) is not None,
        assertion_is_signed=not is_encrypted and _signature_of(assertion) is not None,
    )


def of_decrypted(root: Element, before: Shape) -> Shape:
    """The parts with the decrypted content, which must be an assertion and nothing else.

    The response stays the one of `before`: that is what its signature has been held against.
    """
    _require_unique_ids(root)
    inside = list(elements(root))
    if len(inside) != 1 or inside[0].tag != f"{SAML}Assertion" or _count_assertions(root) != 1:
        raise refusals.NotOneAssertion(count=_count_assertions(root))
    _require_known_signatures(root, inside[0])
    return replace(
        before, assertion=inside[0], is_encrypted=False, assertion_is_signed=_signature_of(inside[0]) is not None
    )


def _require_unique_ids(root: Element) -> None:
    """Require unique values of every attribute that might be taken for an ID: xmlsec1 finds signed elements by it."""
    seen: set[str] = set()
    for node in root.iter():
        for name, value in node.attrib.items():
            if name.rpartition("}")[2].lower() in ("id", "assertionid"):
                if value in seen:
                    raise refusals.DuplicateId
                seen.add(value)


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
    """Require that the only signatures are the response's and the assertion's own."""
    own = [child for parent in (root, assertion) for child in elements(parent) if child.tag == f"{DS}Signature"]
    if len(own) != sum(node.tag == f"{DS}Signature" for node in root.iter()):
        raise crypto_refusals.MisplacedSignature
    for parent in (root, assertion):
        if sum(child.tag == f"{DS}Signature" for child in elements(parent)) > 1:
            raise crypto_refusals.MisplacedSignature
        if (signature := _signature_of(parent)) is not None:
            _require_whole(signature, parent)


def _signature_of(parent: Element) -> Element | None:
    return parent.find(f"{DS}Signature")


def _require_whole(signature: Element, parent: Element) -> None:
    """Require one reference, to the whole parent; transforms that leave nothing out; strong algorithms."""
    if any(len(node.text or "") > MAX_SIGNATURE_TEXT for node in signature.iter()):
        raise refusals.TooComplex
    parts = [child.tag.removeprefix(DS) for child in elements(signature)]
    if parts not in (["SignedInfo", "SignatureValue"], ["SignedInfo", "SignatureValue", "KeyInfo"]):
        raise crypto_refusals.MisplacedSignature
    info = signature[0]
    inside = [child.tag.removeprefix(DS) for child in elements(info)]
    if inside != ["CanonicalizationMethod", "SignatureMethod", "Reference"]:
        raise crypto_refusals.MisplacedSignature
    canonicalization, method, reference = info
    if algorithm_of(canonicalization) not in CANONICALIZATIONS or not _is_plain(canonicalization):
        raise crypto_refusals.UnknownCanonicalization(algorithm=algorithm_of(canonicalization))
    if algorithm_of(method) not in SIGNATURE_ALGORITHMS or len(method):
        raise crypto_refusals.WeakSignature(algorithm=algorithm_of(method))
    if not parent.get("ID") or reference.get("URI") != f"#{parent.get('ID')}":
        raise crypto_refusals.MisplacedSignature
    _require_good_reference(reference)
    if not text_of(signature[1]):
        raise crypto_refusals.MisplacedSignature


def _require_good_reference(reference: Element) -> None:
    parts = [child.tag.removeprefix(DS) for child in elements(reference)]
    if parts != ["Transforms", "DigestMethod", "DigestValue"]:
        raise crypto_refusals.MisplacedSignature
    transforms, method, value = reference
    algorithms = [algorithm_of(child) for child in elements(transforms)]
    for algorithm in algorithms:
        if algorithm.startswith(OTHER_CANONICALIZATIONS):
            raise crypto_refusals.UnknownCanonicalization(algorithm=algorithm)
    is_known = all(algorithm == ENVELOPED or algorithm in CANONICALIZATIONS for algorithm in algorithms)
    if not is_known or not all(_is_plain(child) for child in transforms):
        raise crypto_refusals.MisplacedSignature
    if ENVELOPED not in algorithms or len(algorithms) > 2 or len(set(algorithms)) != len(algorithms):
        raise crypto_refusals.MisplacedSignature
    if algorithm_of(method) not in DIGEST_ALGORITHMS or len(method):
        raise crypto_refusals.WeakDigest(algorithm=algorithm_of(method))
    # A canonicalization that failed unnoticed digests nothing (CVE-2025-66568).
    if decoded(text_of(value)) in DIGESTS_OF_NOTHING:
        raise crypto_refusals.MisplacedSignature


def _is_plain(transform: Element) -> bool:
    """Whether a transform has no parameters but a short list of prefixes: no XPath, no XSLT."""
    lists = [child.get("PrefixList", "") for child in transform]
    if any(child.tag != f"{EXC_C14N}InclusiveNamespaces" or len(child) for child in transform) or len(lists) > 1:
        return False
    if any(len(one) > MAX_PREFIX_LIST or len(one.split()) > MAX_PREFIXES for one in lists):
        raise refusals.TooComplex
    return True
