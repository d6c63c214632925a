import asyncio
from uuid import uuid4

from core.stream.batches import Position
from realtime.flow_control import SendWindow
from realtime.limits import WINDOW_BYTES, WINDOW_EVENTS
from tests.support.patience import PATIENCE

EPOCH = uuid4()


def at(seq: int) -> Position:
    return Position(epoch=EPOCH, seq=seq)


def test_the_window_is_limited_by_events_and_bytes_until_acknowledged() -> None:
    for events, size in ((WINDOW_EVENTS, 1), (1, WINDOW_BYTES)):
        window = SendWindow()
        window.record_sent(at(1), events - 1 or 1, size - 1 or 1)
        before = window.is_full
        window.record_sent(at(2), 1, 1)
        filled = window.is_full
        window.acknowledge(at(1))
        assert (before, filled, window.is_full) == (False, True, False)


def test_unsent_events_cannot_be_acknowledged() -> None:
    window = SendWindow()
    window.record_sent(at(5), WINDOW_EVENTS, 1)
    window.acknowledge(at(4))
    window.acknowledge(Position(epoch=uuid4(), seq=9))
    before = window.is_full
    window.acknowledge(at(10**9))
    emptied = window.is_full
    window.record_sent(at(6), WINDOW_EVENTS, 1)
    # An acknowledgement in advance counts for nothing.
    assert (before, emptied, window.is_full) == (True, False, True)


async def test_a_waiting_sender_continues_when_there_is_room() -> None:
    window = SendWindow()
    window.record_sent(at(1), WINDOW_EVENTS, 1)
    waiting = asyncio.create_task(window.wait_for_room())
    await asyncio.sleep(0)
    assert not waiting.done()
    window.acknowledge(at(1))
    await asyncio.wait_for(waiting, PATIENCE)
    window.record_sent(at(2), WINDOW_EVENTS, 1)
    window.reset()
    await asyncio.wait_for(window.wait_for_room(), PATIENCE)
