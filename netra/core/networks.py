"""Client addresses as limits count them: whoever has one address of a network has many."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest

LOCAL = "local"  # nothing that can be read as an address: a socket of this machine


def client_address(request: HttpRequest) -> str:
    """Where a request comes from, as the server established it: the peer, or whom a trusted proxy saw."""
    return narrow_network(str(request.META.get("REMOTE_ADDR") or ""))


def narrow_network(address: str) -> str:
    """An IPv4 address by itself, of IPv6 the /64, which is what one customer has at least."""
    return _network(address, 32, 64)


def wide_network(address: str) -> str:
    """The /24 or /48: what somebody can change addresses within for nothing."""
    return _network(address, 24, 48)


def _network(address: str, four: int, six: int) -> str:
    try:
        read = ip_address(address.partition("/")[0].partition("%")[0])
    except ValueError:
        return LOCAL
    if isinstance(read, IPv6Address) and read.ipv4_mapped is not None:
        read = read.ipv4_mapped
    bits = six if isinstance(read, IPv6Address) else four
    return str(ip_network((read, bits), strict=False))
