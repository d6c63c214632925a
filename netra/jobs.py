"""The kinds of jobs of an installation, in pools, and the runner that a server or worker has for them."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import connections

from agents.worker import RunWorker
from core.concurrency.background import analysis_threads
from core.concurrency.one_core import staying_on_one_core
from core.jobs.job import Job
from core.jobs.kinds import JobKind, Pool
from core.jobs.recovery import build_recovery
from core.jobs.runner import JobRunner, build_runner
from netra.config import Environment
from netra.services import Services, running_services
from operators.tools.prune import list_prunables
from tools.audit.anchors import ANCHOR_FILE_NAME, build_anchor_kind
from tools.policy.plans import get_storage_limit
from workloads.child_process import limits_from_settings
from workloads.files.upkeep import build_object_kinds
from workloads.import_worker import ImportWorker, build_upload_cleanup

RUNS, LOGS, UPKEEP = "runs", "logs", "upkeep"
POOL_NAMES = (RUNS, LOGS, UPKEEP)
"""What a worker can be restricted to: runs; logs to be read; and what is repeated, such as the audit's anchors."""
PRUNE = "prune"


@asynccontextmanager
async def running_jobs(
    environment: Environment,
    services: Services,
    *,
    pools: Collection[str] = POOL_NAMES,
    concurrency: int | None = None,
) -> AsyncIterator[JobRunner]:
    """Run the jobs of these pools within the block. At its end unfinished ones are queued again."""
    # Threads of their own, so that no run waits for a log that is read.
    async with (
        analysis_threads(concurrency or environment.reading_threads) as threads,
        RunWorker(
            services.execute_run,
            run_seconds=environment.run_seconds,
            database=services.database,
            publish=services.publish,
        ) as run_worker,
    ):
        imports = ImportWorker(
            threads,
            data_dir=environment.data_dir,
            publish=services.publish,
            limits=limits_from_settings(environment),
            quota=partial(get_storage_limit, otherwise=environment.stored_bytes),
            price_file=environment.price_file,
            database=services.database,
        )
        found = _build_pools(environment, services, run_worker, imports)
        chosen = tuple(
            pool if concurrency is None else replace(pool, concurrency=concurrency)
            for pool in found
            if pool.name in pools
        )
        async with build_runner(chosen, services.database) as runner:
            yield runner


def serve_jobs(
    environment: Environment, pools: Collection[str], concurrency: int | None, ready: Callable[[], None]
) -> None:
    """Run jobs in this process until SIGINT or SIGTERM; `ready` is called once it does."""
    asyncio.run(_serve_until_stopped(environment, pools, concurrency, ready))


async def _serve_until_stopped(
    environment: Environment, pools: Collection[str], concurrency: int | None, ready: Callable[[], None]
) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with (
        staying_on_one_core(environment.one_core),
        running_services(environment) as services,
        running_jobs(environment, services, pools=pools, concurrency=concurrency),
    ):
        ready()
        await stopped.wait()


def _build_pools(
    environment: Environment, services: Services, run_worker: RunWorker, imports: ImportWorker
) -> tuple[Pool, ...]:
    runs, logs = (run_worker.build_kind(),), imports.build_kinds()
    upkeep = [
        build_recovery((*runs, *logs), services.database),
        build_anchor_kind(environment.data_dir / ANCHOR_FILE_NAME, services.database),
        build_upload_cleanup(environment.data_dir, services.database),
    ]
    upkeep += build_object_kinds(services.database)
    if environment.prune_days is not None:
        upkeep.append(_build_prune_kind(environment, environment.prune_days))
    return (
        Pool(name=RUNS, kinds=runs, concurrency=environment.engine_capacity),
        Pool(name=LOGS, kinds=logs, concurrency=environment.reading_threads),
        Pool(name=UPKEEP, kinds=tuple(upkeep), concurrency=1),
    )


def _build_prune_kind(environment: Environment, days: int) -> JobKind:
    """Return the kind that removes once a day what `manage.py prune --yes` would."""

    def prune_all() -> None:
        for prunable in list_prunables(environment.data_dir, days, datetime.now(UTC)):
            prunable.remove()

    async def prune(job: Job, aborted: asyncio.Event) -> None:
        # Not on the database's threads, which runs and sockets need: it may take minutes.
        await asyncio.to_thread(_close_connections_after, prune_all)

    return JobKind(name=PRUNE, handle=prune, seconds=6 * 3600, every=timedelta(days=1))


def _close_connections_after(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connections.close_all()  # this thread's own
