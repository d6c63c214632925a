"""Work beside the event loop: threads and coroutines that run for as long as a block, and slots for slow work in
threads, shared fairly by users.

Each user has a few slots, and users take turns: a burst of one user's work waits behind itself, and is refused when too
much of it waits."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

log = logging.getLogger(__name__)

MAX_WAITING, MAX_WAITING_PER_KEY = 100, 8
WAIT_SECONDS = 30.0


@asynccontextmanager
async def analysis_threads(count: int) -> AsyncIterator[Executor]:
    """Run threads for slow work within the block; at its end they are joined off the event loop."""
    executor = ThreadPoolExecutor(max_workers=count, thread_name_prefix="analysis")
    try:
        yield executor
    finally:
        await asyncio.to_thread(executor.shutdown)


@asynccontextmanager
async def background_coroutines(*coroutines: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run coroutines within the block, which cancels them at its end."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def poll_forever(look: Callable[[], Awaitable[None]], wake: asyncio.Event, *, seconds: float, name: str) -> None:
    """Call `look` every `seconds`, or at once when `wake` is set, which is cleared after each wait.

    Its errors are logged, as those of `name`, and end nothing: a database that is away for a moment is there at the
    next look.
    """
    while True:
        try:
            await look()
        except Exception:
            log.exception("%s failed, and is tried again", name)
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
        except TimeoutError:
            continue
        finally:
            wake.clear()


class NoSlotFree(Exception):
    """Too much waits already, or no slot became free in time."""


@dataclass(eq=False, slots=True)
class _Ticket:
    key: Hashable


class ThreadSlots:
    """At most `slots` pieces of work at once, of which one key has at most `slots_per_key`. For any thread."""

    def __init__(self, slots: int, *, slots_per_key: int = 1, seconds: float = WAIT_SECONDS) -> None:
        self._slots = slots
        self._slots_per_key = slots_per_key
        self._seconds = seconds
        self._changed = threading.Condition()
        self._used: Counter[Hashable] = Counter()
        self._waiting: list[_Ticket] = []

    @contextmanager
    def hold(self, key: Hashable) -> Iterator[None]:
        """Hold a slot within the block. Raises NoSlotFree, at the latest after some seconds of waiting."""
        self._acquire(key)
        try:
            yield
        finally:
            with self._changed:
                self._used -= Counter((key,))
                self._changed.notify_all()

    def count_waiting(self) -> int:
        with self._changed:
            return len(self._waiting)

    def _acquire(self, key: Hashable) -> None:
        ticket = _Ticket(key)
        with self._changed:
            own = sum(each.key == key for each in self._waiting)
            if own >= MAX_WAITING_PER_KEY or len(self._waiting) >= MAX_WAITING:
                raise NoSlotFree
            self._waiting.append(ticket)
            try:
                if not self._changed.wait_for(lambda: self._is_next(ticket), self._seconds):
                    raise NoSlotFree
                self._used[key] += 1
                self._waiting.sort(key=lambda each: each.key == key)  # this key's others come after everybody else's
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _is_next(self, ticket: _Ticket) -> bool:
        """Whether this is the first of those that may have a slot, and one is free."""
        if self._used.total() >= self._slots:
            return False
        return ticket is next((each for each in self._waiting if self._used[each.key] < self._slots_per_key), None)
