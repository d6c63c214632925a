"""What was written to a connection and its client has not taken yet.

Daphne writes to a transport whatever the application gives it, and the transport keeps it all. Twisted tells a
transport's producer when its buffer is full and when it is empty again: this is that producer, and lets the application
wait in between.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from netra.server.limits import STALL_BYTES, STALL_SECONDS, UNREAD_BYTES


class WriteBuffer:
    """One connection's. `call_later` is the reactor's."""

    def __init__(self, transport: Any, call_later: Callable[..., Any]) -> None:
        self._transport = transport
        self._call_later = call_later
        self._full = False
        self._released = False
        self._waiting: list[asyncio.Future[None]] = []
        self._watch: Any = None
        self._unsent_before = 0

    @property
    def unsent(self) -> int:
        """Bytes that the kernel has not taken."""
        transport = getattr(self._transport, "transport", None) or self._transport  # that below TLS
        buffered: int = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
        return buffered + int(getattr(transport, "_tempDataLen", 0))

    @property
    def full(self) -> bool:
        """Whether `drained` would wait."""
        return self._full and not self._released

    async def drained(self) -> None:
        """Wait until there is room: what was written has been taken, or nobody is there to take it."""
        while self.full:
            room = asyncio.get_running_loop().create_future()
            self._waiting.append(room)
            await room

    def cut_if_unread(self) -> bool:
        """Whether the connection was ended, as more is unread than one may leave so."""
        if self.unsent <= UNREAD_BYTES:
            return False
        self._transport.abortConnection()
        return True

    def release(self) -> None:
        """Nobody waits any more: the connection is gone, or the server stops."""
        self._released = True
        self._wake()

    def end(self) -> None:
        """The connection is gone."""
        self.release()
        self._stop_watch()

    def finish(self) -> None:
        """Nothing more will be written, and the connection ends with what is there: watch that it does."""
        self.release()
        if self.unsent:
            self._start_watch()

    def pauseProducing(self) -> None:
        self._full = True
        self._start_watch()

    def resumeProducing(self) -> None:
        self._full = False
        self._stop_watch()
        self._wake()

    def stopProducing(self) -> None:
        self.end()

    def _start_watch(self) -> None:
        if self._watch is None:
            self._unsent_before = self.unsent
            self._watch = self._call_later(STALL_SECONDS, self._look)

    def _stop_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self) -> None:
        """End a connection whose client takes next to nothing."""
        self._watch = None
        unsent = self.unsent
        if unsent and unsent > self._unsent_before - STALL_BYTES:
            self._transport.abortConnection()
        elif unsent:
            self._start_watch()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for room in waiting:
            if not room.done():
                room.set_result(None)
