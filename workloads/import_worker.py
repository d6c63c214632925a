"""Handlers of the jobs about logs: each log is read in a child process, which is watched from here.

Its kinds of jobs are `build_kinds()`; the process's runner of jobs calls them."""

import asyncio
import logging
from concurrent.futures import Executor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from uuid import UUID

from django.db import DatabaseError, transaction

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.db import as_user
from core.exceptions import RunCancelled
from core.files import free_bytes
from core.jobs.job import Job
from core.jobs.kinds import JobKind
from core.stream.append import Publish
from workloads import import_attempt, import_queue, log_figures, uploads
from workloads.child_process import DEFAULT_LIMITS, ProcessLimits
from workloads.files.installed import get_log_files
from workloads.import_attempt import ImportResult
from workloads.import_queue import ImportJob
from workloads.ingest.progress import ReadingProgress, ignore_progress
from workloads.storage import StorageLimit, allow_any_size

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5  # between checks whether a log that is read is still this attempt's
MIN_FREE_BYTES = 64 << 20  # free bytes beyond the reserve, without which no log is read again
IMPORT_SECONDS = 6 * 3600.0  # more than a log's own limits allow its reading
MIN_BYTES = 5_000_000  # of a file whose progress is reported; a smaller one is read in a moment
PARTS = 25  # of a step that are reported one by one, because each report is an event
UPLOADS = "uploads"
UPLOAD_CLEANUP_INTERVAL = timedelta(hours=1)


class LatestProgress:
    """How far a log's reading is: set by the thread that waits for the child, taken by the task that stores it."""

    def __init__(self) -> None:
        self._latest: ReadingProgress | None = None
        self._taken: ReadingProgress | None = None

    def set(self, progress: ReadingProgress) -> None:
        self._latest = progress

    def take(self) -> ReadingProgress | None:
        """Return the latest progress if it differs visibly from what was taken before, else None."""
        latest, taken = self._latest, self._taken
        if latest is None or (taken is not None and not _differs(latest, taken)):
            return None
        self._taken = latest
        return latest


def _differs(one: ReadingProgress, other: ReadingProgress) -> bool:
    return one.step != other.step or int((one.share or 0) * PARTS) != int((other.share or 0) * PARTS)


