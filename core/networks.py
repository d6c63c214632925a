"""Client addresses as rate limits count them: one customer of an IPv6 network has many addresses."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.http import HttpRequest

Address = IPv4Address | IPv6Address
LOCAL = "local"  # in place of what is not an address, such as a Unix socket of this machine


def parse_address(text: str) -> Address | None:
    """Parse an address as headers and sockets write it, with or without brackets, port and zone; None if it is none."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def get_client_network(request: HttpRequest) -> str:
    """Return the narrow network of a request's client, which is the peer or what a trusted proxy saw."""
    return to_narrow_network(str(request.META.get("REMOTE_ADDR") or ""))


def get_scope_network(scope: Mapping[str, Any]) -> str:
    """Return the narrow network of an ASGI scope's client."""
    client = scope.get("client")
    return to_narrow_network(str(client[0]) if client else "")


def to_narrow_network(address: str) -> str:
    """Return an IPv4 address as it is, of an IPv6 address the /64: one customer has at least that."""
    return _to_network(address, 32, 64)


def to_wide_network(address: str) -> str:
    """Return the /24 or /48, within which one customer can change addresses at no cost."""
    return _to_network(address, 24, 48)


def _to_network(address: str, bits_v4: int, bits_v6: int) -> str:
    parsed = parse_address(address.partition("/")[0])
    if parsed is None:
        return LOCAL
    bits = bits_v6 if isinstance(parsed, IPv6Address) else bits_v4
    return str(ip_network((parsed, bits), strict=False))
