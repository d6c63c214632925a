"""A client that acknowledges what it does not read, and resumes again and again, costs the server next to nothing."""

import asyncio
from contextlib import ExitStack

from tests.faults.clients.listener import ReceivedStream
from tests.faults.clients.slow_readers import Deaf
from tests.faults.installation import Installation, list_complaints
from tests.faults.memory import resident
from tests.faults.test_slow_readers import AFFAIRS, FRAME, is_live
from tests.support.live_server import LiveServer

SOCKETS = 10
EVENTS, SIZE = 6_000, 2_000  # 12 MB, twelve times the window
ROUNDS = 30  # in each of which a window's worth could be written
ANEW = 10  # rounds after which all begin anew
BUFFER = 64 * 1024  # bytes that are written before a socket waits


def test_blind_acknowledgements_and_resumes_accumulate_nothing(either: Installation, running: LiveServer) -> None:
    person, other = either.people(2)
    either.grow(EVENTS, SIZE, person)
    asyncio.run(is_live(running, other))
    before = resident(running)
    with ExitStack() as stack:
        deaf = [Deaf(running, ReceivedStream(person)) for _ in range(SOCKETS)]
        for each in deaf:
            stack.callback(each.leave)
        for number in range(ROUNDS):
            for each in deaf:
                if number % ANEW == 0:
                    each.say(type="resume", epoch=each.told.epoch, seq=0)
                each.say(type="ack", epoch=each.told.epoch, seq=EVENTS)
            # A run of somebody else's: time for the server to write to all, were there no bound.
            if number % 6 == 0:
                asyncio.run(is_live(running, other))
        assert asyncio.run(is_live(running, other))
        # A frame that was begun, and one in the making: nothing else is anywhere for them.
        assert resident(running) - before < SOCKETS * (BUFFER + 2 * FRAME) + AFFAIRS
        # Who reads after all is answered.
        deaf[0].say(type="ping", id="p")
        assert deaf[0].next("pong")["id"] == "p"
    assert list_complaints(running) == []
