"""The process's one writer: what runs have to say is committed in its thread, many users' items in one transaction.

While one batch is committed the next one gathers, on the event loop's side: waking the thread for every item would cost
more than the items.
"""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import connection

from agents.guard import RunItem, Written
from netra.core.exceptions import ScopeClosed
from realtime.checkpoints import Checkpoints
from realtime.commit import Done, Job, Settled, commit
from realtime.latest import Latest
from realtime.measures import Measures

BATCH = 500  # events in one transaction, and as many more as go along with the last
TOGETHER = 50  # events in one item
PENDING = 5_000  # events that may wait; beyond, submitting waits too
LINGER = 0.05  # seconds that an item which nobody awaits may wait for company: unnoticed by a person
BUSY = 0.005  # seconds after which what somebody else had locked is tried again


class StreamWriter:
    """`async with`, on one event loop. `told` is called on that loop with each commit's batches, by user."""

    def __init__(self, told: Callable[[Written], None], measures: Measures | None = None) -> None:
        self._told = told
        self._measures = measures or Measures()
        self._waiting: deque[Job] = deque()
        self._latest = Latest()
        self._urgent = False  # somebody awaits one of them
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._inside = 0  # events taken in and not settled yet
        self._handed_over = 0  # of them, those that are being committed
        self._room = asyncio.Event()
        self._handed: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="stream-writer", daemon=True)
        self._checkpoints = Checkpoints()
        self._at_work = False
        self._open = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._thread.start()
        self._checkpoints.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        self._hand_over()
        await self._idle.wait()
        self._handed.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._checkpoints.stop)

    @property
    def full(self) -> bool:
        """Whether who has something to submit must wait for `room` first."""
        return self._inside >= PENDING

    async def room(self) -> None:
        while self.full:
            self._room.clear()
            await self._room.wait()

    def joins(self, job: Job) -> bool:
        """Whether one event more goes along with an item that was taken in: while that waits, and there is room. If so,
        it is counted. An item of its own costs ten times as much."""
        if job.taken or self.full or len(job.item.events) >= TOGETHER:
            return False
        self._inside += 1
        return True

    def submit(self, item: RunItem, settled: Settled, *, awaited: bool) -> Job:
        """Take an item in, after all that were taken before. `settled` is called on the loop, with its error or None.

        What is `awaited` is committed at once, and with it all before; the rest within LINGER. Raises ScopeClosed.
        """
        if not self._open:
            raise ScopeClosed("the writer has stopped")
        job = Job(item, settled)
        former = self._latest.replaced(job)
        if former is not None:
            self._waiting.remove(former)
            self._drop(former)
        self._inside += 1
        self._waiting.append(job)
        self._idle.clear()
        if not self._at_work and (self._timer is None or (awaited and not self._urgent)):
            self._schedule(awaited)
        self._urgent |= awaited
        return job

    def _schedule(self, at_once: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if at_once:
            # After what else is said in this turn of the loop: it shares the commit.
            self._timer = self._loop.call_soon(self._hand_over)
        else:
            self._timer = self._loop.call_later(LINGER, self._hand_over)

    def _hand_over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._at_work or not self._waiting:
            return
        jobs, self._handed_over = self._next_batch()
        self._urgent = self._urgent and bool(self._waiting)
        self._at_work = True
        self._latest.gone(jobs)
        self._handed.put(jobs)

    def _next_batch(self) -> tuple[list[Job], int]:
        jobs: list[Job] = []
        size = 0
        while self._waiting and size < BATCH:
            job = self._waiting.popleft()
            job.taken = True
            jobs.append(job)
            size += job.size
        return jobs, size

    def _work(self) -> None:
        try:
            self._checkpoints.leave_to_others()
            while (jobs := self._handed.get()) is not None:
                done = commit(jobs)
                # Once per batch: waking the loop costs more than the news.
                self._loop.call_soon_threadsafe(self._settle, done)
        finally:
            connection.close()

    def _settle(self, done: Done) -> None:
        self._at_work = False
        self._told(done.written)
        self._inside -= self._handed_over - sum(job.size for job in done.busy)
        self._measures.committed(len(done.settled), done.seconds)
        self._measures.events_waiting.set(self._inside)
        for job, error in done.settled:
            job.settled(error)
        self._room.set()
        for job in reversed(done.busy):
            if self._latest.outdated(job):
                self._drop(job)
            else:
                self._waiting.appendleft(job)
        self._next(done)

    def _drop(self, job: Job) -> None:
        """A state of a text that a later one has replaced; nothing else is ever dropped."""
        self._inside -= 1
        job.settled(None)

    def _next(self, done: Done) -> None:
        if not self._waiting:
            self._idle.set()
        elif done.busy and not done.settled:
            self._timer = self._loop.call_later(BUSY, self._hand_over)
        elif self._urgent or done.busy or not self._open:
            self._hand_over()
        else:
            self._schedule(at_once=False)
