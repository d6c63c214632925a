"""REST as one user, with every answer searched and counted."""

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx2

from netra.core.stream import Position
from netra.selftest.chain import Chain, range_of
from netra.selftest.tally import Tally

PATIENCE = 60.0  # seconds for an answer, on a busy server
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=search=)[^&]*")
THROTTLED = 429  # asked for too much: no answer is no wrong one


class Caller:
    """One user at one server, over connections of their own that are used again and again."""

    def __init__(self, client: httpx2.AsyncClient, tally: Tally) -> None:
        self._client = client
        self._tally = tally

    async def ask(
        self, method: str, path: str, body: Any = None, *, expect: tuple[int, ...] = (200,), **request: Any
    ) -> Any:
        """The JSON of an answer of an expected status, else None; what is not expected is told the tally."""
        where = f"{method} /api/{ID.sub('{id}', path).partition('?')[0]}"
        if body is not None:
            request["json"] = body
        try:
            answer = await self._client.request(method, f"/api/{path}", **request)
        except httpx2.HTTPError as error:
            self._tally.found("wrong", where, f"no answer ({error.__class__.__name__})")
            return None
        self._count(answer, where)
        if answer.status_code in expect:
            return self._read(answer, where)
        if answer.status_code != THROTTLED:
            wanted = " or ".join(str(each) for each in expect)
            self._tally.found("wrong", where, f"answered {answer.status_code} instead of {wanted}")
        return None

    async def position(self) -> Position | None:
        """The head of the user's stream now."""
        snapshot = await self.ask("GET", "snapshot/")
        if snapshot is None:
            return None
        return Position(epoch=UUID(snapshot["position"]["epoch"]), seq=int(snapshot["position"]["seq"]))

    async def stream(self) -> Chain | None:
        """The whole stream by `GET events/`, from the start; None if it could not be had."""
        head = await self.position()
        if head is None:
            return None
        chain = Chain(Position(epoch=head.epoch, seq=0), "GET /api/events/")
        while chain.at.seq < head.seq:
            frame = await self.ask("GET", f"events/?epoch={head.epoch}&after={chain.at.seq}")
            if not isinstance(frame, Mapping) or frame.get("type") != "events" or frame["upto"] <= chain.at.seq:
                self._tally.found("wrong", chain.where, "the stream could not be read to its head")
                break
            chain.take(range_of(frame), self._tally)
        return chain

    def _count(self, answer: httpx2.Response, where: str) -> None:
        self._tally.statuses[answer.status_code] += 1
        headers = b"\r\n".join(name + b": " + value for name, value in answer.headers.raw)
        self._tally.heard(headers + b"\r\n\r\n" + answer.content, where)

    def _read(self, answer: httpx2.Response, where: str) -> Any:
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return answer.text
        try:
            return json.loads(answer.content)
        except ValueError:
            self._tally.found("wrong", where, "an answer is not JSON")
            return None
