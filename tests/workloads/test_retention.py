"""Files without a row go; what somebody has, or may be about to have, stays."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from agents.retention import OrphanedScratch
from core.models import User
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.workloads.uploaded_logs import LOG, begin_upload, files, part, upload_log
from workloads import uploads
from workloads.models import Upload, Workload
from workloads.retention import ExpiredUploads, OrphanedFiles

pytestmark = pytest.mark.django_db

LATER = datetime.now(UTC) + timedelta(hours=2)


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 7)
    return path


def all_kinds(folder: Path, name: str) -> list[Path]:
    """Every kind of file that is made of one log."""
    return [
        put(folder / f"{name}.duckdb"),
        put(folder / f"{name}.raw"),
        put(folder / f"{name}.answers" / "a.json"),
        put(folder / f".{name}.duckdb.1"),
        put(folder / f".{name}.duckdb.1.answers" / "a.json"),
        put(folder / f"..{name}.duckdb.1.abc" / "log.duckdb"),
        put(folder / f".{name}.duckdb.answers" / "a.json"),
    ]


def of(user: User, data_dir: Path) -> Path:
    return data_dir / "workloads" / str(user.id)


def test_what_has_no_row_goes_and_what_has_one_stays(people: People, tmp_path: Path) -> None:
    workload = Workload.objects.create(owner=people.owner, name="x")
    kept = all_kinds(of(people.owner, tmp_path), str(workload.id))
    all_kinds(of(people.owner, tmp_path), str(uuid4()))
    orphans = OrphanedFiles(data_dir=tmp_path, now=LATER)
    found = orphans.find()
    assert (found.count, found.size) == (7, 49)
    assert orphans.remove() == found
    assert files(tmp_path) == sorted(str(each.relative_to(tmp_path)) for each in kept)
    assert orphans.remove().count == 0


def test_a_row_of_another_user_is_none(people: People, tmp_path: Path) -> None:
    workload = Workload.objects.create(owner=people.owner, name="x")
    put(of(people.neighbour, tmp_path) / f"{workload.id}.raw")
    assert OrphanedFiles(data_dir=tmp_path, now=LATER).remove().count == 1
    assert files(tmp_path) == []


def test_what_is_younger_than_an_hour_stays(people: People, tmp_path: Path) -> None:
    young = put(of(people.owner, tmp_path) / f"{uuid4()}.answers" / "new.json")
    old = put(young.with_name("old.json"))
    os.utime(old, (0, 0))
    os.utime(young.parent, (0, 0))
    assert OrphanedFiles(data_dir=tmp_path, now=datetime.now(UTC) + timedelta(minutes=59)).remove().count == 0
    assert len(files(tmp_path)) == 2


@pytest.mark.parametrize("name", ["notes.txt", "server.lock", ".gitkeep", f"{UUID(int=7)}.txt", f"x{UUID(int=7)}.raw"])
def test_what_is_not_ours_is_left_alone(people: People, tmp_path: Path, name: str) -> None:
    put(of(people.owner, tmp_path) / name)
    put(tmp_path / "workloads" / name)
    put(tmp_path / "scratch" / name)
    assert OrphanedFiles(data_dir=tmp_path, now=LATER).remove().count == 0
    assert OrphanedScratch(data_dir=tmp_path, now=LATER).remove().count == 0
    assert len(files(tmp_path)) == 3


def test_a_link_is_removed_not_followed(people: People, tmp_path: Path) -> None:
    elsewhere = put(tmp_path / "elsewhere" / "precious")
    folder = of(people.owner, tmp_path)
    folder.mkdir(parents=True)
    link = folder / f"{uuid4()}.answers"
    link.symlink_to(elsewhere.parent)
    assert OrphanedFiles(data_dir=tmp_path, now=LATER).remove().count == 1
    assert not link.is_symlink()
    assert elsewhere.exists()


def test_an_upload_under_way_and_bytes_not_yet_taken_over_stay(people: People, tmp_path: Path) -> None:
    part(begin_upload(people.owner, tmp_path), LOG[:20], tmp_path)
    upload_log(people.owner, tmp_path)
    Upload.objects.exclude(workload=None).delete()
    assert OrphanedFiles(data_dir=tmp_path, now=LATER).remove().count == 0
    assert len(files(tmp_path)) == 2


def test_the_folder_of_somebody_who_is_gone_goes_too(people: People, tmp_path: Path) -> None:
    for user_id in (uuid4(), people.owner.id):
        put(tmp_path / "uploads" / str(user_id) / str(uuid4()))
    OrphanedFiles(data_dir=tmp_path, now=LATER).remove()
    assert [each.name for each in (tmp_path / "uploads").iterdir()] == [str(people.owner.id)]


def test_working_folders_of_nobody_go(people: People, tmp_path: Path) -> None:
    run, workload = queue_run(people.owner), Workload.objects.create(owner=people.owner, name="x")
    scratch = tmp_path / "scratch"
    kept = [put(scratch / f"{run.id}-1" / "t"), put(scratch / f"read-{workload.id}-2" / "t")]
    for name in (f"{uuid4()}-1", f"read-{uuid4()}-1", f"read-{run.id}-1", f"{workload.id}-1"):
        put(scratch / name / "t")
    young = OrphanedScratch(data_dir=tmp_path, now=datetime.now(UTC) + timedelta(minutes=59))
    assert young.find().count == 0
    old = OrphanedScratch(data_dir=tmp_path, now=LATER)
    assert (old.find().count, old.remove().count, old.remove().count) == (4, 4, 0)
    assert files(tmp_path) == sorted(str(each.relative_to(tmp_path)) for each in kept)


def test_uploads_that_are_over_go_and_their_logs_stay(people: People, tmp_path: Path) -> None:
    done, new = upload_log(people.owner, tmp_path), upload_log(people.owner, tmp_path)
    left, going = begin_upload(people.owner, tmp_path), begin_upload(people.neighbour, tmp_path)
    for upload in (left, going):
        part(upload, LOG[:20], tmp_path)
    now = datetime.now(UTC)
    Workload.objects.filter(id=done.id).update(created_at=now - timedelta(days=2))
    # Begun long ago and finished just now: whoever brought it may still ask.
    Upload.objects.filter(id=new.id).update(created_at=now - timedelta(days=20))
    Upload.objects.filter(id=left.id).update(created_at=now - uploads.RETENTION - timedelta(hours=1))
    past = ExpiredUploads(data_dir=tmp_path, now=now)
    found = past.find()
    assert (found.count, found.size) == (2, 20)
    assert past.remove() == found
    assert {each.id for each in Upload.objects.all()} == {new.id, going.id}
    assert Workload.objects.count() == 2
    assert len(files(tmp_path)) == 3
    assert past.remove().count == 0
