"""A REST client for one user of the tested server, which scans and counts every answer."""

import asyncio
import json
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from core.stream.batches import Position
from operators.isolation_test.canaries import CanaryUser, UserResults
from operators.isolation_test.stream_checks import RangeChain, parse_position, parse_range

PATIENCE = 300.0  # seconds for an answer: what is slow is no violation, what never comes is one
ID_PATTERN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=search=)[^&]*")
OVERLOADED = (502, 503, 504)  # the server is too slow for its proxy, or its database is away
BUSY = (429, *OVERLOADED)  # not wrong answers
RETRY_PAUSE = 1.0  # seconds before what only reads is asked for again


@dataclass(frozen=True, slots=True)
class TargetServer:
    """The tested server; `url` has no path. Create it outside the event loop: it reads certificates from files."""

    url: str
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    def create_http_client(self, user: CanaryUser, seconds: float) -> httpx2.AsyncClient:
        """Return a client for one user, with connections of its own and `seconds` as the timeout of each request."""
        return httpx2.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Token {user.token}"},
            timeout=seconds,
            trust_env=False,
            verify=self.tls,
        )

    async def connect_websocket(self, user: CanaryUser, seconds: float) -> ClientConnection:
        """Open a websocket of one user. Raises OSError, TimeoutError or InvalidHandshake."""
        return await connect(
            self.url.replace("http", "ws", 1) + "/ws/",
            ssl=self.tls if self.url.startswith("https") else None,
            additional_headers={"Authorization": f"Token {user.token}"},
            max_size=None,
            proxy=None,
            open_timeout=seconds,
            close_timeout=1,
        )


class RestClient:
    """Sends one user's requests over persistent connections, and scans and counts the answers."""

    def __init__(self, client: httpx2.AsyncClient, results: UserResults) -> None:
        self._client = client
        self._results = results

    async def request(
        self, method: str, path: str, body: Any = None, *, expect: tuple[int, ...] = (200,), **request: Any
    ) -> Any:
        """Return the JSON of an answer with an expected status; another status becomes a finding, and None."""
        where = f"{method} /api/{ID_PATTERN.sub('{id}', path).partition('?')[0]}"
        if body is not None:
            request["json"] = body
        try:
            answer = await self._send(method, path, where, **request)
        except httpx2.HTTPError as error:
            self._results.add_finding("wrong", where, f"no response ({error.__class__.__name__})")
            return None
        if answer.status_code in expect:
            return self._parse_response(answer, where)
        if answer.status_code not in BUSY:
            expected = " or ".join(str(each) for each in expect)
            self._results.add_finding("wrong", where, f"responded with {answer.status_code} instead of {expected}")
        return None

    async def _send(self, method: str, path: str, where: str, **request: Any) -> httpx2.Response:
        """Return the answer. What only reads is asked for again while the server is overloaded."""
        until = time.monotonic() + PATIENCE
        while True:
            answer = await self._client.request(method, f"/api/{path}", **request)
            self._count_response(answer, where)
            if method != "GET" or answer.status_code not in OVERLOADED or time.monotonic() > until:
                return answer
            await asyncio.sleep(RETRY_PAUSE)

    async def get_position(self) -> Position | None:
        """Return the head of the user's stream."""
        snapshot = await self.request("GET", "snapshot/")
        if snapshot is None:
            return None
        return parse_position(snapshot["position"])

    async def read_stream(self) -> RangeChain | None:
        """Read the whole stream with `GET events/`; None if it could not be read."""
        head = await self.get_position()
        if head is None:
            return None
        chain = RangeChain(Position(epoch=head.epoch, seq=0), "GET /api/events/")
        while chain.position.seq < head.seq:
            frame = await self.request("GET", f"events/?epoch={head.epoch}&after={chain.position.seq}")
            if not isinstance(frame, Mapping) or frame.get("type") != "events" or frame["upto"] <= chain.position.seq:
                self._results.add_finding("wrong", chain.where, "the stream could not be read to its head")
                break
            chain.add_range(parse_range(frame), self._results)
        return chain

    def _count_response(self, answer: httpx2.Response, where: str) -> None:
        self._results.statuses[answer.status_code] += 1
        headers = b"\r\n".join(name + b": " + value for name, value in answer.headers.raw)
        self._results.scan_bytes(headers + b"\r\n\r\n" + answer.content, where)

    def _parse_response(self, answer: httpx2.Response, where: str) -> Any:
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return answer.text
        try:
            return json.loads(answer.content)
        except ValueError:
            self._results.add_finding("wrong", where, "a response is not JSON")
            return None
