"""Backpressure for data that was written to a connection and that its client has not read yet.

Daphne writes everything to the transport, which buffers it without a bound. Twisted notifies a transport's producer
when the buffer is full and when it is empty again: `WriteBuffer` is that producer, and lets the application wait."""

import asyncio
from collections.abc import Callable
from typing import Any

from netra.server.limits import STALL_BYTES, STALL_SECONDS, UNREAD_BYTES


class WriteBuffer:
    """The output of one connection. `call_later` is the reactor's."""

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
        """The number of bytes that the kernel has not taken yet."""
        transport = getattr(self._transport, "transport", None) or self._transport  # the one below TLS
        buffered: int = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
        return buffered + int(getattr(transport, "_tempDataLen", 0))

    @property
    def is_full(self) -> bool:
        """Whether `drain` would wait."""
        return self._is_paused and not self._is_released

    async def drain(self) -> None:
        """Wait until the buffer has room: its data has been taken, or the connection is gone."""
        while self.is_full:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def abort_if_unread(self) -> bool:
        """Abort the connection if too much is unread, and return whether it was aborted."""
        if self.unsent_bytes <= UNREAD_BYTES:
            return False
        self._transport.abortConnection()
        return True

    def release(self) -> None:
        """Let nobody wait any more: the connection is gone, or the server stops."""
        self._is_released = True
        self._wake_waiters()

    def end(self) -> None:
        """Release the buffer and stop its timer, as the connection is gone."""
        self.release()
        self._stop_stall_timer()

    def finish(self) -> None:
        """Watch that a connection to which nothing more is written takes the rest of its data and ends."""
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
        """Abort a connection whose client has taken next to nothing."""
        self._stall_timer = None
        unsent = self.unsent_bytes
        if unsent and unsent > self._unsent_before - STALL_BYTES:
            self._transport.abortConnection()
        elif unsent:
            self._start_stall_timer()

    def _wake_waiters(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
