"""Sockets that come and go: from every kind of position, left politely or not."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from netra.core.stream import Position
from netra.selftest.actor import Actor
from netra.selftest.wire import Socket, opened

LONGEST = 1.5  # seconds that a visit lasts
AHEAD = 1_000_000

WAYS = ("current", "old", "beginning", "snapshot", "welcome", "none", "foreign epoch", "ahead", "another's")


async def visit(actor: Actor, others: Sequence[Actor]) -> None:
    """One socket, opened, resumed once or twice and left."""
    way = actor.chance.choice(WAYS)
    where = f"socket ({way})"
    async with opened(actor.server, actor.tally, where) as socket:
        if socket is None:
            return
        await _begin(actor, others, socket, way)
        await asyncio.sleep(actor.chance.uniform(0, LONGEST))
        if actor.chance.random() < 0.3:
            await _once_more(actor, socket)
        if actor.chance.random() < 0.6:
            socket.drop()
    actor.chains.extend(socket.chains)


async def _begin(actor: Actor, others: Sequence[Actor], socket: Socket, way: str) -> None:
    if way == "none":
        await socket.ask("ping")
        return
    if way == "welcome":
        await socket.resume(None)
        return
    position = await _position(actor, others, way)
    if position is not None:
        await socket.resume(position, resync=way in ("foreign epoch", "ahead", "another's"))


async def _position(actor: Actor, others: Sequence[Actor], way: str) -> Position | None:
    if way == "snapshot":
        return await actor.caller.position()
    if way == "another's":
        theirs = [other.mine.positions[-1] for other in others if other.mine.positions]
        return actor.chance.choice(theirs) if theirs else None
    known = actor.mine.positions
    return _known(actor.chance.choice(known), known[-1], way) if known else None


def _known(old: Position, last: Position, way: str) -> Position:
    """A position made of the witness's own."""
    made = {
        "old": old,
        "beginning": last._replace(seq=0),
        "foreign epoch": last._replace(epoch=uuid4()),
        "ahead": last._replace(seq=last.seq + AHEAD),
    }
    return made.get(way, last)


async def _once_more(actor: Actor, socket: Socket) -> None:
    """A second resume, from before where the first has come: it replaces that one."""
    at = socket.at
    older = [each for each in actor.mine.positions if at and each.epoch == at.epoch and each.seq < at.seq]
    if older:
        await socket.resume(actor.chance.choice(older))
        await asyncio.sleep(actor.chance.uniform(0, LONGEST / 2))
