"""Limits on what one client, and one user, may use, and the token buckets that keep rates. docs/protocol.md lists the
limits; `welcome` sends some to the client.

Every frame counts against the socket's bucket and its user's. A socket beyond its limit is not read from for a while,
so that its frames wait on the client's side and not in this process's memory. If it continues, it is closed."""

import asyncio
import time
from collections.abc import Callable, Hashable
from enum import Enum, auto

WINDOW_EVENTS = 512  # sent and not yet acknowledged, on one socket
WINDOW_BYTES = 1024 * 1024
ACK_EVENTS = 64  # a client acknowledges at least once in so many events
HEARTBEAT = 15.0  # seconds without a frame after which the server sends a heartbeat
SILENCE = 90.0  # seconds without a frame from the client after which its socket is closed

USER_SOCKETS = 50  # of one user in one process, so that their cost stays the user's own
REQUESTS_PER_SECOND = 50  # of one socket: frames other than acknowledgements
REQUESTS_AT_ONCE = 200
# Frames of any kind, also those below messages (pings, fragments). Each frame of events that is sent earns one more,
# so acknowledging as fast as events come never exceeds them.
FRAMES_PER_SECOND = 100  # of one socket
FRAMES_AT_ONCE = 500
USER_FRAMES_PER_SECOND = 500  # of all sockets of a user in one process
USER_FRAMES_AT_ONCE = 2_500
EXCESS_PAUSE = 1.0  # seconds for which a socket beyond them is not read from
EXCESS_WINDOW = 10.0  # seconds after a warning in which the next excess closes the socket
HANDSHAKES_PER_SECOND = 50  # of one address in one process
HANDSHAKES_AT_ONCE = 2_000
INBOX_FRAMES = 100  # frames of one socket that wait to be handled
BAD_FRAMES = 50  # on one socket
FRAME_BYTES = 128 * 1024  # a question of MAX_MESSAGE characters fits, however it is escaped
MESSAGE_BYTES = 1024 * 1024  # the websocket server closes on longer messages, before our code sees them

READ_EVENTS = 64  # events in one read of the stream
SENT_BYTES = 256 * 1024  # in one frame, beyond its first event; a socket that must wait holds that much in memory

MAX_BUCKETS = 10_000


class TokenBucket:
    """`rate` uses a second in the long run, and `burst` at once."""

    __slots__ = ("_burst", "_clock", "_filled_at", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._tokens = float(burst)
        self._filled_at = clock()

    def take(self) -> bool:
        """Take a token, and return whether there was one."""
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def refund(self) -> None:
        """Put a token back, or add one that was earned."""
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
    """A bucket per key. Full buckets are dropped, so that a key which comes once costs no memory for long."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._buckets: dict[Hashable, TokenBucket] = {}

    def get_bucket(self, key: Hashable) -> TokenBucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._drop_full_buckets()
            bucket = self._buckets[key] = TokenBucket(self._rate, self._burst, self._clock)
        return bucket

    def _drop_full_buckets(self) -> None:
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.is_full}
        # If more than half are in use, the oldest are dropped too, which gives each of their keys one more burst.
        for key in list(self._buckets)[: max(0, len(self._buckets) - MAX_BUCKETS // 2)]:
            del self._buckets[key]


class ExcessAction(Enum):
    """What happens to a socket that sends too many frames."""

    WARN = auto()
    CLOSE = auto()


class FrameRateLimiter:
    """Limits the frames of one socket. The excess handler is called where frames are parsed, and must not wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._socket_bucket = TokenBucket(FRAMES_PER_SECOND, FRAMES_AT_ONCE, clock)
        self._user_bucket: TokenBucket | None = None
        self._warned_at: float | None = None
        self._on_excess: Callable[[ExcessAction], None] = lambda excess: None
        self.is_counted_upstream = False  # the server counts frames as it parses them (netra.server.websockets)
        self.is_stopped = False  # nothing more is read

    def use_user_bucket(self, bucket: TokenBucket) -> None:
        """Count frames from now on also against this bucket, which all sockets of the user share."""
        self._user_bucket = bucket

    def set_excess_handler(self, on_excess: Callable[[ExcessAction], None]) -> None:
        """Report excess to this handler: at once, if there was some already."""
        self._on_excess = on_excess
        if self._warned_at is not None:
            on_excess(ExcessAction.WARN)
        if self.is_stopped:
            on_excess(ExcessAction.CLOSE)

    def take(self) -> bool:
        """Return whether one more frame is allowed now. If not, the caller reads nothing for EXCESS_PAUSE seconds."""
        if self.is_stopped:
            return False
        if not self._socket_bucket.take():
            self._handle_excess(may_close=True)
            return False
        if self._user_bucket is not None and not self._user_bucket.take():
            self._socket_bucket.refund()
            # Another socket of this user may have used up the bucket: this one waits, but is not closed for it.
            self._handle_excess(may_close=False)
            return False
        return True

    def refund(self) -> None:
        """Allow one more frame: the client has to acknowledge a frame that it was sent."""
        self._socket_bucket.refund()
        if self._user_bucket is not None:
            self._user_bucket.refund()

    async def admit(self) -> None:
        """Wait until one more frame is allowed, unless the server counts them already."""
        while not self.is_counted_upstream and not self.is_stopped and not self.take():  # noqa: ASYNC110  # time fills it
            await asyncio.sleep(EXCESS_PAUSE)

    def _handle_excess(self, *, may_close: bool) -> None:
        now = self._clock()
        if self._warned_at is None or now - self._warned_at > EXCESS_WINDOW:
            self._warned_at = now
            self._on_excess(ExcessAction.WARN)
        elif may_close:
            self.is_stopped = True
            self._on_excess(ExcessAction.CLOSE)
