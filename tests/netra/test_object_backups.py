"""A backup of an installation with an object store is restored with another store, or with none."""

import tarfile
from pathlib import Path

import pytest
from pytest_django import Settings

from core.objects.installed import InstalledStore
from core.objects.store import ObjectStore
from netra.backups import archive as files
from netra.backups.objects import add_objects, place_restored_files
from tests.conftest import People
from tests.support.stores import IllStore
from tests.support.workloads import uploaded_logs
from tests.support.workloads.stored_logs import ask, read_log
from tests.support.workloads.uploaded_logs import LOG, begin_upload, part
from workloads import uploads
from workloads.models import Workload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.long]


def extract(backup: Path, data_dir: Path) -> None:
    with tarfile.open(backup) as archive:
        for member in archive:
            files.extract_member(archive, member, files.locate_member(member, data_dir))


def test_files_are_the_same_with_another_store_and_with_none(
    people: People, tmp_path: Path, installed_store: IllStore, folder_store: ObjectStore, settings: Settings
) -> None:
    log = read_log(people.owner, tmp_path / "one")
    unfinished = begin_upload(people.neighbour, tmp_path / "one")
    part(unfinished, LOG[:50], tmp_path / "one")
    backup, other, folder = tmp_path / "backup.tar", tmp_path / "other", tmp_path / "folder"
    with tarfile.open(backup, "w") as archive:
        sizes = add_objects(archive, tmp_path / "one")
    assert (len(sizes), sizes.count(len(LOG)), sizes.count(50)) == (3, 1, 1)

    extract(backup, other)
    settings.OBJECT_STORE = InstalledStore(store=folder_store, quick=folder_store, cache_bytes=1 << 30, reserve_bytes=0)
    place_restored_files(other)
    assert uploaded_logs.files(other) == []
    assert ask(Workload.objects.get(id=log.id), tmp_path / "two") == 5
    finished = part(uploads.get_upload(people.neighbour.id, unfinished.id), LOG[50:], other, offset=50).workload
    assert finished is not None
    assert sum(part["size"] for part in finished.parts or ()) == len(LOG)

    extract(backup, folder)
    settings.OBJECT_STORE = None
    place_restored_files(folder)
    assert ask(Workload.objects.get(id=log.id), folder) == 5
    assert Workload.objects.filter(parts__isnull=True, imported__isnull=True).count() == 2
