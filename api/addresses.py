"""Where events may be posted to: public addresses only, whatever a name means at the moment.

The name is looked up and checked at every connection, and the connection is made to the checked address: a name that
means something else at the second look changes nothing.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from api import addresses_refusals as refusals

MAX_URL = 500
# Seconds for a name, with all retries.
LOOK_UP_SECONDS = 3
# Addresses by which a network without IPv4 reaches an IPv4 address, which stands in their last 32 bits.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Networks for protocols, tunnels and documents that ipaddress takes for parts of the Internet at large.
_NOBODYS = [ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forbidden(Exception):
    """An address that nothing is sent to."""


class NotFound(Exception):
    """A name that DNS does not know, or not in time."""


def checked_url(url: str) -> str:
    """The address of an endpoint. Raises NotAnEndpoint."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        host.encode("idna")
    except ValueError:
        raise refusals.NotAnEndpoint from None
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= MAX_URL
    is_ours = is_allowed_here(url)
    if not is_plain or not host or parts.username is not None or parts.fragment or port == 0:
        raise refusals.NotAnEndpoint
    if parts.scheme != "https" and not is_ours:
        raise refusals.NotAnEndpoint
    if (literal := _literal(host)) and not is_ours and not is_public(literal):
        raise refusals.NotAnEndpoint
    return url


def is_allowed_here(url: str) -> bool:
    """Whether the address is on this very machine, and named in the settings: the demo's app."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" in settings.WEBHOOKS_ON_THIS_MACHINE


def addresses_of(host: str) -> list[str]:
    """The addresses of a host, all of them public. Raises Forbidden, NotFound."""
    found = [literal] if (literal := _literal(host)) else [ipaddress.ip_address(text) for text in look_up(host)]
    if not all(map(is_public, found)):
        raise Forbidden(f"{host} is at an address that is not public.")
    return [str(one) for one in found]


def look_up(host: str) -> list[str]:
    """The addresses of a name, as DNS has them now. Raises NotFound."""
    # Two MiB, which few processes ever need.
    import dns.resolver

    try:
        found = list(dns.resolver.resolve_name(host, lifetime=LOOK_UP_SECONDS).addresses())
    except (dns.exception.DNSException, ValueError) as error:
        raise NotFound(f"{host} was not found: {type(error).__name__}") from None
    if not found:
        raise NotFound(f"{host} has no address.")
    return found


def is_public(address: Address) -> bool:
    """Whether it is of the Internet at large."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        # Ways through tunnels and other spellings, which no receiver needs.
        if address.ipv4_mapped or address.sixtofour or address.teredo or address.is_site_local:
            return False
    if any(address in network for network in _NOBODYS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _literal(host: str) -> Address | None:
    """The address that the host is written as, a zone and all."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
