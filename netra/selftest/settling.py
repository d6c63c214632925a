"""After the storm: runs come to their end, and every stream to its head."""

import asyncio
import time
from collections.abc import Callable

from netra.selftest.actor import Actor
from netra.selftest.wire import opened

LONGEST = 60.0  # seconds for the runs that are open: each is being stopped
CATCHING_UP = 10.0  # seconds for news of what is over
BROKEN = 2.0
LOOK = 0.3
OPEN = ("queued", "running", "waiting_approval")


async def settle(actor: Actor) -> None:
    await _stop(actor)
    head = await actor.caller.position()
    if head is None:
        return
    if not await _reached(actor, lambda: actor.mine.positions[-1].seq >= head.seq):
        actor.tally.found("gap", "socket (witness)", "the stream stopped before its head")
    await _read_all(actor, head.seq)


async def _stop(actor: Actor) -> None:
    """Cancel what is open and wait for its end."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        listed = await actor.caller.ask("GET", "runs/")
        still = [run for run in (listed or {}).get("results", ()) if run["state"] in OPEN]
        if listed and not still:
            return
        for run in still:
            if run["cancel_requested_at"] is None:
                await actor.caller.ask("POST", f"runs/{run['id']}/cancel/", expect=(202, 409))
        await asyncio.sleep(LOOK)
    actor.tally.found("wrong", "GET /api/runs/", "a run that was cancelled did not end")


async def _read_all(actor: Actor, head: int) -> None:
    """A new socket, from the first event to the head."""
    where = "socket (all at the end)"
    async with opened(actor.server, actor.tally, where) as socket:
        if socket is None:
            return
        start = actor.mine.positions[0]
        await socket.resume(start)
        if not await _reached(actor, lambda: socket.at is not None and socket.at.seq >= head):
            actor.tally.found("gap", where, "the stream stopped before its head")
    actor.chains.extend(socket.chains)


async def _reached(actor: Actor, there: Callable[[], bool]) -> bool:
    # A stream of which something is known to be wrong need not come to its end.
    until = time.monotonic() + (BROKEN if actor.tally.findings else CATCHING_UP)
    while not there():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(LOOK / 3)
    return True
