"""How many frames a socket may send: a bucket that fills with time and empties by use."""

import time
from collections.abc import Callable

from realtime.limits import FRAMES_AT_ONCE, FRAMES_PER_SECOND


class Allowance:
    __slots__ = ("_at", "_clock", "_left")

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left = float(FRAMES_AT_ONCE)
        self._at = clock()

    def take(self) -> bool:
        """Whether one more is within the allowance."""
        now = self._clock()
        self._left = min(FRAMES_AT_ONCE, self._left + (now - self._at) * FRAMES_PER_SECOND)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
