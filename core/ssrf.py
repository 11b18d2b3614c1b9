"""Which addresses a webhook may reach: none that is private, local, reserved, or private in disguise."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

NEVER = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host: learn.microsoft.com, "What is IP address 168.63.129.16?"
        # The IANA special-purpose address registries, where Python's own list is shorter or older:
        "192.0.0.0/24",  # protocol assignments, RFC 6890
        "192.88.99.0/24",  # relays of 6to4, RFC 7526
        "100:0:0:1::/64",  # dummy prefix, RFC 9780
        "3fff::/20",  # documentation, RFC 9637
        "5f00::/16",  # segment routing, RFC 9602
        "fec0::/10",  # site-local, RFC 3879
    )
)
"""Networks that no webhook may reach, besides those that Python knows as private."""


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet.

    The IPv6 forms that carry an IPv4 address are reserved (mapped, compatible, NAT64, Teredo) or judged by it (6to4).
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = found.sixtofour if isinstance(found, IPv6Address) else None
    return _is_public(inside or found)  # versions of Python differ in what they say of 6to4 itself


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if any(address in network for network in NEVER):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
