"""One query per process and half second for news that nobody rang for: another process, a lost ring."""

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from asgiref.sync import sync_to_async

from netra.core.models import UserStream
from netra.core.stream import Position
from realtime.doorbell import Doorbells

log = logging.getLogger(__name__)

PATIENCE = 0.5  # seconds between looks
FEEDING = 0.05  # seconds from a commit of this process's to its batch's being with its listeners
ASKED = 5_000  # users in one query


async def watch(doorbells: Doorbells) -> None:
    """Ring for whoever's stream has grown beyond where a listener stands; for ever."""
    while True:
        await asyncio.sleep(PATIENCE)
        try:
            await look(doorbells)
        except Exception:
            # A database that is away for a moment must not end the watch: the next look tries again.
            log.exception("the streams' heads could not be read")


async def look(doorbells: Doorbells) -> None:
    doorbells.note()
    users, heads = doorbells.users(), []
    for start in range(0, len(users), ASKED):
        heads += await sync_to_async(_heads)(users[start : start + ASKED])
    # Or whoever's run is at work would be sent to the database for what is just about to be handed to them.
    await asyncio.sleep(FEEDING)
    doorbells.ring([user_id for user_id, head in heads if doorbells.astray(user_id, head)])


def _heads(users: Sequence[UUID]) -> list[tuple[UUID, Position]]:
    # Across users, as the process's own work: heads tell how far a stream has come, nothing of what is in it.
    rows = UserStream.objects.filter(owner_id__in=users).values_list("owner_id", "epoch", "head")
    return [(owner_id, Position(epoch=epoch, seq=head)) for owner_id, epoch, head in rows]
