"""Uploads over a real disk and database."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from core.exceptions import BadInput, Conflict, NetraError, NotFound, StorageFull, TooLarge
from core.i18n.text import text
from tests.conftest import People
from tests.support.workloads.uploaded_logs import LOG, begin_upload, files, part, states, upload_log
from workloads import import_queue, uploads
from workloads.models import Upload, Workload
from workloads.upload_parts import FileChanged, OffsetMismatch

pytestmark = pytest.mark.django_db

HALF = len(LOG) // 2


def test_with_the_last_byte_there_is_a_log_to_read(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path, form="tabular", mapping={"time": "timestamp"})
    assert part(upload, LOG[:HALF], tmp_path).workload is None
    workload = part(upload, LOG[HALF:], tmp_path, offset=HALF).workload
    assert workload is not None
    assert (workload.state, workload.name, workload.size) == ("queued", "usage.csv", len(LOG))
    assert (workload.form, workload.mapping) == ("tabular", {"time": "timestamp"})
    assert upload.get_path(tmp_path).read_bytes() == LOG
    assert states(people.owner) == ["queued"]


def test_after_a_break_it_goes_on_where_it_was(people: People, tmp_path: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield LOG[HALF : HALF + 5]
        raise BadInput(text("broke off"))

    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    with pytest.raises(BadInput):
        uploads.append_part(people.owner.id, upload.id, breaking(), offset=HALF, fingerprint="", data_dir=tmp_path)
    with upload.get_path(tmp_path).open("ab") as file:
        file.write(b"left by a crash between the disk and the database")
    offset = uploads.get_upload(people.owner.id, upload.id).offset
    assert offset == HALF
    part(upload, LOG[offset:], tmp_path, offset=offset)
    assert upload.get_path(tmp_path).read_bytes() == LOG


@pytest.mark.parametrize("offset", [0, HALF - 1, HALF + 1])
def test_a_part_at_another_offset_is_told_the_true_one(people: People, tmp_path: Path, offset: int) -> None:
    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    with pytest.raises(OffsetMismatch) as refused:
        part(upload, b"x", tmp_path, offset=offset)
    assert refused.value.details == {"offset": HALF}
    assert upload.get_path(tmp_path).read_bytes() == LOG[:HALF]


def test_a_file_that_changed_between_parts_is_refused(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path, fingerprint="100-1")
    part(upload, LOG[:HALF], tmp_path, fingerprint="100-1")
    for other in ("100-2", ""):
        with pytest.raises(FileChanged):
            part(upload, LOG[HALF:], tmp_path, offset=HALF, fingerprint=other)


def test_more_than_was_announced_is_refused_and_not_kept(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    with pytest.raises(BadInput, match="more bytes than announced"):
        part(upload, LOG[HALF:] + b"x", tmp_path, offset=HALF)
    assert upload.get_path(tmp_path).read_bytes() == LOG[:HALF]
    assert not Workload.objects.exists()


def test_who_did_not_hear_of_the_end_may_ask_again(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    workload = part(upload, LOG, tmp_path).workload
    assert part(upload, b"", tmp_path, offset=len(LOG)).workload == workload
    assert uploads.get_upload(people.owner.id, upload.id).workload == workload
    with pytest.raises(OffsetMismatch):
        part(upload, LOG, tmp_path)
    assert Workload.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"size": 0}, BadInput),
        ({"size": -1}, BadInput),
        ({"size": 101, "limit": 100}, TooLarge),
        ({"form": "xlsx"}, BadInput),
        ({"mapping": {"prize": "x"}}, BadInput),
    ],
)
def test_what_cannot_come_is_refused_before_a_byte_is_sent(
    people: People, tmp_path: Path, options: dict[str, Any], error: type[NetraError]
) -> None:
    with pytest.raises(error):
        begin_upload(people.owner, tmp_path, **options)
    assert not Upload.objects.exists()


def test_room_is_kept_for_what_everybody_announced(people: People, tmp_path: Path) -> None:
    def free(folder: Path) -> int:
        return uploads.DISK_RESERVE + 100

    first = begin_upload(people.owner, tmp_path, size=60, free=free)
    with pytest.raises(StorageFull):
        begin_upload(people.neighbour, tmp_path, size=41, free=free)
    part(first, b"x" * 10, tmp_path)  # which the disk counts from now on
    begin_upload(people.neighbour, tmp_path, size=50, free=free)
    with pytest.raises(StorageFull):
        begin_upload(people.neighbour, tmp_path, size=1, free=free)


def test_a_user_has_so_many_under_way_and_no_more(people: People, tmp_path: Path) -> None:
    under_way = [begin_upload(people.owner, tmp_path) for _ in range(uploads.MAX_UNFINISHED)]
    with pytest.raises(Conflict):
        begin_upload(people.owner, tmp_path)
    begin_upload(people.neighbour, tmp_path)
    part(under_way[0], LOG, tmp_path)
    begin_upload(people.owner, tmp_path)


def test_a_stranger_finds_nothing(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    for other in (people.neighbour, people.stranger):
        with pytest.raises(NotFound):
            uploads.get_upload(other.id, upload.id)
        with pytest.raises(NotFound):
            uploads.append_part(other.id, upload.id, [LOG], offset=0, fingerprint="", data_dir=tmp_path)
        with pytest.raises(NotFound):
            uploads.discard_upload(other.id, upload.id, tmp_path)
        assert not uploads.list_unfinished(other.id)
    assert part(upload, LOG, tmp_path).workload is not None


@pytest.mark.parametrize("name", ["../../../etc/passwd", "<script>alert(1)</script>.csv", "a\u202efdp.exe"])
def test_a_path_is_made_of_ids_whatever_the_name(people: People, tmp_path: Path, name: str) -> None:
    upload = begin_upload(people.owner, tmp_path, name=name)
    part(upload, LOG, tmp_path)
    assert files(tmp_path) == [f"uploads/{people.owner.id}/{upload.id}"]
    assert "\u202e" not in upload.name


def test_nobody_else_on_the_machine_may_look(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path / "data")
    path = part(upload, LOG, tmp_path / "data").get_path(tmp_path / "data")
    assert path.stat().st_mode & 0o077 == 0
    for folder in (path.parent, path.parent.parent, tmp_path / "data"):
        assert folder.stat().st_mode & 0o077 == 0


def test_what_was_discarded_is_gone(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    uploads.discard_upload(people.owner.id, upload.id, tmp_path)
    assert files(tmp_path) == []
    with pytest.raises(NotFound):
        part(upload, LOG[HALF:], tmp_path, offset=HALF)
    assert files(tmp_path) == []


def test_a_finished_upload_may_be_forgotten_but_not_its_log(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    uploads.discard_upload(people.owner.id, workload.id, tmp_path)
    assert len(files(tmp_path)) == 1
    assert Workload.objects.filter(id=workload.id).exists()


def test_what_nobody_goes_on_with_is_swept(people: People, tmp_path: Path) -> None:
    old, finished, new = (
        begin_upload(people.owner, tmp_path),
        begin_upload(people.neighbour, tmp_path),
        begin_upload(people.owner, tmp_path),
    )
    for upload in (old, finished):
        Upload.objects.filter(id=upload.id).update(created_at=datetime.now(UTC) - timedelta(days=8))
    part(old, LOG[:HALF], tmp_path)
    part(finished, LOG, tmp_path)
    assert uploads.discard_expired(tmp_path) == 2
    assert list(Upload.objects.all()) == [new]
    assert files(tmp_path) == [f"uploads/{people.neighbour.id}/{finished.id}"]


def test_what_the_disk_lost_is_sent_again(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    upload.get_path(tmp_path).write_bytes(LOG[:7])
    with pytest.raises(OffsetMismatch) as refused:
        part(upload, LOG[HALF:], tmp_path, offset=HALF)
    assert refused.value.details == {"offset": 7}
    part(upload, LOG[7:], tmp_path, offset=7)
    assert upload.get_path(tmp_path).read_bytes() == LOG


@pytest.mark.django_db(transaction=True)
def test_of_two_parts_at_the_same_place_one_wins(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path)
    together = Barrier(2)
    answers: list[Any] = []

    def send(letter: bytes) -> None:
        try:
            together.wait(5)
            part(upload, letter * HALF, tmp_path)
            answers.append(letter)
        except OffsetMismatch as refused:
            answers.append(refused.details["offset"])
        finally:
            connection.close()

    senders = [Thread(target=send, args=[letter]) for letter in (b"a", b"b")]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(20)
    (winner,) = (answer for answer in answers if isinstance(answer, bytes))
    assert HALF in answers
    assert upload.get_path(tmp_path).read_bytes() == winner * HALF


@pytest.mark.django_db(transaction=True)
def test_a_log_that_cannot_be_owned_is_asked_for_again(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise RuntimeError("the database is away")

    upload = begin_upload(people.owner, tmp_path)
    part(upload, LOG[:HALF], tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(import_queue, "append_state_event", away)
        with pytest.raises(RuntimeError):
            part(upload, LOG[HALF:], tmp_path, offset=HALF)
    assert not Workload.objects.exists()
    assert part(upload, LOG[HALF:], tmp_path, offset=HALF).workload is not None
    assert upload.get_path(tmp_path).read_bytes() == LOG


def test_a_full_disk_is_told_plainly(people: People, tmp_path: Path) -> None:
    def full() -> Iterator[bytes]:
        yield LOG[:3]
        raise OSError(28, "No space left on device")

    upload = begin_upload(people.owner, tmp_path)
    with pytest.raises(StorageFull):
        uploads.append_part(people.owner.id, upload.id, full(), offset=0, fingerprint="", data_dir=tmp_path)
    assert upload.get_path(tmp_path).read_bytes() == b""


def test_the_reserve_is_kept_at_each_part_and_what_came_before_stays(people: People, tmp_path: Path) -> None:
    upload = begin_upload(people.owner, tmp_path, size=30)
    half = part(upload, b"x" * 10, tmp_path)
    options: dict[str, Any] = {"offset": 10, "fingerprint": "", "data_dir": tmp_path, "reserve": 100}
    with pytest.raises(StorageFull, match="your upload so far is saved"):
        uploads.append_part(people.owner.id, upload.id, [b"y" * 20], free=lambda _: 119, **options)
    assert (uploads.get_upload(people.owner.id, upload.id).offset, half.get_path(tmp_path).stat().st_size) == (10, 10)
    done = uploads.append_part(people.owner.id, upload.id, [b"y" * 20], free=lambda _: 120, **options)
    assert done.workload is not None
