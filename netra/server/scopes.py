"""The ASGI scope of a request, normalized.

Path, host, scheme and client address are what the configuration and trusted proxies say, whatever other headers say."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

from core.networks import parse_address
from netra.config import Environment
from netra.origins import DEFAULT_PORTS

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """A chain of `count` proxies: each appends its client's address to `header`; the last connects from `networks`."""

    count: int
    header: bytes  # in lower case
    networks: tuple[Network, ...]

    def is_trusted(self, peer: str | None) -> bool:
        """Whether a connection comes from a proxy whose header is trusted."""
        if not self.count:
            return False
        if peer is None:
            return True
        address = parse_address(peer)
        return address is not None and any(address in network for network in self.networks)

    def get_client_address(self, peer: str | None, values: Iterable[bytes]) -> str | None:
        """Return the client's address: the peer's own, or the one that a trusted proxy saw. `values` are the header's.

        It is the peer's if there are too few entries, or one is not an address. Entries before those of the proxies
        come from the client and are not trusted.
        """
        if not self.is_trusted(peer):
            return peer
        entries = b",".join(values).decode("latin-1").split(",")
        if len(entries) < self.count:
            return peer
        address = parse_address(entries[-self.count])
        return peer if address is None else str(address)


def build_trusted_proxies(environment: Environment) -> TrustedProxies:
    return TrustedProxies(
        count=environment.proxy_count,
        header=environment.proxy_header.lower().encode(),
        networks=tuple(ip_network(network, strict=False) for network in environment.proxy_addresses),
    )


Scope = MutableMapping[str, Any]
Headers = Iterable[tuple[bytes, bytes]]

# Headers in which proxies name addresses, paths and methods. They are read here or not at all.
SPOOFABLE_PREFIXES = (b"x-forwarded", b"x-original-", b"x-rewrite-", b"daphne-")
SPOOFABLE_HEADERS = frozenset(
    {
        b"forwarded",
        b"x-host",
        b"x-real-ip",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-http-host-override",
        b"x-http-method-override",
        b"x-method-override",
        b"x-script-name",
        b"script-name",
        b"x-scheme",
        b"x-url-scheme",
        b"front-end-https",
        b"true-client-ip",
        b"cf-connecting-ip",
        b"fastly-client-ip",
    }
)


@dataclass(frozen=True, slots=True)
class Site:
    """One of this installation's origins."""

    scheme: str
    authority: str  # the host, and the port if it is not the scheme's default


class ScopeNormalizer:
    """Normalizes the scopes of one process by its settings."""

    def __init__(self, environment: Environment) -> None:
        self._hosts = environment.allowed_hosts
        self._proxies: TrustedProxies = build_trusted_proxies(environment)
        self._public = _parse_site(environment.public_origin)
        self._sites = _index_by_authority(environment.allowed_origins)

    def normalize(self, scope: Scope) -> Scope:
        """Return a copy of an HTTP or websocket scope: without a root path, with a trusted client, host and scheme."""
        original = list(scope.get("headers", ()))
        headers = [(name, value) for name, value in original if not self._is_spoofable(name.lower())]
        changed: Scope = {**scope, "root_path": "", "client": self._client_address(scope, original)}
        if scope["type"] == "http":
            site = self._requested_site(headers, scope.get("server"))
            if site is not None:
                headers = [(name, value) for name, value in headers if name.lower() != b"host"]
                headers.append((b"host", site.authority.encode()))
                changed["scheme"] = site.scheme
            else:
                changed["scheme"] = self._public.scheme  # Django refuses the host
        changed["headers"] = headers
        return changed

    def _is_spoofable(self, name: bytes) -> bool:
        return name in SPOOFABLE_HEADERS or name == self._proxies.header or name.startswith(SPOOFABLE_PREFIXES)

    def _client_address(self, scope: Scope, headers: Headers) -> list[Any] | None:
        peer = scope.get("client")
        peer_address = None if peer is None else str(peer[0])
        values = [value for name, value in headers if name.lower() == self._proxies.header]
        address = self._proxies.get_client_address(peer_address, values)
        if address == peer_address:
            return None if peer is None else list(peer)
        return [address, 0]

    def _requested_site(self, headers: Headers, server: Any) -> Site | None:
        """Return the site that a request's Host names, or the public one for another allowed host or port."""
        hosts = [value.decode("latin-1").lower() for name, value in headers if name.lower() == b"host"]
        if not hosts and server:
            hosts = [f"{server[0]}:{server[1]}"]
        if len(hosts) != 1:
            return None
        if site := self._sites.get(hosts[0]):
            return site
        domain, _ = split_domain_port(hosts[0])
        return self._public if domain and validate_host(domain, self._hosts) else None


def _parse_site(origin: str) -> Site:
    parts = urlsplit(origin)
    return Site(scheme=parts.scheme, authority=parts.netloc)


def _index_by_authority(origins: Iterable[str]) -> dict[str, Site]:
    """Return the sites by every way to write their authority; of two sites with one authority the first counts."""
    sites: dict[str, Site] = {}
    for site in map(_parse_site, origins):
        sites.setdefault(site.authority, site)
        if urlsplit(f"//{site.authority}").port is None:
            sites.setdefault(f"{site.authority}:{DEFAULT_PORTS[site.scheme]}", site)
    return sites
