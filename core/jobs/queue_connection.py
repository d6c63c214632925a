"""The connections of procrastinate's workers to PostgreSQL."""

import traceback
from typing import Any, Self

from psycopg import AsyncConnection


class QueueConnection(AsyncConnection[Any]):
    """Is closed at once if its opening is cancelled or takes too long.

    psycopg leaves that to whoever forgets the error: procrastinate keeps it until its worker has ended, which waits for
    the database, and a PostgreSQL that shuts down waits for everybody who has begun to sign in.
    """

    @classmethod
    async def connect(cls, conninfo: str = "", **options: Any) -> Self:
        try:
            return await super().connect(conninfo, **options)
        except BaseException as error:
            _clear_frames(error)
            raise


def _clear_frames(error: BaseException) -> None:
    """Forget what the calls had in hand in which an error was raised, and those before it."""
    raised: BaseException | None = error
    while raised is not None:
        traceback.clear_frames(raised.__traceback__)
        raised = raised.__context__
