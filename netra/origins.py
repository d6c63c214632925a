"""Origins as browsers write them (scheme, host and a port unless it is the default), and the Content-Security-Policy made of them."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def normalize_origin(text: str) -> str:
    """The origin as a browser sends it; ValueError for anything that is not exactly one origin."""
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "*" in text:
        raise ValueError("each must be a full origin such as https://netra.example.com")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("an origin has no path and no user name")
    port = f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS[parts.scheme]) else ""
    return f"{parts.scheme}://{_bracket_ipv6(parts.hostname)}{port}"


def to_origin(address: str) -> str:
    """The origin of an address that has a path; ValueError for what is no web address."""
    parts = urlsplit(address)
    return normalize_origin(f"{parts.scheme}://{parts.netloc}")


def to_host(origin: str) -> str:
    """The host alone, as ALLOWED_HOSTS wants it."""
    return _bracket_ipv6(urlsplit(origin).hostname or "")


def to_websocket_origin(origin: str) -> str:
    """The same place, spoken to over a websocket."""
    return origin.replace("http", "ws", 1)


def _bracket_ipv6(host: str) -> str:
    return f"[{host}]" if ":" in host else host


CspDirectives = Mapping[str, tuple[str, ...]]


def build_csp(origins: Iterable[str], *, sign_ins: Iterable[str] = ()) -> CspDirectives:
    """The policy of every page. Scripts and styles come from here only; nothing is written inline.

    `sign_ins`: where a form of ours may lead on to, for browsers that ask of redirects too.
    """
    here = "'self'"
    return {
        "default-src": ("'none'",),
        "script-src": (here,),
        "style-src": (here,),
        "img-src": (here, "data:"),
        "font-src": (here,),
        # 'self' covers websockets in browsers of today; the ones before need them named.
        "connect-src": (here, *(to_websocket_origin(origin) for origin in origins)),
        "manifest-src": (here,),
        "form-action": (here, *sign_ins),
        "base-uri": ("'none'",),
        "frame-ancestors": ("'none'",),
        "require-trusted-types-for": ("'script'",),
        "trusted-types": ("dompurify", "netra"),
    }
