"""The bell between processes: who has written to users' streams says whose, and whoever listens for them elsewhere
reads the database. Bells may be lost, doubled or late: the watch covers them, so nothing here waits for Redis, and
nothing fails with it."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from typing import Any
from uuid import UUID, uuid4

from realtime.doorbell import Doorbells
from realtime.groups import BELL, PROCESSES

log = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds that one word to the layer may take
PAUSE = 5.0  # seconds without a word to a layer that does not answer
MOST = 1_000  # users named by one bell
AGAIN = 3_600.0  # seconds after which a process joins anew: layers forget members after a day


class Ringer:
    """One per process; `layer` is the channel layer shared with other processes, None where there is none."""

    def __init__(self, layer: Any, doorbells: Doorbells) -> None:
        self._layer = layer
        self._doorbells = doorbells
        self._me = uuid4().hex
        self._written: set[UUID] = set()
        self._news = asyncio.Event()

    def written(self, user_ids: Iterable[UUID]) -> None:
        """This process has written to these users' streams."""
        if self._layer is not None:
            self._written.update(user_ids)
            self._news.set()

    async def run(self) -> None:
        """For ever."""
        if self._layer is None:
            return
        while True:
            try:
                channel = await self._layer.new_channel()
                async with asyncio.TaskGroup() as all_three:
                    all_three.create_task(self._belong(channel))
                    all_three.create_task(self._hear(channel))
                    all_three.create_task(self._speak())
            except* Exception as trouble:  # noqa: BLE001  # whatever Redis does, streams go on without it
                log.warning("the channel layer fails, streams go on by looking: %r", trouble.exceptions[0])
            await asyncio.sleep(PAUSE)

    async def _belong(self, channel: str) -> None:
        looked = False
        while True:
            # netra: allow[broadcast] processes are in it, no sockets; a bell names users and says nothing of them
            await _soon(self._layer.group_add(PROCESSES, channel))
            if not looked:
                self._doorbells.ring(self._doorbells.users())  # what was rung before we had joined
                looked = True
            await asyncio.sleep(AGAIN)

    async def _hear(self, channel: str) -> None:
        while True:
            self._doorbells.ring(heard(await self._layer.receive(channel), self._me))

    async def _speak(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._written:
                # One word for all whom a commit, or several, had news of: one for each costs more than the commit.
                users = [self._written.pop().hex for _ in range(min(MOST, len(self._written)))]
                bell = {"type": BELL, "users": users, "from": self._me}
                # netra: allow[broadcast] processes hear it, no sockets; it names users and says nothing of them
                await _soon(self._layer.group_send(PROCESSES, bell))


async def _soon(word: Awaitable[None]) -> None:
    async with asyncio.timeout(PATIENCE):
        await word


def heard(message: Any, me: str) -> list[UUID]:
    """Whom a message from the layer rings for; nobody for our own and for what is no bell."""
    if not isinstance(message, dict) or message.get("type") != BELL or message.get("from") == me:
        return []
    try:
        return [UUID(hex=user) for user in message["users"]]
    except (KeyError, TypeError, ValueError, AttributeError):
        log.exception("a bell for nobody came through the channel layer")
        return []
