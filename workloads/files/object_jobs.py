"""Jobs about the object store: delete the objects below a prefix, queued in the transaction that deletes their rows,
and remove what has no row.

A job waits for a store that is away. What escapes it, such as an object that a lost worker stored late, is removed
as an orphan."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from core.concurrency.database_threads import DatabaseExecutor
from core.db import as_all_users
from core.exceptions import OperatorError
from core.jobs.job import Job
from core.jobs.kinds import JobKind
from core.jobs.queue import get_queue

if TYPE_CHECKING:  # its library is only loaded where a store is used
    from core.objects.store import ObjectStore

log = logging.getLogger(__name__)

DELETE_OBJECTS, SWEEP_OBJECTS = "delete_objects", "sweep_objects"
RETRY_DELAY = timedelta(seconds=30)  # of a deletion for which the store was away
AFTER_ERASURE = timedelta(minutes=1)
"""When a user's objects are looked for once more: a worker that lost its rows may have stored one at the same time."""
AFTER_REPLACEMENT = timedelta(minutes=30)  # longer than a run usually takes
SWEEP_INTERVAL = timedelta(hours=1)


def queue_deletion(prefix: str, *, delay: timedelta = timedelta()) -> None:
    """Let the objects below a prefix, which is made of ids, be deleted after the caller's transaction."""
    not_before = datetime.now(UTC) + delay if delay else None
    get_queue().enqueue(Job(kind=DELETE_OBJECTS, key=prefix, not_before=not_before))


def build_kinds(
    store: "ObjectStore", database: DatabaseExecutor, remove_orphans: Callable[[], object]
) -> tuple[JobKind, ...]:
    """Return the kinds of jobs about objects; `remove_orphans` removes those without a row."""

    async def delete(job: Job, aborted: asyncio.Event) -> None:
        try:
            await asyncio.to_thread(store.delete_below, job.key)
        except OperatorError:
            await database.run(DELETE_OBJECTS, partial(_queue_again, job.key))

    async def sweep(job: Job, aborted: asyncio.Event) -> None:
        try:
            await asyncio.to_thread(remove_orphans)
        except OperatorError:
            log.warning("objects without a row are looked for again in an hour: the file store is away")

    return (
        JobKind(name=DELETE_OBJECTS, handle=delete, seconds=3600),
        JobKind(name=SWEEP_OBJECTS, handle=sweep, seconds=6 * 3600, every=SWEEP_INTERVAL),
    )


def _queue_again(prefix: str) -> None:
    with as_all_users(), transaction.atomic():
        queue_deletion(prefix, delay=RETRY_DELAY)
