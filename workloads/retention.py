"""Garbage of this app: files on disk whose row is gone, and uploads that are finished or abandoned."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from core.db import as_user
from core.exceptions import NotFound
from core.files import DiskEntry, find_entry, list_folder
from core.i18n.text import text
from core.models import OwnedQuerySet, User
from core.retention import Garbage, to_garbage
from workloads import uploads
from workloads.models import Upload, Workload

MIN_ORPHAN_AGE = timedelta(
    hours=1
)  # a file may lie there for a while before its row does; no log takes as long to be read
UUID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FILE_NAME_PATTERN = re.compile(rf"\.*(?P<id>{UUID_PATTERN})(?:\.(?:duckdb|raw|answers)(?:\..+)?)?")
"""What is made here: `<id>`, `<id>.duckdb`, `<id>.raw`, `<id>.answers`; hidden while at work: `.<id>.duckdb.1`."""
DATA_FOLDERS = ("workloads", "uploads")
ORPHANS_LABEL = text("files of logs and uploads that there are not")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedFiles:
    """Files of no row, untouched for an hour before `now`. What has a name that is not ours is left alone."""

    data_dir: Path
    now: datetime

    def find(self) -> Garbage:
        return to_garbage(ORPHANS_LABEL, tuple(self._iter_orphans()))

    def remove(self) -> Garbage:
        gone = tuple(self._iter_orphans())
        for each in gone:
            each.remove()
        for folder, owner_id in _iter_user_folders(self.data_dir):
            if not list_folder(folder) and not User.objects.filter(id=owner_id).exists():
                folder.rmdir()  # of somebody who will not come back
        return to_garbage(ORPHANS_LABEL, gone)

    def _iter_orphans(self) -> Iterator[DiskEntry]:
        for folder, owner_id in _iter_user_folders(self.data_dir):
            # The folder first, the rows second: what got its row meanwhile is not an orphan.
            there = {
                path: UUID(name["id"])
                for path in list_folder(folder)
                if (name := FILE_NAME_PATTERN.fullmatch(path.name))
            }
            known = _list_known_ids(owner_id)
            for path, id_ in there.items():
                found = None if id_ in known else find_entry(path)
                if found is not None and self.now - found.modified_at >= MIN_ORPHAN_AGE:
                    yield found


def _iter_user_folders(data_dir: Path) -> Iterator[tuple[Path, UUID]]:
    for kind in DATA_FOLDERS:
        for folder in list_folder(data_dir / kind):
            if re.fullmatch(UUID_PATTERN, folder.name):
                yield folder, UUID(folder.name)


def _list_known_ids(owner_id: UUID) -> set[UUID]:
    with as_user(owner_id):
        logs = Workload.objects.for_user(owner_id).values_list("id", flat=True)
        return {*logs, *Upload.objects.for_user(owner_id).values_list("id", flat=True)}


FINISHED_RETENTION = timedelta(days=1)  # a client that did not hear of the end asks again within it


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredUploads:
    """Of all users. Logs that came of them stay, and so do their bytes, wherever they lie."""

    data_dir: Path
    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage([(upload, self._measure_size(upload)) for upload in self._list_expired()])

    def remove(self) -> Garbage:
        gone = [(upload, self._measure_size(upload)) for upload in self._list_expired()]
        for upload, _ in gone:
            try:
                uploads.discard_upload(upload.owner_id, upload.id, self.data_dir)
            except NotFound:
                continue  # its owner was faster
        return self._to_garbage(gone)

    def _list_expired(self) -> OwnedQuerySet[Upload]:
        finished = Q(
            workload__created_at__lt=self.now - FINISHED_RETENTION
        )  # a log is made with its upload's last byte
        left = Q(workload=None, created_at__lt=self.now - uploads.RETENTION)
        past: OwnedQuerySet[Upload] = Upload.objects.filter(finished | left)
        return past

    def _measure_size(self, upload: Upload) -> int:
        """Bytes that go with it: those of a finished one are its log's."""
        there = find_entry(upload.get_path(self.data_dir)) if upload.workload_id is None else None
        return there.size if there else 0

    def _to_garbage(self, these: list[tuple[Upload, int]]) -> Garbage:
        return Garbage(what=text("uploads that are over"), count=len(these), size=sum(size for _, size in these))
