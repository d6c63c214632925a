"""A user's stream as it grows."""

from collections.abc import AsyncGenerator
from uuid import UUID

from netra.core.databasework import DatabaseWork, SharedThread
from netra.core.stream import Batch, Position, Resync, read_after
from realtime.doorbell import Doorbells
from realtime.limits import READ, SENT_BYTES


async def follow(
    user_id: UUID, position: Position, doorbells: Doorbells, database: DatabaseWork | None = None
) -> AsyncGenerator[Batch | Resync, None]:
    """Every batch after a position, in order, for ever. A Resync tells that the caller must fetch a snapshot.

    What this process commits comes with the ring; what was there before, or came from elsewhere, from the database.
    """
    database = database or SharedThread()
    with doorbells.listening(user_id) as bell:
        reading = True
        while True:
            news: Batch | Resync | None
            if reading:
                news = await database.run(user_id, read_after, user_id, position, limit=READ, size=SENT_BYTES)
                reading = isinstance(news, Resync) or bool(news.payloads)
            else:
                news = bell.following(position)
            if news is None or (isinstance(news, Batch) and news.after == news.upto):
                bell.seen = position
                reading = bell.missed()
                if not reading:
                    await bell.wait()
                continue
            yield news
            position = news.position
