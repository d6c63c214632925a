"""The worker of this process: claims queued runs, renews their leases, and stops cancelled or overdue runs.

Use it with `async with`: at the end of the block its tasks are stopped, and unfinished runs return to the queue."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from agents import run_queue
from agents.run_queue import RunJob, StopSignal
from core.correlation import bind_ids
from core.database_threads import DatabaseExecutor, SharedThreadExecutor

log = logging.getLogger(__name__)

ExecuteRun = Callable[[RunJob, StopSignal], Awaitable[None]]
LEASE = timedelta(seconds=8)
POLL_SECONDS = 0.5  # seconds between looks at the queue, the leases and the cancels
DEADLINE_GRACE_SECONDS = 5.0  # seconds after its deadline in which a run may still tell its end itself
STOP_TIMEOUT_SECONDS = 10.0  # seconds that work which is stopped may take to end, when the process does
MAX_SILENCE_SECONDS = 10.0  # seconds without a look that succeeds, after which something is wrong


@dataclass(frozen=True, slots=True)
class _RunningTask:
    task: asyncio.Task[None]
    stop: StopSignal
    end_by: datetime  # by when its end must be told


class RunWorker:
    """`only` restricts it to one run, for a command that must not take up what a server is there for."""

    def __init__(
        self,
        execute: ExecuteRun,
        *,
        capacity: int,
        run_seconds: float,
        only: UUID | None = None,
        database: DatabaseExecutor | None = None,
    ) -> None:
        self._execute = execute
        self._capacity = capacity
        self._run_seconds = run_seconds
        self._only = only
        self._database = database or SharedThreadExecutor()
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
            _, left = await asyncio.wait(tasks, timeout=STOP_TIMEOUT_SECONDS)
            if left:
                log.error(
                    "runs do not end though they are stopped, and their process ends without them: %d",
                    len(left),
                )
        await self._database.run(self._worker, run_queue.release_runs, self._worker)

    def wake(self) -> None:
        """Look now: something was queued or cancelled. Losing a wake costs one tick."""
        self._wake.set()

    @property
    def is_alive(self) -> bool:
        """Whether it has looked at its queue lately; from any thread."""
        return time.monotonic() - self._polled_at < MAX_SILENCE_SECONDS

    async def _poll_forever(self) -> None:
        while True:
            try:
                await self._poll()
                self._polled_at = time.monotonic()
            except Exception:
                # A database that is away for a moment must not end the engine: the next tick tries again.
                log.exception("the engine could not look at its queue")
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def _poll(self) -> None:
        # An attempt that was lost may still be stopping when the next one is claimed here: the highest counts.
        held = dict(sorted(self._running))
        renewed = await self._database.run(self._worker, run_queue.renew_leases, self._worker, held, lease=LEASE)
        for (run_id, attempt), running in list(self._running.items()):
            gone = run_id in renewed.lost or held.get(run_id, attempt) != attempt
            stop = renewed.stops.get(run_id)
            if (gone or stop is not None) and not running.task.cancelling():
                # Once: a second cancel would cut the telling of the first short.
                if stop is not None and not gone:
                    running.stop.reason, running.stop.since = stop.reason, stop.since
                    running.stop.by_operator = stop.by_operator
                running.task.cancel()
        await self._end_overdue_runs()
        await self._database.run(self._worker, run_queue.reap_expired)
        while len(self._running) < self._capacity and await self._claim_next():
            pass

    async def _end_overdue_runs(self) -> None:
        """An agent may hold on to its turn, whoever cancels it: its user is told all the same."""
        now = datetime.now(UTC)
        for run_id, attempt in [key for key, running in self._running.items() if running.end_by < now]:
            if await self._database.run(self._worker, run_queue.end_overdue_run, run_id, attempt):
                log.error("run %s was beyond its deadline and did not stop: it was ended in its place", run_id)

    async def _claim_next(self) -> bool:
        claim = await self._database.run(
            self._worker,
            run_queue.claim_run,
            self._worker,
            lease=LEASE,
            run_seconds=self._run_seconds,
            run_id=self._only,
        )
        if claim is None:
            return False
        stop = StopSignal()
        task = asyncio.create_task(self._execute_job(claim, stop))
        last = claim.context.deadline + timedelta(seconds=DEADLINE_GRACE_SECONDS)
        self._running[claim.context.run_id, claim.context.attempt] = _RunningTask(task, stop, last)
        return True

    async def _execute_job(self, claim: RunJob, stop: StopSignal) -> None:
        context = claim.context
        try:
            with bind_ids(request_id=context.request_id, connection_id=context.connection_id, run_id=context.run_id):
                await self._execute(claim, stop)
        except Exception:
            # The lease runs out, the sweep gives the run back: nothing stays running for ever.
            log.exception("run %s ended without a terminal event", claim.context.run_id)
        finally:
            self._running.pop((claim.context.run_id, claim.context.attempt), None)
            self.wake()
