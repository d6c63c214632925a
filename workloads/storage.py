"""The disk space that a user's logs take, and the limits on it, counted under the user's lock so that
concurrent requests cannot exceed them together.

An upload takes all that it announced for as long as its parts keep coming; after a break, what has arrived."""

import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, Sum, When

from core.exceptions import Conflict, StorageFull
from core.files import list_folder, private_dir
from core.i18n.text import Text, text
from core.models import User
from workloads.models import Upload, Workload

RESERVATION_TIME = timedelta(minutes=10)
"""For so long after its last part an upload keeps the room for the parts to come."""
RAW_SUFFIX = ".raw"
WORK_PREFIX = ".."
"""How the names of folders begin that a reading works in (workloads.import_attempt, workloads.ingest.sandbox): they are bounded there
and gone with it, so they take nothing of a user's quota."""
ADVISORY_LOCK_ID = 0x6E657472  # of PostgreSQL's advisory locks: who counts what everybody has announced

StorageLimit = Callable[[UUID], int | None]
"""Bytes that a user's logs may take; None: as many as the disk has."""


def allow_any_size(user_id: UUID) -> None:
    """For a machine of one's own."""


class StorageQuotaExceeded(Conflict):
    """`details` says what is used, allowed and needed, in bytes."""

    code = "over_quota"

    def __init__(self, storage: "StorageUsage", needed: int) -> None:
        super().__init__(_describe_quota(storage, needed))
        self.details: Mapping[str, Any] = MappingProxyType(
            {"used_bytes": storage.used, "limit_bytes": storage.limit, "needed_bytes": needed}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageUsage:
    """Bytes. `limit` is None where there is none."""

    used: int
    limit: int | None

    def has_room(self, needed: int) -> bool:
        return self.limit is None or self.used + needed <= self.limit


def measure_storage(user_id: UUID, data_dir: Path, limit: int | None) -> StorageUsage:
    """As it stands now; it decides nothing."""
    return StorageUsage(
        used=_sum_announced(user_id) + _sum_uploaded(user_id) + _sum_imported(user_id, data_dir), limit=limit
    )


def require_room(user_id: UUID, needed: int, *, data_dir: Path, limit: int | None) -> None:
    """Raise OverQuota where the user's logs cannot take `needed` bytes more. The user's turn until the end of the
    caller's transaction, which counts whatever that stores."""
    lock_user_storage(user_id)
    storage = measure_storage(user_id, data_dir, limit)
    if not storage.has_room(needed):
        raise StorageQuotaExceeded(storage, needed)


def lock_user_storage(user_id: UUID) -> None:
    """Until the end of the caller's transaction nobody else counts this user's bytes; on SQLite it has begun with the
    only writer's lock. Before any lock on a log or an upload: all take them in this order."""
    User.objects.select_for_update(no_key=True).filter(id=user_id).values_list("id").first()


def lock_all_storage() -> None:
    """Until the end of the caller's transaction nobody else counts what all users have announced."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK_ID])


def filter_reserved(now: datetime | None = None) -> Q:
    """Of uploads under way, those that keep the room for what is still to come."""
    return Q(workload=None, touched_at__gt=(now or datetime.now(UTC)) - RESERVATION_TIME)


def measure_size(path: Path) -> int:
    """Bytes of a file or of all that a folder holds but uploaded files; 0 where there is none."""
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            return 0 if path.suffix == RAW_SUFFIX else found.st_size
        return sum(measure_size(each) for each in path.iterdir())
    except FileNotFoundError:
        return 0  # a reading ended in this moment


def _sum_announced(user_id: UUID) -> int:
    taken = Case(When(filter_reserved(), then=F("size")), default=F("offset"))
    uploads = Upload.objects.for_user(user_id).filter(workload=None)
    return uploads.aggregate(bytes=Sum(taken))["bytes"] or 0


def _sum_uploaded(user_id: UUID) -> int:
    logs = Workload.objects.for_user(user_id).filter(raw_kept=True)
    return logs.aggregate(bytes=Sum("size"))["bytes"] or 0


def _sum_imported(user_id: UUID, data_dir: Path) -> int:
    """Of what lies on the disk, all but what was uploaded, which the rows tell of already."""
    found = list_folder(data_dir / "workloads" / str(user_id))
    return sum(measure_size(each) for each in found if not each.name.startswith(WORK_PREFIX))


def _describe_quota(storage: StorageUsage, needed: int) -> Text:
    if needed <= 0:
        return text(
            "Your logs use {used} of the {limit} that your plan includes. Delete a log to make room, then try again.",
            used=format_megabytes(storage.used),
            limit=format_megabytes(storage.limit or 0),
        )
    return text(
        "This needs {needed}, and your logs use {used} of the {limit} that your plan includes. Delete a log or an "
        "unfinished upload to make room, then try again.",
        needed=format_megabytes(needed),
        used=format_megabytes(storage.used),
        limit=format_megabytes(storage.limit or 0),
    )


def format_megabytes(count: int) -> Text:
    return text("{megabytes:,.1f} MB", megabytes=count / 1_000_000)


def require_disk_room(size: int, data_dir: Path, free: Callable[[Path], int], reserve: int) -> None:
    """In the caller's transaction, one at a time of all: what they leave for others is counted once."""
    lock_all_storage()
    if free(private_dir(data_dir)) - _sum_reserved_bytes() - reserve < size:
        raise StorageFull(text("There is not enough room on the server's disk for this file."))


def _sum_reserved_bytes() -> int:
    """Bytes that the uploads of all users have still to bring, as far as room is kept for them."""
    left = Upload.objects.filter(filter_reserved()).aggregate(left=Sum(F("size") - F("offset")))["left"]
    return left or 0


def check_disk_reserve(free: int, size: int, reserve: int) -> None:
    """At each part: what was free when the upload began may be taken since, and not by uploads alone."""
    if free - size < reserve:
        raise StorageFull(
            text("There is not enough room on the server's disk now. Try again later: your upload is kept.")
        )
