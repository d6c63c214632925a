"""Runners of jobs for tests, of the engine of the test's database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.worker import ExecuteRun, RunWorker
from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.jobs.kinds import JobKind, Pool
from core.jobs.runner import JobRunner, build_runner
from core.stream.append import Publish, publish_to_nobody


@asynccontextmanager
async def running_kinds(
    *kinds: JobKind, concurrency: int = 4, queue: str = "", database: DatabaseExecutor | None = None
) -> AsyncIterator[JobRunner]:
    """Run the jobs of these kinds within the block."""
    pool = Pool(name="test", kinds=kinds, concurrency=concurrency)
    async with build_runner((pool,), database or SharedThreadExecutor(), queue=queue) as runner:
        yield runner


@asynccontextmanager
async def running_runs(
    execute: ExecuteRun,
    *,
    capacity: int = 4,
    run_seconds: float = 60,
    queue: str = "",
    publish: Publish = publish_to_nobody,
    database: DatabaseExecutor | None = None,
) -> AsyncIterator[JobRunner]:
    """Run whatever runs are queued within the block."""
    async with (
        RunWorker(execute, run_seconds=run_seconds, publish=publish, database=database) as worker,
        running_kinds(worker.build_kind(), concurrency=capacity, queue=queue, database=database) as runner,
    ):
        yield runner
