"""A semaphore that users share fairly: each user has a queue, and the queues take turns.

No user can hold all slots, so another user's work always finds one or is next. A burst of one user's work waits behind
itself and is refused when too much of it waits."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class TooManyWaiting(Exception):
    """Too much waits already. `is_own`: of the same user, else of all."""

    def __init__(self, *, own: bool) -> None:
        super().__init__("too much of one user waits" if own else "too much waits")
        self.is_own = own


class FairSemaphore:
    """On one event loop. `of_one`: places that one key may have; `queue_length` and `waiting_of_one` bound queues."""

    def __init__(self, *, at_once: int, of_one: int, waiting: int, waiting_of_one: int) -> None:
        self._slots = at_once
        self._slots_per_key = of_one
        self._max_waiting = waiting
        self._max_waiting_per_key = waiting_of_one
        self._used_by_key: Counter[Hashable] = Counter()
        self._queues: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        # Sums of the two, kept: thousands may wait, and each of them comes by here.
        self._used_total = self._waiting_total = 0

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """A place for the time of the block. Raises Crowded."""
        await self.acquire(key)
        try:
            yield
        finally:
            self.release(key)

    async def acquire(self, key: Hashable) -> None:
        """Wait for a place, which must be given back. Raises Crowded."""
        if self._has_free_slot(key) and key not in self._queues:
            self._count_slot(key)
            return
        place = self._enqueue(key)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.release(key)  # it was given in the same moment
            else:
                self._dequeue(key, place)
            raise

    def release(self, key: Hashable) -> None:
        self._used_by_key[key] -= 1
        self._used_total -= 1
        if not self._used_by_key[key]:
            del self._used_by_key[key]
        self._grant_free_slots()

    @property
    def slots_in_use(self) -> int:
        return self._used_total

    @property
    def queue_length(self) -> int:
        return self._waiting_total

    def _count_slot(self, key: Hashable) -> None:
        self._used_by_key[key] += 1
        self._used_total += 1

    def _has_free_slot(self, key: Hashable) -> bool:
        return self.slots_in_use < self._slots and self._used_by_key[key] < self._slots_per_key

    def _enqueue(self, key: Hashable) -> "asyncio.Future[None]":
        queue = self._queues.get(key, ())
        if len(queue) >= self._max_waiting_per_key:
            raise TooManyWaiting(own=True)
        if self.queue_length >= self._max_waiting:
            self._evict_from_longest(len(queue))
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(key, deque()).append(place)
        self._waiting_total += 1
        return place

    def _evict_from_longest(self, mine: int) -> None:
        """The last in the longest queue goes, if that is longer than the one that is to grow."""
        key, longest = max(self._queues.items(), key=lambda item: len(item[1]))
        if len(longest) <= mine + 1:
            raise TooManyWaiting(own=False)
        last = longest[-1]
        self._dequeue(key, last)
        last.set_exception(TooManyWaiting(own=False))

    def _dequeue(self, key: Hashable, place: "asyncio.Future[None]") -> None:
        queue = self._queues.get(key)
        if queue is not None and place in queue:
            queue.remove(place)
            self._waiting_total -= 1
            if not queue:
                del self._queues[key]

    def _grant_free_slots(self) -> None:
        """Places that are free go to who waits, one queue after the other."""
        while self._used_total < self._slots:
            # Few are passed over: only who has a place can have all that one may.
            key = next((each for each in self._queues if self._has_free_slot(each)), None)
            if key is None:
                return
            queue = self._queues[key]
            place = queue.popleft()
            self._waiting_total -= 1
            if queue:
                self._queues.move_to_end(key)
            else:
                del self._queues[key]
            if not place.done():
                self._count_slot(key)
                place.set_result(None)
