"""A semaphore that users share fairly: each user has a queue, and the queues take turns.

No user can hold all slots, so another user's work always finds one or is next. A burst of one user's work waits behind
itself and is refused when too much of it waits."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Hashable


class TooManyWaiting(Exception):
    """A queue is full: the user's own if `is_own`, else all queues together."""

    def __init__(self, *, is_own: bool) -> None:
        super().__init__("too much of one user waits" if is_own else "too much waits")
        self.is_own = is_own


class FairSemaphore:
    """A semaphore for one event loop. One key may hold `slots_per_key` of the `slots`.

    `max_waiting` bounds all queues together, `max_waiting_per_key` each of them.
    """

    def __init__(self, *, slots: int, slots_per_key: int, max_waiting: int, max_waiting_per_key: int) -> None:
        self._slots = slots
        self._slots_per_key = slots_per_key
        self._max_waiting = max_waiting
        self._max_waiting_per_key = max_waiting_per_key
        self._used_by_key: Counter[Hashable] = Counter()
        self._queues: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        # Sums of the two, updated with them: thousands may wait, and each of them needs the sums.
        self._used_total = self._waiting_total = 0

    async def acquire(self, key: Hashable) -> None:
        """Wait for a slot, which must be released. Raises TooManyWaiting."""
        if self._has_free_slot(key) and key not in self._queues:
            self._count_slot(key)
            return
        waiter = self._enqueue(key)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self.release(key)  # it was granted at the same moment
            else:
                self._dequeue(key, waiter)
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
            raise TooManyWaiting(is_own=True)
        if self.queue_length >= self._max_waiting:
            self._evict_from_longest(len(queue))
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(key, deque()).append(waiter)
        self._waiting_total += 1
        return waiter

    def _evict_from_longest(self, own_length: int) -> None:
        """Refuse the last waiter of the longest queue if it is longer than the own one will be; else the new waiter."""
        key, longest = max(self._queues.items(), key=lambda item: len(item[1]))
        if len(longest) <= own_length + 1:
            raise TooManyWaiting(is_own=False)
        last = longest[-1]
        self._dequeue(key, last)
        last.set_exception(TooManyWaiting(is_own=False))

    def _dequeue(self, key: Hashable, waiter: "asyncio.Future[None]") -> None:
        queue = self._queues.get(key)
        if queue is not None and waiter in queue:
            queue.remove(waiter)
            self._waiting_total -= 1
            if not queue:
                del self._queues[key]

    def _grant_free_slots(self) -> None:
        """Grant free slots to waiters, one queue after the other."""
        while self._used_total < self._slots:
            # Few keys are skipped: only those that hold slots can hold as many as allowed.
            key = next((key for key in self._queues if self._has_free_slot(key)), None)
            if key is None:
                return
            queue = self._queues[key]
            waiter = queue.popleft()
            self._waiting_total -= 1
            if queue:
                self._queues.move_to_end(key)
            else:
                del self._queues[key]
            if not waiter.done():
                self._count_slot(key)
                waiter.set_result(None)
