"""A simulated user: its clients, its own objects, and the socket that observes its stream throughout."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import SystemRandom

from core.stream.batches import Position
from operators.isolation_test.canaries import Canary, UserResults
from operators.isolation_test.rest_client import RestClient, TargetServer
from operators.isolation_test.stream_checks import EventOrderChecker, EventRange, RangeChain
from operators.isolation_test.websocket_client import WebSocketClient, open_websocket

RECONNECT_DELAY = 0.5  # seconds


@dataclass(slots=True)
class OwnedObjects:
    """Ids of one user's objects, as the server sent them. Other users try to use them."""

    threads: list[str] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SimulatedUser:
    """`order_checker` and `owned.positions` get what the observer receives, a socket that stays open throughout."""

    canary: Canary
    results: UserResults
    rest: RestClient
    server: TargetServer
    order_checker: EventOrderChecker
    rng: SystemRandom
    owned: OwnedObjects = field(default_factory=OwnedObjects)
    chains: list[RangeChain] = field(default_factory=list)

    def observe_range(self, event_range: EventRange) -> None:
        """Take a range that the observer has received."""
        self.owned.positions.append(Position(epoch=event_range.epoch, seq=event_range.upto))
        for event in event_range.events:
            self.order_checker.check_event(event)


@asynccontextmanager
async def observe_stream(actor: SimulatedUser) -> AsyncIterator[None]:
    """Observe everything in the user's stream during the block."""
    start = await actor.rest.get_position()
    if start is None:
        yield
        return
    actor.owned.positions.append(Position(epoch=start.epoch, seq=0))
    observer = asyncio.create_task(_observe_forever(actor))
    try:
        yield
    finally:
        observer.cancel()
        await asyncio.wait([observer])


async def _observe_forever(actor: SimulatedUser) -> None:
    while True:
        async with open_websocket(
            actor.server, actor.results, "socket (observer)", on_events=actor.observe_range
        ) as socket:
            if socket is not None:
                await _resume_until_closed(actor, socket)
        await asyncio.sleep(RECONNECT_DELAY)


async def _resume_until_closed(actor: SimulatedUser, socket: WebSocketClient) -> None:
    try:
        await socket.resume(actor.owned.positions[-1])
        await socket.wait_closed()
    finally:
        actor.chains.extend(socket.chains)
