"""Objects without a row, and files of work and copies on this machine that no row needs any more."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from core.db import as_user
from core.files import find_entry, list_folder
from core.i18n.text import text
from core.objects.store import ObjectStore, StoredObject
from core.retention import Garbage
from workloads.analysis.cache import MAX_FILES, MAX_QUERIES, QUERY_FOLDER
from workloads.files.objects import ANSWERS, PARTS
from workloads.files.stored import StoredLogFiles
from workloads.models import UNREADY_STATES, Upload, Workload, WorkloadState

MIN_ORPHAN_AGE = timedelta(hours=1)  # an object is stored before its row names it
MIN_LEFTOVER_AGE = timedelta(minutes=1)
UUID_PATTERN = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KEY_PATTERN = re.compile(rf"{UUID_PATTERN}/(?P<id>{UUID_PATTERN})/(?P<kind>{PARTS}|\d+)/(?P<name>.+)")
LEFTOVER_PATTERN = re.compile(rf"\.{{1,4}}(?P<id>{UUID_PATTERN})\.duckdb\.(?P<attempt>\d+).*")
LABEL = text("objects without a row, or of old answers, in the file store")


class KnownLog(NamedTuple):
    """What the rows of a log and its upload name: parts, the attempt that is its import, and one that is being read."""

    parts: frozenset[str]
    imported: int | None
    reading: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedObjects:
    """Objects that were stored an hour before `now` and that no row names, and answers beyond those that are kept of a
    log. Objects with other keys are ignored."""

    store: ObjectStore
    now: datetime

    def find(self) -> Garbage:
        return _to_garbage(tuple(self._iter_orphans()))

    def remove(self) -> Garbage:
        orphans = tuple(self._iter_orphans())
        self.store.delete([each.key for each in orphans])
        return _to_garbage(orphans)

    def _iter_orphans(self) -> Iterator[StoredObject]:
        for owner in self.store.list_folders():
            if re.fullmatch(UUID_PATTERN, owner):
                # The objects before the rows: one that gets its row meanwhile is no orphan.
                objects = tuple(self.store.list_below(owner))
                yield from _select_orphans(objects, load_known_logs(UUID(owner)), self.now)


def _select_orphans(
    objects: Iterable[StoredObject], known: Mapping[UUID, KnownLog], now: datetime
) -> Iterator[StoredObject]:
    answers: dict[tuple[str, str, bool], list[StoredObject]] = defaultdict(list)
    for each in objects:
        match = KEY_PATTERN.fullmatch(each.key)
        if match is None:
            continue
        log = known.get(UUID(match["id"]))
        if log is None or not _is_named(log, match["kind"], match["name"]):
            if now - each.modified_at >= MIN_ORPHAN_AGE:
                yield each
        elif match["name"].startswith(f"{ANSWERS}/"):
            is_query = match["name"].startswith(f"{ANSWERS}/{QUERY_FOLDER}/")
            answers[match["id"], match["kind"], is_query].append(each)
    for (_, _, is_query), kept in answers.items():
        kept.sort(key=lambda each: each.modified_at)
        yield from kept[: -(MAX_QUERIES if is_query else MAX_FILES)]


def _is_named(log: KnownLog, kind: str, name: str) -> bool:
    return name in log.parts if kind == PARTS else int(kind) in (log.imported, log.reading)


def load_known_logs(owner_id: UUID) -> dict[UUID, KnownLog]:
    """Return a user's logs and uploads by id, which a log has of its upload."""
    with as_user(owner_id):
        uploads = list(Upload.objects.for_user(owner_id).only("id", "parts"))
        logs = list(Workload.objects.for_user(owner_id).only("id", "parts", "imported", "state", "attempt"))
    known = {upload.id: KnownLog(parts=_list_names(upload), imported=None, reading=None) for upload in uploads}
    for log in logs:
        known[log.id] = KnownLog(
            parts=_list_names(log) | (known[log.id].parts if log.id in known else frozenset()),
            imported=None if log.imported is None else log.imported["attempt"],
            reading=log.attempt if log.state in UNREADY_STATES else None,
        )
    return known


def _list_names(row: Workload | Upload) -> frozenset[str]:
    return frozenset(part["name"] for part in row.parts or ())


def tidy_machine(files: StoredLogFiles, data_dir: Path) -> None:
    """Remove from this machine the copies of logs that were deleted or read again, and what attempts left behind that
    ended elsewhere; and evict copies beyond the cache's limit."""
    for owner, keys in _group_by_owner(files.cache.list_keys()).items():
        known = load_known_logs(owner)
        for key in keys:
            _, log_id, attempt, _ = key.split("/")
            log = known.get(UUID(log_id))
            if log is None:
                files.cache.remove(f"{owner}/{log_id}")
            elif int(attempt) != log.imported:
                files.cache.remove_unheld(key)
    files.cache.evict()
    files.cache.remove_drafts(MIN_ORPHAN_AGE)
    for folder in list_folder(data_dir / "workloads"):
        if re.fullmatch(UUID_PATTERN, folder.name):
            _remove_leftovers(folder)


def _group_by_owner(keys: Iterable[str]) -> dict[UUID, list[str]]:
    grouped: dict[UUID, list[str]] = defaultdict(list)
    for key in keys:
        grouped[UUID(key.partition("/")[0])].append(key)
    return grouped


def _remove_leftovers(folder: Path) -> None:
    paths = {path: match for path in list_folder(folder) if (match := LEFTOVER_PATTERN.fullmatch(path.name))}
    if not paths:
        return
    with as_user(UUID(folder.name)):
        rows = Workload.objects.for_user(UUID(folder.name)).filter(state=WorkloadState.READING)
        reading = dict(rows.values_list("id", "attempt"))
    for path, match in paths.items():
        entry = None if reading.get(UUID(match["id"])) == int(match["attempt"]) else find_entry(path)
        if entry is not None and datetime.now(UTC) - entry.modified_at >= MIN_LEFTOVER_AGE:
            entry.remove()


def _to_garbage(orphans: tuple[StoredObject, ...]) -> Garbage:
    return Garbage(what=LABEL, count=len(orphans), size=sum(each.size for each in orphans))
