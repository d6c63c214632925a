"""One websocket of one user, in any of the three variants: asks for turns, counts events, checks the ranges."""

import asyncio
import json
import time
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.stream.users import StreamUser

VARIANTS = ("raw", "naive", "netra")
NETRA_VARIANTS = ("netra", "idle")  # "idle" connects without sending commands


class StreamClient:
    """Use it with `async with`: connected and following. `wrong` collects the errors."""

    def __init__(self, variant: str, port: int, person: StreamUser) -> None:
        self._variant = variant
        self._person = person
        path = f"naive/{person.user_id.hex}" if variant == "naive" else variant
        self._url = f"ws://127.0.0.1:{port}/{path}"
        self._seq = self._acknowledged = 0
        self.wrong: list[str] = []

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Token {self._person.token}"} if self._variant in NETRA_VARIANTS else {}
        self._link: ClientConnection = await connect(
            self._url, additional_headers=headers, max_size=None, open_timeout=120, compression=None, ping_interval=None
        )
        if self._variant in NETRA_VARIANTS:
            position = json.loads(await self._link.recv())["position"]
            self._epoch, self._seq = position["epoch"], position["seq"]
            self._acknowledged = self._seq
            await self._link.send(json.dumps({"type": "resume", **position}))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._link.close()

    async def run_turn(self, word: str = "go", events: int = 5) -> float:
        """Return the seconds from sending the command until the last of `events` events arrived."""
        began = time.perf_counter()
        await self._link.send(word)
        while events > 0:
            events -= await self._count_events(await self._link.recv())
        return time.perf_counter() - began

    async def send(self, word: str) -> None:
        await self._link.send(word)

    async def _count_events(self, text: Any) -> int:
        """Return the number of events in a frame."""
        frame = json.loads(text)
        if self._variant not in NETRA_VARIANTS:
            return 1
        if frame["type"] != "events":
            return 0
        if frame["after"] != self._seq or frame["upto"] - frame["after"] != len(frame["events"]):
            self.wrong.append(f"at {self._seq} came ({frame['after']}, {frame['upto']}]")
        if frame["user_id"] != str(self._person.user_id):
            self.wrong.append("events of another user")
        self._seq = frame["upto"]
        if self._seq - self._acknowledged >= 64:
            self._acknowledged = self._seq
            await self._link.send(json.dumps({"type": "ack", "epoch": self._epoch, "seq": self._seq}))
        return len(frame["events"])


async def run_turns(client: StreamClient, until: float, took: list[float]) -> None:
    """Run one turn after the other until the given time."""
    while time.perf_counter() < until:
        took.append(await client.run_turn())


async def open_clients(stack: Any, variant: str, port: int, people: Any) -> list[StreamClient]:
    """Open a socket for each user, a few at a time: a server's backlog is short."""
    found: list[StreamClient] = []
    for start in range(0, len(people), 50):
        some = [stack.enter_async_context(StreamClient(variant, port, each)) for each in people[start : start + 50]]
        found += await asyncio.gather(*some)
    return found
