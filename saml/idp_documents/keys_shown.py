"""The signing keys in an IdP's metadata: one for each X509Data, the end entity's; the rest of a chain never."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from cryptography import x509

from members.refusals import InvalidValue
from saml.idp_documents import certificates, chain, pasted, refusals
from saml.sso.xml import DS, MD, text_of

# Certificates in one document: each is compared with each.
MAX_CERTIFICATES = 50


@dataclass(frozen=True)
class Unusable:
    # Place in the metadata, from 1.
    number: int
    reason: InvalidValue

    def __str__(self) -> str:
        return str(refusals.BadCertificateInMetadata(number=self.number, reason=self.reason))


def read(role: Element) -> tuple[tuple[str, ...], tuple[Unusable, ...]]:
    """The usable certificates in PEM, and the refusals of the others. Raises a refusal if none can be used."""
    keys = [key for key in role.findall(f"{MD}KeyDescriptor") if key.get("use", "signing") == "signing"]
    shown = [data for key in keys for data in key.findall(f"{DS}KeyInfo/{DS}X509Data")]
    if sum(len(data.findall(f"{DS}X509Certificate")) for data in shown) > MAX_CERTIFICATES:
        raise refusals.ChainTooLong(most=MAX_CERTIFICATES)
    chains, unusable = _chains([data for data in shown if data.find(f"{DS}X509Certificate") is not None])
    everything = [one for found in chains.values() for one in found]
    usable = []
    for number, found in chains.items():
        try:
            usable.append(certificates.pem(_trusted(found, everything)))
        except InvalidValue as reason:
            unusable.append(Unusable(number, reason))
    if not usable:
        raise _why_none(unusable)
    return tuple(dict.fromkeys(usable)), tuple(sorted(unusable, key=lambda one: one.number))


def _chains(shown: Sequence[Element]) -> tuple[dict[int, list[x509.Certificate]], list[Unusable]]:
    """The certificates of each X509Data, with their numbers; none of one in which any cannot be read."""
    found: dict[int, list[x509.Certificate]] = {}
    unusable = []
    for number, data in enumerate(shown, 1):
        texts = map(text_of, data.findall(f"{DS}X509Certificate"))
        try:
            found[number] = list(dict.fromkeys(one for text in texts for one in pasted.certificates_in(text)))
        except InvalidValue as reason:
            unusable.append(Unusable(number, reason))
    return found, unusable


def _trusted(together: Sequence[x509.Certificate], everything: Sequence[x509.Certificate]) -> x509.Certificate:
    """The certificates to trust. An authority is none, also where its chain is spread over several X509Data."""
    end = chain.end_entity(together)
    if chain.has_issued_any(end, everything):
        raise refusals.HasIssuedAnother(subject=end.subject.rfc4514_string()[:100])
    return certificates.require_good_key(end)


def _why_none(unusable: Sequence[Unusable]) -> InvalidValue:
    if not unusable:
        return refusals.NoCertificateInMetadata()
    first = unusable[0]
    if len(unusable) == 1:
        return refusals.BadCertificateInMetadata(number=first.number, reason=first.reason)
    return refusals.NoUsableCertificateInMetadata(reasons=" ".join(map(str, unusable)))
