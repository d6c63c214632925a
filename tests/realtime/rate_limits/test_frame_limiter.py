"""The limit on the frames of a socket, by count and a clock of the test's."""

from types import SimpleNamespace
from typing import Any

import pytest

from netra.server.websockets import MAX_DISCARDED_BYTES, MIN_PIECE_BYTES, FrameThrottle
from realtime import limits
from realtime.limits import (
    EXCESS_WINDOW,
    FRAMES_AT_ONCE,
    FRAMES_PER_SECOND,
    USER_FRAMES_AT_ONCE,
    USER_FRAMES_PER_SECOND,
    ExcessAction,
    FrameRateLimiter,
    TokenBucket,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def socket_of(users: TokenBucket, clock: Clock) -> tuple[FrameRateLimiter, list[ExcessAction]]:
    told: list[ExcessAction] = []
    mine = FrameRateLimiter(clock)
    mine.use_user_bucket(users)
    mine.set_excess_handler(told.append)
    return mine, told


def users_allowance(clock: Clock) -> TokenBucket:
    return TokenBucket(USER_FRAMES_PER_SECOND, USER_FRAMES_AT_ONCE, clock)


def test_a_flood_is_warned_once_and_closed_at_its_second_excess() -> None:
    clock = Clock()
    mine, told = socket_of(users_allowance(clock), clock)
    taken = sum(mine.take() for _ in range(10_000))
    assert (taken, told) == (FRAMES_AT_ONCE, [ExcessAction.WARN, ExcessAction.CLOSE])
    clock.now = 1_000.0
    assert not mine.take()
    assert told == [ExcessAction.WARN, ExcessAction.CLOSE]


def test_a_flood_before_a_listener_is_reported_to_it_later() -> None:
    mine, told = FrameRateLimiter(Clock()), list[ExcessAction]()
    while not mine.is_stopped:
        mine.take()
    mine.set_excess_handler(told.append)
    assert told == [ExcessAction.WARN, ExcessAction.CLOSE]


def test_an_occasional_excess_is_warned_and_not_closed() -> None:
    clock = Clock()
    mine, told = socket_of(users_allowance(clock), clock)
    for _ in range(3):
        while mine.take():
            pass
        clock.now += EXCESS_WINDOW + 1
    assert told == [ExcessAction.WARN] * 3


@pytest.mark.slow
def test_twenty_sockets_share_their_users_allowance() -> None:
    clock = Clock()
    users = users_allowance(clock)
    bystander, heard = socket_of(users, clock)
    storm = [socket_of(users, clock)[0] for _ in range(20)]
    assert sum(each.take() for each in storm for _ in range(1_000)) == USER_FRAMES_AT_ONCE
    for _ in range(5):
        assert not bystander.take()
    assert heard == [ExcessAction.WARN]
    clock.now = 1.0
    assert bystander.take()


@pytest.mark.slow
def test_acknowledging_a_thousand_events_a_second_is_free() -> None:
    clock = Clock()
    mine, told = socket_of(users_allowance(clock), clock)
    for _ in range(60_000):
        clock.now += 0.001
        mine.refund()  # a frame with one event has left
        assert mine.take()
    assert told == []


def test_acknowledging_unsent_events_uses_the_allowance() -> None:
    clock = Clock()
    mine, told = socket_of(users_allowance(clock), clock)
    while not told:
        mine.take()
        clock.now += 1 / (2 * FRAMES_PER_SECOND)
    assert clock.now < 2 * FRAMES_AT_ONCE / FRAMES_PER_SECOND


async def test_without_a_frame_gate_the_consumer_stops_reading(monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "EXCESS_PAUSE", 0)
    clock = Clock()
    mine, told = socket_of(users_allowance(clock), clock)
    for _ in range(FRAMES_AT_ONCE):
        await mine.admit()
    await mine.admit()
    assert told == [ExcessAction.WARN, ExcessAction.CLOSE]


class Protocol:
    """As much of autobahn's as the gate touches: frames of one byte each, in one buffer."""

    STATE_CLOSED = 0

    def __init__(self, waiting: int) -> None:
        self.state = 3
        self.data = b"x" * waiting
        self.current_frame: Any = None
        self.current_frame_masker: Any = None
        self.parsed = 0
        self.reading = True
        self.transport = SimpleNamespace(pauseProducing=self._stop, resumeProducing=self._go)

    def _stop(self) -> None:
        self.reading = False

    def _go(self) -> None:
        self.reading = True

    def processData(self) -> bool:  # noqa: N802  # autobahn's name
        self.parsed += 1
        self.data = self.data[1:]
        return bool(self.data)

    def consumeData(self) -> None:  # noqa: N802
        while self.processData():
            pass


async def test_frames_beyond_the_allowance_are_not_parsed() -> None:
    clock = Clock()
    protocol, mine = Protocol(10_000), FrameRateLimiter(clock)
    gate = FrameThrottle(protocol, mine)
    protocol.consumeData()
    assert (protocol.parsed, protocol.reading) == (0, False)  # before the handshake is answered
    gate.resume()
    assert (protocol.parsed, protocol.reading) == (FRAMES_AT_ONCE, False)
    clock.now = 1.0
    gate.resume()
    assert protocol.parsed == FRAMES_AT_ONCE + FRAMES_PER_SECOND
    assert mine.is_stopped
    clock.now = 100.0
    gate.resume()
    assert protocol.parsed == FRAMES_AT_ONCE + FRAMES_PER_SECOND


async def test_after_a_close_pending_data_is_discarded() -> None:
    protocol, mine = Protocol(10_000), FrameRateLimiter(Clock())
    gate = FrameThrottle(protocol, mine)
    mine.is_stopped = True
    gate.resume()
    protocol.consumeData()
    gate.pause()
    protocol.reading = True
    for _ in range(MAX_DISCARDED_BYTES // 65_536):
        protocol.data = b"x" * 65_536
        protocol.consumeData()
        assert protocol.data == b""
    assert (protocol.parsed, protocol.reading) == (0, False)


async def test_each_small_piece_of_a_frame_is_counted_and_a_large_frame_once() -> None:
    protocol, mine = Protocol(0), FrameRateLimiter(Clock())
    gate = FrameThrottle(protocol, mine)
    gate.resume()
    protocol.current_frame = SimpleNamespace(length=1_000_000)
    protocol.current_frame_masker = SimpleNamespace(pointer=lambda: 0)
    for _ in range(10 * FRAMES_AT_ONCE):
        protocol.data = b"x" * MIN_PIECE_BYTES
        protocol.processData()
    assert protocol.reading
    for _ in range(FRAMES_AT_ONCE):
        protocol.data = b"x"
        protocol.processData()
    assert protocol.reading
    protocol.data = b"x"
    protocol.processData()
    assert not protocol.reading
