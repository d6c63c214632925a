"""Threads for synchronous database work, off the event loop.

A server has its own threads for the database queries of sockets and runs: with asgiref's single thread they would wait
for each other, and with the threads of REST requests runs would wait for pages."""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager, suppress
from contextvars import copy_context
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


class SharedThreadExecutor:
    """Uses asgiref's thread, for a process with one user: a command or a test."""

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        return await run_in_shared_thread(work, *args, **kwargs)


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


class DatabaseThreadPool:
    """Threads with a database connection each, shared fairly by users. Made by `running_database_threads`."""

    def __init__(self, count: int) -> None:
        # One user gets half of the threads, and never all of them.
        self._semaphore = FairSemaphore(
            slots=count,
            slots_per_key=max(1, min(count - 1, (count + 1) // 2)),
            max_waiting=MAX_WAITING,
            max_waiting_per_key=MAX_WAITING,
        )
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"database-{number}", daemon=True) for number in range(count)
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
        loop = asyncio.get_running_loop()
        await self._semaphore.acquire(key)
        result: asyncio.Future[Result] = loop.create_future()

        def settle(value: Any, error: BaseException | None) -> None:
            loop.call_soon_threadsafe(self._settle, key, result, value, error)

        # A copy: context variables that the work sets reach neither the caller nor the next work on that thread.
        self._jobs.put(partial(copy_context().run, _run_job, result, partial(work, *args, **kwargs), settle))
        return await result

    def _settle(
        self, key: Hashable, result: "asyncio.Future[Result]", value: Result, error: BaseException | None
    ) -> None:
        """Free the slot and pass on the result, in one callback: waking the loop costs more than either."""
        self._semaphore.release(key)
        if result.cancelled():
            return
        if error is None:
            result.set_result(value)
        else:
            result.set_exception(error)

    def _serve(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                job()
        finally:
            connections.close_all()  # this thread's own, which nothing else would close


def _run_job(
    result: "asyncio.Future[Any]", work: Callable[[], Any], settle: Callable[[Any, BaseException | None], None]
) -> None:
    """Do the work, unless nobody waits for it any more, and settle its result."""
    value, failure = None, None
    if not result.cancelled():
        try:
            value = work()
        except BaseException as error:  # noqa: BLE001  # raised where the result is awaited
            _close_broken_connections()
            failure = error
    with suppress(RuntimeError):  # the loop is closed
        settle(value, failure)


def _close_broken_connections() -> None:
    """Close this thread's connections that have broken, so that the next work opens new ones."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()


@asynccontextmanager
async def running_database_threads(count: int) -> AsyncIterator[DatabaseThreadPool]:
    """Run the threads within the block; at its end they are joined off the event loop."""
    pool = DatabaseThreadPool(count)
    pool.start()
    try:
        yield pool
    finally:
        await asyncio.to_thread(pool.stop)
