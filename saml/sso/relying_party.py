"""An organization as SAML service provider: its settings as pysaml2 wants them, kept until they change."""

import shutil
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import quoteattr

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest
from djangosaml2.overrides import Saml2Client
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.config import SPConfig
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from members.models import Organization
from operations import context
from saml.models import SamlSettings
from saml.sso.claims import EMAIL_ADDRESS, SKEW

CACHED = 256


@dataclass(frozen=True)
class Values:
    """The values of a configuration; equal ones share it."""

    sp_entity_id: str
    acs_url: str
    idp_entity_id: str
    idp_sso_url: str
    # Certificates in Base64 of DER, as in metadata.
    certificates: tuple[str, ...]
    key_file: str
    certificate_file: str


@dataclass(frozen=True)
class RelyingParty:
    values: Values
    client: Any

    @property
    def xmlsec1(self) -> str:
        """The path of the program."""
        return str(self.client.config.xmlsec_binary)

    def authn_request(self, request_id: str, *, is_forced: bool) -> str:
        """The address at the IdP, with a signed AuthnRequest in its query (HTTP-Redirect binding)."""
        _id, info = self.client.prepare_for_authenticate(
            entityid=self.values.idp_entity_id,
            binding=BINDING_HTTP_REDIRECT,
            response_binding=BINDING_HTTP_POST,
            nameid_format=EMAIL_ADDRESS,
            message_id=request_id,
            sign=True,
            sigalg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
            **({"force_authn": "true"} if is_forced else {}),
        )
        return str(dict(info["headers"])["Location"])


def relying_party(saml: SamlSettings, *, draft: bool = False) -> RelyingParty:
    """The client of pysaml2. `draft` takes the values of Test sign-in, where there are any."""
    return _made(_values(saml.sp_entity_id, saml.pk, saml.version, draft and saml.has_draft))


def config_loader(request: HttpRequest | None = None) -> SPConfig:
    """djangosaml2's SAML_CONFIG_LOADER: the organization is the one in the address."""
    match = request.resolver_match if request else None
    if match is None:
        raise ImproperlyConfigured("There is no SAML configuration but an organization's, and none is asked for.")
    saml = settings_of(match.kwargs["space_key"])
    return config(_values(saml.sp_entity_id, saml.pk, saml.version, False))


def settings_of(space_key: str) -> SamlSettings:
    """The settings by the space key in an address; 404 if there is no such organization."""
    organization = Organization.objects.filter(space_key=space_key).first() if space_key.isalnum() else None
    if organization is None:
        raise Http404
    context.bind(organization=space_key)
    return SamlSettings.of(organization)


@lru_cache(maxsize=CACHED)
def _values(sp_entity_id: str, pk: int, version: int, draft: bool) -> Values:
    """The values, read once for each version, which every change of the settings raises."""
    saml = SamlSettings.objects.select_related("organization").get(pk=pk)
    entity_id, sso_url = saml.draft if draft else saml.live
    trusted = saml.certificates_of(entity_id).order_by("pk").values_list("pem", flat=True)
    return Values(
        sp_entity_id=sp_entity_id,
        acs_url=saml.acs_url,
        idp_entity_id=entity_id,
        idp_sso_url=sso_url,
        certificates=tuple(_body(pem) for pem in trusted),
        key_file=settings.SAML_SP_KEY,
        certificate_file=settings.SAML_SP_CERTIFICATE,
    )


@lru_cache(maxsize=CACHED)
def _made(values: Values) -> RelyingParty:
    return RelyingParty(values, Saml2Client(config(values)))


def config(values: Values) -> SPConfig:
    keys = {"key_file": values.key_file, "cert_file": values.certificate_file}
    loaded = SPConfig()
    loaded.load(
        {
            "entityid": values.sp_entity_id,
            "xmlsec_binary": shutil.which("xmlsec1"),
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(values.acs_url, BINDING_HTTP_POST)]},
                    "name_id_format": [EMAIL_ADDRESS],
                    "authn_requests_signed": True,
                    # Entra's default signs the assertion only; saml/sso/crypto.py demands one of the two.
                    "want_response_signed": False,
                    "want_assertions_signed": False,
                    "want_assertions_or_response_signed": True,
                }
            },
            "signing_algorithm": SIG_RSA_SHA256,
            "digest_algorithm": DIGEST_SHA256,
            "only_use_keys_in_metadata": True,
            "accepted_time_diff": int(SKEW.total_seconds()),
            "encryption_keypairs": [keys],
            "metadata": {"inline": [_idp_metadata(values)]} if values.idp_entity_id else {},
            **keys,
        }
    )
    return loaded


def _idp_metadata(values: Values) -> str:
    keys = "".join(
        '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for certificate in values.certificates
    )
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f"entityID={quoteattr(values.idp_entity_id)}>"
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f'{keys}<md:SingleSignOnService Binding="{BINDING_HTTP_REDIRECT}" Location={quoteattr(values.idp_sso_url)}/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


def _body(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if "-----" not in line)
