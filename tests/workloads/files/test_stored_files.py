"""The life of a log whose files are in an object store: two machines, which share the database and the store alone."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from core.concurrency.database_threads import SharedThreadExecutor
from core.exceptions import BadInput, OperatorError, StorageFull, StoreUnavailable
from core.jobs.runner import JobRunner
from tests.conftest import People
from tests.support.claimed_jobs import has_job
from tests.support.fault_proxy import Fault
from tests.support.runners import running_kinds
from tests.support.stores import IllStore
from tests.support.workloads.stored_logs import ask, read_log
from tests.support.workloads.uploaded_logs import (
    LOG,
    PATIENT_LIMITS,
    begin_upload,
    files,
    in_state,
    part,
    require,
    until,
    upload_log,
)
from workloads import logs, uploads
from workloads.files import object_jobs
from workloads.files.installed import get_log_files
from workloads.files.orphans import OrphanedObjects, tidy_machine
from workloads.files.stored import StoredLogFiles
from workloads.files.upkeep import build_object_kinds
from workloads.import_worker import ImportWorker
from workloads.models import WorkloadState
from workloads.storage import measure_storage
from workloads.upload_parts import OffsetMismatch

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

HALF = len(LOG) // 2


@asynccontextmanager
async def working(data_dir: Path) -> AsyncIterator[JobRunner]:
    """A machine that reads logs and deletes objects."""
    executor = ThreadPoolExecutor(1)
    try:
        worker = ImportWorker(executor, data_dir=data_dir, publish=lambda commits: None, limits=PATIENT_LIMITS)
        kinds = (*worker.build_kinds(), *build_object_kinds(SharedThreadExecutor()))
        async with running_kinds(*kinds, concurrency=2) as runner:
            yield runner
    finally:
        await asyncio.to_thread(executor.shutdown)


def test_parts_are_stored_before_they_are_acknowledged_by_any_server(
    people: People, tmp_path: Path, installed_store: IllStore
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    upload = begin_upload(people.owner, one)
    assert part(upload, LOG[:HALF], one).offset == HALF
    assert len(installed_store.list_keys(f"{people.owner.id}/{upload.id}/parts")) == 1
    workload = part(upload, LOG[HALF:], two, offset=HALF).workload
    assert workload is not None
    assert files(tmp_path) == []
    keys = installed_store.list_keys(f"{people.owner.id}/{workload.id}/parts")
    assert b"".join(installed_store.healthy.get_bytes(key) or b"" for key in keys) == LOG
    assert not any("usage" in key for key in installed_store.list_keys())


REFUSED: tuple[tuple[Fault, int, type[OperatorError]], ...] = (
    ("refused", 503, StoreUnavailable),
    ("cut", 503, StoreUnavailable),
    ("status", 503, StoreUnavailable),
    ("status", 507, StorageFull),
)


@pytest.mark.parametrize(("fault", "status", "error"), REFUSED)
def test_a_part_that_was_not_stored_is_refused_and_can_be_sent_again(
    people: People, tmp_path: Path, installed_store: IllStore, fault: Fault, status: int, error: type[OperatorError]
) -> None:
    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    installed_store.proxy.set_fault(fault, status=status)
    with pytest.raises(error, match="This part was not saved; your upload so far is"):
        part(upload, LOG[HALF:], tmp_path, offset=HALF)
    assert uploads.get_upload(people.owner.id, upload.id).offset == HALF
    installed_store.proxy.set_fault("none")
    finished = part(upload, LOG[HALF:], tmp_path, offset=HALF).workload
    assert finished is not None
    with get_log_files(tmp_path).open_upload(finished, 1) as path:
        assert path.read_bytes() == LOG


def test_of_two_parts_at_one_offset_at_two_servers_one_counts(
    people: People, tmp_path: Path, installed_store: IllStore
) -> None:
    upload = begin_upload(people.owner, tmp_path)

    def overtaken() -> Iterator[bytes]:
        part(upload, LOG[:HALF], tmp_path)
        yield LOG[: HALF + 3]

    with pytest.raises(OffsetMismatch) as refused:
        uploads.append_part(people.owner.id, upload.id, overtaken(), offset=0, fingerprint="", data_dir=tmp_path)
    assert refused.value.details == {"offset": HALF}
    assert len(installed_store.list_keys(str(people.owner.id))) == 1
    assert part(upload, LOG[HALF:], tmp_path, offset=HALF).workload is not None


def test_an_upload_in_countless_parts_is_refused(
    people: People, tmp_path: Path, installed_store: IllStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workloads.files.objects.MAX_PARTS", 2)
    upload = begin_upload(people.owner, tmp_path)
    for offset in (0, 1):
        part(upload, LOG[offset : offset + 1], tmp_path, offset=offset)
    with pytest.raises(BadInput, match="larger parts"):
        part(upload, LOG[2:], tmp_path, offset=2)


async def test_a_log_that_one_machine_read_is_answered_by_another(
    people: People, tmp_path: Path, installed_store: IllStore
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    log = await sync_to_async(read_log)(people.owner, one)
    assert await sync_to_async(ask)(log, two) == 5
    # Another machine takes over what was computed, and does not start a child process for it.
    kept = [name for name in await asyncio.to_thread(files, two) if name.endswith(".json")]
    assert {name.rpartition("/")[2] for name in kept} <= {key.rpartition("/")[2] for key in installed_store.list_keys()}
    assert kept

    await asyncio.to_thread(installed_store.proxy.set_fault, "refused")
    assert await sync_to_async(ask)(log, one) == 5
    assert await sync_to_async(ask)(log, two) == 5
    with pytest.raises(StoreUnavailable, match="can't be opened"):
        await sync_to_async(ask)(log, tmp_path / "three")


async def test_a_store_that_is_away_delays_reading_and_loses_nothing(
    people: People, tmp_path: Path, installed_store: IllStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workloads.import_queue.MIN_RETRY_DELAY", timedelta(milliseconds=50))
    workload = await sync_to_async(upload_log)(people.owner, tmp_path)
    await asyncio.to_thread(installed_store.proxy.set_fault, "refused")
    async with working(tmp_path):
        failed = await in_state(workload, WorkloadState.FAILED)
        assert failed.error_code == StoreUnavailable.code
        assert "Reading is retried automatically; your file is saved" in failed.error
        await asyncio.to_thread(installed_store.proxy.set_fault, "none")
        read = await in_state(workload, WorkloadState.READY)
    assert (read.error, read.error_code) == ("", "")


async def test_bytes_that_are_not_those_that_were_stored_are_not_read(
    people: People, tmp_path: Path, installed_store: IllStore
) -> None:
    log = await sync_to_async(read_log)(people.owner, tmp_path / "one")
    (key,) = [key for key in installed_store.list_keys() if key.endswith(".duckdb")]
    size = require(log.imported)["size"]
    await asyncio.to_thread(installed_store.healthy.put_bytes, key, b"x" * size)
    with pytest.raises(StoreUnavailable, match="can't be opened"):
        await sync_to_async(ask)(log, tmp_path / "two")
    assert not [name for name in await asyncio.to_thread(files, tmp_path / "two") if name.endswith(".duckdb")]


async def test_a_log_that_is_read_again_replaces_its_objects_in_the_end(
    people: People, tmp_path: Path, installed_store: IllStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_jobs, "AFTER_REPLACEMENT", timedelta())
    log = await sync_to_async(read_log)(people.owner, tmp_path)
    await sync_to_async(logs.reread_log)(people.owner.id, log.id, form="", mapping={})
    async with working(tmp_path):
        again = await in_state(log, WorkloadState.READY)
        prefix = f"{people.owner.id}/{log.id}"

        async def is_replaced() -> bool:
            keys = await asyncio.to_thread(installed_store.list_keys, prefix)
            return not any(key.startswith(f"{prefix}/1/") for key in keys)

        await until(is_replaced)
    assert require(again.imported)["attempt"] == 2
    assert await sync_to_async(ask)(again, tmp_path / "two") == 5


async def test_a_deleted_log_is_gone_when_the_store_is_back_and_its_neighbours_stay(
    people: People, tmp_path: Path, installed_store: IllStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_jobs, "RETRY_DELAY", timedelta(milliseconds=50))
    mine = await sync_to_async(read_log)(people.owner, tmp_path)
    theirs = await sync_to_async(read_log)(people.neighbour, tmp_path)
    await asyncio.to_thread(installed_store.proxy.set_fault, "refused")
    await sync_to_async(logs.delete_log)(people.owner.id, mine.id, tmp_path)
    assert str(people.owner.id) not in "".join(await asyncio.to_thread(files, tmp_path / "cache"))
    async with working(tmp_path):
        await asyncio.to_thread(installed_store.proxy.set_fault, "none")

        async def is_gone() -> bool:
            return not await asyncio.to_thread(installed_store.list_keys, str(people.owner.id))

        await until(is_gone)
    assert len(await asyncio.to_thread(installed_store.list_keys, f"{people.neighbour.id}/{theirs.id}")) > 2
    assert await sync_to_async(ask)(theirs, tmp_path) == 5


def test_a_deletion_that_is_taken_back_deletes_nothing(
    people: People, tmp_path: Path, installed_store: IllStore
) -> None:
    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    uploads.discard_upload(people.owner.id, upload.id, tmp_path)
    assert has_job(object_jobs.DELETE_OBJECTS, f"{people.owner.id}/{upload.id}")
    assert len(installed_store.list_keys()) == 1


async def test_what_no_row_names_is_an_orphan_after_an_hour(
    people: People, tmp_path: Path, installed_store: IllStore
) -> None:
    log = await sync_to_async(read_log)(people.owner, tmp_path)
    owner, store = people.owner.id, installed_store.healthy
    orphans = [
        f"{owner}/{log.id}/9/log.duckdb",
        f"{owner}/{log.id}/parts/{0:015d}-late",
        f"{owner}/{uuid4()}/parts/{0:015d}-x",
        f"{uuid4()}/{log.id}/1/log.duckdb",
    ]
    stays = ["something/else", f"{owner}/notes"]

    def put_all() -> list[str]:
        before = installed_store.list_keys()
        for key in (*orphans, *stays):
            store.put_bytes(key, b"x" * 7)
        for number in range(12):
            store.put_bytes(f"{owner}/{log.id}/1/answers/{number}.json", b"{}")
        return before

    before = await asyncio.to_thread(put_all)
    find = sync_to_async(lambda now: OrphanedObjects(store=store, now=now).remove())
    assert (await find(datetime.now(UTC))).count > 0  # answers beyond those that are kept
    found = await find(datetime.now(UTC) + timedelta(hours=2))
    assert (found.count, found.size) == (4, 28)
    kept = set(await asyncio.to_thread(installed_store.list_keys))
    assert kept.isdisjoint(orphans)
    assert {*stays, *(key for key in before if "/answers/" not in key)} <= kept
    assert len([key for key in kept if "/answers/" in key and "/queries/" not in key]) == 8


async def test_a_machine_loses_the_copies_of_what_is_gone_and_of_attempts_that_ended_elsewhere(
    people: People, tmp_path: Path, installed_store: IllStore
) -> None:
    log = await sync_to_async(read_log)(people.owner, tmp_path / "one")
    two = tmp_path / "two"
    await sync_to_async(ask)(log, two)
    leftover = two / "workloads" / str(people.owner.id) / f".{log.id}.duckdb.1"

    def leave() -> None:
        leftover.parent.mkdir(parents=True)
        leftover.write_bytes(b"half")
        os.utime(leftover, (0, 0))

    await asyncio.to_thread(leave)
    machine = get_log_files(two)
    assert isinstance(machine, StoredLogFiles)
    tidy = sync_to_async(lambda: tidy_machine(machine, two))
    await tidy()
    assert await asyncio.to_thread(machine.cache.list_keys) == [f"{people.owner.id}/{log.id}/1/log.duckdb"]
    assert not await asyncio.to_thread(leftover.exists)
    await sync_to_async(logs.delete_log)(people.owner.id, log.id, tmp_path / "one")
    await tidy()
    assert await asyncio.to_thread(files, two) == ["cache/lock"]


async def test_stored_logs_count_like_any(people: People, tmp_path: Path, installed_store: IllStore) -> None:
    log = await sync_to_async(read_log)(people.owner, tmp_path)
    used = await sync_to_async(lambda: measure_storage(people.owner.id, tmp_path, None).used)()
    assert used == len(LOG) + require(log.imported)["size"] + require(log.imported)["answers_size"]
