"""Garbage of this app: files on disk whose row is gone, and uploads that are finished or abandoned."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from core.db import as_all_users, as_user
from core.exceptions import NotFound
from core.files import DiskEntry, find_entry, list_folder
from core.i18n.text import text
from core.models import User
from core.retention import Garbage, to_garbage
from workloads import uploads
from workloads.models import Upload, Workload

MIN_ORPHAN_AGE = timedelta(hours=1)  # a file may be older than its row, but no import takes that long
UUID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FILE_NAME_PATTERN = re.compile(rf"\.*(?P<id>{UUID_PATTERN})(?:\.(?:duckdb|raw|answers)(?:\..+)?)?")
"""The names of our files: `<id>`, `<id>.duckdb`, `<id>.raw`, `<id>.answers`; `.<id>.duckdb.1` while being written."""
DATA_FOLDERS = ("workloads", "uploads")
ORPHANS_LABEL = text("orphaned files of logs and uploads")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedFiles:
    """Files without a row that were not modified for an hour before `now`. Files with other names are ignored."""

    data_dir: Path
    now: datetime

    def find(self) -> Garbage:
        return to_garbage(ORPHANS_LABEL, tuple(self._iter_orphans()))

    def remove(self) -> Garbage:
        orphans = tuple(self._iter_orphans())
        for orphan in orphans:
            orphan.remove()
        for folder, owner_id in _iter_user_folders(self.data_dir):
            if not list_folder(folder) and not User.objects.filter(id=owner_id).exists():
                folder.rmdir()  # its user was deleted
        return to_garbage(ORPHANS_LABEL, orphans)

    def _iter_orphans(self) -> Iterator[DiskEntry]:
        for folder, owner_id in _iter_user_folders(self.data_dir):
            # The folder before the rows: a file that gets its row meanwhile is not an orphan.
            paths = {
                path: UUID(name["id"])
                for path in list_folder(folder)
                if (name := FILE_NAME_PATTERN.fullmatch(path.name))
            }
            known = _list_known_ids(owner_id)
            for path, id_ in paths.items():
                entry = None if id_ in known else find_entry(path)
                if entry is not None and self.now - entry.modified_at >= MIN_ORPHAN_AGE:
                    yield entry


def _iter_user_folders(data_dir: Path) -> Iterator[tuple[Path, UUID]]:
    for kind in DATA_FOLDERS:
        for folder in list_folder(data_dir / kind):
            if re.fullmatch(UUID_PATTERN, folder.name):
                yield folder, UUID(folder.name)


def _list_known_ids(owner_id: UUID) -> set[UUID]:
    with as_user(owner_id):
        logs = Workload.objects.for_user(owner_id).values_list("id", flat=True)
        return {*logs, *Upload.objects.for_user(owner_id).values_list("id", flat=True)}


FINISHED_RETENTION = timedelta(days=1)  # a client that missed the last response retries within it


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredUploads:
    """Finished and abandoned uploads of all users. The logs that they became stay, with their bytes."""

    data_dir: Path
    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage([(upload, self._measure_size(upload)) for upload in self._list_expired()])

    def remove(self) -> Garbage:
        expired = [(upload, self._measure_size(upload)) for upload in self._list_expired()]
        for upload, _ in expired:
            try:
                uploads.discard_upload(upload.owner_id, upload.id, self.data_dir)
            except NotFound:
                continue  # its owner deleted it first
        return self._to_garbage(expired)

    @as_all_users()
    def _list_expired(self) -> list[Upload]:
        # A log is created with its upload's last byte.
        finished = Q(workload__created_at__lt=self.now - FINISHED_RETENTION)
        abandoned = Q(workload=None, created_at__lt=self.now - uploads.RETENTION)
        return list(Upload.objects.filter(finished | abandoned))

    def _measure_size(self, upload: Upload) -> int:
        """Return the bytes that are deleted with an upload. The bytes of a finished one belong to its log."""
        return 0 if upload.workload_id is not None else int(upload.offset)

    def _to_garbage(self, expired: list[tuple[Upload, int]]) -> Garbage:
        return Garbage(
            what=text("finished or expired uploads"), count=len(expired), size=sum(size for _, size in expired)
        )
