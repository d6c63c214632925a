"""The worker of this process: claims queued runs, renews their leases, and stops cancelled or overdue runs.

Use it with `async with`: at the end of the block its tasks are stopped, and unfinished runs return to the queue."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from agents import leases, run_queue
from agents.run_queue import RunJob, StopSignal
from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.correlation import bind_ids
from core.stream.append import Publish

log = logging.getLogger(__name__)

ExecuteRun = Callable[[RunJob, StopSignal], Awaitable[None]]
LEASE = timedelta(seconds=8)
POLL_SECONDS = 0.5  # between polls of the queue, the leases and the cancellations
DEADLINE_GRACE_SECONDS = 5.0  # after its deadline, a run may still end itself for so long
STOP_TIMEOUT_SECONDS = 10.0  # for cancelled tasks to end when the process stops
MAX_SILENCE_SECONDS = 10.0  # without a successful poll, then the worker counts as dead


@dataclass(frozen=True, slots=True)
class _RunningTask:
    task: asyncio.Task[None]
    stop: StopSignal
    end_by: datetime  # the worker ends the run itself after this


class RunWorker:
    """`run_id` restricts it to one run, for a command that must not claim the runs of a server."""

    def __init__(
        self,
        execute: ExecuteRun,
        *,
        capacity: int,
        run_seconds: float,
        run_id: UUID | None = None,
        database: DatabaseExecutor | None = None,
        publish: Publish,
    ) -> None:
        self._execute = execute
        self._capacity = capacity
        self._run_seconds = run_seconds
        self._run_id = run_id
        self._database = database or SharedThreadExecutor()
        self._publish = publish
        self._worker = f"embedded-{uuid4()}"
        self._running: dict[tuple[UUID, int], _RunningTask] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._polled_at = time.monotonic()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._poll_forever())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [each.task for each in self._running.values()]
        if self._loop is not None:
            tasks.append(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            _, unfinished = await asyncio.wait(tasks, timeout=STOP_TIMEOUT_SECONDS)
            if unfinished:
                log.error(
                    "runs that did not stop in time, for which the process no longer waits: %d",
                    len(unfinished),
                )
        await self._database.run(self._worker, leases.release_runs, self._worker)

    def wake(self) -> None:
        """Poll now, because a run was queued or cancelled. A lost wake-up costs one poll interval."""
        self._wake.set()

    @property
    def is_alive(self) -> bool:
        """Whether it has polled its queue lately. Can be asked from any thread."""
        return time.monotonic() - self._polled_at < MAX_SILENCE_SECONDS

    async def _poll_forever(self) -> None:
        while True:
            try:
                await self._poll()
                self._polled_at = time.monotonic()
            except Exception:
                # A database that is away for a moment must not end the worker: the next poll tries again.
                log.exception("the worker could not poll its queue")
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def _poll(self) -> None:
        # A lost attempt may still be stopping when the next attempt is claimed here: the highest counts.
        attempts = dict(sorted(self._running))
        renewal = await self._database.run(self._worker, leases.renew_leases, self._worker, attempts, lease=LEASE)
        for (run_id, attempt), running in list(self._running.items()):
            lost = run_id in renewal.lost or attempts.get(run_id, attempt) != attempt
            stop = renewal.stops.get(run_id)
            if (lost or stop is not None) and not running.task.cancelling():
                # Cancel only once: a second cancel would interrupt the reporting of the first.
                if stop is not None and not lost:
                    running.stop.reason, running.stop.since = stop.reason, stop.since
                    running.stop.by_operator = stop.by_operator
                running.task.cancel()
        await self._end_overdue_runs()
        await self._database.run(self._worker, run_queue.reap_expired, publish=self._publish)
        while len(self._running) < self._capacity and await self._claim_next():
            pass

    async def _end_overdue_runs(self) -> None:
        """End runs past their deadline whose agents do not stop when they are cancelled."""
        now = datetime.now(UTC)
        for run_id, attempt in [key for key, running in self._running.items() if running.end_by < now]:
            end = partial(run_queue.end_overdue_run, publish=self._publish)
            if await self._database.run(self._worker, end, run_id, attempt):
                log.error("run %s was past its deadline and did not stop; the worker ended it", run_id)

    async def _claim_next(self) -> bool:
        job = await self._database.run(
            self._worker,
            run_queue.claim_run,
            self._worker,
            lease=LEASE,
            run_seconds=self._run_seconds,
            run_id=self._run_id,
            publish=self._publish,
        )
        if job is None:
            return False
        stop = StopSignal()
        task = asyncio.create_task(self._execute_job(job, stop))
        end_by = job.context.deadline + timedelta(seconds=DEADLINE_GRACE_SECONDS)
        self._running[job.context.run_id, job.context.attempt] = _RunningTask(task, stop, end_by)
        return True

    async def _execute_job(self, job: RunJob, stop: StopSignal) -> None:
        context = job.context
        try:
            with bind_ids(request_id=context.request_id, connection_id=context.connection_id, run_id=context.run_id):
                await self._execute(job, stop)
        except Exception:
            # The lease expires and the run is requeued: nothing stays running for ever.
            log.exception("run %s ended without a terminal event", context.run_id)
        finally:
            self._running.pop((context.run_id, context.attempt), None)
            self.wake()
