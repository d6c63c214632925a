"""A request's ASGI scope: path, host, scheme and client address as the configuration and trusted proxies say, never as other headers say; and the services in it."""

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
    """`count` proxies, each of which appends the address that it saw to `header`; the last connects from `networks`."""

    count: int
    header: bytes  # in lower case
    networks: tuple[Network, ...]

    def is_trusted(self, peer: str | None) -> bool:
        """Whether a connection comes from a proxy whose header counts."""
        if not self.count:
            return False
        if peer is None:
            return True
        address = parse_address(peer)
        return address is not None and any(address in network for network in self.networks)

    def get_client_address(self, peer: str | None, values: Iterable[bytes]) -> str | None:
        """The client's address: the peer's own, or what a trusted proxy saw. `values` are those of the header.

        Too few entries, or one that is no address: the peer's. An entry before the proxies' own is the client's word.
        """
        if not self.is_trusted(peer):
            return peer
        entries = b",".join(values).decode("latin-1").split(",")
        if len(entries) < self.count:
            return peer
        seen = parse_address(entries[-self.count])
        return peer if seen is None else str(seen)


def build_trusted_proxies(environment: Environment) -> TrustedProxies:
    return TrustedProxies(
        count=environment.proxy_count,
        header=environment.proxy_header.lower().encode(),
        networks=tuple(ip_network(each, strict=False) for each in environment.proxy_addresses),
    )


Scope = MutableMapping[str, Any]
Headers = Iterable[tuple[bytes, bytes]]

# Headers by which proxies speak of addresses, paths and methods. They are read here or not at all.
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
    """One of this installation's addresses."""

    scheme: str
    authority: str  # host and, where it is not the scheme's own, port


class ScopeNormalizer:
    """Made once per process from its settings."""

    def __init__(self, environment: Environment) -> None:
        self._hosts = environment.allowed_hosts
        self._proxies: TrustedProxies = build_trusted_proxies(environment)
        self._public = _parse_site(environment.public_origin)
        self._sites = _index_by_authority(environment.allowed_origins)

    def normalize(self, scope: Scope) -> Scope:
        """A copy without a root path; its client, host and scheme are the configured ones. For HTTP and websockets."""
        given = list(scope.get("headers", ()))
        headers = [(name, value) for name, value in given if not self._is_spoofable(name.lower())]
        changed: Scope = {**scope, "root_path": "", "client": self._client_address(scope, given)}
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
        own = None if peer is None else str(peer[0])
        values = [value for name, value in headers if name.lower() == self._proxies.header]
        address = self._proxies.get_client_address(own, values)
        if address == own:
            return None if peer is None else list(peer)
        return [address, 0]

    def _requested_site(self, headers: Headers, server: Any) -> Site | None:
        """The origin that a request names by its Host; the public one where it names another of our hosts or ports."""
        hosts = [value.decode("latin-1").lower() for name, value in headers if name.lower() == b"host"]
        if not hosts and server:
            hosts = [f"{server[0]}:{server[1]}"]
        if len(hosts) != 1:
            return None
        if found := self._sites.get(hosts[0]):
            return found
        domain, _ = split_domain_port(hosts[0])
        return self._public if domain and validate_host(domain, self._hosts) else None


def _parse_site(origin: str) -> Site:
    parts = urlsplit(origin)
    return Site(scheme=parts.scheme, authority=parts.netloc)


def _index_by_authority(origins: Iterable[str]) -> dict[str, Site]:
    """By all that browsers and programs write for them; of two with one authority the first counts."""
    found: dict[str, Site] = {}
    for site in map(_parse_site, origins):
        found.setdefault(site.authority, site)
        if urlsplit(f"//{site.authority}").port is None:
            found.setdefault(f"{site.authority}:{DEFAULT_PORTS[site.scheme]}", site)
    return found
