"""Single sign-on of the demo identity provider: SAML 2.0, its assertions signed as Microsoft Entra ID signs them.

It answers this site and nobody else: the address that an answer goes to follows from the SP
entity ID, never from the AssertionConsumerServiceURL that a request brings along.
"""

import re
import shutil
import warnings
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from saml2 import BINDING_HTTP_REDIRECT, SAMLError
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.s_utils import OtherError, UnravelError, VersionMismatch
from saml2.saml import AUTHN_PASSWORD_PROTECTED, NAMEID_FORMAT_EMAILADDRESS, NameID
from saml2.validate import NotValid, OutsideCardinality
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from demo.key import pair

with warnings.catch_warnings(action="ignore"):
    # It names a cipher by its former place.
    from saml2.server import Server

SPACE = re.compile(r"/spaces/([A-Z0-9]{10})/")
# How pysaml2 says that it cannot read a request, or that it is meant for somebody else.
_UNREADABLE = (SAMLError, UnravelError, VersionMismatch, OtherError, NotValid, OutsideCardinality)


class SignOnError(Exception):
    """A sign-in that is impossible, with the reason."""


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """An organization of this site."""

    entity_id: str

    @classmethod
    def of_scim_url(cls, url: str) -> "ServiceProvider | None":
        """The organization whose endpoint this is."""
        found = SPACE.search(url)
        return cls(f"{settings.BASE_URL}/signin/spaces/{found[1]}/saml") if found else None

    @property
    def acs_url(self) -> str:
        return f"{self.entity_id}/callback"

    @property
    def is_ours(self) -> bool:
        return bool(
            re.compile(rf"{re.escape(settings.BASE_URL)}/signin/spaces/[A-Z0-9]{{10}}/saml").fullmatch(self.entity_id)
        )


@dataclass(frozen=True, slots=True)
class SignInRequest:
    id: str
    provider: ServiceProvider


class SignOn:
    def __init__(self, url: str) -> None:
        self.entity_id, self.sso_url = f"{url}/metadata", f"{url}/sso"
        keys = pair()
        self._config = IdPConfig().load(
            {
                "entityid": self.entity_id,
                "key_file": str(keys.key),
                "cert_file": str(keys.certificate),
                "service": {
                    "idp": {
                        "endpoints": {"single_sign_on_service": [(self.sso_url, BINDING_HTTP_REDIRECT)]},
                        "name_id_format": [NAMEID_FORMAT_EMAILADDRESS],
                        "policy": {"default": {"lifetime": {"minutes": 5}}},
                    }
                },
            }
        )

    def metadata(self) -> str:
        descriptor = entity_descriptor(self._config)
        # The library lists every algorithm that xmlsec1 knows, MD5 among them.
        descriptor.extensions = None
        return str(descriptor)

    def read(self, saml_request: str) -> SignInRequest:
        """The site's request. Raises SignOnError."""
        try:
            message = self._server.parse_authn_request(saml_request, BINDING_HTTP_REDIRECT).message
        except _UNREADABLE as problem:
            raise SignOnError("This is no SAML request for this identity provider.") from problem
        provider = ServiceProvider((message.issuer.text or "").strip() if message.issuer else "")
        if not provider.is_ours:
            raise SignOnError(f"“{provider.entity_id}” is not registered here: only organizations of this site are.")
        return SignInRequest(message.id, provider)

    def answer(self, provider: ServiceProvider, address: str, *, to: str | None) -> str:
        """The form field SAMLResponse for who has this address; `to`: the request's ID. Raises SignOnError."""
        response = self._server.create_authn_response(
            identity={},
            in_response_to=to,
            destination=provider.acs_url,
            sp_entity_id=provider.entity_id,
            name_id=NameID(format=NAMEID_FORMAT_EMAILADDRESS, text=address),
            authn={"class_ref": AUTHN_PASSWORD_PROTECTED},
            sign_assertion=True,
            sign_response=False,
            sign_alg=SIG_RSA_SHA256,
            digest_alg=DIGEST_SHA256,
        )
        return b64encode(str(response).encode()).decode("ascii")

    @cached_property
    def _server(self) -> Server:
        """Not before it is needed: without the program that signs, the rest goes on working."""
        program = shutil.which("xmlsec1")
        if program is None:
            raise SignOnError("The program xmlsec1 is not installed, so nothing can be signed.")
        self._config.xmlsec_binary = program
        return Server(config=self._config)
