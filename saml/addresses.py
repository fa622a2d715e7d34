"""The form of an IdP's entity ID and endpoint, so that the AuthnRequest arrives where it is read."""

from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.conf import settings

from saml import addresses_refusals as refusals

MAX_ENTITY_ID = 1024
MAX_ENDPOINT = 2048
# The HTTP-Redirect binding puts them into the query (saml-bindings-2.0-os, 3.4.4.1).
OF_A_REQUEST = {"SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"}
# Characters that no address has (RFC 3986); a browser takes a backslash for a slash, and so for another host.
NEVER_IN_ADDRESSES = set('\\<>"^`{|}')


def entity_id(typed: str) -> str:
    """The entity ID without white space around it. Raises InvalidEntityId, EntityIdHasOddCharacter."""
    name = typed.strip()
    if not 0 < len(name.encode()) <= MAX_ENTITY_ID:
        raise refusals.InvalidEntityId
    if odd := next((character for character in name if character.isspace() or not character.isprintable()), ""):
        raise refusals.EntityIdHasOddCharacter(character=_named(odd))
    return name


def endpoint(typed: str) -> str:
    """The address without white space around it; its query stays, and the AuthnRequest is added to it.

    Raises InvalidEndpoint, EndpointIsHere, EndpointHasOddCharacter, EndpointHasPassword, EndpointHasForeignHost,
    EndpointHasFragment, EndpointHasEmptyQuery, EndpointHasRequest.
    """
    url = typed.strip()
    parts = _split(url)
    if "@" in parts.netloc:
        raise refusals.EndpointHasPassword
    # People would be sent in circles.
    if url.lower().startswith(f"{settings.BASE_URL}/signin/".lower()):
        raise refusals.EndpointIsHere(url=url[:200])
    _require_plain_characters(url)
    if not parts.hostname or not _is_safe(parts) or len(url) > MAX_ENDPOINT:
        raise refusals.InvalidEndpoint(url=url[:200])
    if not parts.netloc.isascii():
        raise refusals.EndpointHasForeignHost(host=parts.hostname)
    _require_nothing_behind(url, parts)
    return url


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise refusals.InvalidEndpoint(url=url[:200]) from None
    return parts


def _is_safe(parts: SplitResult) -> bool:
    is_local = settings.DEBUG and parts.hostname in ("localhost", "127.0.0.1")
    return parts.scheme == "https" or (is_local and parts.scheme == "http")


def _require_plain_characters(url: str) -> None:
    for character in url:
        if character.isspace() or not character.isprintable() or character in NEVER_IN_ADDRESSES:
            raise refusals.EndpointHasOddCharacter(character=_named(character))


def _require_nothing_behind(url: str, parts: SplitResult) -> None:
    """Require no fragment, which browsers keep, and no unfinished query, which the request would extend."""
    if "#" in url:
        raise refusals.EndpointHasFragment
    if url.endswith(("?", "&")):
        raise refusals.EndpointHasEmptyQuery
    names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    if twice := sorted(names & OF_A_REQUEST):
        raise refusals.EndpointHasRequest(parameter=twice[0])


def _named(character: str) -> str:
    """The character as it shows on a page; its code point where it does not."""
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
