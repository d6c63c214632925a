"""A user's stream as it grows."""

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

from asgiref.sync import sync_to_async

from netra.core.stream import Batch, Position, Resync, read_after
from realtime.doorbell import Doorbells

PATIENCE = 0.5  # seconds after which the database is asked without a ring: another process may have written


async def follow(user_id: UUID, position: Position, doorbells: Doorbells) -> AsyncGenerator[Batch | Resync, None]:
    """Every batch after a position, in order, for ever. A Resync tells that the caller must fetch a snapshot."""
    with doorbells.listening(user_id) as bell:
        while True:
            bell.clear()  # before reading: what is written during the read rings again
            news = await sync_to_async(read_after)(user_id, position)
            if isinstance(news, Resync) or news.events:
                yield news
                position = news.position
                continue
            try:
                async with asyncio.timeout(PATIENCE):
                    await bell.wait()
            except TimeoutError:
                continue
