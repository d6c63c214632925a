"""The process's one writer, which commits runs' events in its thread, many users' items in one transaction.

While one batch is committed, the event loop collects the next one: waking the thread for every item would cost more
than the items. Of a text that a model is writing, only the latest state waits, which bounds memory while the database
is slow.
"""

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import connection

from agents.run_writer import RunItem
from core.events import AgentWriting
from core.exceptions import ScopeClosed
from core.stream.append import Publish
from realtime.metrics import Metrics
from realtime.writer.checkpoints import Checkpointer
from realtime.writer.commit import CommitResult, OnSettled, WriteJob, commit_jobs

MAX_BATCH_EVENTS = 500  # in one transaction; the last item may exceed it
MAX_ITEM_EVENTS = 50
MAX_PENDING_EVENTS = 5_000  # beyond, emitters wait
LINGER_SECONDS = 0.05  # that an item without a waiter may wait for others to share its commit; no person notices it
BUSY_RETRY_SECONDS = 0.005  # after which an item is tried again whose user's stream was locked

TextKey = tuple[UUID, UUID, int]
"""A run, a request to the model in it, and the number of the text."""


class TextCoalescer:
    """The waiting jobs that hold a state of a text, of which only the latest has to be stored."""

    def __init__(self) -> None:
        self._latest: dict[TextKey, WriteJob] = {}

    def replace(self, job: WriteJob) -> WriteJob | None:
        """Add a job that waits. Return the one that need not wait any more: an earlier state of the same text."""
        key = _to_text_key(job.item)
        if key is None:
            return None
        earlier = self._latest.get(key)
        self._latest[key] = job
        return earlier

    def is_superseded(self, job: WriteJob) -> bool:
        """Return whether a later state of the job's text waits already. If not, add the job, which waits again."""
        key = _to_text_key(job.item)
        return key is not None and self._latest.setdefault(key, job) is not job

    def remove(self, jobs: Iterable[WriteJob]) -> None:
        """Remove jobs that wait no longer."""
        for job in jobs:
            key = _to_text_key(job.item)
            if key is not None and self._latest.get(key) is job:
                del self._latest[key]


def _to_text_key(item: RunItem) -> TextKey | None:
    # An emitter gives each AgentWriting an item of its own.
    event = item.events[0] if len(item.events) == 1 else None
    return (item.run_id, event.request_id, event.part) if type(event) is AgentWriting else None


class StreamWriter:
    """A context manager on one event loop. `publish` is called in the writer's thread with each commit."""

    def __init__(self, publish: Publish, metrics: Metrics | None = None) -> None:
        self._publish = publish
        self._metrics = metrics or Metrics()
        self._waiting_jobs: deque[WriteJob] = deque()
        self._text_coalescer = TextCoalescer()
        self._is_urgent = False  # somebody awaits one of the waiting jobs
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._pending_events = 0  # submitted and not settled yet
        self._committing_events = 0  # those of them that are being committed
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
        """Whether an emitter must await `wait_for_room` before it submits."""
        return self._pending_events >= MAX_PENDING_EVENTS

    async def wait_for_room(self) -> None:
        while self.is_full:
            self._room_available.clear()
            await self._room_available.wait()

    def try_join(self, job: WriteJob) -> bool:
        """Count one more event for an item that still waits, if there is room, and return whether it was counted.

        An item of its own would cost ten times as much.
        """
        if job.is_taken or self.is_full or len(job.item.events) >= MAX_ITEM_EVENTS:
            return False
        self._pending_events += 1
        return True

    def submit(self, item: RunItem, on_settled: OnSettled, *, awaited: bool) -> WriteJob:
        """Add an item after all earlier ones. `on_settled` is called on the event loop, with its error or None.

        An `awaited` item and all before it are committed at once, others within LINGER_SECONDS. Raises ScopeClosed.
        """
        if not self._is_open:
            raise ScopeClosed("the writer has stopped")
        job = WriteJob(item, on_settled)
        superseded = self._text_coalescer.replace(job)
        if superseded is not None:
            self._waiting_jobs.remove(superseded)
            self._drop(superseded)
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
            # What is submitted in the same turn of the loop shares the commit.
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
                result = commit_jobs(jobs, self._publish)
                # Once per batch: waking the loop is what costs most.
                self._loop.call_soon_threadsafe(self._settle, result)
        finally:
            connection.close()

    def _settle(self, result: CommitResult) -> None:
        self._is_committing = False
        self._pending_events -= self._committing_events - sum(job.size for job in result.busy)
        self._metrics.record_commit(len(result.outcomes), result.seconds)
        self._metrics.events_waiting.set(self._pending_events)
        for job, error in result.outcomes:
            job.on_settled(error)
        self._room_available.set()
        for job in reversed(result.busy):
            if self._text_coalescer.is_superseded(job):
                self._drop(job)
            else:
                self._waiting_jobs.appendleft(job)
        self._schedule_next(result)

    def _drop(self, job: WriteJob) -> None:
        """Settle a state of a text that a later one replaces, without storing it. Nothing else is ever dropped."""
        self._pending_events -= 1
        job.on_settled(None)

    def _schedule_next(self, result: CommitResult) -> None:
        if not self._waiting_jobs:
            self._idle.set()
        elif result.busy and not result.outcomes:
            self._timer = self._loop.call_later(BUSY_RETRY_SECONDS, self._start_commit)
        elif self._is_urgent or result.busy or not self._is_open:
            self._start_commit()
        else:
            self._schedule(at_once=False)
