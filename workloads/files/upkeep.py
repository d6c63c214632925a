"""Recurring work of an installation with an object store: jobs about objects, and the tidying of each machine.

Without a store there is nothing to do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from core.concurrency.background import background_coroutines, poll_forever
from core.concurrency.database_threads import DatabaseExecutor
from core.jobs.kinds import JobKind
from core.objects.installed import find_store
from core.retention import Prunable
from workloads.files import object_jobs

TIDY_SECONDS = 60.0


def build_object_kinds(database: DatabaseExecutor) -> tuple[JobKind, ...]:
    """Return the kinds of jobs about objects."""
    installed = find_store()
    if installed is None:
        return ()
    return object_jobs.build_kinds(installed.store, database, _remove_orphans)


def list_prunable_objects(now: datetime) -> Iterator[Prunable]:
    """Yield what can be pruned in the object store."""
    installed = find_store()
    if installed is not None:
        from workloads.files.orphans import OrphanedObjects  # noqa: PLC0415 - with the store's library

        yield OrphanedObjects(store=installed.store, now=now)


@asynccontextmanager
async def keeping_machine_tidy(data_dir: Path) -> AsyncIterator[None]:
    """Within the block, keep the copies on this machine within their limit, and without those of deleted logs."""
    installed = find_store()
    if installed is None:
        yield
        return
    from workloads.files.orphans import tidy_machine  # noqa: PLC0415 - with the store's library
    from workloads.files.stored import StoredLogFiles  # noqa: PLC0415

    files = StoredLogFiles(data_dir, installed)

    def tidy() -> None:
        try:
            tidy_machine(files, data_dir)
        finally:
            connections.close_all()  # this thread's own

    async def look() -> None:
        await asyncio.to_thread(tidy)

    polling = poll_forever(look, asyncio.Event(), seconds=TIDY_SECONDS, name="tidying this machine's copies of logs")
    async with background_coroutines(polling):
        yield


def _remove_orphans() -> None:
    try:
        for prunable in list_prunable_objects(datetime.now(UTC)):
            prunable.remove()
    finally:
        connections.close_all()  # this thread's own
