"""The worker of this process: handles the jobs of runs, and stops runs that are cancelled, revoked or lost.

Use it with `async with`, around the runner of jobs that calls it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from uuid import UUID

from agents import run_queue, supervision
from agents.run_queue import RunJob, StopSignal
from core.concurrency.background import poll_forever
from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.correlation import bind_ids
from core.exceptions import Defect
from core.jobs.job import Job
from core.jobs.kinds import AbortSignal, JobKind
from core.stream.append import Publish

ExecuteRun = Callable[[RunJob, StopSignal], Awaitable[None]]
POLL_SECONDS = 0.5  # between inspections of the runs


@dataclass(slots=True)
class _RunningTask:
    """`is_stopped`: it was cancelled here, for the reason in `stop`, or because its run is another attempt's."""

    task: asyncio.Task[Any]
    stop: StopSignal
    is_stopped: bool = False


class RunWorker:
    def __init__(
        self,
        execute: ExecuteRun,
        *,
        run_seconds: float,
        database: DatabaseExecutor | None = None,
        publish: Publish,
    ) -> None:
        self._execute = execute
        self._run_seconds = run_seconds
        self._database = database or SharedThreadExecutor()
        self._publish = publish
        self._running: dict[tuple[UUID, int], _RunningTask] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(
            poll_forever(self._inspect, self._wake, seconds=POLL_SECONDS, name="the inspection of runs")
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])

    def build_kind(self) -> JobKind:
        """Return the kind of the jobs that this worker handles."""
        return run_queue.build_run_kind(self.handle_job, run_seconds=self._run_seconds, publish=self._publish)

    async def handle_job(self, job: Job, aborted: AbortSignal) -> None:
        """Make an attempt at a run. It ends itself when it is stopped; if this task is cancelled, it is interrupted."""
        begin = partial(run_queue.begin_run, run_seconds=self._run_seconds, publish=self._publish)
        run_job: RunJob | None = await self._database.run(job.owner, begin, job)
        if run_job is None:
            return
        key, task = (run_job.context.run_id, run_job.context.attempt), asyncio.current_task()
        if task is None:
            raise Defect("a job is handled outside of a task")
        running = self._running[key] = _RunningTask(task, StopSignal())
        aborted.call(self._wake.set)
        try:
            await self._execute_run(run_job, running.stop)
        except asyncio.CancelledError:
            if not running.is_stopped:
                raise  # the process stops, or the time is over
            task.uncancel()
        finally:
            self._running.pop(key, None)

    async def _execute_run(self, job: RunJob, stop: StopSignal) -> None:
        context = job.context
        with bind_ids(request_id=context.request_id, connection_id=context.connection_id, run_id=context.run_id):
            await self._execute(job, stop)

    async def _inspect(self) -> None:
        if not self._running:
            return
        # A lost attempt may still be stopping when the next attempt begins here: the highest counts.
        attempts = dict(sorted(self._running))
        found = await self._database.run(self, supervision.inspect_runs, attempts)
        for (run_id, attempt), running in list(self._running.items()):
            lost = run_id in found.lost or attempts.get(run_id, attempt) != attempt
            stop = found.stops.get(run_id)
            if (lost or stop is not None) and not running.task.cancelling():
                if stop is not None and not lost:
                    running.stop.reason, running.stop.since = stop.reason, stop.since
                    running.stop.by_operator = stop.by_operator
                running.is_stopped = True
                running.task.cancel()
