"""The send window: how much a client may be sent before it acknowledges.

Without it, a client that does not read fills the server's memory: daphne has no flow control of its own.
"""

import asyncio

from core.stream.batches import Position
from realtime.limits import WINDOW_BYTES, WINDOW_EVENTS


class SingleWaiterEvent:
    """An asyncio.Event for one waiter, which costs less. Two waiters at once are the caller's mistake."""

    __slots__ = ("_is_set", "_waiter")

    def __init__(self, *, is_set: bool = False) -> None:
        self._is_set = is_set
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        self._is_set = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        self._is_set = False

    async def wait(self) -> None:
        while not self._is_set:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None


class SendWindow:
    """One socket's window, which its sender waits for. Events beyond it stay in the database until there is room."""

    __slots__ = ("_bytes", "_events", "_has_room", "_unacknowledged")

    def __init__(self) -> None:
        self._unacknowledged: list[tuple[Position, int, int]] = []
        self._events = 0
        self._bytes = 0
        self._has_room = SingleWaiterEvent(is_set=True)

    @property
    def is_full(self) -> bool:
        return not self._has_room.is_set

    async def wait_for_room(self) -> None:
        await self._has_room.wait()

    def record_sent(self, upto: Position, events: int, size: int) -> None:
        """Count a frame that was sent: up to which position, with how many events and bytes."""
        self._unacknowledged.append((upto, events, size))
        self._adjust(events, size)

    def acknowledge(self, position: Position) -> None:
        """Forget what the client has received up to here. A position that it was never sent changes nothing."""
        while (
            self._unacknowledged
            and self._unacknowledged[0][0].epoch == position.epoch
            and self._unacknowledged[0][0].seq <= position.seq
        ):
            _, events, size = self._unacknowledged.pop(0)
            self._adjust(-events, -size)

    def reset(self) -> None:
        """Forget everything that was sent: the client resumes."""
        self._unacknowledged.clear()
        self._adjust(-self._events, -self._bytes)

    def _adjust(self, events: int, size: int) -> None:
        self._events += events
        self._bytes += size
        if self._events < WINDOW_EVENTS and self._bytes < WINDOW_BYTES:
            self._has_room.set()
        else:
            self._has_room.clear()
