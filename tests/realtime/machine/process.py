"""The parts of one process, driven step by step: between two steps nothing of it moves but threads at their work."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar
from uuid import UUID, uuid4

from agents.run_writer import RunItem
from core.context import UserExecutionContext
from core.exceptions import RunLost
from realtime.emitter import UserWebSocketEmitter, WebSocketBridgeFactory
from realtime.subscriptions import poll_once
from realtime.writer.stream_writer import StreamWriter
from tests.realtime.machine.listener import Listener
from tests.realtime.machine.model import Person
from tests.realtime.machine.subscriptions import UnreliableSubscriptions
from tests.support.patience import PATIENCE

T = TypeVar("T")


class Process:
    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.subscriptions = UnreliableSubscriptions()
        self.listeners: list[Listener] = []
        self._emitters: dict[tuple[UUID, int], UserWebSocketEmitter] = {}
        self._writer = self.run(self._open_writer())
        self._bridge = WebSocketBridgeFactory(self._writer)

    async def _open_writer(self) -> StreamWriter:
        return await StreamWriter(self.subscriptions.withhold).__aenter__()

    def run(self, work: Awaitable[T]) -> T:
        async def await_work() -> T:
            return await work

        return self._runner.run(await_work())

    def emitter(self, context: UserExecutionContext) -> UserWebSocketEmitter:
        key = (context.run_id, context.attempt)
        return self._emitters.setdefault(key, self._bridge.for_context(context))

    async def settle(self) -> None:
        """What was emitted is committed, or refused: somebody awaits a word after it, of a run that there is not."""
        done: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        nothing = RunItem(user_id=uuid4(), run_id=uuid4(), attempt=1, events=())
        self._writer.submit(nothing, done.set_result, awaited=True)
        assert isinstance(await asyncio.wait_for(done, PATIENCE), RunLost)

    def listen(self, person: Person, position: Any) -> Listener:
        async def listening() -> Listener:
            return Listener(person, position, self.subscriptions)

        found = self.run(listening())
        self.listeners.append(found)
        return found

    def leave(self, listeners: list[Listener]) -> None:
        for each in listeners:
            self.listeners.remove(each)
            self.run(each.leave())

    async def calm(self) -> None:
        """Without further notifications, a few polls bring everybody up to date."""
        await self.settle()
        async with asyncio.timeout(PATIENCE):
            while any(each.position != each.person.head for each in self.listeners):
                for each in self.listeners:
                    each.check()
                await poll_once(self.subscriptions)
                await asyncio.sleep(0)

    def close(self) -> None:
        self.leave(list(self.listeners))
        self.run(self._writer.__aexit__(None, None, None))
        self._runner.close()
