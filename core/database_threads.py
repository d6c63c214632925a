"""Threads for synchronous database work, off the event loop.

A server has its own threads for what sockets and runs ask of the database: with asgiref's single thread each would wait
for the other, and with the threads of REST requests runs would wait for pages."""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Callable, Hashable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from contextvars import copy_context
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

from core.fair_semaphore import FairSemaphore

Params = ParamSpec("Params")
Result = TypeVar("Result")
MAX_WAITING = 100_000
"""More than all sockets that a process may have wait for when they come back at once, or runs would fail of it. What a
socket or a run has here is bounded by its inbox and its steps."""


class DatabaseExecutor(Protocol):
    """`key`: whose work it is: a user's id, or what else shares places with nobody."""

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result: ...


class SharedThreadExecutor:
    """asgiref's thread, for a process in which nobody waits for another: a command, a test."""

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        return await sync_to_async(work)(*args, **kwargs)


class DatabaseThreadPool:
    """Threads with a connection each, in turns that users share fairly. Made by `running_database_threads`."""

    def __init__(self, count: int) -> None:
        # One place is always left for others, and so is half of them as far as that goes.
        self._semaphore = FairSemaphore(
            at_once=count,
            of_one=max(1, min(count - 1, (count + 1) // 2)),
            waiting=MAX_WAITING,
            waiting_of_one=MAX_WAITING,
        )
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"database-{number}", daemon=True) for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Blocks until what was begun is done, and every connection closed."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        """Cancelling stops waiting; a thread ends what it has begun, and its place is free only then."""
        loop = asyncio.get_running_loop()
        await self._semaphore.acquire(key)
        done: Future[Result] = Future()
        done.add_done_callback(lambda _: loop.call_soon_threadsafe(self._semaphore.release, key))
        # A copy: what the work sets there does not reach whoever asked, nor the next work on that thread.
        self._jobs.put(partial(copy_context().run, _run_job, done, partial(work, *args, **kwargs)))
        return await asyncio.wrap_future(done)

    def _serve(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                job()
        finally:
            connections.close_all()  # this thread's own, which nobody else would close


def _run_job(done: "Future[Any]", work: Callable[[], Any]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001  # whoever waits gets it
        _close_broken_connections()
        done.set_exception(error)
    else:
        done.set_result(result)


def _close_broken_connections() -> None:
    """A connection that broke is not kept for the next work."""
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()


@asynccontextmanager
async def running_database_threads(count: int) -> AsyncIterator[DatabaseThreadPool]:
    """For the time of the block; at its end the threads are waited for, off the event loop."""
    threads = DatabaseThreadPool(count)
    threads.start()
    try:
        yield threads
    finally:
        await asyncio.to_thread(threads.stop)
