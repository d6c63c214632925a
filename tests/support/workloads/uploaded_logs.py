"""Logs on their way into an installation, and what is left of them on its disk."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from core.events import Event, WorkloadChanged
from core.jobs.runner import JobRunner
from core.models import User
from core.stream import read
from core.stream.batches import Batch, Commits, Position
from tests.support.claimed_jobs import claim_job
from tests.support.patience import PATIENCE
from tests.support.runners import running_kinds
from workloads import import_queue, uploads
from workloads.child_process import ProcessLimits
from workloads.import_queue import ImportJob
from workloads.import_worker import ImportWorker
from workloads.models import Upload, Workload, WorkloadState
from workloads.storage import StorageLimit, allow_any_size

LOG = b"timestamp,model,input_tokens,output_tokens\n" + b"2026-01-01T00:00:00Z,gpt-4o,1000,10\n" * 5
UNNAMED = LOG.replace(b"input_tokens", b"in_t").replace(b"output_tokens", b"out_t")
"""The same with columns that nobody can guess."""


def begin_upload(user: User, data_dir: Path, *, size: int = len(LOG), **options: Any) -> Upload:
    return uploads.start_upload(
        user.id,
        **{"name": "usage.csv", "limit": 1 << 30, "free": lambda _: 1 << 40, "size": size, **options},
        data_dir=data_dir,
    )


def part(upload: Upload, content: bytes, data_dir: Path, *, offset: int = 0, fingerprint: str = "") -> Upload:
    return uploads.append_part(
        upload.owner_id, upload.id, [content], offset=offset, fingerprint=fingerprint, data_dir=data_dir
    )


def upload_log(user: User, data_dir: Path, content: bytes = LOG, **options: Any) -> Workload:
    """A whole log, uploaded and queued."""
    workload = part(begin_upload(user, data_dir, size=len(content), **options), content, data_dir).workload
    assert workload is not None
    return workload


def begin_import(workload: Workload) -> ImportJob:
    """An attempt at a queued log, as a worker that lives for as long as the test says."""
    begun = import_queue.begin_import(claim_job(import_queue.IMPORT, workload.id).job)
    assert begun is not None
    return begun


def files(folder: Path) -> list[str]:
    """What lies below a data folder, by the names' endings."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def list_user_events(user: User) -> list[Event]:
    news = read.read_after(user.id, Position(epoch=read.get_head_position(user.id).epoch, seq=0))
    assert isinstance(news, Batch)
    return list(news.events)


def states(user: User) -> list[str]:
    return [event.state for event in list_user_events(user) if isinstance(event, WorkloadChanged)]


def require(value: Any) -> Any:
    """What must be there by now."""
    assert value is not None
    return value


PATIENT_LIMITS = ProcessLimits(seconds=int(PATIENCE))


def ignore_commits(commits: Commits) -> None:
    """Publish nothing: the events are in the database."""


@asynccontextmanager
async def reading(
    data_dir: Path, publish: Callable[[Commits], None] = ignore_commits, quota: StorageLimit = allow_any_size
) -> AsyncIterator[JobRunner]:
    """Read logs in this process, one at a time."""
    executor = ThreadPoolExecutor(1)
    try:
        worker = ImportWorker(executor, data_dir=data_dir, publish=publish, limits=PATIENT_LIMITS, quota=quota)
        async with running_kinds(*worker.build_kinds(), concurrency=1) as runner:
            yield runner
    finally:
        await asyncio.to_thread(executor.shutdown)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def in_state(workload: Workload, state: WorkloadState) -> Workload:
    async def has_reached_state() -> bool:
        return (await Workload.objects.aget(id=workload.id)).state == state

    await until(has_reached_state)
    found: Workload = await Workload.objects.aget(id=workload.id)
    return found
