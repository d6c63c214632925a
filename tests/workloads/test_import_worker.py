"""A real reader with real child processes."""

import asyncio
import logging
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace
from typing import IO, Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from core.concurrency.database_threads import SharedThreadExecutor
from core.events import WorkloadChanged
from core.exceptions import BadInput, RunCancelled
from core.i18n.text import text
from core.stream.batches import Commits
from tests.conftest import People
from tests.support.claimed_jobs import count_losses, has_job, lose_workers
from tests.support.patience import PATIENCE
from tests.support.runners import running_kinds
from tests.support.workloads.uploaded_logs import (
    LOG,
    UNNAMED,
    begin_import,
    files,
    in_state,
    list_user_events,
    reading,
    require,
    states,
    until,
    upload_log,
)
from workloads import import_attempt, import_queue, import_worker, logs
from workloads.api.serializers import WorkloadSerializer
from workloads.child_process import start_child
from workloads.files.staging import get_staging_path
from workloads.import_attempt import ImportResult
from workloads.import_queue import ImportJob
from workloads.import_worker import LatestProgress
from workloads.ingest import sandbox
from workloads.ingest.database import attach_log
from workloads.ingest.progress import ReadingProgress, ReportProgress
from workloads.ingest.schema import LogSource
from workloads.models import Workload, WorkloadState

pytestmark = pytest.mark.django_db(transaction=True)

READY, FAILED, QUEUED, READING = WorkloadState.READY, WorkloadState.FAILED, WorkloadState.QUEUED, WorkloadState.READING
BIG = b"timestamp,input_tokens,output_tokens\n" + b"2026-01-01T00:00:00Z,1000,10\n" * 1_500_000

put = sync_to_async(upload_log)


async def test_it_reads_what_is_queued(people: People, tmp_path: Path) -> None:
    published: list[UUID] = []

    def publish(commits: Commits) -> None:
        published.extend(commits)

    workload = await put(people.owner, tmp_path)
    async with reading(tmp_path, publish):
        read = await in_state(workload, READY)
    assert (require(read.source)["rows"], require(read.source)["format"]) == (5, "tabular")
    assert read.extent == {
        "first": "2026-01-01T00:00:00Z",
        "last": "2026-01-01T00:00:00Z",
        "span_seconds": 0.0,
        "models": 1,
    }
    assert read.spend == {
        "total": "0.013000000000",
        "stated": "0",
        "currency": "USD",
        "priced_requests": 5,
        "unpriced_requests": 0,
    }
    assert require(read.preview)["columns"][1] == {"name": "model", "examples": ["gpt-4o"]}
    assert await sync_to_async(states)(people.owner) == ["queued", "reading", "ready"]
    assert published == [people.owner.id] * 2
    assert await asyncio.to_thread(rows, read, tmp_path) == 5
    found = await asyncio.to_thread(files, tmp_path)
    kept = [each for each in found if each.startswith(f"workloads/{people.owner.id}/{workload.id}.answers/")]
    assert len(kept) == 2  # the figures beside the log, and its description
    assert [each for each in found if each not in kept] == [
        f"workloads/{people.owner.id}/{workload.id}.duckdb",
        f"workloads/{people.owner.id}/{workload.id}.raw",
    ]


def rows(workload: Workload, data_dir: Path) -> int:
    con = attach_log(workload.get_path(data_dir), temp=data_dir / "scratch" / "test")
    try:
        found = con.execute("SELECT count(*) FROM log.requests").fetchone()
        return found[0] if found else 0
    finally:
        con.close()


async def test_a_log_that_cannot_be_read_says_why_and_shows_its_columns(people: People, tmp_path: Path) -> None:
    workload = await put(people.owner, tmp_path, UNNAMED)
    async with reading(tmp_path):
        failed = await in_state(workload, FAILED)
        assert (failed.error_code, failed.source, failed.spend) == ("bad_input", None, None)
        assert "no columns for input_tokens and output_tokens" in failed.error
        assert [column["name"] for column in require(failed.preview)["columns"]] == [
            "timestamp",
            "model",
            "in_t",
            "out_t",
        ]
        mapping = {"input_tokens": "in_t", "output_tokens": "out_t"}
        await sync_to_async(logs.reread_log)(people.owner.id, workload.id, form="", mapping=mapping)
        read = await in_state(workload, READY)
    assert (read.error, read.error_code, require(read.source)["rows"]) == ("", "", 5)
    assert await asyncio.to_thread(rows, read, tmp_path) == 5


async def test_a_correction_that_fails_leaves_no_figures_of_the_reading_before(people: People, tmp_path: Path) -> None:
    workload = await put(people.owner, tmp_path)
    async with reading(tmp_path):
        await in_state(workload, READY)
        again = sync_to_async(logs.reread_log)
        await again(people.owner.id, workload.id, form="", mapping={"output_tokens": "no such"})
        failed = await in_state(workload, FAILED)
        assert (failed.source, failed.extent, failed.spend) == (None, None, None)
        assert not await asyncio.to_thread(failed.get_path(tmp_path).exists)
        await again(people.owner.id, workload.id, form="", mapping={})
        await in_state(workload, READY)


async def test_hostile_text_arrives_as_text(people: People, tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>\u202e"
    content = f'"{evil}",input_tokens\n"={evil}\x01",5\n'.encode()
    workload = await put(people.owner, tmp_path, content, name=f"../{evil}")
    async with reading(tmp_path):
        failed = await in_state(workload, FAILED)
    assert require(failed.preview)["columns"][0]["name"] == evil
    assert failed.name == "../<img src=x onerror=alert(1)>"
    assert require(failed.preview)["columns"][0]["examples"] == [f"={evil}\x01"]


async def test_a_log_deleted_while_it_is_read_leaves_nothing(people: People, tmp_path: Path) -> None:
    workload = await put(people.owner, tmp_path, BIG)

    async def under_way() -> bool:
        return any(name.startswith("..") for name in await asyncio.to_thread(names, tmp_path, people.owner.id))

    async with reading(tmp_path) as reader:
        await until(under_way)
        await sync_to_async(logs.delete_log)(people.owner.id, workload.id, tmp_path)
        reader.wake()

        async def has_left_nothing() -> bool:
            return await asyncio.to_thread(files, tmp_path) == []

        await until(has_left_nothing)
        another = await put(people.owner, tmp_path)
        await in_state(another, READY)
    assert await asyncio.to_thread(names, tmp_path, people.owner.id) == whole(another)


def whole(workload: Workload) -> list[str]:
    return [f"{workload.id}.{kind}" for kind in ("answers", "duckdb", "raw")]


def names(data_dir: Path, user_id: UUID) -> list[str]:
    folder = data_dir / "workloads" / str(user_id)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


async def test_a_reader_that_is_stopped_gives_its_log_back(people: People, tmp_path: Path) -> None:
    workload = await put(people.owner, tmp_path, BIG)
    async with reading(tmp_path):
        await in_state(workload, READING)
    stopped = await Workload.objects.aget(id=workload.id)
    assert stopped.state == QUEUED
    assert await sync_to_async(count_losses)(import_queue.IMPORT, workload.id) == 0
    assert await asyncio.to_thread(names, tmp_path, people.owner.id) in ([f"{workload.id}.raw"], [])


async def test_what_a_crash_left_is_read_again_and_cleared_away(people: People, tmp_path: Path) -> None:
    workload = await put(people.owner, tmp_path)
    claim = await sync_to_async(begin_import)(workload)
    await asyncio.to_thread(crash, claim, tmp_path)
    await sync_to_async(lose_workers)()
    async with reading(tmp_path):
        read = await in_state(workload, READY)
    assert read.attempt == 2
    assert await asyncio.to_thread(names, tmp_path, people.owner.id) == whole(workload)
    assert await sync_to_async(states)(people.owner) == ["queued", "reading", "queued", "reading", "ready"]


def has_no_job(workload: Workload) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return not await sync_to_async(has_job)(import_queue.IMPORT, workload.id)

    return check


def is_logged(caplog: pytest.LogCaptureFixture) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return "a job failed" in caplog.text

    return check


def requeue(workload: Workload) -> None:
    with transaction.atomic():
        assert import_queue.requeue_import(import_queue.build_job(import_queue.IMPORT, workload))


def crash(claim: ImportJob, data_dir: Path) -> None:
    """What lies about when the process dies just before it puts a log in place."""
    import_attempt.run_import(claim, data_dir, Event())
    (
        get_staging_path(claim.to_workload(), claim.attempt, data_dir).parent
        / f".{get_staging_path(claim.to_workload(), claim.attempt, data_dir).name}.x"
    ).mkdir()


async def test_an_attempt_that_was_lost_stores_nothing(people: People, tmp_path: Path) -> None:
    workload = await put(people.owner, tmp_path)
    claim = await sync_to_async(begin_import)(workload)
    await sync_to_async(requeue)(workload)
    published: list[Commits] = []
    late = ImportResult(error=BadInput(text("late")))
    await sync_to_async(import_attempt.store_result)(claim, late, tmp_path, publish=published.append)
    assert published == []
    assert (await Workload.objects.aget(id=workload.id)).state == QUEUED


@pytest.mark.parametrize(
    ("way", "said"),
    [pytest.param("raise", "a price that is none", marks=pytest.mark.soak), ("die", "needs more memory")],
)
async def test_a_log_without_figures_is_ready_all_the_same(
    people: People,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    way: str,
    said: str,
) -> None:
    def start_broken(module: str, folder: Path, *, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
        return start_child(f"tests.support.workloads.child_that_{way}s", folder, errors=errors)

    monkeypatch.setattr(sandbox, "start_child", start_broken)
    workload = await put(people.owner, tmp_path)
    with caplog.at_level(logging.ERROR):
        async with reading(tmp_path):
            read = await in_state(workload, READY)
    assert (read.spend, read.extent, require(read.source)["rows"]) == (None, None, 5)
    assert "not all answers about a log could be computed" in caplog.text
    assert said in caplog.text
    assert await asyncio.to_thread(rows, read, tmp_path) == 5


@pytest.mark.parametrize("deleted", [True, False])
async def test_what_fails_of_a_log_that_was_deleted_meanwhile_is_no_fault(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, deleted: bool
) -> None:
    workload, tried = await put(people.owner, tmp_path), asyncio.Event()
    loop = asyncio.get_running_loop()

    def vanishes(*arguments: Any, **options: Any) -> None:
        loop.call_soon_threadsafe(tried.set)
        try:
            if deleted:
                Workload.objects.filter(id=workload.id).delete()
        finally:
            connection.close()
        raise FileNotFoundError("its folder is gone")

    monkeypatch.setattr(import_attempt, "run_import", vanishes)
    async with reading(tmp_path):
        await tried.wait()
        if deleted:
            await until(has_no_job(workload))
        else:
            await until(is_logged(caplog))
    assert ("a job failed: import" in caplog.text) is not deleted


async def test_what_fails_while_a_log_is_being_deleted_is_no_fault(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The files are deleted before the transaction commits, so an import can fail while the row still shows."""
    workload = await put(people.owner, tmp_path)
    is_deleting, is_asked, tried = Event(), Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def delete() -> None:
        try:
            with transaction.atomic():
                Workload.objects.filter(id=workload.id).delete()
                is_deleting.set()
                is_asked.wait()
        finally:
            connection.close()

    def vanish(*arguments: Any, **options: Any) -> None:
        loop.call_soon_threadsafe(tried.set)
        thread.start()
        is_deleting.wait()
        raise FileNotFoundError("its folder is gone")

    def begin() -> AbstractContextManager[None]:
        is_asked.set()
        thread.join()  # as the lock would wait; SQLite's shared memory refuses instead
        return transaction.atomic()

    thread = Thread(target=delete)
    monkeypatch.setattr(import_attempt, "run_import", vanish)
    monkeypatch.setattr(import_worker, "transaction", SimpleNamespace(atomic=begin))
    try:
        async with reading(tmp_path):
            await tried.wait()
            await until(has_no_job(workload))
    finally:
        is_asked.set()
        await asyncio.to_thread(thread.join)
    assert "a job failed" not in caplog.text


async def test_an_attempt_that_was_overtaken_leaves_the_files_of_the_next_one(people: People, tmp_path: Path) -> None:
    """It had been claimed, and begins only now: its worker was frozen."""
    workload = await put(people.owner, tmp_path)
    job = await sync_to_async(begin_import)(workload)
    staged = [get_staging_path(workload, attempt, tmp_path) for attempt in (job.attempt - 1, job.attempt + 1)]
    working = [path.with_name(f".{path.name}.x1") for path in staged]

    def run_late() -> list[bool]:
        for path, folder in zip(staged, working, strict=True):
            folder.mkdir(parents=True)
            path.write_bytes(b"read so far")
        try:
            assert import_attempt.check_quota(job, tmp_path, None) is None
        finally:
            connection.close()
        assert import_attempt.run_import(job, tmp_path, Event()).error is None
        return [path.exists() for path in (*staged, *working)]

    assert await asyncio.to_thread(run_late) == [False, True, False, True]


async def test_what_vanishes_with_a_deleted_log_is_no_fault_of_ours(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With the files of the log goes what its reader had to say."""
    workload, is_read = await put(people.owner, tmp_path), asyncio.Event()
    loop = asyncio.get_running_loop()

    def ingest(path: Path, out: Path, **options: Any) -> LogSource:
        def delete(_: object) -> None:
            try:
                Workload.objects.filter(id=workload.id).delete()
            finally:
                connection.close()
            for each in out.parent.glob(f".{out.name}.*"):
                (each / "answer.json").unlink()
            loop.call_soon_threadsafe(is_read.set)

        return sandbox.ingest_in_child(path, out, **options | {"on_preview": delete})

    monkeypatch.setattr(import_attempt, "ingest_in_child", ingest)
    async with reading(tmp_path):
        await is_read.wait()
        await until(has_no_job(workload))
    assert "could not be read" not in caplog.text


async def test_a_fault_of_ours_ends_no_reader_and_is_not_tried_again(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = await put(people.owner, tmp_path), await put(people.neighbour, tmp_path)

    def fails(path: Path, *arguments: Any, **options: Any) -> LogSource:
        if path == broken.get_raw_path(tmp_path):
            raise RuntimeError("a fault of ours")
        return sandbox.ingest_in_child(path, *arguments, **options)

    monkeypatch.setattr(import_attempt, "ingest_in_child", fails)
    async with reading(tmp_path):
        failed = await in_state(broken, FAILED)
        await in_state(whole, READY)
    assert "a fault of ours" in caplog.text
    # Whatever a log makes fail fails again: it is not tried a second time, as one is whose reader was lost.
    assert (failed.attempt, failed.error_code) == (1, "defect")
    assert failed.error == "This log could not be read because of an error on our side. It has been recorded."


async def test_how_far_a_log_is_shows_while_it_is_read_and_no_longer(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workload, is_seen = await put(people.owner, tmp_path), Event()

    def report(*arguments: Any, on_progress: ReportProgress, **options: Any) -> LogSource:
        on_progress(ReadingProgress(step="rows", share=0.25))
        assert is_seen.wait(PATIENCE)
        return sandbox.ingest_in_child(*arguments, on_progress=on_progress, **options)

    async def is_shown() -> bool:
        log = await Workload.objects.aget(id=workload.id)
        return bool(await present_progress(log) == {"step": "rows", "share": 0.25})

    present_progress = sync_to_async(lambda log: WorkloadSerializer(log).data["progress"])
    monkeypatch.setattr(import_attempt, "ingest_in_child", report)
    monkeypatch.setattr(import_worker, "MIN_BYTES", workload.size)
    async with reading(tmp_path):
        await until(is_shown)
        is_seen.set()
        read = await in_state(workload, READY)
    assert await present_progress(read) is None
    events = [each for each in await sync_to_async(list_user_events)(people.owner) if isinstance(each, WorkloadChanged)]
    told = {"step": "rows", "share": 0.25}
    steps = [(each.state, each.progress) for each in events]
    assert steps[:3] == [("queued", None), ("reading", None), ("reading", told)]
    assert {state for state, _ in steps[3:-1]} <= {"reading"}  # of figures, if computing them takes long enough
    assert steps[-1] == ("ready", None)


def test_only_what_differs_visibly_is_told() -> None:
    latest = LatestProgress()
    assert latest.take() is None
    told = []
    for percent in range(101):
        latest.set(ReadingProgress(step="rows", share=percent / 100))
        told += [one.share for one in [latest.take()] if one is not None]
    assert (len(told), told[0], told[-1]) == (26, 0, 1)
    latest.set(ReadingProgress(step="checks", share=None))
    assert latest.take() == ReadingProgress(step="checks", share=None)


async def test_it_stops_at_once_when_it_is_told_to_before_it_began(people: People, tmp_path: Path) -> None:
    claim = await sync_to_async(begin_import)(await put(people.owner, tmp_path))
    stop = Event()
    stop.set()
    with pytest.raises(RunCancelled):
        await asyncio.to_thread(import_attempt.run_import, claim, tmp_path, stop)


async def test_a_full_disk_is_told_and_can_be_tried_again(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    workload = await put(people.owner, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(import_attempt, "ingest_in_child", full)
        async with reading(tmp_path):
            failed = await in_state(workload, FAILED)
    assert failed.error_code == "storage_full"
    await sync_to_async(logs.reread_log)(people.owner.id, workload.id, form="", mapping={})
    async with reading(tmp_path):
        await in_state(workload, READY)


async def test_old_uploads_are_swept(people: People, tmp_path: Path) -> None:
    from tests.support.workloads.uploaded_logs import begin_upload
    from workloads.models import Upload

    upload = await sync_to_async(begin_upload)(people.owner, tmp_path)
    await Upload.objects.filter(id=upload.id).aupdate(created_at=datetime.now(UTC) - timedelta(days=8))
    kind = import_worker.build_upload_cleanup(tmp_path, SharedThreadExecutor())
    async with running_kinds(replace(kind, every=timedelta(seconds=1))):

        async def swept() -> bool:
            return not await Upload.objects.aexists()

        await until(swept)


async def test_the_raw_file_is_what_was_brought(people: People, tmp_path: Path) -> None:
    workload = await put(people.owner, tmp_path)
    async with reading(tmp_path):
        await in_state(workload, READY)
    assert await asyncio.to_thread(workload.get_raw_path(tmp_path).read_bytes) == LOG
