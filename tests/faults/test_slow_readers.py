"""Clients that stop reading cost the server a bounded piece of memory, and the others nothing; nor do those that leave
while they are told something."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from realtime.limits import WINDOW_BYTES
from tests.faults.clients.listener import ReceivedStream, listening
from tests.faults.clients.slow_readers import Deaf
from tests.faults.installation import Installation, Person, list_complaints
from tests.faults.memory import resident
from tests.support.live_server import LiveServer

pytestmark = pytest.mark.long

OF_ONE = 10  # sockets of one user
EVENTS, SIZE = 6_000, 2_000  # about 12 MB of events for each of them
FRAME = 64 * (SIZE + 200)  # bytes of the largest frame: 64 events
# The server's own affairs, in bytes: caches that fill, a run, what was freed and is kept for later.
AFFAIRS = 20 << 20


@dataclass(frozen=True, slots=True)
class Crowd:
    people: list[Person]
    deaf: list[Deaf]
    grew: int  # bytes that the server gained
    lively: bool  # whether another's news came in time meanwhile


async def is_live(server: LiveServer, person: Person) -> bool:
    """Whether a run of somebody else's is told as ever: those who do not read will not read before it is."""
    async with listening(server, ReceivedStream(person)) as mine:
        run = await mine.start()
        await mine.until(lambda told: bool(told.ends(run)))
        return bool(mine.told.ends(run))


@pytest.fixture(scope="module", params=[20, pytest.param(100, marks=pytest.mark.soak)])
def crowd(request: Any, either: Installation, running: LiveServer) -> Iterator[Crowd]:
    """Sockets that have asked for their users' streams and do not read, while those grow."""
    sockets = request.param
    people, other = either.people(sockets // OF_ONE), either.people(1)[0]
    asyncio.run(is_live(running, other))
    before = resident(running)
    with ExitStack() as stack:
        deaf = [Deaf(running, ReceivedStream(people[number // OF_ONE])) for number in range(sockets)]
        for each in deaf:
            stack.callback(each.leave)
        either.grow(EVENTS, SIZE, *people)
        lively = asyncio.run(is_live(running, other))
        yield Crowd(people, deaf, resident(running) - before, lively)


def test_a_client_that_does_not_read_costs_at_most_a_window(crowd: Crowd) -> None:
    # Once 1 MiB is not acknowledged, nothing more is sent to a socket; at most one frame has gone beyond. The kernel
    # takes some of it. Without the window it would be the whole stream, twelve times as much.
    assert crowd.grew < len(crowd.deaf) * (WINDOW_BYTES + FRAME) + AFFAIRS
    assert crowd.lively


def test_a_client_that_does_not_acknowledge_gets_at_most_a_window(crowd: Crowd) -> None:
    crowd.deaf[1].read_what_is_there()
    told = crowd.deaf[1].told
    assert WINDOW_BYTES - FRAME < sum(len(event["name"]) for event in told.events) < WINDOW_BYTES + FRAME


def test_a_client_that_reads_again_gets_everything_in_order(crowd: Crowd, running: LiveServer) -> None:
    crowd.deaf[0].read_until(EVENTS)
    names = [event["name"].partition(":")[0] for event in crowd.deaf[0].told.events]
    assert names == [str(number) for number in range(EVENTS)]
    assert list_complaints(running) == []


def test_a_client_that_disconnects_during_a_send_is_no_error(crowd: Crowd, running: LiveServer) -> None:
    asyncio.run(leave_in_the_middle(running, crowd.people[0]))
    asyncio.run(is_live(running, crowd.people[1]))
    assert list_complaints(running) == []


async def leave_in_the_middle(server: LiveServer, person: Person) -> None:
    """Each has asked for the whole stream, hears a little of it and is gone."""
    for number, wait in enumerate((0.0, 0.001, 0.003, 0.01, 0.05) * 8):
        async with listening(server, ReceivedStream(person)) as mine:
            await asyncio.sleep(wait)
            if number % 2:  # else with a word, which the server hears while it speaks
                mine.socket.transport.abort()
