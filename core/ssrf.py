"""Which addresses a webhook may reach: none that is private, local, reserved, or private in disguise."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet.

    The IPv6 forms that carry an IPv4 address are reserved (mapped, compatible, NAT64, Teredo) or judged by it (6to4).
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inside = found.sixtofour if isinstance(found, IPv6Address) else None
    return _is_public(found) and (inside is None or _is_public(inside))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved
