"""The demo identity provider's signing key: one for this checkout, made when first asked for.

`seed_demo` has the demo organizations trust its certificate, `demo_idp` signs with it; both
run only under DEBUG. It stands in the folder of what is built, which git ignores, readable
by its owner only. Once deleted it is made anew, and the organizations that are
there already do not trust the new one: `distrusting` says what to do then.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from saml.idp_documents import certificates
from saml.models import SamlSettings
from saml.sso.keys import make_pair


class Pair(NamedTuple):
    """Two files, PEM."""

    key: Path
    certificate: Path


def pair() -> Pair:
    folder: Path = settings.DEMO_IDP_KEYS
    files = Pair(folder / "idp.key", folder / "idp.crt")
    make_pair(*files, "Demo identity provider")
    return files


def certificate() -> str:
    """The signing certificate as an IdP shows it, in PEM."""
    return pair().certificate.read_text()


def distrusting(idp_url: str) -> Iterator[str]:
    """The instructions for each organization that signs in at this identity provider and knows another key of it."""
    fingerprint = certificates.fingerprint(certificates.read(certificate()))
    for saml in SamlSettings.objects.filter(idp_entity_id=f"{idp_url}/metadata").select_related("organization"):
        if saml.live_certificates.filter(fingerprint=fingerprint).exists():
            continue
        yield (
            f"{saml.organization} trusts another certificate than the demo identity provider signs with. Upload "
            f"{idp_url}/metadata on its page SAML authentication, or delete the database and start afresh."
        )
