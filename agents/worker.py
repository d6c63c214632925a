"""The embedded engine: takes up queued runs in this process, keeps their leases, notices cancels, sweeps lost runs.

It owns its tasks: `async with`, and at the end of the block they are stopped, unfinished runs going back to the queue.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from agents import leases
from agents.kit import StopSignal
from agents.leases import Claim
from netra.core.correlation import bind
from netra.core.databasework import DatabaseWork, SharedThread

log = logging.getLogger(__name__)

Execute = Callable[[Claim, StopSignal], Awaitable[None]]
LEASE = timedelta(seconds=8)
TICK = 0.5  # seconds between looks at the queue, the leases and the cancels
GRACE = 5.0  # seconds after its deadline in which a run may still tell its end itself
STOPPING = 10.0  # seconds that work which is stopped may take to end, when the process does
SILENT = 10.0  # seconds without a look that succeeds, after which something is wrong


@dataclass(frozen=True, slots=True)
class _Running:
    task: asyncio.Task[None]
    stop: StopSignal
    last: datetime  # by when its end must be told


class EmbeddedEngine:
    """`only` restricts it to one run, for a command that must not take up what a server is there for."""

    def __init__(
        self,
        execute: Execute,
        *,
        capacity: int,
        run_seconds: float,
        only: UUID | None = None,
        database: DatabaseWork | None = None,
    ) -> None:
        self._execute = execute
        self._capacity = capacity
        self._run_seconds = run_seconds
        self._only = only
        self._database = database or SharedThread()
        self._worker = f"embedded-{uuid4()}"
        self._running: dict[tuple[UUID, int], _Running] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._looked = time.monotonic()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._work())
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
            _, left = await asyncio.wait(tasks, timeout=STOPPING)
            if left:
                log.error(
                    "runs do not end though they are stopped, and their process ends without them: %d",
                    len(left),
                )
        await self._database.run(self._worker, leases.release, self._worker)

    def wake(self) -> None:
        """Look now: something was queued or cancelled. Losing a wake costs one tick."""
        self._wake.set()

    @property
    def alive(self) -> bool:
        """Whether it has looked at its queue lately; from any thread."""
        return time.monotonic() - self._looked < SILENT

    async def _work(self) -> None:
        while True:
            try:
                await self._look()
                self._looked = time.monotonic()
            except Exception:
                # A database that is away for a moment must not end the engine: the next tick tries again.
                log.exception("the engine could not look at its queue")
            try:
                async with asyncio.timeout(TICK):
                    await self._wake.wait()
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def _look(self) -> None:
        # An attempt that was lost may still be stopping when the next one is claimed here: the highest counts.
        held = dict(sorted(self._running))
        renewed = await self._database.run(self._worker, leases.renew, self._worker, held, lease=LEASE)
        for (run_id, attempt), running in list(self._running.items()):
            gone = run_id in renewed.lost or held.get(run_id, attempt) != attempt
            stop = renewed.stops.get(run_id)
            if (gone or stop is not None) and not running.task.cancelling():
                # Once: a second cancel would cut the telling of the first short.
                if stop is not None and not gone:
                    running.stop.because, running.stop.since = stop.because, stop.since
                    running.stop.by_operator = stop.by_operator
                running.task.cancel()
        await self._end_overdue()
        await self._database.run(self._worker, leases.sweep)
        while len(self._running) < self._capacity and await self._take():
            pass

    async def _end_overdue(self) -> None:
        """An agent may hold on to its turn, whoever cancels it: its user is told all the same."""
        now = datetime.now(UTC)
        for run_id, attempt in [key for key, running in self._running.items() if running.last < now]:
            if await self._database.run(self._worker, leases.overdue, run_id, attempt):
                log.error("run %s was beyond its deadline and did not stop: it was ended in its place", run_id)

    async def _take(self) -> bool:
        claim = await self._database.run(
            self._worker, leases.claim, self._worker, lease=LEASE, run_seconds=self._run_seconds, run_id=self._only
        )
        if claim is None:
            return False
        stop = StopSignal()
        task = asyncio.create_task(self._execute_one(claim, stop))
        last = claim.context.deadline + timedelta(seconds=GRACE)
        self._running[claim.context.run_id, claim.context.attempt] = _Running(task, stop, last)
        return True

    async def _execute_one(self, claim: Claim, stop: StopSignal) -> None:
        context = claim.context
        try:
            with bind(request_id=context.request_id, connection_id=context.connection_id, run_id=context.run_id):
                await self._execute(claim, stop)
        except Exception:
            # The lease runs out, the sweep gives the run back: nothing stays running for ever.
            log.exception("run %s ended without a terminal event", claim.context.run_id)
        finally:
            self._running.pop((claim.context.run_id, claim.context.attempt), None)
            self.wake()
