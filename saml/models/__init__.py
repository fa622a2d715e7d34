"""The tables of SAML: settings and certificates, requests on their way, assertions that have been used."""

from saml.models.assertion import UsedAssertion
from saml.models.certificate import SamlCertificate
from saml.models.refused_posts import RefusedPosts
from saml.models.request import SignInRequest
from saml.models.settings import SamlSettings

__all__ = ["RefusedPosts", "SamlCertificate", "SamlSettings", "SignInRequest", "UsedAssertion"]
