"""The bell between processes: who has written to a user's stream rings that user's group, and whoever listens for them
elsewhere reads the database. Bells may be lost, doubled or late: the watch covers them, so nothing here waits for
Redis, and nothing fails with it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable
from typing import Any
from uuid import UUID, uuid4

from realtime.bells import RedisBells, Ring
from realtime.doorbell import Doorbells
from realtime.groups import BELL, user_group

log = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds that one word to the layer may take
AT_ONCE = 500  # bells in one word: Redis does nothing else meanwhile
PAUSE = 5.0  # seconds without a word to a layer that does not answer


class Ringer:
    """One per process; `layer` is the channel layer shared with other processes, None where there is none."""

    def __init__(self, layer: Any, doorbells: Doorbells) -> None:
        self._layer = layer
        self._doorbells = doorbells
        self._me = uuid4().hex
        self._listening: Counter[UUID] = Counter()
        self._joined: set[UUID] = set()
        self._changed: set[UUID] = set()  # who may be listened for, or not any more, otherwise than is joined
        self._written: set[UUID] = set()
        self._news = asyncio.Event()

    def join(self, user_id: UUID) -> None:
        """Somebody here listens for this user."""
        self._listening[user_id] += 1
        self._look_at(user_id)

    def leave(self, user_id: UUID) -> None:
        self._listening[user_id] -= 1
        if not self._listening[user_id]:
            del self._listening[user_id]
        self._look_at(user_id)

    def _look_at(self, user_id: UUID) -> None:
        if self._layer is not None:
            self._changed.add(user_id)
            self._news.set()

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
                self._joined.clear()
                self._changed = set(self._listening)
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._hear(channel))
                    both.create_task(self._speak(channel))
            except* Exception as trouble:  # noqa: BLE001  # whatever Redis does, streams go on without it
                log.warning("the channel layer fails, streams go on by looking: %r", trouble.exceptions[0])
            await asyncio.sleep(PAUSE)

    async def _hear(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            user_id = heard(message, self._me)
            if user_id is not None:
                self._doorbells.ring([user_id])

    async def _speak(self, channel: str) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._changed:
                await self._follow(self._changed.pop(), channel)
            written, self._written = self._written, set()
            await self._ring([self._bell(user_id) for user_id in written])

    async def _follow(self, user_id: UUID, channel: str) -> None:
        """Be in a user's group where somebody here listens for them, and only there."""
        listening = user_id in self._listening
        if listening and user_id not in self._joined:
            await _soon(self._layer.group_add(user_group(user_id), channel))
            self._joined.add(user_id)
            self._doorbells.ring([user_id])  # what was rung before we had joined
        elif not listening and user_id in self._joined:
            await _soon(self._layer.group_discard(user_group(user_id), channel))
            self._joined.discard(user_id)

    def _bell(self, user_id: UUID) -> Ring:
        bell = {"type": BELL, "user": user_id.hex, "from": self._me}
        return Ring(user_group(user_id), bell, user_id in self._joined)

    async def _ring(self, rings: list[Ring]) -> None:
        if isinstance(self._layer, RedisBells):
            for start in range(0, len(rings), AT_ONCE):
                await _soon(self._layer.ring(rings[start : start + AT_ONCE]))
        else:
            for each in rings:
                await _soon(self._layer.group_send(each.group, each.message))


async def _soon(word: Awaitable[None]) -> None:
    async with asyncio.timeout(PATIENCE):
        await word


def heard(message: Any, me: str) -> UUID | None:
    """Whom a message from the layer rings for; None for our own and for what is no bell."""
    if not isinstance(message, dict) or message.get("type") != BELL or message.get("from") == me:
        return None
    try:
        return UUID(hex=str(message.get("user")))
    except ValueError:
        log.exception("a bell for nobody came through the channel layer")
        return None
