"""Users' files of an installation with an object store, in backups: the same members as those of a data folder, so that
a backup can be restored with a store or without."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from core.db import as_all_users, as_user
from core.exceptions import BadInput
from core.files import private_dir
from core.models import User
from netra.backups import archive as files
from workloads.files.base import LogFiles
from workloads.files.installed import get_log_files
from workloads.files.staging import get_staging_path
from workloads.models import Upload, Workload, WorkloadState


def add_objects(archive: tarfile.TarFile, data_dir: Path) -> list[int]:
    """Add the files of all users, one after the other, and return their sizes. Raises StoreUnavailable."""
    log_files = get_log_files(data_dir)
    return [size for row in _iter_rows() for size in _add_files(archive, row, log_files, data_dir)]


def _add_files(archive: tarfile.TarFile, row: Workload | Upload, log_files: LogFiles, data_dir: Path) -> Iterator[int]:
    with log_files.open_copy(row) as path:
        if path.exists():
            target = row.get_raw_path(data_dir) if isinstance(row, Workload) else row.get_path(data_dir)
            yield files.add_file(archive, path, files.to_member_name(target, data_dir))
    if isinstance(row, Workload) and row.imported is not None:
        try:
            with log_files.open_log(row) as log:
                yield files.add_file(archive, log.path, files.to_member_name(row.get_path(data_dir), data_dir))
        except BadInput:  # deleted by its user at this moment
            return


def place_restored_files(data_dir: Path) -> None:
    """Store the files that a backup was restored to, if the installation has a store; the rows then say where they are.
    Raises StoreUnavailable."""
    with as_all_users():
        Workload.objects.update(parts=None, imported=None)
        Upload.objects.update(parts=None)
    log_files = get_log_files(data_dir)
    if log_files.are_on_disk:
        return
    for row in _iter_rows():
        if isinstance(row, Upload):
            _store_upload(row, row.get_path(data_dir), log_files)
        else:
            # Before a log is read, its file is where it was uploaded to.
            upload = Upload(id=row.id, owner_id=row.owner_id).get_path(data_dir)
            _store_upload(row, upload if upload.exists() else row.get_raw_path(data_dir), log_files)
            _store_import(row, data_dir, log_files)


def _store_upload(row: Workload | Upload, path: Path, log_files: LogFiles) -> None:
    if path.exists():
        log_files.save_upload(row, path)
        _save(row, "parts")
        path.unlink()


def _store_import(row: Workload, data_dir: Path, log_files: LogFiles) -> None:
    path, staged = row.get_path(data_dir), get_staging_path(row, row.attempt, data_dir)
    if path.exists() and row.state == WorkloadState.READY:
        os.replace(path, private_dir(staged.parent) / staged.name)
        row.imported = log_files.save_import(row, row.attempt)
        _save(row, "imported")
        log_files.discard_import(row, row.attempt, None)
    path.unlink(missing_ok=True)


def _save(row: Workload | Upload, column: str) -> None:
    with as_user(row.owner_id):
        row.save(update_fields=[column])


def _iter_rows() -> Iterator[Workload | Upload]:
    """Yield the logs and the unfinished uploads of all users."""
    for user_id in User.objects.order_by("id").values_list("id", flat=True):
        yield from _list_rows(user_id)


def _list_rows(user_id: UUID) -> list[Workload | Upload]:
    with as_user(user_id):
        return [
            *Workload.objects.for_user(user_id).order_by("id"),
            *Upload.objects.for_user(user_id).filter(workload=None).order_by("id"),
        ]
