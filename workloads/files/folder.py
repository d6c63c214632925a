"""Files of logs in the data folder, used where they are. Several processes may share the folder."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from core.files import list_folder, private_dir
from workloads import upload_parts
from workloads.files.base import OpenLog, StoredImport, StoredPart
from workloads.files.sizes import WORK_PREFIX, measure_size
from workloads.files.staging import discard_staging, get_staging_answers, get_staging_path, remove_leftovers
from workloads.models import Upload, Workload, WorkloadState


@dataclass(frozen=True, slots=True)
class FolderPart:
    """An upload's file, locked: another part waits."""

    descriptor: int
    path: Path

    def get_size(self, upload: Upload) -> int:
        return os.fstat(self.descriptor).st_size

    def write(self, upload: Upload, chunks: Iterable[bytes]) -> tuple[int, tuple[StoredPart, ...]]:
        missing = upload.size - upload.offset
        return upload_parts.write_part(self.descriptor, chunks, offset=upload.offset, most=missing), ()

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class FolderLogFiles:
    """What is deleted is deleted at once: while its row is locked no worker can put a file in place, and a failure
    leaves the row, so that it can be repeated."""

    data_dir: Path
    are_on_disk: bool = True

    @contextmanager
    def open_part(self, upload: Upload) -> Iterator[FolderPart]:
        path = upload.get_path(self.data_dir)
        private_dir(path.parent)
        with upload_parts.open_locked(path) as descriptor:
            yield FolderPart(descriptor, path)

    def save_upload(self, row: Workload | Upload, source: Path) -> None:
        raw = row.get_raw_path(self.data_dir) if isinstance(row, Workload) else row.get_path(self.data_dir)
        private_dir(raw.parent)
        shutil.copyfile(source, raw)

    def discard_saved_upload(self, workload: Workload) -> None:
        workload.get_raw_path(self.data_dir).unlink(missing_ok=True)

    @contextmanager
    def open_upload(self, workload: Workload, attempt: int) -> Iterator[Path]:
        self._move_upload(workload)
        yield workload.get_raw_path(self.data_dir)

    @contextmanager
    def open_copy(self, row: Workload | Upload) -> Iterator[Path]:
        raw = Workload(id=row.id, owner_id=row.owner_id).get_raw_path(self.data_dir)
        # Before a log is read, its file is still where it was uploaded to.
        yield raw if raw.exists() else Upload(id=row.id, owner_id=row.owner_id).get_path(self.data_dir)

    def _move_upload(self, workload: Workload) -> None:
        """Move the bytes of a finished upload to the raw file. Repeated after a crash, it changes nothing."""
        raw = workload.get_raw_path(self.data_dir)
        upload = Upload(id=workload.id, owner_id=workload.owner_id).get_path(self.data_dir)
        private_dir(raw.parent)
        if upload.exists() and not raw.exists():
            os.replace(upload, raw)

    def save_import(self, workload: Workload, attempt: int) -> StoredImport | None:
        return None

    def place_import(self, workload: Workload, attempt: int, replaced: StoredImport | None) -> None:
        path, answers = workload.get_path(self.data_dir), workload.get_answers_dir(self.data_dir)
        staged = get_staging_path(workload, attempt, self.data_dir)
        shutil.rmtree(answers, ignore_errors=True)
        if workload.state == WorkloadState.READY:
            os.replace(staged, path)
            computed = get_staging_answers(staged)
            if computed.exists() and not answers.exists():  # an import from the terminal may compute none beforehand
                os.replace(computed, answers)
        else:
            path.unlink(missing_ok=True)

    def discard_import(self, workload: Workload, attempt: int, stored: StoredImport | None) -> None:
        discard_staging(workload, attempt, self.data_dir)

    @contextmanager
    def open_log(self, workload: Workload) -> Iterator[OpenLog]:
        yield OpenLog(path=workload.get_path(self.data_dir), answers_dir=workload.get_answers_dir(self.data_dir))

    def measure_imports(self, user_id: UUID) -> int:
        """Return the bytes of the user's files except the uploaded ones, whose sizes are in the rows."""
        paths = list_folder(self.data_dir / "workloads" / str(user_id))
        return sum(measure_size(path) for path in paths if not path.name.startswith(WORK_PREFIX))

    def measure_import(self, workload: Workload) -> int:
        paths = (workload.get_path(self.data_dir), workload.get_answers_dir(self.data_dir))
        return sum(map(measure_size, paths))

    def measure_unplaced(self, stored: StoredImport | None) -> int:
        return 0

    def delete_upload(self, upload: Upload) -> None:
        upload.get_path(self.data_dir).unlink(missing_ok=True)

    def delete_files(self, workload: Workload) -> None:
        path, answers = workload.get_path(self.data_dir), workload.get_answers_dir(self.data_dir)
        if answers.exists():
            # Moved first: a run that ends at this moment must not save its answers into a folder that is being deleted.
            answers.rename(path.with_name(f".{path.name}.answers"))
        remove_leftovers(workload, self.data_dir)
        upload = Upload(id=workload.id, owner_id=workload.owner_id)
        # The upload first: a worker may be about to move it to the raw file.
        for each in (upload.get_path(self.data_dir), workload.get_raw_path(self.data_dir), path):
            each.unlink(missing_ok=True)

    def is_reachable(self) -> bool:
        return True

    def queue_user_deletion(self, user_id: UUID) -> None:
        return None

    def delete_user_objects(self, user_id: UUID) -> int:
        return 0

    def measure_user_objects(self, user_id: UUID) -> tuple[int, int]:
        return 0, 0
