"""One socket's way out: what is sent and when last, its close, and that a client which has left is no error."""

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from autobahn.exception import Disconnected

from realtime.closing import Close
from realtime.measures import Measures

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Output(Protocol):
    """What is known of the connection below a socket."""

    async def drained(self) -> None:
        """Wait until what was written has been taken."""

    def cut_if_unread(self) -> bool:
        """Whether the connection was ended, since too much is unread."""


class Gone(Exception):
    """The client has left, or was told to: there is nobody to send to."""


class Outgoing:
    __slots__ = ("_measures", "_output", "_send", "closed", "last")

    def __init__(self, send: Send, measures: Measures, output: Output | None = None) -> None:
        """`output` is None where nothing is known of what the client has taken."""
        self._send = send
        self._output = output
        self._measures = measures
        self.closed = False
        self.last = time.monotonic()

    async def accept(self) -> None:
        await self._out({"type": "websocket.accept"})

    async def drained(self) -> None:
        """Wait until the client has taken what it was sent."""
        if self._output is not None:
            await self._output.drained()

    async def text(self, frame: str) -> None:
        """Raises Gone."""
        if self.closed:
            raise Gone
        self.last = time.monotonic()
        await self._out({"type": "websocket.send", "text": frame})
        if self._output is not None and self._output.cut_if_unread():
            self.closed = True
            self._measures.closed(Close.SILENT)
            raise Gone

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
