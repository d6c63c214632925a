"""How much of the disk a user's logs take, and how much they may: asked in the user's turn, so that of requests at one
moment exactly those get room for which there is some, whichever process takes them.

An upload takes all that it announced for as long as its parts keep coming; after a break, what has arrived. A log takes
the file that was uploaded, what was read of it, and the results that are kept.
"""

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

from netra.core.exceptions import Conflict
from netra.core.models import User
from netra.core.ondisk import entries
from netra.language.text import Text, text
from workloads.models import Upload, Workload

RESERVED = timedelta(minutes=10)
"""For so long after its last part an upload keeps the room for the parts to come."""
RAW = ".raw"
WORKING = ".."
"""How the names of folders begin that a reading works in (workloads.attempt, workloads.sandbox): they are bounded there
and gone with it, so they take nothing of a user's quota."""
SERVER_LOCK = 0x6E657472  # of PostgreSQL's advisory locks: who counts what everybody has announced

StorageLimit = Callable[[UUID], int | None]
"""Bytes that a user's logs may take; None: as many as the disk has."""


def unlimited(user_id: UUID) -> None:
    """For a machine of one's own."""


class OverQuota(Conflict):
    """`details` says what is used, allowed and needed, in bytes."""

    code = "over_quota"

    def __init__(self, storage: "Storage", needed: int) -> None:
        super().__init__(_sentence(storage, needed))
        self.details: Mapping[str, Any] = MappingProxyType(
            {"used_bytes": storage.used, "limit_bytes": storage.limit, "needed_bytes": needed}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """Bytes. `limit` is None where there is none."""

    used: int
    limit: int | None

    def has_room(self, needed: int) -> bool:
        return self.limit is None or self.used + needed <= self.limit


def storage_of(user_id: UUID, data_dir: Path, limit: int | None) -> Storage:
    """As it stands now; it decides nothing."""
    return Storage(used=_announced_by(user_id) + _uploaded_by(user_id) + _read_by(user_id, data_dir), limit=limit)


def require_room(user_id: UUID, needed: int, *, data_dir: Path, limit: int | None) -> None:
    """Raise OverQuota where the user's logs cannot take `needed` bytes more. The user's turn until the end of the
    caller's transaction, which counts whatever that stores."""
    wait_for_turn(user_id)
    storage = storage_of(user_id, data_dir, limit)
    if not storage.has_room(needed):
        raise OverQuota(storage, needed)


def wait_for_turn(user_id: UUID) -> None:
    """Until the end of the caller's transaction nobody else counts this user's bytes; on SQLite it has begun with the
    only writer's lock. Before any lock on a log or an upload: all take them in this order."""
    User.objects.select_for_update(no_key=True).filter(id=user_id).values_list("id").first()


def wait_for_everybody() -> None:
    """Until the end of the caller's transaction nobody else counts what all users have announced."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SERVER_LOCK])


def reserved(now: datetime | None = None) -> Q:
    """Of uploads under way, those that keep the room for what is still to come."""
    return Q(workload=None, touched_at__gt=(now or datetime.now(UTC)) - RESERVED)


def size_of(path: Path) -> int:
    """Bytes of a file or of all that a folder holds but uploaded files; 0 where there is none."""
    try:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            return 0 if path.suffix == RAW else found.st_size
        return sum(size_of(each) for each in path.iterdir())
    except FileNotFoundError:
        return 0  # a reading ended in this moment


def _announced_by(user_id: UUID) -> int:
    taken = Case(When(reserved(), then=F("size")), default=F("offset"))
    uploads = Upload.objects.for_user(user_id).filter(workload=None)
    return uploads.aggregate(bytes=Sum(taken))["bytes"] or 0


def _uploaded_by(user_id: UUID) -> int:
    logs = Workload.objects.for_user(user_id).filter(raw_kept=True)
    return logs.aggregate(bytes=Sum("size"))["bytes"] or 0


def _read_by(user_id: UUID, data_dir: Path) -> int:
    """Of what lies on the disk, all but what was uploaded, which the rows tell of already."""
    found = entries(data_dir / "workloads" / str(user_id))
    return sum(size_of(each) for each in found if not each.name.startswith(WORKING))


def _sentence(storage: Storage, needed: int) -> Text:
    if needed <= 0:
        return text(
            "Your logs use {used} of the {limit} that your plan includes. Delete a log to make room, then try again.",
            used=megabytes(storage.used),
            limit=megabytes(storage.limit or 0),
        )
    return text(
        "This needs {needed}, and your logs use {used} of the {limit} that your plan includes. Delete a log or an "
        "unfinished upload to make room, then try again.",
        needed=megabytes(needed),
        used=megabytes(storage.used),
        limit=megabytes(storage.limit or 0),
    )


def megabytes(count: int) -> Text:
    return text("{megabytes:,.1f} MB", megabytes=count / 1_000_000)
