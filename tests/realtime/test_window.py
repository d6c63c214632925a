import asyncio
from uuid import uuid4

from netra.core.stream import Position
from realtime.limits import WINDOW_BYTES, WINDOW_EVENTS
from realtime.window import Window
from tests.patience import PATIENCE

EPOCH = uuid4()


def at(seq: int) -> Position:
    return Position(epoch=EPOCH, seq=seq)


def test_it_is_full_of_events_or_of_bytes_and_open_again_once_they_are_acknowledged() -> None:
    for events, size in ((WINDOW_EVENTS, 1), (1, WINDOW_BYTES)):
        window = Window()
        window.sent(at(1), events - 1 or 1, size - 1 or 1)
        before = window.full
        window.sent(at(2), 1, 1)
        filled = window.full
        window.acknowledged(at(1))
        assert (before, filled, window.full) == (False, True, False)


def test_what_was_never_sent_cannot_be_acknowledged() -> None:
    window = Window()
    window.sent(at(5), WINDOW_EVENTS, 1)
    window.acknowledged(at(4))
    window.acknowledged(Position(epoch=uuid4(), seq=9))
    before = window.full
    window.acknowledged(at(10**9))
    emptied = window.full
    window.sent(at(6), WINDOW_EVENTS, 1)
    # An acknowledgement in advance counts for nothing.
    assert (before, emptied, window.full) == (True, False, True)


async def test_who_waits_for_room_gets_it() -> None:
    window = Window()
    window.sent(at(1), WINDOW_EVENTS, 1)
    waiting = asyncio.create_task(window.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    window.acknowledged(at(1))
    await asyncio.wait_for(waiting, PATIENCE)
    window.sent(at(2), WINDOW_EVENTS, 1)
    window.emptied()
    await asyncio.wait_for(window.room(), PATIENCE)
