"""One socket's way out: what is sent and when last, its close, and that a client which has left is no error."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from autobahn.exception import Disconnected

from realtime.closing import Close
from realtime.measures import Measures

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Gone(Exception):
    """The client has left, or was told to: there is nobody to send to."""


class Outgoing:
    __slots__ = ("_measures", "_send", "closed", "last")

    def __init__(self, send: Send, measures: Measures) -> None:
        self._send = send
        self._measures = measures
        self.closed = False
        self.last = time.monotonic()

    async def accept(self) -> None:
        await self._out({"type": "websocket.accept"})

    async def text(self, frame: str) -> None:
        """Raises Gone."""
        if self.closed:
            raise Gone
        self.last = time.monotonic()
        await self._out({"type": "websocket.send", "text": frame})

    async def close(self, code: Close) -> None:
        """Closing twice, or a socket that is gone, changes nothing."""
        if self.closed:
            return
        self.closed = True
        self._measures.closed(code)
        try:
            await self._out({"type": "websocket.close", "code": int(code)})
        except Gone:
            return

    async def _out(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except (Disconnected, OSError) as error:
            self.closed = True
            raise Gone from error
