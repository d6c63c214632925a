"""The disk space that a user's logs use, and its limits, counted under the user's lock so that concurrent requests
can't exceed them together.

An upload counts with its announced size while its parts arrive, and after a pause with the bytes received."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, Sum, When

from core.db import as_all_users, as_user
from core.exceptions import Conflict, StorageFull
from core.files import private_dir
from core.i18n.text import Text, text
from core.models import User
from workloads.files.installed import get_log_files
from workloads.models import Invoice, Upload, Workload

RESERVATION_TIME = timedelta(minutes=10)
"""Time after its last part for which an upload has space reserved for the rest."""
ADVISORY_LOCK_ID = 0x6E657472  # PostgreSQL's advisory lock for counting the reservations of all users

StorageLimit = Callable[[UUID], int | None]
"""Returns the bytes that a user's logs may use; None: no limit."""


def allow_any_size(user_id: UUID) -> None:
    """Set no limit, for an installation with one user."""


class StorageQuotaExceeded(Conflict):
    """`details` holds the bytes used, allowed and needed."""

    code = "over_quota"

    def __init__(self, storage: "StorageUsage", needed: int) -> None:
        super().__init__(_describe_quota(storage, needed))
        self.details: Mapping[str, Any] = MappingProxyType(
            {"used_bytes": storage.used, "limit_bytes": storage.limit, "needed_bytes": needed}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageUsage:
    """Bytes used, and the limit on them; None: no limit."""

    used: int
    limit: int | None

    def has_room(self, needed: int) -> bool:
        return self.limit is None or self.used + needed <= self.limit


def measure_storage(user_id: UUID, data_dir: Path, limit: int | None) -> StorageUsage:
    """Return the bytes that the user's logs and uploads use now. Without a lock, this is for display only."""
    imported = get_log_files(data_dir).measure_imports(user_id)
    with as_user(user_id):
        stored = _sum_announced(user_id) + _sum_uploaded(user_id) + _sum_invoices(user_id)
    return StorageUsage(used=imported + stored, limit=limit)


def require_room(user_id: UUID, needed: int, *, data_dir: Path, limit: int | None) -> None:
    """Raise StorageQuotaExceeded if the user's quota has no space for `needed` more bytes.

    Holds the user's storage lock until the end of the caller's transaction, so that what it stores is counted next.
    """
    lock_user_storage(user_id)
    storage = measure_storage(user_id, data_dir, limit)
    if not storage.has_room(needed):
        raise StorageQuotaExceeded(storage, needed)


def require_disk_room(size: int, data_dir: Path, free: Callable[[Path], int], reserve: int) -> None:
    """Raise StorageFull if the disk has no space for `size` bytes beyond all reservations and the reserve.

    Uploads are checked one at a time, until the end of the caller's transaction, so that no byte is reserved twice.
    """
    lock_all_storage()
    if free(private_dir(data_dir)) - _sum_reserved_bytes() - reserve < size:
        raise StorageFull(text("There is not enough space on the server's disk for this file."))


def check_disk_reserve(free: int, size: int, reserve: int) -> None:
    """Raise StorageFull if a part of `size` bytes would use the reserve.

    Checked for each part, because the disk may have filled up since the upload started, and not only by uploads.
    """
    if free - size < reserve:
        raise StorageFull(
            text(
                "There is not enough space on the server's disk right now. Try again later; your upload so far is "
                "saved."
            )
        )


def lock_user_storage(user_id: UUID) -> None:
    """Lock the counting of this user's bytes until the end of the caller's transaction.

    On SQLite the transaction already holds the only write lock. Take it before any lock on a log or an upload: all
    code locks in this order.
    """
    User.objects.select_for_update(no_key=True).filter(id=user_id).values_list("id").first()


def lock_all_storage() -> None:
    """Lock the counting of all users' reservations until the end of the caller's transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK_ID])


def filter_reserved(now: datetime | None = None) -> Q:
    """Return the condition for unfinished uploads whose reservation has not lapsed."""
    return Q(workload=None, touched_at__gt=(now or datetime.now(UTC)) - RESERVATION_TIME)


@as_all_users()
def _sum_reserved_bytes() -> int:
    """Return the bytes that are reserved for the rest of all users' uploads."""
    reserved = Upload.objects.filter(filter_reserved()).aggregate(left=Sum(F("size") - F("offset")))["left"]
    return reserved or 0


def _sum_announced(user_id: UUID) -> int:
    counted = Case(When(filter_reserved(), then=F("size")), default=F("offset"))
    uploads = Upload.objects.for_user(user_id).filter(workload=None)
    return uploads.aggregate(bytes=Sum(counted))["bytes"] or 0


def _sum_uploaded(user_id: UUID) -> int:
    logs = Workload.objects.for_user(user_id).filter(raw_kept=True)
    return logs.aggregate(bytes=Sum("size"))["bytes"] or 0


def _sum_invoices(user_id: UUID) -> int:
    return Invoice.objects.for_user(user_id).aggregate(bytes=Sum("size"))["bytes"] or 0


def _describe_quota(storage: StorageUsage, needed: int) -> Text:
    if needed <= 0:
        return text(
            "Your logs use {used} of the {limit} in your plan. Delete a log to free space, then try again.",
            used=format_megabytes(storage.used),
            limit=format_megabytes(storage.limit or 0),
        )
    return text(
        "This needs {needed}, but your logs already use {used} of the {limit} in your plan. Delete a log or an "
        "unfinished upload to free space, then try again.",
        needed=format_megabytes(needed),
        used=format_megabytes(storage.used),
        limit=format_megabytes(storage.limit or 0),
    )


def format_megabytes(count: int) -> Text:
    return text("{megabytes:,.1f} MB", megabytes=count / 1_000_000)
