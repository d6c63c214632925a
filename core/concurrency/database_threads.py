"""Threads for synchronous database work, off the event loop.

A server has its own threads for the database queries of sockets and runs: with asgiref's single thread they would wait
for each other, and with the threads of REST requests runs would wait for pages."""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from contextvars import Context, copy_context
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

from core.concurrency.fair_semaphore import FairSemaphore

Params = ParamSpec("Params")
Result = TypeVar("Result")
MAX_WAITING = 100_000
"""More than all sockets of a process need when they reconnect at once: a run that finds the queue full fails. The jobs
of one socket or run are bounded by its inbox and its steps."""


class DatabaseExecutor(Protocol):
    """Runs database work; `key` is whose work it is: a user's id, or another key with slots of its own."""

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result: ...

    async def run_or_undo(self, key: Hashable, work: Callable[[], Result], undo: Callable[[Result], None]) -> Result:
        """Do the work. If the caller is cancelled meanwhile, wait until it is done, and undo it."""


class SharedThreadExecutor:
    """Uses asgiref's thread, for a process with one user: a command or a test."""

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        return await run_in_shared_thread(work, *args, **kwargs)

    async def run_or_undo(self, key: Hashable, work: Callable[[], Result], undo: Callable[[Result], None]) -> Result:
        doing = asyncio.ensure_future(self.run(key, work))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            if doing.exception() is None:
                await self.run(key, undo, doing.result())
            raise


async def run_in_shared_thread(work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
    """Do database work in asgiref's thread. Outside a request it is one for the whole process, whose connection nobody
    else would replace once a restart of the database has broken it."""

    def do() -> Result:
        try:
            return work(*args, **kwargs)
        except BaseException:
            _close_broken_connections()
            raise

    return await sync_to_async(do)()


class _Job:
    """A piece of work for a thread, and on the event loop the future of its result.

    `done` is there if somebody waits until the work is settled after the future was cancelled.
    """

    __slots__ = ("context", "done", "error", "is_done", "is_settled", "key", "result", "value", "work")

    def __init__(self, key: Hashable, work: Callable[[], Any], result: "asyncio.Future[Any]") -> None:
        self.key, self.work, self.result = key, work, result
        # A copy: context variables that the work sets reach neither the caller nor the next work on that thread.
        self.context: Context = copy_context()
        self.value: Any = None
        self.error: BaseException | None = None
        self.is_done = False  # by a thread; False for work that nobody waited for any more
        self.is_settled = False  # the event loop knows that it has ended
        self.done: asyncio.Future[None] | None = None

    def do(self) -> None:
        """Do the work, unless nobody waits for it any more."""
        if self.result.cancelled():
            return
        try:
            self.value = self.context.run(self.work)
        except BaseException as error:  # noqa: BLE001  # raised where the result is awaited
            _close_broken_connections()
            self.error = error
        self.is_done = True


class DatabaseThreadPool:
    """Threads with a database connection each, shared fairly by users. Made by `running_database_threads`."""

    def __init__(self, count: int, name: str = "database") -> None:
        # One user gets half of the threads, and never all of them.
        self._semaphore = FairSemaphore(
            slots=count,
            slots_per_key=max(1, min(count - 1, (count + 1) // 2)),
            max_waiting=MAX_WAITING,
            max_waiting_per_key=MAX_WAITING,
        )
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._ended: deque[_Job] = deque()  # of which the event loop does not know yet
        self._is_waking = False  # whether the event loop is about to look at them
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True) for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Block until the started jobs are done and all connections closed."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        """Run the work on a thread. Cancelling stops waiting; the thread finishes the work before its slot is free."""
        job = await self._submit(key, partial(work, *args, **kwargs))
        result: Result = await job.result
        return result

    async def run_or_undo(self, key: Hashable, work: Callable[[], Result], undo: Callable[[Result], None]) -> Result:
        job = await self._submit(key, work)
        try:
            result: Result = await job.result
        except asyncio.CancelledError:
            # The thread finishes what it began, and nobody else knows of it.
            if not job.is_settled:
                job.done = asyncio.get_running_loop().create_future()
                await job.done
            elif not job.result.cancelled():
                job.result.exception()  # marks it as retrieved
            if job.is_done and job.error is None:
                await self.run(key, undo, job.value)
            raise
        return result

    async def _submit(self, key: Hashable, work: Callable[[], Any]) -> _Job:
        await self._semaphore.acquire(key)
        job = _Job(key, work, asyncio.get_running_loop().create_future())
        self._jobs.put(job)
        return job

    def _serve(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                job.do()
                self._hand_over(job)
        finally:
            connections.close_all()  # this thread's own, which nothing else would close

    def _hand_over(self, job: _Job) -> None:
        """Pass an ended job to the event loop, which is woken once for all that end before it looks."""
        self._ended.append(job)
        if not self._is_waking:
            self._is_waking = True
            with suppress(RuntimeError):  # the loop is closed
                job.result.get_loop().call_soon_threadsafe(self._settle_ended)

    def _settle_ended(self) -> None:
        self._is_waking = False  # before looking: what ends from now on wakes the loop again
        while self._ended:
            self._settle(self._ended.popleft())

    def _settle(self, job: _Job) -> None:
        """Free the slot and pass on the result, in one callback: waking the loop costs more than either."""
        self._semaphore.release(job.key)
        job.is_settled = True
        if job.result.cancelled():
            if job.done is not None and not job.done.done():
                job.done.set_result(None)
        elif job.error is None:
            job.result.set_result(job.value)
        else:
            job.result.set_exception(job.error)


def _close_broken_connections() -> None:
    """Close this thread's connections that have broken, so that the next work opens new ones."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()


@asynccontextmanager
async def running_database_threads(count: int, name: str = "database") -> AsyncIterator[DatabaseThreadPool]:
    """Run the threads within the block; at its end they are joined off the event loop."""
    pool = DatabaseThreadPool(count, name)
    pool.start()
    try:
        yield pool
    finally:
        await asyncio.to_thread(pool.stop)
