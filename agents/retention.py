"""Prune the events of runs that ended long ago, and scratch folders whose run or log no longer exists."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db.models import Count, Q, Sum

from agents.models import Run
from core.db import as_all_users, as_user, retry_on_conflict
from core.files import DiskEntry, find_entry, list_folder
from core.i18n.text import text
from core.models import Event
from core.retention import Garbage, to_garbage
from core.stream.append import lock_head
from core.stream.retention import PAYLOAD_BYTES, delete_events
from tools.results import count_result_bytes, delete_results
from workloads.models import Workload
from workloads.retention import MIN_ORPHAN_AGE


@dataclass(frozen=True, slots=True, kw_only=True)
class OldEvents:
    """Events of all users' runs that ended before a moment (aware, UTC)."""

    ended_before: datetime

    def find(self) -> Garbage:
        count = size = 0
        for user_id, old in self._iter_by_user():
            with as_user(user_id):
                events = Event.objects.for_user(user_id).filter(old)
                totals = events.aggregate(count=Count("id"), size=Sum(PAYLOAD_BYTES))
                results = count_result_bytes(user_id, old)
            count, size = count + totals["count"], size + (totals["size"] or 0) + results
        return self._to_garbage(count, size)

    def remove(self) -> Garbage:
        size = self.find().size
        count = 0
        for user_id, old in self._iter_by_user():
            count += delete_events(user_id, old)
            _delete_results(user_id, old)
        return self._to_garbage(count, size)

    def _iter_by_user(self) -> Iterator[tuple[UUID, Q]]:
        ended = Run.objects.filter(ended_at__lt=self.ended_before)
        with as_all_users():
            user_ids = list(ended.order_by("owner_id").values_list("owner_id", flat=True).distinct())
        for user_id in user_ids:
            yield user_id, Q(run_id__in=ended.for_user(user_id).values("id"))

    def _to_garbage(self, count: int, size: int) -> Garbage:
        return Garbage(
            what=text("events of runs that ended before {moment} UTC", moment=f"{self.ended_before:%Y-%m-%d %H:%M}"),
            count=count,
            size=size,
        )


@retry_on_conflict
def _delete_results(user_id: UUID, old: Q) -> None:
    with as_user(user_id, atomic=True):
        lock_head(user_id)
        delete_results(user_id, old)


SCRATCH_NAME_PATTERN = re.compile(r"(?P<reading>read-)?(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+")
SCRATCH_DESCRIPTION = text("orphaned working folders")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedScratch:
    """Scratch folders of runs and logs that no longer exist, untouched for an hour before `now`."""

    data_dir: Path
    now: datetime

    def find(self) -> Garbage:
        return to_garbage(SCRATCH_DESCRIPTION, tuple(self._iter_orphans()))

    def remove(self) -> Garbage:
        orphans = tuple(self._iter_orphans())
        for entry in orphans:
            entry.remove()
        return to_garbage(SCRATCH_DESCRIPTION, orphans)

    def _iter_orphans(self) -> Iterator[DiskEntry]:
        # List the folders first, then ask for the rows: a row is created before its folder.
        for path, id_, reading in _iter_scratch_folders(self.data_dir):
            entry = find_entry(path)
            if entry is None or self.now - entry.modified_at < MIN_ORPHAN_AGE:
                continue
            if not _exists(Workload if reading else Run, id_):
                yield entry


@as_all_users()
def _exists(model: type[Run] | type[Workload], row_id: UUID) -> bool:
    return model.objects.filter(id=row_id).exists()


def list_scratch_folders(ids: Collection[UUID], data_dir: Path) -> list[Path]:
    """Return the scratch folders of these runs and logs."""
    return [path for path, id_, _ in _iter_scratch_folders(data_dir) if id_ in ids]


def _iter_scratch_folders(data_dir: Path) -> Iterator[tuple[Path, UUID, bool]]:
    for path in list_folder(data_dir / "scratch"):
        name = SCRATCH_NAME_PATTERN.fullmatch(path.name)
        if name is not None:
            yield path, UUID(name["id"]), name["reading"] is not None
