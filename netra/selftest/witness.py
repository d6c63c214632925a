"""The witness: one socket of a user that stays open, and comes back from where it was if it is closed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from netra.core.stream import Position
from netra.selftest.actor import Actor
from netra.selftest.wire import Socket, opened

AGAIN = 0.5  # seconds until it comes back


@asynccontextmanager
async def witnessed(actor: Actor) -> AsyncIterator[None]:
    """From here to the block's end everything in the user's stream is seen by their witness."""
    start = await actor.caller.position()
    if start is None:
        yield
        return
    actor.mine.positions.append(Position(epoch=start.epoch, seq=0))
    watching = asyncio.create_task(_watch(actor))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _watch(actor: Actor) -> None:
    while True:
        async with opened(actor.server, actor.tally, "socket (witness)", on_events=actor.witness) as socket:
            if socket is not None:
                await _follow(actor, socket)
        await asyncio.sleep(AGAIN)


async def _follow(actor: Actor, socket: Socket) -> None:
    try:
        await socket.resume(actor.mine.positions[-1])
        await socket.gone()
    finally:
        actor.chains.extend(socket.chains)
