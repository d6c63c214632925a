"""Files of logs in the object store: below `<user>/<log>/`, the parts of the uploaded file, and what an attempt made of
it. No object is ever changed, so that a database row decides which ones count."""

import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from core.db import as_user
from core.exceptions import BadInput, NetraError, OperatorError, StorageFull
from core.files import free_bytes, private_dir
from core.i18n.text import text
from core.objects.cache import FileCache
from core.objects.installed import InstalledStore
from core.objects.store import RANGE_BYTES, convert_store_errors
from workloads.files import object_jobs
from workloads.files.base import OpenLog, StoredImport
from workloads.files.objects import (
    ANSWERS,
    LOG_NAME,
    PARTS,
    ObjectAnswers,
    ObjectPart,
    check_digest,
    compute_fetch_seconds,
    delete_quietly,
    describe_part,
    get_attempt_key,
    get_log_key,
    hash_file,
    name_part,
)
from workloads.files.staging import discard_staging, get_staging_answers, get_staging_path, remove_leftovers
from workloads.models import Upload, Workload, WorkloadState

log = logging.getLogger(__name__)

CACHE_FOLDER = "cache"


class StoredLogFiles:
    """What is deleted is deleted by a job, which waits until the store can be reached."""

    are_on_disk = False

    def __init__(self, data_dir: Path, installed: InstalledStore) -> None:
        self._data_dir = data_dir
        self._store = installed.store
        self._quick = installed.quick
        self._reserve = installed.reserve_bytes
        self.cache = FileCache(
            folder=data_dir / CACHE_FOLDER, limit=installed.cache_bytes, reserve=installed.reserve_bytes
        )

    @contextmanager
    def open_part(self, upload: Upload) -> Iterator[ObjectPart]:
        yield ObjectPart(self._store, get_log_key(upload))

    def save_upload(self, row: Workload | Upload, source: Path) -> None:
        row.parts = []
        with (
            source.open("rb") as file,
            convert_store_errors(
                away=text("The file store cannot be reached. Your file was not saved; try again in a few minutes."),
                full=text("There is no space left in the file store. Your file was not saved; try again later."),
            ),
        ):
            offset = 0
            while content := file.read(RANGE_BYTES):
                name = name_part(offset)
                self._store.put_bytes(f"{get_log_key(row)}/{PARTS}/{name}", content)
                row.parts = [*row.parts, describe_part(name, content)]
                offset += len(content)

    def discard_saved_upload(self, workload: Workload) -> None:
        delete_quietly(
            self._store, [f"{get_log_key(workload)}/{PARTS}/{part['name']}" for part in workload.parts or ()]
        )

    @contextmanager
    def open_upload(self, workload: Workload, attempt: int) -> Iterator[Path]:
        staged = get_staging_path(workload, attempt, self._data_dir)
        path = private_dir(staged.parent) / f"{staged.name}.raw"
        try:
            with convert_store_errors(
                away=text("The file store cannot be reached. Reading is retried automatically; your file is saved."),
                full=text("There is not enough space on the server's disk. Reading is retried automatically."),
            ):
                self._fetch_parts(workload, path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def open_copy(self, row: Workload | Upload) -> Iterator[Path]:
        # Named so that what a crash leaves behind is pruned (agents.retention).
        folder = private_dir(self._data_dir / "scratch" / f"read-{row.id}-{time.time_ns()}")
        try:
            with suppress(BadInput):  # it was deleted at this moment
                self._fetch_parts(row, folder / "file")
            yield folder / "file"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _fetch_parts(self, row: Workload | Upload, path: Path) -> None:
        parts = row.parts or ()
        size = sum(part["size"] for part in parts)
        if free_bytes(self._data_dir) - size < self._reserve:
            raise StorageFull(text("There is not enough space on the server's disk right now. Try again later."))
        path.unlink(missing_ok=True)
        until = time.monotonic() + compute_fetch_seconds(size)
        try:
            for part in parts:
                key = f"{get_log_key(row)}/{PARTS}/{part['name']}"
                check_digest(key, self._store.append_to_file(key, part["size"], path, until=until), part["sha256"])
        except FileNotFoundError as error:
            raise _build_missing_error() from error
        path.touch(mode=0o600)

    def save_import(self, workload: Workload, attempt: int) -> StoredImport | None:
        staged, prefix = get_staging_path(workload, attempt, self._data_dir), get_attempt_key(workload, attempt)
        answers = get_staging_answers(staged)
        with convert_store_errors(
            away=text("The file store cannot be reached. Reading is retried automatically; your file is saved."),
            full=text("There is no space left in the file store. Reading is retried automatically."),
        ):
            self._store.put_file(f"{prefix}/{LOG_NAME}", staged)
            for file in sorted(answers.rglob("*.json")):
                name = file.relative_to(answers).as_posix()
                self._store.put_bytes(f"{prefix}/{ANSWERS}/{name}", file.read_bytes())
        status = staged.stat()
        return {
            "attempt": attempt,
            "sha256": hash_file(staged),
            "size": status.st_size,
            "answers_size": sum(file.stat().st_size for file in answers.rglob("*.json")),
            "mtime_ns": status.st_mtime_ns,
        }

    def place_import(self, workload: Workload, attempt: int, replaced: StoredImport | None) -> None:
        if replaced is not None and replaced["attempt"] != attempt:
            # A run that began with the row as it was may still open it.
            prefix = get_attempt_key(workload, replaced["attempt"])
            object_jobs.queue_deletion(prefix, delay=object_jobs.AFTER_REPLACEMENT)
        if workload.state == WorkloadState.READY:
            transaction.on_commit(lambda: self._move_to_cache(workload, attempt), robust=True)

    def _move_to_cache(self, workload: Workload, attempt: int) -> None:
        """Spare this machine the download of what it has just stored."""
        staged, key = get_staging_path(workload, attempt, self._data_dir), get_attempt_key(workload, attempt)
        answers = self.cache.folder / key / ANSWERS
        private_dir(answers.parent)
        if get_staging_answers(staged).exists() and not answers.exists():
            os.replace(get_staging_answers(staged), answers)
        self.cache.add(f"{key}/{LOG_NAME}", staged)

    def discard_import(self, workload: Workload, attempt: int, stored: StoredImport | None) -> None:
        discard_staging(workload, attempt, self._data_dir)
        if stored is not None:
            try:
                self._store.delete_below(get_attempt_key(workload, attempt))
            except OperatorError:
                log.warning("what was read of log %s is deleted later", workload.id)

    @contextmanager
    def open_log(self, workload: Workload) -> Iterator[OpenLog]:
        imported: StoredImport | None = workload.imported
        if imported is None:
            raise _build_missing_error()
        key = get_attempt_key(workload, imported["attempt"])

        def fetch(path: Path) -> None:
            self._fetch_import(f"{key}/{LOG_NAME}", imported, path)

        with self.cache.hold(f"{key}/{LOG_NAME}", imported["size"], fetch) as path:
            answers = path.parent / ANSWERS
            answers.mkdir(mode=0o700, exist_ok=True)
            yield OpenLog(path=path, answers_dir=answers, shared_answers=ObjectAnswers(self._quick, f"{key}/{ANSWERS}"))

    def _fetch_import(self, key: str, imported: StoredImport, path: Path) -> None:
        until = time.monotonic() + compute_fetch_seconds(imported["size"])
        try:
            with convert_store_errors(
                away=text("The file store cannot be reached, so this log can't be opened. Try again in a few minutes."),
                full=text("There is not enough space on the server's disk to open this log. Try again later."),
            ):
                digest = self._store.append_to_file(key, imported["size"], path, until=until)
                check_digest(key, digest, imported["sha256"])
        except FileNotFoundError as error:
            raise _build_missing_error() from error
        # Answers about it are kept under the time of its last change (analysis.cache), on every machine.
        os.utime(path, ns=(time.time_ns(), imported["mtime_ns"]))

    def measure_imports(self, user_id: UUID) -> int:
        with as_user(user_id):
            rows = Workload.objects.for_user(user_id).filter(imported__isnull=False).values_list("imported", flat=True)
            return sum(map(_measure, rows))

    def measure_import(self, workload: Workload) -> int:
        return _measure(workload.imported)

    def measure_unplaced(self, stored: StoredImport | None) -> int:
        return _measure(stored)

    def delete_upload(self, upload: Upload) -> None:
        object_jobs.queue_deletion(get_log_key(upload))

    def delete_files(self, workload: Workload) -> None:
        object_jobs.queue_deletion(get_log_key(workload))
        transaction.on_commit(lambda: self._delete_copies(workload), robust=True)

    def _delete_copies(self, workload: Workload) -> None:
        remove_leftovers(workload, self._data_dir)
        self.cache.remove(get_log_key(workload))

    def is_reachable(self) -> bool:
        try:
            self._store.check()
        except OperatorError:
            return False
        return True

    def queue_user_deletion(self, user_id: UUID) -> None:
        object_jobs.queue_deletion(str(user_id), delay=object_jobs.AFTER_ERASURE)

    def delete_user_objects(self, user_id: UUID) -> int:
        self.cache.remove(str(user_id))
        return self._store.delete_below(str(user_id))

    def measure_user_objects(self, user_id: UUID) -> tuple[int, int]:
        sizes = [each.size for each in self._store.list_below(str(user_id))]
        return len(sizes), sum(sizes)


def _measure(imported: Any) -> int:
    return 0 if imported is None else imported["size"] + imported["answers_size"]


def _build_missing_error() -> NetraError:
    return BadInput(text("The stored data of this log is missing or damaged. Upload the log again."))
