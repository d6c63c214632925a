"""The kind that gives a new job to what has lost its own: in another engine's queue, or with a restored backup."""

import asyncio
import logging
from datetime import timedelta

from core.concurrency.database_threads import DatabaseExecutor
from core.jobs.job import Job
from core.jobs.kinds import JobKind
from core.jobs.queue import get_queue
from core.jobs.settlement import enqueue_missing

log = logging.getLogger(__name__)

RECOVER = "recover"
INTERVAL = timedelta(minutes=1)


def build_recovery(kinds: tuple[JobKind, ...], database: DatabaseExecutor) -> JobKind:
    """Return the kind that looks after these kinds. It is repeated; the first time it runs at once."""

    async def recover(job: Job, aborted: asyncio.Event) -> None:
        for kind in kinds:
            missing = await database.run(RECOVER, enqueue_missing, get_queue(), kind)
            if missing:
                log.warning("jobs that were missing are queued: %d of %s", len(missing), kind.name)

    return JobKind(name=RECOVER, handle=recover, seconds=60, every=INTERVAL)
