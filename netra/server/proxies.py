"""Which proxies are believed, and what they say about a client's address."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from netra.core.networks import parse_address
from netra.environment import Environment

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """`count` proxies, each of which appends the address that it saw to `header`; the last connects from `networks`."""

    count: int
    header: bytes  # in lower case
    networks: tuple[Network, ...]

    def trusts(self, peer: str | None) -> bool:
        """Whether a connection comes from a proxy whose header counts."""
        if not self.count:
            return False
        if peer is None:
            return True
        address = parse_address(peer)
        return address is not None and any(address in network for network in self.networks)

    def client_address(self, peer: str | None, values: Iterable[bytes]) -> str | None:
        """The client's address: the peer's own, or what a trusted proxy saw. `values` are those of the header.

        Too few entries, or one that is no address: the peer's. An entry before the proxies' own is the client's word.
        """
        if not self.trusts(peer):
            return peer
        entries = b",".join(values).decode("latin-1").split(",")
        if len(entries) < self.count:
            return peer
        seen = parse_address(entries[-self.count])
        return peer if seen is None else str(seen)


def trusted_proxies(environment: Environment) -> TrustedProxies:
    return TrustedProxies(
        count=environment.proxy_count,
        header=environment.proxy_header.lower().encode(),
        networks=tuple(ip_network(each, strict=False) for each in environment.proxy_addresses),
    )
