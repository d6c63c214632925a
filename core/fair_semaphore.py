"""Places for work that users share fairly: each has a queue of their own, and the queues take turns.

Nobody may have all places, so somebody else's work always finds one or is next; a storm of one user's waits behind
itself, and is refused where too much of it waits.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Crowded(Exception):
    """Too much waits already. `own`: of the same user, else of all."""

    def __init__(self, *, own: bool) -> None:
        super().__init__("too much of one user waits" if own else "too much waits")
        self.own = own


class Turns:
    """On one event loop. `of_one`: places that one key may have; `waiting` and `waiting_of_one` bound queues."""

    def __init__(self, *, at_once: int, of_one: int, waiting: int, waiting_of_one: int) -> None:
        self._at_once = at_once
        self._of_one = of_one
        self._most = waiting
        self._most_of_one = waiting_of_one
        self._taken: Counter[Hashable] = Counter()
        self._queues: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        # Sums of the two, kept: thousands may wait, and each of them comes by here.
        self._taken_in_all = self._waiting_in_all = 0

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """A place for the time of the block. Raises Crowded."""
        await self.take(key)
        try:
            yield
        finally:
            self.give_back(key)

    async def take(self, key: Hashable) -> None:
        """Wait for a place, which must be given back. Raises Crowded."""
        if self._has_room(key) and key not in self._queues:
            self._occupy(key)
            return
        place = self._queue(key)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.give_back(key)  # it was given in the same moment
            else:
                self._leave(key, place)
            raise

    def give_back(self, key: Hashable) -> None:
        self._taken[key] -= 1
        self._taken_in_all -= 1
        if not self._taken[key]:
            del self._taken[key]
        self._give()

    @property
    def taken(self) -> int:
        return self._taken_in_all

    @property
    def waiting(self) -> int:
        return self._waiting_in_all

    def _occupy(self, key: Hashable) -> None:
        self._taken[key] += 1
        self._taken_in_all += 1

    def _has_room(self, key: Hashable) -> bool:
        return self.taken < self._at_once and self._taken[key] < self._of_one

    def _queue(self, key: Hashable) -> "asyncio.Future[None]":
        queue = self._queues.get(key, ())
        if len(queue) >= self._most_of_one:
            raise Crowded(own=True)
        if self.waiting >= self._most:
            self._make_room(len(queue))
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(key, deque()).append(place)
        self._waiting_in_all += 1
        return place

    def _make_room(self, mine: int) -> None:
        """The last in the longest queue goes, if that is longer than the one that is to grow."""
        key, longest = max(self._queues.items(), key=lambda item: len(item[1]))
        if len(longest) <= mine + 1:
            raise Crowded(own=False)
        last = longest[-1]
        self._leave(key, last)
        last.set_exception(Crowded(own=False))

    def _leave(self, key: Hashable, place: "asyncio.Future[None]") -> None:
        queue = self._queues.get(key)
        if queue is not None and place in queue:
            queue.remove(place)
            self._waiting_in_all -= 1
            if not queue:
                del self._queues[key]

    def _give(self) -> None:
        """Places that are free go to who waits, one queue after the other."""
        while self._taken_in_all < self._at_once:
            # Few are passed over: only who has a place can have all that one may.
            key = next((each for each in self._queues if self._has_room(each)), None)
            if key is None:
                return
            queue = self._queues[key]
            place = queue.popleft()
            self._waiting_in_all -= 1
            if queue:
                self._queues.move_to_end(key)
            else:
                del self._queues[key]
            if not place.done():
                self._occupy(key)
                place.set_result(None)
