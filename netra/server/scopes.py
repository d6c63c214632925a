"""A request's scope, with its path and addresses as this installation says they are: no header decides them."""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http.request import split_domain_port, validate_host

from netra.environment import Environment
from netra.origins import DEFAULT_PORTS
from netra.server.proxies import TrustedProxies, trusted_proxies

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
        self._proxies: TrustedProxies = trusted_proxies(environment)
        self._public = _site(environment.public_origin)
        self._sites = _by_authority(environment.allowed_origins)

    def normalize(self, scope: Scope) -> Scope:
        """A copy without a root path; its client, host and scheme are the configured ones. For HTTP and websockets."""
        given = list(scope.get("headers", ()))
        headers = [(name, value) for name, value in given if not self._is_spoofable(name.lower())]
        changed: Scope = {**scope, "root_path": "", "client": self._client(scope, given)}
        if scope["type"] == "http":
            site = self._site_asked_for(headers, scope.get("server"))
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

    def _client(self, scope: Scope, headers: Headers) -> list[Any] | None:
        peer = scope.get("client")
        own = None if peer is None else str(peer[0])
        values = [value for name, value in headers if name.lower() == self._proxies.header]
        address = self._proxies.client_address(own, values)
        if address == own:
            return None if peer is None else list(peer)
        return [address, 0]

    def _site_asked_for(self, headers: Headers, server: Any) -> Site | None:
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


def _site(origin: str) -> Site:
    parts = urlsplit(origin)
    return Site(scheme=parts.scheme, authority=parts.netloc)


def _by_authority(origins: Iterable[str]) -> dict[str, Site]:
    """By all that browsers and programs write for them; of two with one authority the first counts."""
    found: dict[str, Site] = {}
    for site in map(_site, origins):
        found.setdefault(site.authority, site)
        if urlsplit(f"//{site.authority}").port is None:
            found.setdefault(f"{site.authority}:{DEFAULT_PORTS[site.scheme]}", site)
    return found
