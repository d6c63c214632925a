"""The embedded engine's runner: claims jobs, renews their leases, and recovers those of workers that are gone."""

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from django.db import DatabaseError

from core.concurrency.background import poll_forever
from core.concurrency.database_threads import DatabaseExecutor
from core.jobs.embedded_queue import EmbeddedQueue, QueueInspection
from core.jobs.job import ClaimedJob
from core.jobs.job_try import JobTry, Outcome
from core.jobs.kinds import JobKind, Pool
from core.jobs.pause import PAUSED, is_paused
from core.jobs.settlement import recover_lost, settle_job

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # between polls of the queue and renewals of the leases
MAX_SILENCE_SECONDS = 10.0  # without a successful poll, then the runner counts as dead


@dataclass(frozen=True, slots=True)
class _Ended:
    """A try that has ended. Its job is settled with the next poll."""

    claimed: ClaimedJob
    outcome: Outcome


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
        self._ended: list[_Ended] = []
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._polled_at = time.monotonic()
        self._has_periodic = self._is_held = False
        self._recovered_at = self._renewed_at = -math.inf

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
        try:
            await self._database.run(self._worker, self._settle_all, tuple(self._ended))
        except DatabaseError:
            log.exception("the ends of jobs could not be stored: they are recovered when their leases expire")

    def wake(self) -> None:
        self._wake.set()

    @property
    def is_alive(self) -> bool:
        return time.monotonic() - self._polled_at < MAX_SILENCE_SECONDS

    async def _poll(self) -> None:
        """Look after the jobs in one crossing of threads: each costs more than the statements that it makes."""
        ended = tuple(self._ended)
        going = self._running.keys() - {each.claimed.number for each in ended}
        inspection, begun = await self._database.run(
            self._worker, self._advance, frozenset(going), self._count(going), ended
        )
        del self._ended[: len(ended)]  # after the crossing: if it is cancelled, they are settled at the end
        for each in ended:
            self._running.pop(each.claimed.number, None)
        for number, running in self._running.items():
            if number in inspection.lost:
                running.attempt.interrupt()
            elif number in inspection.aborted:
                running.attempt.abort()
        for pool, claimed in begun:
            attempt = JobTry(self._kinds[claimed.job.kind], claimed.job)
            task = asyncio.create_task(self._await_end(claimed, attempt))
            self._running[claimed.number] = _Running(attempt, pool, task)
        self._polled_at = time.monotonic()

    def _count(self, numbers: AbstractSet[int]) -> Counter[str]:
        """Count the running jobs of each pool."""
        return Counter(running.pool for number, running in self._running.items() if number in numbers)

    def _advance(
        self, numbers: frozenset[int], used: Counter[str], ended: Sequence[_Ended]
    ) -> tuple[QueueInspection, list[tuple[str, ClaimedJob]]]:
        """Settle the jobs that have ended, renew the leases of those that run, recover those of lost workers, and claim
        as many as there are places for, each with its pool."""
        self._settle_all(ended)
        if numbers and time.monotonic() - self._renewed_at >= POLL_SECONDS:
            self._queue.renew(self._worker, numbers)
            self._renewed_at = time.monotonic()
        if time.monotonic() - self._recovered_at >= POLL_SECONDS:
            self._recover()
        inspection = self._queue.inspect(self._worker, numbers, queue=self._only_queue)
        return inspection, [] if self._is_held else self._claim(inspection.due, used)

    def _settle_all(self, ended: Sequence[_Ended]) -> None:
        """Settle jobs. One that can't be settled is recovered when its lease expires."""
        done = [each for each in ended if each.outcome == "done" and self._get_kind(each).every is None]
        if done:
            self._queue.finish_all(self._worker, [each.claimed.number for each in done])
        for each in ended:
            if each in done:
                continue
            try:
                settle_job(self._queue, self._get_kind(each), each.claimed, each.outcome)
            except Exception:
                job = each.claimed.job
                log.exception("the end of a job could not be stored: %s %s", job.kind, job.key)

    def _get_kind(self, ended: _Ended) -> JobKind:
        return self._kinds[ended.claimed.job.kind]

    def _claim(self, due: frozenset[str], used: Counter[str]) -> list[tuple[str, ClaimedJob]]:
        begun: list[tuple[str, ClaimedJob]] = []
        for pool in self._pools:
            kinds = [kind.name for kind in pool.kinds if kind.name in due]
            free = pool.concurrency - used[pool.name]
            if kinds and free > 0:
                claimed = self._queue.claim(self._worker, kinds, count=free, queue=self._only_queue)
                begun += [(pool.name, each) for each in claimed]
        return begun

    def _recover(self) -> None:
        """What needs no hurry: recover the jobs of lost workers, and look for a pause."""
        recover_lost(self._queue, self._kinds)
        self._queue.promote_next()
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

    async def _await_end(self, claimed: ClaimedJob, attempt: JobTry) -> None:
        try:
            outcome = await attempt.wait()
        except Exception:
            log.exception("a job could not be waited for: %s %s", claimed.job.kind, claimed.job.key)
            outcome = "failed"
        self._ended.append(_Ended(claimed, outcome))
        self._wake.set()
