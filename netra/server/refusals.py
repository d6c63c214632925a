"""Responses of the server itself, before a view sees the request: as bytes on a connection, or as ASGI messages."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from core.i18n.language import negotiate_language
from core.i18n.text import Text, text

REASONS = {
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
RETRY_SECONDS = 5

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error response. `retry_after` is in seconds, if retrying helps; with `closing` the connection is closed."""

    status: int
    code: str
    message: Text
    retry_after: int | None = None
    closing: bool = True

    def to_bytes(self, accept_language: str = "") -> bytes:
        """Return the complete HTTP response."""
        body = self._body(accept_language)
        lines = [f"HTTP/1.1 {self.status} {REASONS[self.status]}"]
        lines += [f"{name}: {value}" for name, value in self._headers(len(body)).items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    async def send(self, scope: Mapping[str, Any], send: Send) -> None:
        """Send it as the ASGI response to a request, in the language that the request asks for."""
        accepted = dict(scope.get("headers", ())).get(b"accept-language", b"")
        body = self._body(accepted.decode("latin-1"))
        headers = [(name.lower().encode(), value.encode()) for name, value in self._headers(len(body)).items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _body(self, accept_language: str) -> bytes:
        return json.dumps(
            {"code": self.code, "message": negotiate_language(accept_language).translate(self.message)}
        ).encode()

    def _headers(self, length: int) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(length),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
            "Referrer-Policy": "same-origin",
        }
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.closing:
            headers["Connection"] = "close"
        return headers


def length_required() -> Refusal:
    return Refusal(411, "length_required", text("Content-Length header required."))


def body_too_large(limit: int) -> Refusal:
    words = text("The request is too large: at most {bytes:,} bytes are allowed.", bytes=limit)
    return Refusal(413, "too_large", words)


def headers_too_long() -> Refusal:
    words = text(
        "The request's headers are too long. Delete this site's cookies, or shorten the address or the headers."
    )
    return Refusal(431, "headers_too_long", words)


def request_timeout() -> Refusal:
    return Refusal(408, "too_slow", text("The request took too long to arrive. Try again."))


def too_many_uploads() -> Refusal:
    return Refusal(503, "busy", text("Too many uploads at once. Try again in a moment."), retry_after=RETRY_SECONDS)


def too_many_connections() -> Refusal:
    words = text("Too many connections from your address are open. Close some, or try again in a moment.")
    return Refusal(429, "too_many_connections", words, retry_after=RETRY_SECONDS)


SERVICE_RESTART = 1012
RESTARTING = Refusal(
    503, "operator_error", text("The server is restarting. Try again in a moment."), retry_after=RETRY_SECONDS
)


async def refuse_while_stopping(
    scope: Mapping[str, Any], receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[None]]
) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        # Accepted first: a refused handshake has no close code, so clients would take it for a permanent refusal.
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": SERVICE_RESTART})
        return
    await RESTARTING.send(scope, send)
