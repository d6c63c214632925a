"""Origins as browsers write them (scheme, host and any port but the default), and the Content-Security-Policy."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def normalize_origin(text: str) -> str:
    """Return the origin as a browser sends it. Raises ValueError for anything that is not exactly one origin."""
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "*" in text:
        raise ValueError("must be a full origin, such as https://netra.example.com")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("an origin can't have a path or a user name")
    port = f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS[parts.scheme]) else ""
    return f"{parts.scheme}://{_bracket_ipv6(parts.hostname)}{port}"


def to_origin(address: str) -> str:
    """Return the origin of a URL. Raises ValueError for anything else than a web address."""
    parts = urlsplit(address)
    return normalize_origin(f"{parts.scheme}://{parts.netloc}")


def to_host(origin: str) -> str:
    """Return the host alone, as in ALLOWED_HOSTS."""
    return _bracket_ipv6(urlsplit(origin).hostname or "")


def to_websocket_origin(origin: str) -> str:
    """Return the same origin with a websocket's scheme."""
    return origin.replace("http", "ws", 1)


def _bracket_ipv6(host: str) -> str:
    return f"[{host}]" if ":" in host else host


CspDirectives = Mapping[str, tuple[str, ...]]


def build_csp(origins: Iterable[str], *, sign_ins: Iterable[str] = ()) -> CspDirectives:
    """Return the policy of every page: scripts and styles come from this origin only, and never inline.

    `sign_ins` are the origins that a form of ours may redirect to, for browsers that check redirects too.
    """
    here = "'self'"
    return {
        "default-src": ("'none'",),
        "script-src": (here,),
        "style-src": (here,),
        "img-src": (here, "data:"),
        "font-src": (here,),
        # In today's browsers 'self' covers websockets; older ones need them named.
        "connect-src": (here, *(to_websocket_origin(origin) for origin in origins)),
        "manifest-src": (here,),
        "form-action": (here, *sign_ins),
        "base-uri": ("'none'",),
        "frame-ancestors": ("'none'",),
        "require-trusted-types-for": ("'script'",),
        "trusted-types": ("dompurify", "netra"),
    }
