"""Backpressure for what was written to a connection and its client has not read yet.

Daphne writes to a transport whatever the application gives it, and the transport keeps it all. Twisted tells a transport's producer when
its buffer is full and when it is empty again: `WriteBuffer` is that producer, and lets the application wait in between."""

import asyncio
from collections.abc import Callable
from typing import Any

from netra.server.limits import STALL_BYTES, STALL_SECONDS, UNREAD_BYTES


class WriteBuffer:
    """One connection's. `call_later` is the reactor's."""

    def __init__(self, transport: Any, call_later: Callable[..., Any]) -> None:
        self._transport = transport
        self._call_later = call_later
        self._is_paused = False
        self._is_released = False
        self._waiters: list[asyncio.Future[None]] = []
        self._stall_timer: Any = None
        self._unsent_before = 0

    @property
    def unsent_bytes(self) -> int:
        """Bytes that the kernel has not taken."""
        transport = getattr(self._transport, "transport", None) or self._transport  # that below TLS
        buffered: int = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
        return buffered + int(getattr(transport, "_tempDataLen", 0))

    @property
    def is_full(self) -> bool:
        """Whether `drain` would wait."""
        return self._is_paused and not self._is_released

    async def drain(self) -> None:
        """Wait until there is room: what was written has been taken, or nobody is there to take it."""
        while self.is_full:
            room = asyncio.get_running_loop().create_future()
            self._waiters.append(room)
            await room

    def abort_if_unread(self) -> bool:
        """Whether the connection was ended, as more is unread than one may leave so."""
        if self.unsent_bytes <= UNREAD_BYTES:
            return False
        self._transport.abortConnection()
        return True

    def release(self) -> None:
        """Nobody waits any more: the connection is gone, or the server stops."""
        self._is_released = True
        self._wake_waiters()

    def end(self) -> None:
        """The connection is gone."""
        self.release()
        self._stop_stall_timer()

    def finish(self) -> None:
        """Nothing more will be written, and the connection ends with what is there: watch that it does."""
        self.release()
        if self.unsent_bytes:
            self._start_stall_timer()

    def pauseProducing(self) -> None:
        self._is_paused = True
        self._start_stall_timer()

    def resumeProducing(self) -> None:
        self._is_paused = False
        self._stop_stall_timer()
        self._wake_waiters()

    def stopProducing(self) -> None:
        self.end()

    def _start_stall_timer(self) -> None:
        if self._stall_timer is None:
            self._unsent_before = self.unsent_bytes
            self._stall_timer = self._call_later(STALL_SECONDS, self._abort_if_stalled)

    def _stop_stall_timer(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _abort_if_stalled(self) -> None:
        """End a connection whose client takes next to nothing."""
        self._stall_timer = None
        unsent = self.unsent_bytes
        if unsent and unsent > self._unsent_before - STALL_BYTES:
            self._transport.abortConnection()
        elif unsent:
            self._start_stall_timer()

    def _wake_waiters(self) -> None:
        waiting, self._waiters = self._waiters, []
        for room in waiting:
            if not room.done():
                room.set_result(None)
