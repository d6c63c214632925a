"""The embedded reader: takes up queued logs in this process, one at a time, and reads each in a process of its own.

It owns its task: `async with`, and at the end of the block a log that is being read goes back to the queue.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import uuid4

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from netra.core.exceptions import RunCancelled
from netra.core.ondisk import free_bytes
from workloads import attempt, claims, uploads
from workloads.claims import Claim, Told
from workloads.confinement import DEFAULT, Limits
from workloads.storage import StorageLimit, unlimited

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=8)
TICK = 0.5  # seconds between looks at the queue and at the lease
ROOM = 5.0  # seconds between looks for logs that found no room on the disk
LEAST_ROOM = 64 << 20  # bytes beyond the reserve without which no log is read
SWEEP = 3600.0  # seconds between looks for uploads that nobody goes on with


class EmbeddedReader:
    """`feed` gets what users were told, once it is committed; `executor` has a thread to spare for reading; `quota` is
    how many bytes a user may have stored."""

    def __init__(
        self,
        executor: Executor,
        *,
        data_dir: Path,
        feed: Callable[[Told], None],
        limits: Limits = DEFAULT,
        quota: StorageLimit = unlimited,
    ) -> None:
        self._executor = executor
        self._limits = limits
        self._quota = quota
        self._data_dir = data_dir
        self._feed = feed
        self._worker = f"reader-{uuid4()}"
        self._wake = asyncio.Event()
        self._stop = Event()
        self._claim: Claim | None = None
        self._reading: asyncio.Task[None] | None = None
        self._loop: asyncio.Task[None] | None = None
        self._swept: float | None = None
        self._looked_for_room = monotonic()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        if self._reading is not None:
            await asyncio.wait([self._reading])

    def wake(self) -> None:
        """Look now: a log was queued or erased. Losing a wake costs one tick."""
        self._wake.set()

    async def _work(self) -> None:
        while True:
            try:
                await self._look()
            except Exception:
                # A database that is away for a moment must not end the reader: the next tick tries again.
                log.exception("the reader could not look at its queue")
            try:
                async with asyncio.timeout(TICK):
                    await self._wake.wait()
            except TimeoutError:
                continue
            finally:
                self._wake.clear()

    async def _look(self) -> None:
        if self._claim is not None and not await sync_to_async(claims.renew)(self._claim, lease=LEASE):
            self._stop.set()
        self._feed(await sync_to_async(claims.sweep)())
        await self._sweep_uploads()
        await self._read_what_found_no_room()
        if self._reading is None or self._reading.done():
            await self._take()

    async def _take(self) -> None:
        claim, told = await sync_to_async(claims.claim)(self._worker, lease=LEASE)
        self._feed(told)
        if claim is not None:
            self._stop, self._claim = Event(), claim
            self._reading = asyncio.create_task(self._read(claim, self._stop))

    async def _read(self, claim: Claim, stop: Event) -> None:
        loop = asyncio.get_running_loop()
        try:
            quota = await sync_to_async(self._quota)(claim.user_id)
            outcome = await sync_to_async(attempt.refusal)(claim, self._data_dir, quota)
            if outcome is None:
                outcome = await loop.run_in_executor(
                    self._executor, attempt.read, claim, self._data_dir, stop, self._limits
                )
            quota = await sync_to_async(self._quota)(claim.user_id)
            self._feed(await sync_to_async(attempt.store)(claim, outcome, self._data_dir, quota))
        except RunCancelled:
            # Stopped: by its end as a whole, or because the log is gone or another's.
            self._feed(await sync_to_async(claims.release)(claim))
        except Exception:
            # The lease runs out, the sweep gives the log back: nothing stays in reading for ever. Where the log was
            # deleted meanwhile, its files went under the reader's hands, which is no fault.
            if not stop.is_set() and await sync_to_async(_is_fault)(claim):
                log.exception("log %s could not be read", claim.workload_id)
        finally:
            await loop.run_in_executor(self._executor, attempt.discard, claim, self._data_dir)
            self._claim = None
            self.wake()

    async def _read_what_found_no_room(self) -> None:
        """Again and again, by and by more seldom, while the disk has room: nobody needs to ask for it."""
        if monotonic() - self._looked_for_room < ROOM:
            return
        self._looked_for_room = monotonic()
        if await asyncio.to_thread(free_bytes, self._data_dir) > self._limits.reserve + LEAST_ROOM:
            self._feed(await sync_to_async(claims.requeue_without_room)())

    async def _sweep_uploads(self) -> None:
        if self._swept is None or monotonic() - self._swept > SWEEP:
            self._swept = monotonic()
            await sync_to_async(uploads.sweep)(self._data_dir)


def _is_fault(claim: Claim) -> bool:
    """Whether a reading that failed was of a log that is still there for it, as far as the database can say."""
    try:
        return claims.is_held(claim)
    except DatabaseError:
        return True
