"""One process's subscriptions to users' streams, and the poll that finds events without a notification.

A notification may carry the events; the truth is in the database.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from core.concurrency.database_threads import run_in_shared_thread
from core.db import as_all_users
from core.models import UserStream
from core.stream.batches import Batch, Position, utf8_length
from realtime.flow_control import SingleWaiterEvent
from realtime.limits import SENT_BYTES

log = logging.getLogger(__name__)

MAX_BATCHES = 64  # batches that wait for a slow listener; beyond, it reads the database
POLL_SECONDS = 0.5  # between two polls
PUBLISH_GRACE_SECONDS = 0.05  # from a commit of this process until its listeners have the batch
MAX_USERS_PER_QUERY = 5_000


class StreamSubscription:
    """One listener's subscription. `position` is how far the listener has read; None until its first read is done."""

    __slots__ = ("_batches", "_has_gap", "_marked_position", "_notified", "position")

    def __init__(self) -> None:
        self.position: Position | None = None
        self._marked_position: Position | None = None
        self._notified = SingleWaiterEvent()
        self._batches: list[Batch] = []
        self._has_gap = False

    def notify(self, batch: Batch | None = None) -> None:
        """Wake the listener. Without a batch, or with too many waiting, it has to read the database."""
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
        """Return the waiting batch that starts exactly at `position`. One that starts elsewhere is a gap."""
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
        """Return whether there are events that only the database has, and forget it."""
        has_gap, self._has_gap = self._has_gap, False
        return has_gap

    def mark_position(self) -> None:
        """Remember how far the events go that the listener has, or is about to take."""
        self._marked_position = self._last_position()

    def is_behind(self, head: Position) -> bool:
        """Return whether a stream's head, read since the position was marked, is ahead of this listener, or behind it:
        then the events that the listener has seen no longer exist."""
        last, marked = self._last_position(), self._marked_position
        if last is None or self._has_gap:
            return False
        is_ahead_of_head = marked is not None and marked.epoch == head.epoch and marked.seq > head.seq
        return is_ahead_of_head or last.epoch != head.epoch or last.seq < head.seq

    def _last_position(self) -> Position | None:
        return self._batches[-1].position if self._batches else self.position


class StreamSubscriptions:
    """All subscriptions of one process; used on its event loop only."""

    def __init__(self) -> None:
        self._by_user: dict[UUID, set[StreamSubscription]] = {}

    @contextmanager
    def subscribe(self, user_id: UUID) -> Iterator[StreamSubscription]:
        """Subscribe to one user's stream. Read the stream only afterwards, or an event between the two is missed."""
        subscription = StreamSubscription()
        self._by_user.setdefault(user_id, set()).add(subscription)
        try:
            yield subscription
        finally:
            remaining = self._by_user[user_id]
            remaining.discard(subscription)
            if not remaining:
                del self._by_user[user_id]

    def publish(self, commits: Mapping[UUID, Batch]) -> None:
        """Give each user's own listeners that user's committed batch."""
        for user_id, batch in commits.items():
            subscriptions = self._by_user.get(user_id)
            if subscriptions:
                # A batch that is too large for one frame is read from the database, in pieces.
                sendable = batch if _fits_into_frame(batch.payloads) else None
                for subscription in subscriptions:
                    subscription.notify(sendable)

    def notify(self, user_ids: Iterable[UUID]) -> None:
        """Tell these users' listeners that the database has new events."""
        for user_id in user_ids:
            for subscription in self._by_user.get(user_id, ()):
                subscription.notify()

    def user_ids(self) -> tuple[UUID, ...]:
        """Return the users that anybody in this process listens to."""
        return tuple(self._by_user)

    def mark_positions(self) -> None:
        """Remember every listener's position. Call it before the heads are read."""
        for subscriptions in self._by_user.values():
            for subscription in subscriptions:
                subscription.mark_position()

    def is_behind(self, user_id: UUID, head: Position) -> bool:
        """Return whether a listener of this user must read the database: see StreamSubscription.is_behind."""
        return any(subscription.is_behind(head) for subscription in self._by_user.get(user_id, ()))


def _fits_into_frame(payloads: Sequence[str]) -> bool:
    # A character has at most four bytes in UTF-8, so they seldom have to be counted.
    return sum(map(len, payloads)) * 4 <= SENT_BYTES or sum(map(utf8_length, payloads)) <= SENT_BYTES


async def poll_streams(subscriptions: StreamSubscriptions) -> None:
    """Notify the listeners whose stream has grown beyond their position. Runs until it is cancelled."""
    while True:
        await asyncio.sleep(POLL_SECONDS)
        try:
            await poll_once(subscriptions)
        except Exception:
            # The database may be away for a moment: the next poll tries again.
            log.exception("the streams' heads could not be read")


async def poll_once(subscriptions: StreamSubscriptions) -> None:
    subscriptions.mark_positions()
    user_ids, heads = subscriptions.user_ids(), []
    for start in range(0, len(user_ids), MAX_USERS_PER_QUERY):
        heads += await run_in_shared_thread(_read_heads, user_ids[start : start + MAX_USERS_PER_QUERY])
    # Without this wait, listeners of a run at work would read the database for a batch that they are about to get.
    await asyncio.sleep(PUBLISH_GRACE_SECONDS)
    subscriptions.notify([user_id for user_id, head in heads if subscriptions.is_behind(user_id, head)])


@as_all_users()
def _read_heads(user_ids: Sequence[UUID]) -> list[tuple[UUID, Position]]:
    # Across users, as the process's own work: a head tells how long a stream is, and nothing of its content.
    rows = UserStream.objects.filter(owner_id__in=user_ids).values_list("owner_id", "epoch", "head")
    return [(owner_id, Position(epoch=epoch, seq=head)) for owner_id, epoch, head in rows]
