"""What the server itself answers, before any application sees the request."""

import json
from dataclasses import dataclass

from netra.language.languages import asked_for
from netra.language.text import Text, text

REASONS = {
    408: "Request Timeout",
    411: "Length Required",
    413: "Content Too Large",
    429: "Too Many Requests",
    503: "Service Unavailable",
}
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    code: str
    words: Text

    def to_bytes(self, accept_language: str = "") -> bytes:
        """The whole answer; the connection ends with it."""
        said = asked_for(accept_language).say(self.words)
        body = json.dumps({"code": self.code, "message": said}).encode()
        lines = [
            f"HTTP/1.1 {self.status} {REASONS[self.status]}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        ]
        if self.status in (429, 503):
            lines.append(f"Retry-After: {RETRY_SECONDS}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def no_length() -> Refusal:
    return Refusal(411, "length_required", text("Content-Length header required."))


def too_large(limit: int) -> Refusal:
    words = text("This is more than the {bytes:,} bytes that one request may have.", bytes=limit)
    return Refusal(413, "too_large", words)


def too_slow() -> Refusal:
    return Refusal(408, "too_slow", text("The request took too long to arrive. Try again."))


def no_room() -> Refusal:
    return Refusal(503, "busy", text("Too many uploads at once. Try again in a moment."))


def too_many_connections() -> Refusal:
    words = text("Too many connections from your address are open. Close some, or try again in a moment.")
    return Refusal(429, "too_many_connections", words)
