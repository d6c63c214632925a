"""Only a trusted proxy's word about a client's address counts."""

import pytest
from pydantic import ValidationError

from core.networks import parse_address
from netra.config import Environment
from netra.server.scopes import ScopeNormalizer, build_trusted_proxies


def environment(**given: object) -> Environment:
    return Environment(_env_file=None, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "peer", "header", "address"),
    [
        ({}, "127.0.0.1", b"6.6.6.6", "127.0.0.1"),  # no proxy is configured
        ({"behind_proxy": True}, "127.0.0.1", b"6.6.6.6", "6.6.6.6"),
        ({"behind_proxy": True}, "127.0.0.1", b"6.6.6.6, 7.7.7.7", "7.7.7.7"),  # the client wrote the first
        ({"behind_proxy": True}, "203.0.113.9", b"6.6.6.6", "203.0.113.9"),  # not by way of the proxy
        ({"behind_proxy": True}, "172.18.0.2", b"6.6.6.6", "6.6.6.6"),
        ({"behind_proxy": True}, None, b"6.6.6.6", "6.6.6.6"),  # a UNIX socket
        ({"behind_proxy": True}, "127.0.0.1", b"", "127.0.0.1"),
        ({"behind_proxy": True}, "127.0.0.1", b"6.6.6.6, unknown", "127.0.0.1"),
        ({"behind_proxy": True}, "127.0.0.1", b"6.6.6.6, <script>", "127.0.0.1"),
        ({"behind_proxy": True}, "::1", b"[2001:db8::1]:4711", "2001:db8::1"),
        ({"proxies": 2}, "127.0.0.1", b"5.5.5.5, 6.6.6.6, 7.7.7.7", "6.6.6.6"),
        ({"proxies": 2}, "127.0.0.1", b"7.7.7.7", "127.0.0.1"),  # fewer than there are
        ({"proxies": 0, "behind_proxy": True}, "127.0.0.1", b"7.7.7.7", "127.0.0.1"),
        ({"proxies": 1, "proxy_addresses": ("198.51.100.7",)}, "198.51.100.7", b"6.6.6.6", "6.6.6.6"),
        ({"proxies": 1, "proxy_addresses": ("198.51.100.7",)}, "127.0.0.1", b"6.6.6.6", "127.0.0.1"),
    ],
)
def test_an_address_is_the_peers_or_what_a_trusted_proxy_saw(
    given: dict[str, object], peer: str | None, header: bytes, address: str
) -> None:
    proxies = build_trusted_proxies(environment(**given))
    assert proxies.get_client_address(peer, [header] if header else []) == address


def test_only_the_named_header_counts() -> None:
    scopes = ScopeNormalizer(environment(behind_proxy=True, proxy_header="X-Real-IP"))
    headers = [(b"x-forwarded-for", b"5.5.5.5"), (b"x-real-ip", b"6.6.6.6"), (b"accept", b"*/*")]
    scope = scopes.normalize({"type": "websocket", "client": ["127.0.0.1", 1], "headers": headers, "root_path": "/x"})
    assert scope["client"] == ["6.6.6.6", 0]
    assert scope["headers"] == [(b"accept", b"*/*")]
    assert scope["root_path"] == ""


@pytest.mark.parametrize(
    ("host", "scheme", "becomes"),
    [
        (b"netra.example.com", "https", b"netra.example.com"),
        (b"NETRA.example.com:443", "https", b"netra.example.com"),
        (b"other.example.com:8443", "https", b"other.example.com:8443"),
        (b"netra.example.com:6666", "https", b"netra.example.com"),
        (b"inside:8000", "https", b"netra.example.com"),  # a host that is answered to, and no origin
        (b"plain.example.com", "http", b"plain.example.com"),
        (b"evil.example", "https", b"evil.example"),  # Django refuses it
    ],
)
def test_a_host_becomes_a_configured_origin(host: bytes, scheme: str, becomes: bytes) -> None:
    origins = ("https://netra.example.com", "https://other.example.com:8443", "http://plain.example.com")
    hosts = ("netra.example.com", "other.example.com", "plain.example.com", "inside")
    scopes = ScopeNormalizer(environment(origins=origins, hosts=hosts))
    scope = scopes.normalize({"type": "http", "scheme": "http", "headers": [(b"Host", host)]})
    assert (scope["scheme"], [value for name, value in scope["headers"] if name.lower() == b"host"]) == (
        scheme,
        [becomes],
    )


def test_a_request_without_a_host_is_to_the_address_it_came_to() -> None:
    scopes = ScopeNormalizer(environment(port=8000))
    scope = scopes.normalize({"type": "http", "server": ["127.0.0.1", 9000], "headers": []})
    assert scope["headers"] == [(b"host", b"127.0.0.1:8000")]


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "1.2.3", "6.6.6.6:x:y", "[", "1.2.3.4.5"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_address(text) is None


def test_an_address_has_one_way_to_be_written() -> None:
    assert {str(parse_address(text)) for text in ("1.2.3.4", " 1.2.3.4:80 ", "::ffff:1.2.3.4")} == {"1.2.3.4"}


def test_proxies_that_are_no_addresses_are_refused() -> None:
    with pytest.raises(ValidationError, match="proxy_addresses"):
        environment(proxy_addresses=("proxy.example",))
