"""Two servers over one database: a user's sockets on both hear the same, whatever becomes of Redis."""

import asyncio
import time

import pytest

from tests.faults.clients.listener import Listener, ReceivedStream, listening
from tests.faults.installation import Installation, list_complaints
from tests.parts.redis import Redis
from tests.support.live_server import LiveServer

pytestmark = pytest.mark.long

LIBRARY = "channels_redis.pubsub"  # it logs a lost Redis with all its insides
FROZEN = 3.0  # seconds: longer than the notifier waits for Redis


async def ended_on(here: Listener, *others: Listener) -> str:
    """A run is started on one socket, and ends on all, before anything else happens to Redis."""
    run = await here.start()
    for each in (here, *others):
        await each.until(lambda told: bool(told.ends(run)))
    return run


async def through_trouble(
    one: LiveServer, other: LiveServer, redis_server: Redis, tabs: list[ReceivedStream], away: ReceivedStream
) -> None:
    async with listening(one, tabs[0]) as here, listening(other, tabs[1]) as there, listening(other, away) as neighbour:
        await ended_on(here, there)
        redis_server.restart()
        await ended_on(there, here)
        redis_server.freeze()
        frozen = time.monotonic()
        try:
            await ended_on(here, there)
            await ended_on(neighbour)
            await asyncio.sleep(max(0.0, frozen + FROZEN - time.monotonic()))
            await ended_on(there, here)
        finally:
            redis_server.thaw()
        await ended_on(here, there)


def test_sockets_of_both_servers_get_the_same_while_redis_fails(
    two: Installation, pair: tuple[LiveServer, LiveServer]
) -> None:
    assert two.redis_server is not None
    mine, neighbour = two.people(2)
    tabs, away = [ReceivedStream(mine), ReceivedStream(mine)], ReceivedStream(neighbour)
    asyncio.run(through_trouble(*pair, two.redis_server, tabs, away))
    assert [said for each in pair for said in list_complaints(each, apart_from=LIBRARY)] == []
    assert tabs[0].events == tabs[1].events
    runs = {event["run_id"] for event in tabs[0].events if event.get("run_id")}
    assert len(runs) == 5
    assert all(len(tabs[0].ends(run)) == 1 for run in runs)
    assert not runs & {event.get("run_id") for event in away.events}
