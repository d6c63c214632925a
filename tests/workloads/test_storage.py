"""The storage of one user: announced, uploaded, read and kept."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from core.exceptions import Conflict, NetraError, StorageFull
from core.models import User
from tests.conftest import People
from tests.support.workloads.uploaded_logs import LOG, begin_import, begin_upload, in_state, part, reading, upload_log
from workloads import import_attempt, import_queue, logs, storage, uploads
from workloads.files.staging import discard_staging
from workloads.logs import delete_log
from workloads.models import Upload, Workload, WorkloadState
from workloads.storage import StorageQuotaExceeded, StorageUsage, measure_storage

pytestmark = pytest.mark.django_db
SIZE = len(LOG)
HALF = SIZE // 2


def lapse(*, of: User) -> None:
    """As if no part had come for longer than room is kept."""
    long_ago = datetime.now(UTC) - storage.RESERVATION_TIME - timedelta(seconds=1)
    Upload.objects.filter(owner=of).update(touched_at=long_ago)


def used(user: User, data_dir: Path) -> int:
    return measure_storage(user.id, data_dir, None).used


def test_what_is_announced_counts_until_parts_have_not_come_for_a_while(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    assert used(people.owner, tmp_path) == SIZE
    part(upload, LOG[:HALF], tmp_path)
    assert used(people.owner, tmp_path) == SIZE
    lapse(of=people.owner)
    assert used(people.owner, tmp_path) == HALF
    part(upload, LOG[HALF : HALF + 1], tmp_path, offset=HALF)
    assert used(people.owner, tmp_path) == SIZE
    assert used(people.neighbour, tmp_path) == 0


def test_an_announcement_without_a_byte_takes_nothing_in_the_end(people: People, tmp_path: Path) -> None:
    begin_upload(people.owner, tmp_path, quota=SIZE)
    with pytest.raises(StorageQuotaExceeded):
        begin_upload(people.owner, tmp_path, size=1, quota=SIZE)
    lapse(of=people.owner)
    assert begin_upload(people.owner, tmp_path, quota=SIZE)


def test_a_reservation_that_lapsed_leaves_the_disk_to_others(people: People, tmp_path: Path) -> None:
    room: dict[str, Any] = {"free": lambda _: uploads.DISK_RESERVE + SIZE}
    begin_upload(people.owner, tmp_path, **room)
    with pytest.raises(StorageFull):
        begin_upload(people.neighbour, tmp_path, **room)
    lapse(of=people.owner)
    begin_upload(people.neighbour, tmp_path, **room)


def test_it_says_what_is_used_allowed_and_needed(people: People, tmp_path: Path) -> None:
    begin_upload(people.owner, tmp_path, size=2_000_000, quota=3_000_000)
    with pytest.raises(StorageQuotaExceeded) as refused:
        begin_upload(people.owner, tmp_path, size=1_500_000, quota=3_000_000)
    assert str(refused.value) == (
        "This needs 1.5 MB, but your logs already use 2.0 MB of the 3.0 MB in your plan. Delete a log or an "
        "unfinished upload to free space, then try again."
    )
    assert refused.value.details == {"used_bytes": 2_000_000, "limit_bytes": 3_000_000, "needed_bytes": 1_500_000}


def test_an_upload_after_a_break_takes_its_room_anew(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path, quota=SIZE)
    part(upload, LOG[:HALF], tmp_path)
    lapse(of=people.owner)
    other = begin_upload(people.owner, tmp_path, size=SIZE - HALF, quota=SIZE)
    append: dict[str, Any] = {"offset": HALF, "fingerprint": "", "data_dir": tmp_path, "quota": SIZE}
    with pytest.raises(StorageQuotaExceeded):
        uploads.append_part(people.owner.id, upload.id, [LOG[HALF:]], **append)
    assert upload.get_path(tmp_path).read_bytes() == LOG[:HALF]
    uploads.discard_upload(people.owner.id, other.id, tmp_path)
    assert uploads.append_part(people.owner.id, upload.id, [LOG[HALF:]], **append).workload is not None


def test_an_upload_after_a_break_takes_the_disks_room_anew(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    lapse(of=people.owner)
    append: dict[str, Any] = {"offset": 0, "fingerprint": "", "data_dir": tmp_path}
    with pytest.raises(StorageFull):
        uploads.append_part(people.owner.id, upload.id, [LOG], **append, free=lambda _: uploads.DISK_RESERVE + SIZE - 1)
    assert uploads.append_part(
        people.owner.id, upload.id, [LOG], **append, free=lambda _: uploads.DISK_RESERVE + SIZE
    ).workload


def test_a_smaller_plan_holds_from_the_next_part_on(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path, quota=SIZE)
    with pytest.raises(StorageQuotaExceeded, match="Delete a log to free space"):
        uploads.append_part(
            people.owner.id, upload.id, [LOG], offset=0, fingerprint="", data_dir=tmp_path, quota=SIZE - 1
        )
    assert uploads.get_upload(people.owner.id, upload.id).offset == 0


def test_samples_take_room_like_any_log(people: People, tmp_path: Path) -> None:
    size = logs.ensure_sample_file(tmp_path).stat().st_size
    logs.create_sample_log(people.owner.id, tmp_path, quota=size)
    with pytest.raises(StorageQuotaExceeded):
        logs.create_sample_log(people.owner.id, tmp_path, quota=2 * size - 1)
    assert [file.name for file in (tmp_path / "workloads" / str(people.owner.id)).iterdir()] == [
        f"{Workload.objects.get().id}.raw"
    ]
    assert logs.create_sample_log(people.owner.id, tmp_path, quota=2 * size)


def claim_workload(workload: Workload) -> import_queue.ImportJob:
    return begin_import(workload)


def read_within(workload: Workload, data_dir: Path, *, before: int | None, after: int | None) -> Workload:
    claim = claim_workload(workload)
    outcome = import_attempt.check_quota(claim, data_dir, before) or import_attempt.run_import(claim, data_dir, Event())
    import_attempt.store_result(claim, outcome, data_dir, after)
    discard_staging(claim.to_workload(), claim.attempt, data_dir)
    return Workload.objects.get(id=workload.id)


def test_what_was_read_and_kept_counts_beside_the_file(people: People, tmp_path: Path) -> None:
    read = read_within(upload_log(people.owner, tmp_path), tmp_path, before=None, after=None)
    assert read.state == WorkloadState.READY
    there = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert any(".answers" in str(each) for each in there)
    assert used(people.owner, tmp_path) == sum(each.stat().st_size for each in there)
    assert used(people.owner, tmp_path) > 2 * SIZE
    delete_log(people.owner.id, read.id, tmp_path)
    assert used(people.owner, tmp_path) == 0


@pytest.mark.parametrize(("before", "after"), [pytest.param(SIZE, None, marks=pytest.mark.soak), (None, SIZE)])
def test_a_log_is_not_read_or_not_kept_where_there_is_no_room(
    people: People, tmp_path: Path, before: int | None, after: int | None
) -> None:
    workload = upload_log(people.owner, tmp_path)
    failed = read_within(workload, tmp_path, before=before, after=after)
    assert (failed.state, failed.error_code) == (WorkloadState.FAILED, "over_quota")
    assert "Delete a log to free space" in failed.error
    assert used(people.owner, tmp_path) == SIZE
    logs.reread_log(people.owner.id, workload.id, form="", mapping={})
    assert read_within(workload, tmp_path, before=None, after=None).state == WorkloadState.READY


@pytest.mark.parametrize(("before", "after"), [pytest.param(SIZE, None, marks=pytest.mark.soak), (None, SIZE)])
def test_a_log_that_is_not_read_again_for_want_of_room_stays_as_it_was_read(
    people: People, tmp_path: Path, before: int | None, after: int | None
) -> None:
    workload = upload_log(people.owner, tmp_path)
    read = read_within(workload, tmp_path, before=None, after=None)
    there = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    logs.reread_log(people.owner.id, workload.id, form="", mapping={"model": ""})
    kept = read_within(workload, tmp_path, before=before, after=after)
    assert (kept.state, kept.error_code) == (WorkloadState.READY, "over_quota")
    assert "previous version is still used" in kept.error
    assert "Delete a log to free space" in kept.error
    assert (kept.source, kept.extent, kept.spend, kept.preview) == (read.source, read.extent, read.spend, read.preview)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == there
    logs.reread_log(people.owner.id, workload.id, form="", mapping={"model": ""})
    again = read_within(workload, tmp_path, before=None, after=None)
    assert (again.state, again.error_code, again.error) == (WorkloadState.READY, "", "")
    assert again.source != read.source


def test_what_a_reading_works_with_is_not_the_users(people: People, tmp_path: Path) -> None:
    """A second file could not go on otherwise while the first is being read."""
    found: list[int] = []

    def look(*_: object, **__: object) -> None:
        (working,) = (each for each in (tmp_path / "workloads" / str(people.owner.id)).iterdir() if each.is_dir())
        (working / "spill").write_bytes(b"x" * 10_000)
        found.append(used(people.owner, tmp_path))

    claim = claim_workload(upload_log(people.owner, tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workloads.ingest.sandbox._wait_for_child", look)
        import_attempt.run_import(claim, tmp_path, Event())
    assert found == [SIZE]


def test_a_log_that_is_read_again_needs_no_room_for_both(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    read_within(workload, tmp_path, before=None, after=None)
    quota = used(people.owner, tmp_path) + 4096  # its files are nearly the same each time
    logs.reread_log(people.owner.id, workload.id, form="", mapping={})
    assert read_within(workload, tmp_path, before=quota, after=quota).state == WorkloadState.READY


@pytest.mark.django_db(transaction=True)
async def test_the_reader_asks_for_each_users_room(people: People, tmp_path: Path) -> None:
    mine = await sync_to_async(upload_log)(people.owner, tmp_path)
    theirs = await sync_to_async(upload_log)(people.neighbour, tmp_path)

    def quota(user_id: Any) -> int | None:
        return SIZE if user_id == people.owner.id else None

    async with reading(tmp_path, quota=quota):
        assert (await in_state(mine, WorkloadState.FAILED)).error_code == "over_quota"
        await in_state(theirs, WorkloadState.READY)


# --- at one moment


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What came of acts that begin together, each in a thread of its own: "" or an error's code."""
    ready, found = Barrier(len(acts)), ["" for _ in acts]

    def do(place: int, act: Callable[[], object]) -> None:
        try:
            ready.wait()
            act()
        except NetraError as error:
            found[place] = error.code
        finally:
            connection.close()

    threads = [Thread(target=do, args=(place, act)) for place, act in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return sorted(found)


@pytest.mark.django_db(transaction=True)
def test_of_ten_announced_at_once_exactly_those_are_taken_that_have_room(people: People, tmp_path: Path) -> None:
    found = at_once(*[lambda: begin_upload(people.owner, tmp_path, quota=3 * SIZE + 1)] * 10)
    assert found == ["", "", "", *["over_quota"] * 7]
    assert Upload.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_ten_announced_at_once_no_more_than_five_are_under_way(people: People, tmp_path: Path) -> None:
    found = at_once(*[lambda: begin_upload(people.owner, tmp_path)] * 10)
    assert found == [*[""] * 5, *[Conflict.code] * 5]


@pytest.mark.django_db(transaction=True)
def test_of_many_users_at_once_exactly_those_are_taken_that_the_disk_has_room_for(
    people: People, tmp_path: Path
) -> None:
    everybody = (people.owner, people.neighbour, people.stranger)
    room: dict[str, Any] = {"free": lambda _: uploads.DISK_RESERVE + 4 * SIZE}
    found = at_once(*(lambda user=user: begin_upload(user, tmp_path, **room) for user in everybody for _ in range(3)))
    assert found == [*[""] * 4, *["storage_full"] * 5]


@pytest.mark.django_db(transaction=True)
def test_of_reservations_taken_anew_at_once_exactly_those_that_have_room(people: People, tmp_path: Path) -> None:
    begun_before = [begin_upload(people.owner, tmp_path) for _ in range(4)]
    lapse(of=people.owner)

    def go_on(upload: Upload) -> Callable[[], object]:
        told: dict[str, Any] = {"offset": 0, "fingerprint": "", "data_dir": tmp_path, "quota": 2 * SIZE + 1}
        return lambda: uploads.append_part(people.owner.id, upload.id, [LOG[:HALF]], **told)

    assert at_once(*map(go_on, begun_before)) == ["", "", "over_quota", "over_quota"]
    assert used(people.owner, tmp_path) == 2 * SIZE


@pytest.mark.django_db(transaction=True)
def test_of_samples_at_once_exactly_those_that_have_room(people: People, tmp_path: Path) -> None:
    size = logs.ensure_sample_file(tmp_path).stat().st_size
    found = at_once(*[lambda: logs.create_sample_log(people.owner.id, tmp_path, quota=2 * size)] * 5)
    assert found == ["", "", *["over_quota"] * 3]
    assert len(list((tmp_path / "workloads" / str(people.owner.id)).iterdir())) == 2


def test_without_a_limit_there_is_always_room() -> None:
    assert StorageUsage(used=1 << 60, limit=None).has_room(1 << 60)
