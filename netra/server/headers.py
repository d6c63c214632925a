"""Limits on the length of request headers, checked before anything parses them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from netra.server.limits import HEADER_COUNT
from netra.server.refusals import headers_too_long

HeaderPairs = Iterable[tuple[bytes, bytes]]

MAX_HEADER_BYTES: Mapping[bytes, int] = MappingProxyType(
    {
        b"accept": 2048,
        b"accept-encoding": 1024,
        b"authorization": 4096,
        b"content-length": 18,
        b"content-type": 512,
        b"cookie": 8192,
        b"forwarded": 1024,
        b"host": 262,  # a name of 255 bytes and a port
        b"if-match": 1024,
        b"if-modified-since": 128,
        b"if-none-match": 1024,
        b"if-range": 128,
        b"if-unmodified-since": 128,
        b"origin": 512,
        b"range": 256,
        b"upload-fingerprint": 512,
        b"upload-offset": 18,
        b"x-forwarded-for": 1024,
        b"x-forwarded-host": 262,
        b"x-forwarded-proto": 64,
    }
)
"""By header. An Accept-Language may have any length: only its beginning is read."""
MAX_OTHER_HEADER_BYTES = 8192
COOKIE_HEADER = b"cookie"


def are_headers_too_long(headers: HeaderPairs) -> bool:
    count = 0
    for name, value in headers:
        count += 1
        key = name.lower()
        if key != b"accept-language" and len(value) > MAX_HEADER_BYTES.get(key, MAX_OTHER_HEADER_BYTES):
            return True
    return count > HEADER_COUNT


def remove_escaped_cookies(headers: HeaderPairs) -> list[tuple[bytes, bytes]]:
    """Return the headers without cookies that contain a backslash.

    We set none, and up to Python 3.11.9 unescaping one takes quadratic time (CVE-2024-7592).
    """
    return [(name, _remove_escaped(value) if name.lower() == COOKIE_HEADER else value) for name, value in headers]


def _remove_escaped(cookies: bytes) -> bytes:
    if b"\\" not in cookies:
        return cookies
    return b";".join(cookie for cookie in cookies.split(b";") if b"\\" not in cookie)


async def refuse_long_headers(scope: Mapping[str, Any], send: Callable[..., Awaitable[None]]) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})  # before it is accepted: the handshake is answered by 403
        return
    await headers_too_long().send(scope, send)
