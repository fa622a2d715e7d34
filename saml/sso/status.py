"""The status of a response without a sign-in (saml-core-2.0-os, 3.2.2)."""

from xml.etree.ElementTree import Element

from saml.sso import status_refusals
from saml.sso.shape_refusals import NotAResponse
from saml.sso.xml import SAMLP, text_of

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def require_success(root: Element) -> None:
    """Require a success. Raises NotAResponse, or the IdpReportsFailure of the innermost known status."""
    code = root.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    if code is None:
        raise NotAResponse
    if code.get("Value") == SUCCESS:
        return
    values = [node.get("Value", "") for node in code.iter(f"{SAMLP}StatusCode")]
    message = text_of(root.find(f"{SAMLP}Status/{SAMLP}StatusMessage"))
    names = [value.removeprefix(STATUS) for value in values[:2]]
    known = [kind for name in reversed(names) if (kind := status_refusals.BY_STATUS.get(name))]
    refusal = known[0] if known else status_refusals.IdpReportsFailure
    raise refusal(status=", ".join([*names, *([message] if message else [])])[:300])
