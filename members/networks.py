"""The network by which attempts are counted: an IPv4 address, or the IPv6 network of one customer."""

import ipaddress

# Prefix of one customer's IPv6 network (RFC 6177), in which addresses can be changed at will.
IPV6_PREFIX = 64


def network_of(address: str | None) -> str:
    """An IPv4 address, mapped into IPv6 or not; the /64 around an IPv6 address; "" where there is none."""
    if not address:
        return ""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
