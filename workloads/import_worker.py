"""The embedded import worker: claims queued logs in this process, one at a time, and reads each in a child process.

It owns its task: at the end of its `async with` block a log that is being read is requeued."""

import asyncio
import logging
from concurrent.futures import Executor
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.db import DatabaseError, transaction

from core.exceptions import RunCancelled
from core.files import free_bytes
from core.stream.append import Publish
from workloads import import_attempt, import_queue, log_figures, uploads
from workloads.child_process import DEFAULT_LIMITS, ProcessLimits
from workloads.import_queue import ImportJob
from workloads.storage import StorageLimit, allow_any_size

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=8)
POLL_SECONDS = 0.5  # between polls of the queue and renewals of the lease
DISK_CHECK_SECONDS = 5.0  # between checks for logs that failed because the disk was full
MIN_FREE_BYTES = 64 << 20  # free bytes beyond the reserve, without which no log is requeued
UPLOAD_CLEANUP_SECONDS = 3600.0  # between cleanups of abandoned uploads


class ImportWorker:
    """`publish` is called in the threads that commit; `executor` must have a free thread for reading;
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
    ) -> None:
        self._executor = executor
        self._limits = limits
        self._quota = quota
        self._price_file = price_file
        self._data_dir = data_dir
        self._publish = publish
        self._worker = f"reader-{uuid4()}"
        self._wake = asyncio.Event()
        self._stop = Event()
        self._job: ImportJob | None = None
        self._reading: asyncio.Task[None] | None = None
        self._refreshing: asyncio.Task[None] | None = None
        self._loop: asyncio.Task[None] | None = None
        self._cleaned_up_at: float | None = None
        self._disk_checked_at = monotonic()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._poll_forever())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        if tasks := [task for task in (self._reading, self._refreshing) if task is not None]:
            await asyncio.wait(tasks)

    def wake(self) -> None:
        """Poll at once: a log was queued or deleted. A lost call costs one poll interval."""
        self._wake.set()

    async def _poll_forever(self) -> None:
        while True:
            try:
                await self._poll()
            except Exception:
                # A database that is unreachable for a moment must not end the worker: the next poll tries again.
                log.exception("the import worker could not poll its queue")
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def _poll(self) -> None:
        if self._job is not None and not await sync_to_async(import_queue.renew_lease)(self._job, lease=LEASE):
            self._stop.set()
        await sync_to_async(import_queue.reap_expired)(publish=self._publish)
        await self._discard_expired_uploads()
        await self._requeue_after_full_disk()
        if self._reading is None or self._reading.done():
            await self._claim_next()
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh_figures())

    async def _claim_next(self) -> None:
        job = await sync_to_async(import_queue.claim_import)(self._worker, lease=LEASE, publish=self._publish)
        if job is not None:
            self._stop, self._job = Event(), job
            self._reading = asyncio.create_task(self._run_import(job, self._stop))

    async def _refresh_figures(self) -> None:
        refresh = partial(
            log_figures.refresh_due_figures, self._data_dir, self._limits, self._publish, self._price_file
        )
        try:
            while await asyncio.get_running_loop().run_in_executor(self._executor, refresh):
                pass
        except Exception:
            log.exception("the figures of a log could not be computed again")

    async def _run_import(self, job: ImportJob, stop: Event) -> None:
        loop = asyncio.get_running_loop()
        try:
            quota = await sync_to_async(self._quota)(job.user_id)
            result = await sync_to_async(import_attempt.check_quota)(job, self._data_dir, quota)
            if result is None:
                read = partial(
                    import_attempt.run_import, job, self._data_dir, stop, self._limits, price_file=self._price_file
                )
                result = await loop.run_in_executor(self._executor, read)
            quota = await sync_to_async(self._quota)(job.user_id)
            await sync_to_async(import_attempt.store_result)(job, result, self._data_dir, quota, publish=self._publish)
        except RunCancelled:
            # The worker stops, or the log was deleted or claimed by another worker.
            await sync_to_async(import_queue.release_import)(job, publish=self._publish)
        except Exception:
            # The lease expires and the log is requeued. If the log was deleted meanwhile, so were its files, and the
            # failure is expected.
            if not stop.is_set() and await sync_to_async(_is_fault)(job):
                log.exception("log %s could not be read", job.workload_id)
        finally:
            await loop.run_in_executor(self._executor, import_attempt.discard_staging, job, self._data_dir)
            self._job = None
            self.wake()

    async def _requeue_after_full_disk(self) -> None:
        """Requeue logs that failed because the disk was full, once it has space again, so that no user has to retry."""
        if monotonic() - self._disk_checked_at < DISK_CHECK_SECONDS:
            return
        self._disk_checked_at = monotonic()
        if await asyncio.to_thread(free_bytes, self._data_dir) > self._limits.reserve + MIN_FREE_BYTES:
            await sync_to_async(import_queue.requeue_after_full_disk)(publish=self._publish)

    async def _discard_expired_uploads(self) -> None:
        if self._cleaned_up_at is None or monotonic() - self._cleaned_up_at > UPLOAD_CLEANUP_SECONDS:
            self._cleaned_up_at = monotonic()
            await sync_to_async(uploads.discard_expired)(self._data_dir)


def _is_fault(job: ImportJob) -> bool:
    """Whether an import failed although its log is still there, as far as the database can say.

    Waits for a transaction that is deleting the log: the files are deleted before it commits.
    """
    try:
        with transaction.atomic():
            return import_queue.lock_workload(job) is not None
    except DatabaseError:
        return True
