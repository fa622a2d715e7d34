"""What an IdP says about itself in its metadata (saml-metadata-2.0-os)."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from members.refusals import InvalidValue
from saml import certificates, refusals
from saml.sso import xml
from saml.sso.xml import DS, MD, text_of

LARGEST = 1024 * 1024
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
SAML_2 = "urn:oasis:names:tc:SAML:2.0:protocol"


@dataclass(frozen=True)
class IdpMetadata:
    entity_id: str
    # Where AuthnRequests go, by HTTP-Redirect.
    sso_url: str
    # Base64 of DER, each one readable; several while the IdP changes its key.
    certificates: tuple[str, ...]


def read(document: bytes) -> IdpMetadata:
    """Of the one IdP in it. Raises an InvalidValue that says what is wrong with the file."""
    if len(document) > LARGEST:
        raise refusals.MetadataTooLarge(kilobytes=LARGEST // 1024)
    try:
        root = xml.parse(document, allow_comments=True)
    except xml.ForbiddenError:
        raise refusals.MetadataForbidden from None
    except xml.UnreadableError:
        raise refusals.MetadataUnreadable from None
    if root.tag not in (f"{MD}EntityDescriptor", f"{MD}EntitiesDescriptor"):
        raise refusals.NotMetadata
    idps = [
        (entity, role)
        for entity in root.iter(f"{MD}EntityDescriptor")
        for role in entity.findall(f"{MD}IDPSSODescriptor")
        if SAML_2 in role.get("protocolSupportEnumeration", "").split()
    ]
    if not idps:
        raise refusals.NoIdpInMetadata
    if len(idps) > 1:
        raise refusals.SeveralIdpsInMetadata(count=len(idps))
    entity, role = idps[0]
    return IdpMetadata(entity.get("entityID", ""), _redirect_address(role), tuple(_signing_certificates(role)))


def _redirect_address(role: Element) -> str:
    for service in role.findall(f"{MD}SingleSignOnService"):
        if service.get("Binding") == REDIRECT and service.get("Location"):
            return service.get("Location", "")
    raise refusals.NoRedirectInMetadata


def _signing_certificates(role: Element) -> Iterator[str]:
    keys = [key for key in role.findall(f"{MD}KeyDescriptor") if key.get("use", "signing") == "signing"]
    shown = [text_of(one) for key in keys for one in key.iter(f"{DS}X509Certificate")]
    if not shown:
        raise refusals.NoCertificateInMetadata
    for number, one in enumerate(dict.fromkeys("".join(body.split()) for body in shown), 1):
        try:
            certificates.read(one)
        except InvalidValue as reason:
            raise refusals.BadCertificateInMetadata(number=number, reason=reason) from None
        yield one
