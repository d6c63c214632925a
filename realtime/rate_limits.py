"""Token buckets, and the limit on the frames of one socket: every frame counts, against the socket's bucket and its user's.

A socket beyond it is not read from for a while, so that what it sends waits on its side of the connection and not in this
process's memory. One that goes on like that is closed.
"""

import asyncio
import time
from collections.abc import Callable, Hashable
from enum import Enum, auto

from realtime.limits import EXCESS_PAUSE, EXCESS_WINDOW, FRAMES_AT_ONCE, FRAMES_PER_SECOND

MAX_BUCKETS = 10_000


class TokenBucket:
    __slots__ = ("_burst", "_clock", "_filled_at", "_rate", "_tokens")

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = at_once
        self._clock = clock
        self._tokens = float(at_once)
        self._filled_at = clock()

    def take(self) -> bool:
        """Whether one more is within the allowance."""
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def refund(self) -> None:
        """One use is undone, or was earned."""
        self._tokens = min(self._burst, self._tokens + 1)

    @property
    def is_full(self) -> bool:
        self._refill()
        return self._tokens >= self._burst

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now


class TokenBuckets:
    """One allowance per key. Only those that are in use are kept, so keys that come once cost no memory for long."""

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._burst = at_once
        self._clock = clock
        self._buckets: dict[Hashable, TokenBucket] = {}

    def get_bucket(self, key: Hashable) -> TokenBucket:
        found = self._buckets.get(key)
        if found is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._drop_unused()
            found = self._buckets[key] = TokenBucket(self._rate, self._burst, self._clock)
        return found

    def _drop_unused(self) -> None:
        self._buckets = {key: each for key, each in self._buckets.items() if not each.is_full}
        # All are in use: the older half begins anew, which gives it one more allowance at most.
        for key in list(self._buckets)[: max(0, len(self._buckets) - MAX_BUCKETS // 2)]:
            del self._buckets[key]


class ExcessAction(Enum):
    """What a socket beyond its allowance is told."""

    WARN = auto()
    CLOSE = auto()


class FrameRateLimiter:
    """One socket's. `on_excess` is called from where frames are read, and must not wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._socket_bucket = TokenBucket(FRAMES_PER_SECOND, FRAMES_AT_ONCE, clock)
        self._user_bucket: TokenBucket | None = None
        self._warned_at: float | None = None
        self._on_excess: Callable[[ExcessAction], None] = lambda excess: None
        self.is_counted_upstream = False  # frames are counted below, where they are parsed (netra.server.websockets)
        self.is_stopped = False  # nothing more is read

    def use_user_bucket(self, users: TokenBucket) -> None:
        """From here on frames cost the allowance of all sockets of its user, too."""
        self._user_bucket = users

    def set_excess_handler(self, on_excess: Callable[[ExcessAction], None]) -> None:
        """From here on excess is told; at once, if there was some already."""
        self._on_excess = on_excess
        if self._warned_at is not None:
            on_excess(ExcessAction.WARN)
        if self.is_stopped:
            on_excess(ExcessAction.CLOSE)

    def take(self) -> bool:
        """Whether one more frame is taken now; if not, nothing is read for EXCESS_PAUSE seconds."""
        if self.is_stopped:
            return False
        if not self._socket_bucket.take():
            self._handle_excess(closing=True)
            return False
        if self._user_bucket is not None and not self._user_bucket.take():
            self._socket_bucket.refund()
            # Another socket of this user may have used it up: this one waits, but is not closed for it.
            self._handle_excess(closing=False)
            return False
        return True

    def refund(self) -> None:
        """A frame was sent that the client is to acknowledge: that answer is paid for."""
        self._socket_bucket.refund()
        if self._user_bucket is not None:
            self._user_bucket.refund()

    async def admit(self) -> None:
        """Wait until one more frame may be taken, where nothing below counts them."""
        while not self.is_counted_upstream and not self.is_stopped and not self.take():  # noqa: ASYNC110  # time fills it
            await asyncio.sleep(EXCESS_PAUSE)

    def _handle_excess(self, *, closing: bool) -> None:
        now = self._clock()
        if self._warned_at is None or now - self._warned_at > EXCESS_WINDOW:
            self._warned_at = now
            self._on_excess(ExcessAction.WARN)
        elif closing:
            self.is_stopped = True
            self._on_excess(ExcessAction.CLOSE)
