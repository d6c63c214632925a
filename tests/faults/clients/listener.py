"""A well-behaved client of docs/protocol.md that keeps what it is told, and checks that it is its own and in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.faults.installation import Person
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.websocket_connections import connect

ACK = 64  # events


class ReceivedStream:
    """One person's stream as it was told so far, over as many sockets as there were."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.epoch: str | None = None
        self.upto = 0
        self.events: list[dict[str, Any]] = []

    def add(self, frame: dict[str, Any]) -> None:
        assert frame["user_id"] == self.person.id, "somebody else's"
        assert (frame["epoch"], frame["after"]) == (self.epoch, self.upto), "a gap, or twice the same"
        # Nothing is erased here, so each number has its event.
        assert len(frame["events"]) == frame["upto"] - frame["after"]
        self.upto = frame["upto"]
        self.keep(frame["events"])

    def keep(self, events: list[dict[str, Any]]) -> None:
        self.events += events

    def ends(self, run_id: str) -> list[dict[str, Any]]:
        """The run's terminal events."""
        return [event for event in self.events if event.get("run_id") == run_id and ends_run(event)]


def ends_run(event: dict[str, Any]) -> bool:
    return event["type"] in ("agent_completed", "agent_error") and event["parent_request_id"] is None


class Listener:
    def __init__(self, socket: ClientConnection, told: ReceivedStream) -> None:
        self.socket = socket
        self.told = told
        self._unsaid = 0
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._news = asyncio.Event()

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The answer's frame."""
        key = uuid4().hex
        self._answers[key] = asyncio.get_running_loop().create_future()
        await self.say(type=kind, id=key, **fields)
        async with asyncio.timeout(PATIENCE):
            return await self._answers[key]

    async def start(self, text: str = "cut my spend by 30 %", **fields: Any) -> str:
        """The run's id."""
        answer = await self.ask("start", text=text, **{"client_id": str(uuid4()), **fields})
        assert answer["type"] == "accepted", answer
        return str(answer["run"]["id"])

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def until(self, condition: Callable[[ReceivedStream], bool], patience: float = PATIENCE) -> None:
        async with asyncio.timeout(patience):
            while not condition(self.told):
                self._news.clear()
                await self._news.wait()

    async def listen(self) -> None:
        """Until the socket closes."""
        try:
            while True:
                await self._take(json.loads(await self.socket.recv()))
        except ConnectionClosed:
            return

    async def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "events":
            self.told.add(frame)
            self._news.set()
            await self._acknowledge(len(frame["events"]))
        elif frame.get("id") in self._answers:
            self._answers.pop(frame["id"]).set_result(frame)
        else:
            assert frame["type"] in ("pong", "heartbeat"), frame

    async def _acknowledge(self, events: int) -> None:
        self._unsaid += events
        if self._unsaid >= ACK:
            self._unsaid = 0
            await self.say(type="ack", epoch=self.told.epoch, seq=self.told.upto)


@asynccontextmanager
async def listening(server: LiveServer, told: ReceivedStream) -> AsyncIterator[Listener]:
    """A socket that goes on from where `told` stands, and is listened to during the block."""
    key = {"Authorization": f"Token {told.person.token}"}
    async with connect(server.websocket, additional_headers=key, max_size=None, close_timeout=1) as socket:
        welcome = json.loads(await socket.recv())
        told.epoch = told.epoch or welcome["position"]["epoch"]
        await socket.send(json.dumps({"type": "resume", "epoch": told.epoch, "seq": told.upto}))
        listener = Listener(socket, told)
        listening = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            await socket.close()
            await listening
