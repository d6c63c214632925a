"""Who in this process waits for news of which user. A ring carries nothing: the truth is in the database."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID


class Doorbells:
    """One per process, made by wiring and handed down; used on its event loop only."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[asyncio.Event]] = {}

    @contextmanager
    def listening(self, user_id: UUID) -> Iterator[asyncio.Event]:
        """A bell that rings for one user from here on. Read after subscribing, or a ring may fall between."""
        bell = asyncio.Event()
        self._waiting.setdefault(user_id, set()).add(bell)
        try:
            yield bell
        finally:
            waiting = self._waiting[user_id]
            waiting.discard(bell)
            if not waiting:
                del self._waiting[user_id]

    def ring(self, user_ids: Iterable[UUID]) -> None:
        for user_id in user_ids:
            for bell in self._waiting.get(user_id, ()):
                bell.set()