class ImportWorker:
    """`publish` is called in the threads that commit; `executor` must have a free thread for each log at once;
    `quota` returns the bytes that a user may have stored; `price_file` is the operator's."""

    def __init__(
        self,
        executor: Executor,
        *,
        data_dir: Path,
        publish: Publish,
        limits: ProcessLimits = DEFAULT_LIMITS,
        quota: StorageLimit = allow_any_size,
        price_file: Path | None = None,
        database: DatabaseExecutor | None = None,
    ) -> None:
        self._executor = executor
        self._limits = limits
        self._quota = quota
        self._price_file = price_file
        self._data_dir = data_dir
        self._publish = publish
        self._database = database or SharedThreadExecutor()

    def build_kinds(self) -> tuple[JobKind, ...]:
        """Return the kinds of jobs about logs."""
        return (
            JobKind(
                name=import_queue.IMPORT,
                handle=self.import_log,
                seconds=IMPORT_SECONDS,
                requeue=partial(import_queue.requeue_import, publish=self._publish),
                give_up=partial(import_queue.give_up_import, publish=self._publish),
                list_open=import_queue.list_unread,
            ),
            JobKind(
                name=import_queue.IMPORT_AGAIN,
                handle=self.retry_import,
                seconds=60,
                list_open=import_queue.list_disk_full,
            ),
            JobKind(
                name=import_queue.FIGURES,
                handle=self.refresh_figures,
                seconds=IMPORT_SECONDS,
                list_open=log_figures.list_due,
            ),
        )

    async def import_log(self, job: Job, aborted: asyncio.Event) -> None:
        """Read a log. Ends early if the log is deleted or given to another worker, or if this task is cancelled."""
        begin = partial(import_queue.begin_import, publish=self._publish)
        attempt: ImportJob | None = await self._database.run(job.owner, begin, job)
        if attempt is None:
            return
        stop, latest = Event(), LatestProgress()
        reading = asyncio.create_task(self._run_import(attempt, stop, latest))
        try:
            while not reading.done():
                await _wait_for_either(reading, aborted)
                if aborted.is_set() or not await self._database.run(job.owner, import_queue.is_current, attempt):
                    stop.set()
                    await asyncio.wait({reading})
                elif (progress := latest.take()) is not None:
                    tell = partial(import_queue.store_progress, publish=self._publish)
                    await self._database.run(job.owner, tell, attempt, progress)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait({reading})
            raise
        reading.result()

    async def retry_import(self, job: Job, aborted: asyncio.Event) -> None:
        """Queue a log again for which a disk or the store was full or away, if there is space now."""
        has_space = await asyncio.to_thread(self._has_space)
        retry = partial(import_queue.retry_after_full_disk, has_space=has_space, publish=self._publish)
        await self._database.run(job.owner, retry, job)

    def _has_space(self) -> bool:
        is_free = free_bytes(self._data_dir) > self._limits.reserve + MIN_FREE_BYTES
        return is_free and get_log_files(self._data_dir).is_reachable()

    async def refresh_figures(self, job: Job, aborted: asyncio.Event) -> None:
        """Compute the figures of a log again. What has been computed for other prices meanwhile is dropped."""
        refresh = partial(
            log_figures.refresh_due_figures,
            UUID(job.key),
            self._data_dir,
            self._limits,
            self._publish,
            self._price_file,
        )
        await asyncio.get_running_loop().run_in_executor(self._executor, refresh)

    async def _run_import(self, attempt: ImportJob, stop: Event, latest: "LatestProgress") -> None:
        loop, user_id = asyncio.get_running_loop(), attempt.user_id
        result: ImportResult | None = None
        is_placed = False
        try:
            quota = await self._database.run(user_id, self._quota, user_id)
            result = await self._database.run(user_id, import_attempt.check_quota, attempt, self._data_dir, quota)
            if result is None:
                read = partial(
                    import_attempt.run_import,
                    attempt,
                    self._data_dir,
                    stop,
                    self._limits,
                    price_file=self._price_file,
                    on_progress=latest.set if attempt.size >= MIN_BYTES else ignore_progress,
                )
                result = await loop.run_in_executor(self._executor, read)
            quota = await self._database.run(user_id, self._quota, user_id)
            store = partial(import_attempt.store_result, publish=self._publish)
            is_placed = await self._database.run(user_id, store, attempt, result, self._data_dir, quota)
        except RunCancelled:
            return  # the worker stops, or the log was deleted or given to another one
        except Exception:
            # If the log was deleted meanwhile, so were its files, and the failure is expected. Else it is tried again.
            if not stop.is_set() and await self._database.run(user_id, _is_fault, attempt):
                raise
        finally:
            discard = partial(import_attempt.discard_attempt, attempt, result, self._data_dir, is_placed=is_placed)
            await loop.run_in_executor(self._executor, discard)


async def _wait_for_either(task: "asyncio.Task[None]", event: asyncio.Event) -> None:
    """Wait until a task has ended or an event is set, for as long as a poll's interval."""
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({task, waiting}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()


def build_upload_cleanup(data_dir: Path, database: DatabaseExecutor) -> JobKind:
    """Return the kind that deletes abandoned uploads every hour."""

    async def discard(job: Job, aborted: asyncio.Event) -> None:
        await database.run(UPLOADS, uploads.discard_expired, data_dir)

    return JobKind(name=UPLOADS, handle=discard, seconds=600, every=UPLOAD_CLEANUP_INTERVAL)


def _is_fault(attempt: ImportJob) -> bool:
    """Whether an import failed although its log is still there, as far as the database can say.

    Waits for a transaction that is deleting the log: the files are deleted before it commits.
    """
    try:
        with as_user(attempt.user_id), transaction.atomic():
            return import_queue.lock_workload(attempt) is not None
    except DatabaseError:
        return True
