"""Sockets by the hundred that connect, go on from where they stood, and drop: nothing is lost, nothing stays behind."""

import asyncio
from collections.abc import Sequence
from itertools import cycle

import pytest

from tests.faults.clients.listener import Listener, ReceivedStream, listening
from tests.faults.installation import Installation, Person, list_complaints
from tests.faults.memory import resident
from tests.support.live_server import LiveServer

pytestmark = pytest.mark.long

OF_ONE = 40  # sockets of one user; 50 are allowed
AT_ONCE = 100  # handshakes under way
REAPED = 1.2  # seconds until the server has forgotten who dropped
GROWTH = 1.05


class Storm:
    """All come, one after the other to another server, one of each person asks, all of theirs hear the run's end and
    drop."""

    def __init__(self, servers: Sequence[LiveServer], tabs: list[ReceivedStream]) -> None:
        self._tabs = list(zip(tabs, cycle(servers), strict=False))
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._all_here = asyncio.Barrier(len(tabs))
        self._runs: dict[str, asyncio.Future[str]] = {}

    async def blow(self) -> None:
        await asyncio.gather(*(self._drop(told, server) for told, server in self._tabs))
        await asyncio.sleep(REAPED)

    async def _drop(self, told: ReceivedStream, server: LiveServer) -> None:
        opened = listening(server, told)
        async with self._gate:
            mine = await opened.__aenter__()
        try:
            await self._all_here.wait()
            run = await self._run(told.person, mine)
            await mine.until(lambda so_far: bool(so_far.ends(run)), 120)
            mine.socket.transport.abort()  # as a machine that loses its network
        finally:
            await opened.__aexit__(None, None, None)

    async def _run(self, person: Person, mine: Listener) -> str:
        """The run of this person in this storm; whoever comes first starts it."""
        if person.id not in self._runs:
            self._runs[person.id] = asyncio.get_running_loop().create_future()
            self._runs[person.id].set_result(await mine.start())
        return await self._runs[person.id]


@pytest.mark.parametrize("sockets", [100, pytest.param(1_000, marks=pytest.mark.soak)])
def test_load_leaves_nothing_behind(either: Installation, fleet: tuple[LiveServer, ...], sockets: int) -> None:
    people = either.people(-(-sockets // OF_ONE))
    tabs = [ReceivedStream(people[number // OF_ONE]) for number in range(sockets)]
    sizes = []
    for _ in range(4):
        asyncio.run(Storm(fleet, tabs).blow())  # each listener looks for foreigners, gaps and doubles
        sizes.append([resident(server) for server in fleet])
    for second, fourth in zip(sizes[1], sizes[3], strict=True):
        assert fourth <= second * GROWTH, [[size >> 20 for size in each] for each in sizes]
    for person in people:
        heard = [told.events for told in tabs if told.person == person]
        assert all(events == heard[0] for events in heard)
        assert [event["type"] for event in heard[0]].count("run_queued") == 4
    assert [said for server in fleet for said in list_complaints(server)] == []
