"""The process's one writer: what runs have to say is committed in its thread, many users' items in one transaction.

While one batch is committed the next one gathers, on the event loop's side: waking the thread for every item would cost
more than the items.
"""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from django.db import connection

from agents.guard import RunItem, Written
from netra.core.exceptions import ScopeClosed
from realtime.commit import Done, Job, commit
from realtime.measures import Measures

BATCH = 500  # items in one transaction
PENDING = 5_000  # items that may wait; beyond, submitting waits too
LINGER = 0.05  # seconds that an item which nobody awaits may wait for company: unnoticed by a person
BUSY = 0.005  # seconds after which what somebody else had locked is tried again


@dataclass(slots=True)
class _Waiting:
    """What has not been handed to the thread yet. `urgent`: somebody awaits it."""

    jobs: deque[Job]
    urgent: bool = False
    timer: asyncio.TimerHandle | None = None


class StreamWriter:
    """`async with`, on one event loop. `told` is called on that loop with each commit's batches, by user."""

    def __init__(self, told: Callable[[Written], None], measures: Measures | None = None) -> None:
        self._told = told
        self._measures = measures or Measures()
        self._waiting = _Waiting(deque())
        self._handed: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()
        self._room = asyncio.Semaphore(PENDING)
        self._thread = threading.Thread(target=self._work, name="stream-writer", daemon=True)
        self._at_work = False
        self._open = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._hand_over()
        await self._idle.wait()
        self._handed.put(None)
        await asyncio.to_thread(self._thread.join)

    async def submit(self, item: RunItem, *, awaited: bool) -> "asyncio.Future[None]":
        """Take an item in, after all that were taken before. The future ends with its commit, or with RunLost.

        What is `awaited` is committed at once, and with it all before; the rest within LINGER.
        """
        await self._room.acquire()
        if not self._open:
            raise ScopeClosed("the writer has stopped")
        job = Job(item, self._loop.create_future())
        self._waiting.jobs.append(job)
        self._waiting.urgent |= awaited
        self._measures.events_waiting.inc()
        self._idle.clear()
        if not self._at_work:
            self._soon(awaited)
        return job.committed

    def _soon(self, awaited: bool) -> None:
        timer = self._waiting.timer
        if awaited:
            if timer is not None:
                timer.cancel()
            # After what else is said in this turn of the loop: it shares the commit.
            self._waiting.timer = self._loop.call_later(0, self._hand_over)
        elif timer is None:
            self._waiting.timer = self._loop.call_later(LINGER, self._hand_over)

    def _hand_over(self) -> None:
        waiting = self._waiting
        if waiting.timer is not None:
            waiting.timer.cancel()
            waiting.timer = None
        if self._at_work or not waiting.jobs:
            return
        jobs = [waiting.jobs.popleft() for _ in range(min(BATCH, len(waiting.jobs)))]
        waiting.urgent = waiting.urgent and bool(waiting.jobs)
        self._at_work = True
        self._handed.put(jobs)

    def _work(self) -> None:
        try:
            while (jobs := self._handed.get()) is not None:
                done = commit(jobs)
                # Once per batch: waking the loop costs more than the news.
                self._loop.call_soon_threadsafe(self._settle, done)
        finally:
            connection.close()

    def _settle(self, done: Done) -> None:
        self._at_work = False
        self._told(done.written)
        self._measures.committed(len(done.settled), done.seconds)
        for job, error in done.settled:
            self._room.release()
            self._measures.events_waiting.dec()
            _end(job.committed, error)
        waiting = self._waiting
        waiting.jobs.extendleft(reversed(done.busy))
        if not waiting.jobs:
            self._idle.set()
        elif done.busy and not done.settled:
            waiting.timer = self._loop.call_later(BUSY, self._hand_over)
        elif waiting.urgent or done.busy or not self._open:
            self._hand_over()
        else:
            self._soon(awaited=False)


def _end(committed: "asyncio.Future[None]", error: Exception | None) -> None:
    if committed.cancelled():
        return
    if error is None:
        committed.set_result(None)
    else:
        committed.set_exception(error)
        committed.exception()  # seen here; whoever awaits it gets it too
