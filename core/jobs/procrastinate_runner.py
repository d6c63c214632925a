"""The runner on PostgreSQL: the library's workers, one for each pool of kinds, and what it leaves to its users.

Jobs of workers that are gone are queued again, and a worker that ended by itself is started again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any, Self, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError
from procrastinate import App, JobContext
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import JobAborted
from procrastinate.job_context import AbortReason
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from core.concurrency.background import poll_forever
from core.concurrency.connection_pool import build_async_pool_options
from core.concurrency.database_threads import DatabaseExecutor
from core.jobs.job_try import STOP_SECONDS, JobTry
from core.jobs.kinds import JobKind, Pool
from core.jobs.pause import PAUSED, is_paused
from core.jobs.procrastinate_queue import HEARTBEAT_SECONDS, ProcrastinateQueue, to_claimed
from core.jobs.queue import STALLED_SECONDS
from core.jobs.queue_connection import QueueConnection
from core.jobs.recovery import INTERVAL, RECOVER
from core.jobs.settlement import recover_lost, settle_job

log = logging.getLogger(__name__)

T = TypeVar("T")

POLL_SECONDS = 0.5  # between polls of the queue: the end of a job notifies nobody of the next one in its lane
RECOVERY_SECONDS = 1.0  # between looks for jobs of workers that are gone
RESTART_SECONDS = 1.0  # before a worker that ended by itself is started again
MAX_SILENCE_SECONDS = 10.0
SETTLE_PAUSES = (0.5, 1.0, 2.0, 4.0)
CONNECTIONS = 4  # of the library's pool, besides one for each pool of kinds that waits for notifications


class ProcrastinateRunner:
    """`queue` restricts it to the jobs of that queue, for a command that must not take a server's."""

    def __init__(self, pools: tuple[Pool, ...], database: DatabaseExecutor, *, queue: str = "") -> None:
        self._pools = pools
        self._kinds = {kind.name: kind for pool in pools for kind in pool.kinds}
        self._database = database
        self._only_queue = queue
        self._queue = ProcrastinateQueue()
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._recovered_at = time.monotonic()
        self._workers: dict[str, Worker] = {}
        self._is_paused = False
        self._is_stopping = False

    async def __aenter__(self) -> Self:
        app = build_worker_app(tuple(self._kinds.values()), self._database)
        await self._stack.enter_async_context(app.open_async())
        self._apply_pause(await self._database.run(self, is_paused))
        self._tasks = [asyncio.create_task(self._serve(app, pool)) for pool in self._pools]
        # Beside the workers, not as a job: it must not wait for a place among long jobs.
        recovery = poll_forever(self._recover, asyncio.Event(), seconds=RECOVERY_SECONDS, name="the recovery of jobs")
        self._tasks.append(asyncio.create_task(recovery))
        return self

    async def __aexit__(self, *error: object) -> None:
        self._is_stopping = True  # a worker may fail when it is cancelled, as without its database
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=2 * STOP_SECONDS)
            if unfinished:
                log.error("workers that did not stop in time, and are no longer waited for: %d", len(unfinished))
        await self._stack.aclose()

    def wake(self) -> None:
        """Do nothing: the database notifies the workers."""

    @property
    def is_alive(self) -> bool:
        return time.monotonic() - self._recovered_at < MAX_SILENCE_SECONDS

    async def _serve(self, app: App, pool: Pool) -> None:
        """Run the library's worker for as long as the process; it ends by itself when the database was away."""
        while not self._is_stopping:
            try:
                worker = self._workers[pool.name] = Worker(
                    app,
                    queues=self._list_queues(pool),
                    name=pool.name,
                    concurrency=pool.concurrency,
                    fetch_job_polling_interval=POLL_SECONDS,
                    abort_job_polling_interval=POLL_SECONDS,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    shutdown_graceful_timeout=0,  # unfinished jobs are queued again at once
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
                await self._run_worker(worker)
                log.error("the worker of %s ended by itself, and is started again", pool.name)
            except Exception:
                log.exception("the worker of %s failed, and is started again", pool.name)
            await asyncio.sleep(RESTART_SECONDS)

    async def _run_worker(self, worker: Any) -> None:
        await worker.run()  # which has no annotations

    def _list_queues(self, pool: Pool) -> list[str]:
        if self._only_queue:
            return [self._only_queue]
        return [] if self._is_paused else [kind.name for kind in pool.kinds]

    def _apply_pause(self, is_held: bool) -> None:
        """Let the workers fetch from no queue while the installation is paused; what they have begun goes on."""
        if is_held and not self._is_paused:
            log.warning(PAUSED)
        self._is_paused = is_held
        for pool in self._pools:
            if pool.name in self._workers:
                self._workers[pool.name].queues = self._list_queues(pool)

    async def _recover(self) -> None:
        self._apply_pause(await self._database.run(self, self._keep_order))
        self._recovered_at = time.monotonic()

    def _keep_order(self) -> bool:
        """Recover lost jobs, and let those that waited for their owner's others go on. Return whether it is paused."""
        recover_lost(self._queue, self._kinds)
        self._queue.promote_next()
        return is_paused()


def build_worker_app(kinds: tuple[JobKind, ...], database: DatabaseExecutor) -> App:
    """Return the library's application for workers: apart from Django's, whose connector only defers."""
    connector = PsycopgConnector(
        kwargs=connector_params(DEFAULT_DB_ALIAS),
        name="netra-jobs",
        connection_class=QueueConnection,
        **build_async_pool_options(CONNECTIONS),
    )
    app = App(connector=connector)
    for kind in kinds:
        task = app.task(name=kind.name, queue=kind.name, pass_context=True)(_build_task(kind, database))
        if kind.every is not None:
            _repeat(app, task, kind.name, kind.every)
    if not app.periodic_registry.periodic_tasks:
        # A worker without periodic tasks would no longer notice that its heartbeat has failed (its tasks beside the
        # jobs count as watched until the first of them ends). It queues this one, and leaves it to others.
        _repeat(app, app.task(name=RECOVER, queue=RECOVER)(_leave_to_others), RECOVER, INTERVAL)
    return app


def _repeat(app: App, task: Any, name: str, every: timedelta) -> None:
    app.periodic(cron=to_cron(every), periodic_id=name, lock=name, queueing_lock=name)(task)


async def _leave_to_others(timestamp: int) -> None:
    raise AssertionError("this worker serves another queue")


def to_cron(every: timedelta) -> str:
    """Return an interval as a schedule: so many seconds, minutes or hours, which divide the next larger unit."""
    seconds = int(every.total_seconds())
    for unit, size, limit in (("s", 1, 60), ("m", 60, 60), ("h", 3600, 24), ("d", 86_400, 1)):
        count, rest = divmod(seconds, size)
        if not rest and 0 < count <= limit and limit % count == 0:
            step = {
                "s": f"* * * * * */{count}",
                "m": f"*/{count} * * * *",
                "h": f"0 */{count} * * *",
                "d": "17 3 * * *",
            }
            return "0 * * * *" if (unit, count) == ("m", 60) else step[unit]
    raise ValueError(f"an interval of {every} is no schedule")


async def _settle_patiently(database: DatabaseExecutor, settle: Callable[[], object]) -> None:
    """Settle a job, again and again while the database is away."""
    for pause in SETTLE_PAUSES:
        try:
            await database.run(RECOVER, settle)
        except DatabaseError:
            log.warning("the end of a job could not be stored, and is tried again", exc_info=True)
            await asyncio.sleep(pause)
        else:
            return
    await database.run(RECOVER, settle)


async def _finish(work: Coroutine[Any, Any, T], on_cancel: Callable[[], None]) -> T:
    """Do the work to its end, even if the library cancels the job meanwhile: it deletes a job that was not settled."""
    task = asyncio.ensure_future(work)
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            on_cancel()
    return task.result()


def _build_task(kind: JobKind, database: DatabaseExecutor) -> Callable[..., Awaitable[None]]:
    queue = ProcrastinateQueue(deletes=False)

    async def run_job(context: JobContext, **arguments: Any) -> None:
        claimed = to_claimed(context.job)
        attempt = JobTry(kind, claimed.job)
        stops = False

        def stop() -> None:
            nonlocal stops
            if context.abort_reason() is AbortReason.USER_REQUEST:
                attempt.abort()
            else:
                stops = True
                attempt.interrupt()

        outcome = await _finish(attempt.wait(), stop)
        if outcome != "done":  # nothing of the domain changes then, and the library deletes the job
            settle = partial(settle_job, queue, kind, claimed, outcome)
            await _finish(_settle_patiently(database, settle), stop)
        if stops:
            raise asyncio.CancelledError
        if context.abort_reason() is AbortReason.USER_REQUEST:
            raise JobAborted

    return run_job
