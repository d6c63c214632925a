"""The process's one writer: what runs have to say is committed in its thread, many users' items in one transaction."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.db import connection

from agents import guard
from agents.guard import RunItem, Written
from netra.core.exceptions import RunLost, ScopeClosed

log = logging.getLogger(__name__)

BATCH = 200  # items in one transaction
PENDING = 5_000  # items that may wait; beyond, submitting waits too
LINGER = 0.05  # seconds that an item which nobody awaits may wait for company: unnoticed by a person


@dataclass(frozen=True, slots=True)
class _Job:
    item: RunItem
    awaited: bool
    committed: "asyncio.Future[None]"


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a batch: what was written for whom, and which jobs failed with what."""

    jobs: Sequence[_Job]
    written: Written
    failed: Mapping[int, Exception]


class StreamWriter:
    """`async with`, on one event loop. `told` is called on that loop with each commit's batches, by user."""

    def __init__(self, told: Callable[[Written], None]) -> None:
        self._told = told
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._room = asyncio.Semaphore(PENDING)
        self._thread = threading.Thread(target=self._work, name="stream-writer", daemon=True)
        self._open = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    async def submit(self, item: RunItem, *, awaited: bool) -> "asyncio.Future[None]":
        """Take an item in, after all that were taken before. The future ends with its commit, or with RunLost.

        What is `awaited` is committed at once, and with it all before; the rest within LINGER.
        """
        await self._room.acquire()
        if not self._open:
            raise ScopeClosed("the writer has stopped")
        job = _Job(item, awaited, self._loop.create_future())
        self._jobs.put(job)
        return job.committed

    def _work(self) -> None:
        try:
            while (first := self._jobs.get()) is not None:
                jobs, last = self._gather(first)
                self._commit(jobs)
                if last:
                    return
        finally:
            connection.close()

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        jobs, until = [first], time.monotonic() + (0 if first.awaited else LINGER)
        while len(jobs) < BATCH:
            try:
                job = self._jobs.get(timeout=max(0, until - time.monotonic()))
            except queue.Empty:
                break
            if job is None:
                return jobs, True
            jobs.append(job)
            if job.awaited:
                until = 0
        return jobs, False

    def _commit(self, jobs: Sequence[_Job]) -> None:
        try:
            written, lost = guard.write([job.item for job in jobs])
        except Exception as error:
            if len(jobs) > 1:
                # One bad item must not stop the others: each on its own, in order.
                for job in jobs:
                    self._commit([job])
                return
            log.exception("an item of run %s could not be stored", jobs[0].item.run_id)
            self._tell(_Done(jobs, {}, {id(jobs[0].item): error}))
            return
        gone = {id(item): RunLost(f"run {item.run_id} is another worker's, or over") for item in lost}
        self._tell(_Done(jobs, written, gone))

    def _tell(self, done: _Done) -> None:
        # Once per batch: waking the loop costs more than the news.
        self._loop.call_soon_threadsafe(self._settle, done)

    def _settle(self, done: _Done) -> None:
        self._told(done.written)
        for job in done.jobs:
            self._room.release()
            if job.committed.cancelled():
                continue
            if (error := done.failed.get(id(job.item))) is None:
                job.committed.set_result(None)
            else:
                job.committed.set_exception(error)
                job.committed.exception()  # seen here; whoever awaits it gets it too
