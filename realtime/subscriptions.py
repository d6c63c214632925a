"""This process's subscriptions to users' streams, and the poll that finds what no notification told of.

A notification may carry the events; the truth is in the database.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from asgiref.sync import sync_to_async

from core.models import UserStream
from core.stream.batches import Batch, Position, utf8_length
from realtime.flow_control import SingleWaiterEvent
from realtime.limits import SENT_BYTES

MAX_BATCHES = 64  # batches that a bell holds for a listener that is slow; beyond, it reads the database


def _fits_into_frame(payloads: Sequence[str]) -> bool:
    # A character has at most four bytes: seldom need they be counted.
    return sum(map(len, payloads)) * 4 <= SENT_BYTES or sum(map(utf8_length, payloads)) <= SENT_BYTES


class StreamSubscription:
    """One listener's. `position` is how far that listener has come; None while it reads for the first time."""

    __slots__ = ("_batches", "_has_gap", "_marked_position", "_notified", "position")

    def __init__(self) -> None:
        self.position: Position | None = None
        self._marked_position: Position | None = None
        self._notified = SingleWaiterEvent()
        self._batches: list[Batch] = []
        self._has_gap = False

    def notify(self, batch: Batch | None = None) -> None:
        if batch is None or len(self._batches) >= MAX_BATCHES:
            self._batches.clear()
            self._has_gap = True
        elif not self._has_gap:
            self._batches.append(batch)
        self._notified.set()

    async def wait(self) -> None:
        await self._notified.wait()
        self._notified.clear()

    def next_batch(self, position: Position) -> Batch | None:
        """The batch that goes on exactly from `position`, if it was rung with; what cannot be chained is a gap."""
        while self._batches:
            batch = self._batches.pop(0)
            if batch.epoch == position.epoch and batch.upto <= position.seq:
                continue
            if batch.epoch == position.epoch and batch.after == position.seq:
                self.position = batch.position
                return batch
            self.notify()
        return None

    def take_gap(self) -> bool:
        """Whether there is news that only the database has. Asking takes note of it."""
        gap, self._has_gap = self._has_gap, False
        return gap

    def mark_position(self) -> None:
        """Remember how far the news goes that the listener has, or is about to take."""
        self._marked_position = self._last_position()

    def is_behind(self, head: Position) -> bool:
        """Whether a stream's head, read since the last note, is news to this listener, or behind it: then what it has
        seen is gone."""
        known, noted = self._last_position(), self._marked_position
        if known is None or self._has_gap:
            return False
        ahead = noted is not None and noted.epoch == head.epoch and noted.seq > head.seq
        return ahead or known.epoch != head.epoch or known.seq < head.seq

    def _last_position(self) -> Position | None:
        return self._batches[-1].position if self._batches else self.position


class StreamSubscriptions:
    """One per process, made by wiring and handed down; used on its event loop only."""

    def __init__(self) -> None:
        self._by_user: dict[UUID, set[StreamSubscription]] = {}

    @contextmanager
    def subscribe(self, user_id: UUID) -> Iterator[StreamSubscription]:
        """A bell that rings for one user from here on. Read after subscribing, or a ring may fall between."""
        bell = StreamSubscription()
        self._by_user.setdefault(user_id, set()).add(bell)
        try:
            yield bell
        finally:
            waiting = self._by_user[user_id]
            waiting.discard(bell)
            if not waiting:
                del self._by_user[user_id]

    def publish(self, written: Mapping[UUID, Batch]) -> None:
        """Each user's own listeners get that user's committed batch."""
        for user_id, batch in written.items():
            waiting = self._by_user.get(user_id)
            if waiting:
                # Too much for one frame comes in pieces from the log.
                told = batch if _fits_into_frame(batch.payloads) else None
                for bell in waiting:
                    bell.notify(told)

    def notify(self, user_ids: Iterable[UUID]) -> None:
        """There is news of these users in the database."""
        for user_id in user_ids:
            for bell in self._by_user.get(user_id, ()):
                bell.notify()

    def user_ids(self) -> tuple[UUID, ...]:
        """Whom anybody here listens for."""
        return tuple(self._by_user)

    def mark_positions(self) -> None:
        """Before heads are read: where everybody stands."""
        for waiting in self._by_user.values():
            for bell in waiting:
                bell.mark_position()

    def is_behind(self, user_id: UUID, head: Position) -> bool:
        """Whether a listener of this user must look: see Bell.astray."""
        return any(bell.is_behind(head) for bell in self._by_user.get(user_id, ()))


log = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # seconds between looks
PUBLISH_GRACE_SECONDS = 0.05  # seconds from a commit of this process's to its batch's being with its listeners
MAX_USERS_PER_QUERY = 5_000  # users in one query


async def poll_streams(doorbells: StreamSubscriptions) -> None:
    """Ring for whoever's stream has grown beyond where a listener stands; for ever."""
    while True:
        await asyncio.sleep(POLL_SECONDS)
        try:
            await poll_once(doorbells)
        except Exception:
            # A database that is away for a moment must not end the watch: the next look tries again.
            log.exception("the streams' heads could not be read")


async def poll_once(doorbells: StreamSubscriptions) -> None:
    doorbells.mark_positions()
    users, heads = doorbells.user_ids(), []
    for start in range(0, len(users), MAX_USERS_PER_QUERY):
        heads += await sync_to_async(_read_heads)(users[start : start + MAX_USERS_PER_QUERY])
    # Or whoever's run is at work would be sent to the database for what is just about to be handed to them.
    await asyncio.sleep(PUBLISH_GRACE_SECONDS)
    doorbells.notify([user_id for user_id, head in heads if doorbells.is_behind(user_id, head)])


def _read_heads(users: Sequence[UUID]) -> list[tuple[UUID, Position]]:
    # Across users, as the process's own work: heads tell how far a stream has come, nothing of what is in it.
    rows = UserStream.objects.filter(owner_id__in=users).values_list("owner_id", "epoch", "head")
    return [(owner_id, Position(epoch=epoch, seq=head)) for owner_id, epoch, head in rows]
