"""The content of an IdP's metadata (saml-metadata-2.0-os)."""

import datetime
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from saml import addresses
from saml.idp_documents import files, keys_shown, refusals
from saml.idp_documents.keys_shown import Unusable
from saml.sso import xml
from saml.sso.xml import MD

MAX_BYTES = 1024 * 1024
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
SAML_2 = "urn:oasis:names:tc:SAML:2.0:protocol"


@dataclass(frozen=True)
class IdpMetadata:
    entity_id: str
    # Address for AuthnRequests by HTTP-Redirect.
    sso_url: str
    # Certificates in PEM, each for another key; several while the IdP changes its key.
    certificates: tuple[str, ...]
    # Certificates that cannot be used, with the reason.
    unusable: tuple[Unusable, ...] = ()
    # End of validity, if it is given.
    valid_until: datetime.datetime | None = None

    @property
    def is_outdated(self) -> bool:
        return self.valid_until is not None and self.valid_until < timezone.now()


def read(document: bytes) -> IdpMetadata:
    """The metadata of the one IdP in the file. Raises an InvalidValue that says what is wrong with it."""
    if len(document) > MAX_BYTES:
        raise refusals.MetadataTooLarge(kilobytes=MAX_BYTES // 1024)
    root = _parsed(files.as_xml(document))
    entity, role = _only_idp(root)
    usable, unusable = keys_shown.read(role)
    return IdpMetadata(
        entity_id=addresses.entity_id(entity.get("entityID", "")),
        sso_url=addresses.endpoint(_redirect_address(role)),
        certificates=usable,
        unusable=unusable,
        valid_until=min(filter(None, map(_valid_until, (root, entity, role))), default=None),
    )


def _parsed(document: bytes) -> Element:
    try:
        return xml.parse(document, allow_comments=True)
    except xml.ForbiddenError:
        raise refusals.MetadataForbidden from None
    except xml.TooComplexError:
        raise refusals.MetadataTooComplex from None
    except xml.UnreadableError as error:
        if isinstance(error.__cause__, ParseError):
            raise refusals.MetadataBroken(line=error.__cause__.position[0]) from None
        raise refusals.MetadataUnreadable from None


def _only_idp(root: Element) -> tuple[Element, Element]:
    """Its EntityDescriptor and its IDPSSODescriptor."""
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
    return idps[0]


def _redirect_address(role: Element) -> str:
    for service in role.findall(f"{MD}SingleSignOnService"):
        if service.get("Binding") == REDIRECT and service.get("Location"):
            return service.get("Location", "")
    raise refusals.NoRedirectInMetadata


def _valid_until(element: Element) -> datetime.datetime | None:
    """The end of validity; None also if it is no time."""
    try:
        moment = parse_datetime(element.get("validUntil", "").strip())
        return moment and moment.replace(tzinfo=moment.tzinfo or datetime.UTC).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None
