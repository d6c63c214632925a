"""The embedded engine's runner: claims jobs, renews their leases, and recovers those of workers that are gone."""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from core.concurrency.background import poll_forever
from core.concurrency.database_threads import DatabaseExecutor
from core.jobs.embedded_queue import EmbeddedQueue, Renewal
from core.jobs.job import ClaimedJob
from core.jobs.job_try import JobTry
from core.jobs.kinds import JobKind, Pool
from core.jobs.pause import PAUSED, is_paused
from core.jobs.settlement import recover_lost, settle_job

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # between polls of the queue and renewals of the leases
MAX_SILENCE_SECONDS = 10.0  # without a successful poll, then the runner counts as dead


@dataclass(frozen=True, slots=True)
class _Running:
    attempt: JobTry
    pool: str
    task: "asyncio.Task[None]"


class EmbeddedRunner:
    """`queue` restricts it to the jobs of that queue, for a command that must not take a server's."""

    def __init__(self, pools: tuple[Pool, ...], database: DatabaseExecutor, *, queue: str = "") -> None:
        self._pools = pools
        self._kinds: Mapping[str, JobKind] = {kind.name: kind for pool in pools for kind in pool.kinds}
        self._database = database
        self._only_queue = queue
        self._queue = EmbeddedQueue()
        self._worker = f"runner-{uuid4()}"
        self._running: dict[int, _Running] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._polled_at = time.monotonic()
        self._has_periodic = self._is_held = False
        self._recovered_at = -math.inf

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(
            poll_forever(self._poll, self._wake, seconds=POLL_SECONDS, name="the poll of the queue")
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        for running in self._running.values():
            running.attempt.interrupt()
        if self._running:
            await asyncio.wait([running.task for running in self._running.values()])

    def wake(self) -> None:
        self._wake.set()

    @property
    def is_alive(self) -> bool:
        return time.monotonic() - self._polled_at < MAX_SILENCE_SECONDS

    async def _poll(self) -> None:
        """Look after the jobs in one crossing of threads: each costs more than the statements that it makes."""
        renewal, begun = await self._database.run(self._worker, self._advance, frozenset(self._running), self._count())
        for number, running in self._running.items():
            if number in renewal.lost:
                running.attempt.interrupt()
            elif number in renewal.aborted:
                running.attempt.abort()
        for pool, claimed in begun:
            attempt = JobTry(self._kinds[claimed.job.kind], claimed.job)
            task = asyncio.create_task(self._finish(claimed, attempt))
            self._running[claimed.number] = _Running(attempt, pool, task)
        self._polled_at = time.monotonic()

    def _count(self) -> Counter[str]:
        """Count the running jobs of each pool."""
        return Counter(running.pool for running in self._running.values())

    def _advance(self, numbers: frozenset[int], used: Counter[str]) -> tuple[Renewal, list[tuple[str, ClaimedJob]]]:
        """Renew the leases of running jobs, recover those of lost workers, and claim as many as there are places for,
        each with its pool."""
        renewal = self._queue.renew(self._worker, numbers)
        if time.monotonic() - self._recovered_at >= POLL_SECONDS:
            self._recover()
        if self._is_held:
            return renewal, []
        due = self._queue.find_due_kinds(queue=self._only_queue)
        begun: list[tuple[str, ClaimedJob]] = []
        for pool in self._pools:
            kinds = [kind.name for kind in pool.kinds if kind.name in due]
            for _ in range(pool.concurrency - used[pool.name] if kinds else 0):
                claimed = self._queue.claim(self._worker, kinds, queue=self._only_queue)
                if claimed is None:
                    break
                begun.append((pool.name, claimed))
        return renewal, begun

    def _recover(self) -> None:
        """What needs no hurry: recover the jobs of lost workers, and look for a pause."""
        recover_lost(self._queue, self._kinds)
        if not self._has_periodic:
            self._ensure_periodic()
            self._has_periodic = True
        before, self._is_held = self._is_held, not self._only_queue and is_paused()
        if self._is_held and not before:
            log.warning(PAUSED)
        self._recovered_at = time.monotonic()

    def _ensure_periodic(self) -> None:
        for kind in self._kinds.values():
            if kind.every is not None:
                self._queue.ensure_periodic(kind.name)

    async def _finish(self, claimed: ClaimedJob, attempt: JobTry) -> None:
        kind = self._kinds[claimed.job.kind]
        try:
            outcome = await attempt.wait()
            await self._database.run(self._worker, settle_job, self._queue, kind, claimed, outcome)
        except Exception:
            # The lease expires, and the job is recovered.
            log.exception("the end of a job could not be stored: %s %s", kind.name, claimed.job.key)
        finally:
            self._running.pop(claimed.number, None)
            self._wake.set()
