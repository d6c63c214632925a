"""What one socket may send: every frame counts, whatever is in it, against the socket's and its user's allowance.

Whoever is beyond it is not read from for a while, so that what they send waits on their side of the connection and
not in this process's memory. Who goes on like that is closed.
"""

import asyncio
import time
from collections.abc import Callable
from enum import Enum, auto

from realtime.allowance import Allowance
from realtime.limits import EXCESS_PAUSE, EXCESS_WINDOW, FRAMES_AT_ONCE, FRAMES_PER_SECOND


class Excess(Enum):
    """What a socket beyond its allowance is told."""

    WARN = auto()
    CLOSE = auto()


class Inflow:
    """One socket's. `on_excess` is called from where frames are read, and must not wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._own = Allowance(FRAMES_PER_SECOND, FRAMES_AT_ONCE, clock)
        self._users: Allowance | None = None
        self._warned: float | None = None
        self._on_excess: Callable[[Excess], None] = lambda excess: None
        self.gated = False  # frames are counted below, where they are parsed (netra.framegate)
        self.stopped = False  # nothing more is read

    def belongs_to(self, users: Allowance) -> None:
        """From here on frames cost the allowance of all sockets of its user, too."""
        self._users = users

    def tell(self, on_excess: Callable[[Excess], None]) -> None:
        """From here on excess is told; at once, if there was some already."""
        self._on_excess = on_excess
        if self._warned is not None:
            on_excess(Excess.WARN)
        if self.stopped:
            on_excess(Excess.CLOSE)

    def take(self) -> bool:
        """Whether one more frame is taken now; if not, nothing is read for EXCESS_PAUSE seconds."""
        if self.stopped:
            return False
        if not self._own.take():
            self._exceed(closing=True)
            return False
        if self._users is not None and not self._users.take():
            self._own.give_back()
            # Another socket of this user may have used it up: this one waits, but is not closed for it.
            self._exceed(closing=False)
            return False
        return True

    def give_back(self) -> None:
        """A frame was sent that the client is to acknowledge: that answer is paid for."""
        self._own.give_back()
        if self._users is not None:
            self._users.give_back()

    async def admit(self) -> None:
        """Wait until one more frame may be taken, where nothing below counts them."""
        while not self.gated and not self.stopped and not self.take():  # noqa: ASYNC110  # time fills it
            await asyncio.sleep(EXCESS_PAUSE)

    def _exceed(self, *, closing: bool) -> None:
        now = self._clock()
        if self._warned is None or now - self._warned > EXCESS_WINDOW:
            self._warned = now
            self._on_excess(Excess.WARN)
        elif closing:
            self.stopped = True
            self._on_excess(Excess.CLOSE)
