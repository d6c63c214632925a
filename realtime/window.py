"""How much a client may be sent before it says that it has it. Without one, a client that does not read fills the
server's memory (daphne has no flow control of its own)."""

from netra.core.stream import Position
from realtime.limits import WINDOW_BYTES, WINDOW_EVENTS
from realtime.signal import Signal


class Window:
    """One socket's, waited for by its sender. What is beyond it is in the log, and read once there is room."""

    __slots__ = ("_bytes", "_events", "_open", "_sent")

    def __init__(self) -> None:
        self._sent: list[tuple[Position, int, int]] = []
        self._events = 0
        self._bytes = 0
        self._open = Signal(set_=True)

    @property
    def full(self) -> bool:
        return not self._open.is_set

    async def room(self) -> None:
        await self._open.wait()

    def sent(self, upto: Position, events: int, size: int) -> None:
        """A frame up to a position has left, with so many events and bytes."""
        self._sent.append((upto, events, size))
        self._count(events, size)

    def acknowledged(self, position: Position) -> None:
        """The client has everything up to here. What it was never sent changes nothing."""
        while self._sent and self._sent[0][0].epoch == position.epoch and self._sent[0][0].seq <= position.seq:
            _, events, size = self._sent.pop(0)
            self._count(-events, -size)

    def emptied(self) -> None:
        """The client begins anew."""
        self._sent.clear()
        self._count(-self._events, -self._bytes)

    def _count(self, events: int, size: int) -> None:
        self._events += events
        self._bytes += size
        if self._events < WINDOW_EVENTS and self._bytes < WINDOW_BYTES:
            self._open.set()
        else:
            self._open.clear()
