"""Answers of the server itself are as closed to a browser as any page."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from netra.server.refusals import headers_too_long

CLOSED = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "content-type": "application/json",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def test_no_browser_runs_frames_keeps_or_guesses_at_a_refusal() -> None:
    head, _, _ = headers_too_long().to_bytes().decode().partition("\r\n\r\n")
    pairs = [line.split(": ", 1) for line in head.splitlines()[1:]]
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(headers_too_long().send({}, send))
    for headers in (
        {name.lower(): value for name, value in pairs},
        {name.decode(): value.decode() for name, value in sent[0]["headers"]},
    ):
        assert CLOSED.items() <= headers.items()
