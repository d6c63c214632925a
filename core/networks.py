"""Client addresses as rate limits count them: one customer of an IPv6 network has many addresses."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.http import HttpRequest

Address = IPv4Address | IPv6Address
LOCAL = "local"  # nothing that can be read as an address: a socket of this machine


def parse_address(text: str) -> Address | None:
    """An address as headers and sockets write it: with or without brackets, port and zone; None for anything else."""
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
    """Where a request comes from, as the server established it: the peer, or whom a trusted proxy saw."""
    return to_narrow_network(str(request.META.get("REMOTE_ADDR") or ""))


def get_scope_network(scope: Mapping[str, Any]) -> str:
    """The same of an ASGI scope, as it counts where nobody knows yet whose it is."""
    client = scope.get("client")
    return to_narrow_network(str(client[0]) if client else "")


def to_narrow_network(address: str) -> str:
    """An IPv4 address by itself, of IPv6 the /64, which is what one customer has at least."""
    return _to_network(address, 32, 64)


def to_wide_network(address: str) -> str:
    """The /24 or /48: what somebody can change addresses within for nothing."""
    return _to_network(address, 24, 48)


def _to_network(address: str, four: int, six: int) -> str:
    read = parse_address(address.partition("/")[0])
    if read is None:
        return LOCAL
    bits = six if isinstance(read, IPv6Address) else four
    return str(ip_network((read, bits), strict=False))
