"""Origins as browsers write them: scheme, host and a port that is not the scheme's own."""

from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def checked_origin(text: str) -> str:
    """The origin as a browser sends it; ValueError for anything that is not exactly one origin."""
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "*" in text:
        raise ValueError("each must be a full origin such as https://netra.example.com")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("an origin has no path and no user name")
    port = f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS[parts.scheme]) else ""
    return f"{parts.scheme}://{_bracketed(parts.hostname)}{port}"


def origin_of(address: str) -> str:
    """The origin of an address that has a path; ValueError for what is no web address."""
    parts = urlsplit(address)
    return checked_origin(f"{parts.scheme}://{parts.netloc}")


def host_of(origin: str) -> str:
    """The host alone, as ALLOWED_HOSTS wants it."""
    return _bracketed(urlsplit(origin).hostname or "")


def websocket_of(origin: str) -> str:
    """The same place, spoken to over a websocket."""
    return origin.replace("http", "ws", 1)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
