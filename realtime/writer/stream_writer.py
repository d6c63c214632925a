"""The process's one writer: runs' events are committed in its thread, many users' items in one transaction.

While one batch is committed the next one gathers on the event loop's side: waking the thread for every item would cost more
than the items. Of a text that a model is writing only the latest state waits, which bounds memory while the database is slow.
"""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import connection

from agents.run_writer import RunItem
from core.events import AgentWriting
from core.exceptions import ScopeClosed
from core.stream.batches import Commits
from realtime.metrics import Metrics
from realtime.writer.checkpoints import Checkpointer
from realtime.writer.commit import CommitResult, OnSettled, WriteJob, commit_jobs

TextKey = tuple[UUID, UUID, int]
"""A run, a turn in it, and the number of the text."""


class TextCoalescer:
    def __init__(self) -> None:
        self._latest: dict[TextKey, WriteJob] = {}

    def replace(self, job: WriteJob) -> WriteJob | None:
        """From here on this job waits. Returns the one that has waited in vain: a former state of the same text."""
        text = _text_key(job.item)
        if text is None:
            return None
        former = self._latest.get(text)
        self._latest[text] = job
        return former

    def is_superseded(self, job: WriteJob) -> bool:
        """Whether a job that must wait again need not: a later state of its text waits already. Else it does."""
        text = _text_key(job.item)
        return text is not None and self._latest.setdefault(text, job) is not job

    def remove(self, jobs: Iterable[WriteJob]) -> None:
        """These wait no longer."""
        for job in jobs:
            text = _text_key(job.item)
            if text is not None and self._latest.get(text) is job:
                del self._latest[text]


def _text_key(item: RunItem) -> TextKey | None:
    # An emitter gives each event an item of its own.
    event = item.events[0] if len(item.events) == 1 else None
    return (item.run_id, event.request_id, event.part) if type(event) is AgentWriting else None


MAX_BATCH_EVENTS = 500  # events in one transaction, and as many more as go along with the last
MAX_ITEM_EVENTS = 50  # events in one item
MAX_PENDING_EVENTS = 5_000  # events that may wait; beyond, submitting waits too
LINGER_SECONDS = 0.05  # seconds that an item which nobody awaits may wait for company: unnoticed by a person
BUSY_RETRY_SECONDS = 0.005  # seconds after which what somebody else had locked is tried again


class StreamWriter:
    """`async with`, on one event loop. `told` is called on that loop with each commit's batches, by user."""

    def __init__(self, told: Callable[[Commits], None], measures: Metrics | None = None) -> None:
        self._publish = told
        self._metrics = measures or Metrics()
        self._waiting_jobs: deque[WriteJob] = deque()
        self._text_coalescer = TextCoalescer()
        self._is_urgent = False  # somebody awaits one of them
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._pending_events = 0  # events taken in and not settled yet
        self._committing_events = 0  # of them, those that are being committed
        self._room_available = asyncio.Event()
        self._batches: queue.SimpleQueue[list[WriteJob] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run_thread, name="stream-writer", daemon=True)
        self._checkpointer = Checkpointer()
        self._is_committing = False
        self._is_open = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._is_open = True
        self._thread.start()
        self._checkpointer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        self._start_commit()
        await self._idle.wait()
        self._batches.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._checkpointer.stop)

    @property
    def is_full(self) -> bool:
        """Whether who has something to submit must wait for `wait_for_room` first."""
        return self._pending_events >= MAX_PENDING_EVENTS

    async def wait_for_room(self) -> None:
        while self.is_full:
            self._room_available.clear()
            await self._room_available.wait()

    def try_join(self, job: WriteJob) -> bool:
        """Whether one event more goes along with an item that was taken in: while that waits, and there is room. If so,
        it is counted. An item of its own costs ten times as much."""
        if job.is_taken or self.is_full or len(job.item.events) >= MAX_ITEM_EVENTS:
            return False
        self._pending_events += 1
        return True

    def submit(self, item: RunItem, settled: OnSettled, *, awaited: bool) -> WriteJob:
        """Take an item in, after all that were taken before. `settled` is called on the loop, with its error or None.

        What is `awaited` is committed at once, and with it all before; the rest within LINGER. Raises ScopeClosed.
        """
        if not self._is_open:
            raise ScopeClosed("the writer has stopped")
        job = WriteJob(item, settled)
        former = self._text_coalescer.replace(job)
        if former is not None:
            self._waiting_jobs.remove(former)
            self._drop(former)
        self._pending_events += 1
        self._waiting_jobs.append(job)
        self._idle.clear()
        if not self._is_committing and (self._timer is None or (awaited and not self._is_urgent)):
            self._schedule(awaited)
        self._is_urgent |= awaited
        return job

    def _schedule(self, at_once: bool) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if at_once:
            # After what else is said in this turn of the loop: it shares the commit.
            self._timer = self._loop.call_soon(self._start_commit)
        else:
            self._timer = self._loop.call_later(LINGER_SECONDS, self._start_commit)

    def _start_commit(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_committing or not self._waiting_jobs:
            return
        jobs, self._committing_events = self._next_batch()
        self._is_urgent = self._is_urgent and bool(self._waiting_jobs)
        self._is_committing = True
        self._text_coalescer.remove(jobs)
        self._batches.put(jobs)

    def _next_batch(self) -> tuple[list[WriteJob], int]:
        jobs: list[WriteJob] = []
        size = 0
        while self._waiting_jobs and size < MAX_BATCH_EVENTS:
            job = self._waiting_jobs.popleft()
            job.is_taken = True
            jobs.append(job)
            size += job.size
        return jobs, size

    def _run_thread(self) -> None:
        try:
            self._checkpointer.disable_autocheckpoint()
            while (jobs := self._batches.get()) is not None:
                done = commit_jobs(jobs)
                # Once per batch: waking the loop costs more than the news.
                self._loop.call_soon_threadsafe(self._settle, done)
        finally:
            connection.close()

    def _settle(self, done: CommitResult) -> None:
        self._is_committing = False
        self._publish(done.commits)
        self._pending_events -= self._committing_events - sum(job.size for job in done.busy)
        self._metrics.record_commit(len(done.outcomes), done.seconds)
        self._metrics.events_waiting.set(self._pending_events)
        for job, error in done.outcomes:
            job.on_settled(error)
        self._room_available.set()
        for job in reversed(done.busy):
            if self._text_coalescer.is_superseded(job):
                self._drop(job)
            else:
                self._waiting_jobs.appendleft(job)
        self._schedule_next(done)

    def _drop(self, job: WriteJob) -> None:
        """A state of a text that a later one has replaced; nothing else is ever dropped."""
        self._pending_events -= 1
        job.on_settled(None)

    def _schedule_next(self, done: CommitResult) -> None:
        if not self._waiting_jobs:
            self._idle.set()
        elif done.busy and not done.outcomes:
            self._timer = self._loop.call_later(BUSY_RETRY_SECONDS, self._start_commit)
        elif self._is_urgent or done.busy or not self._is_open:
            self._start_commit()
        else:
            self._schedule(at_once=False)
