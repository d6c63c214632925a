"""Logs that come in parts: begun with their size, continued at an offset, and with the last byte a workload to read.

The upload's id becomes the workload's, so that finishing twice is finishing once.
"""

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Sum

from netra.core.exceptions import BadInput, Conflict, NotFound, StorageFull, TooLarge
from netra.core.ondisk import free_bytes
from netra.core.scope import as_user
from netra.language.text import counted, text
from workloads import claims, parts, storage
from workloads.detect import choose
from workloads.folders import private
from workloads.mapping import check_fields
from workloads.models import Upload, Workload
from workloads.names import shown

PART_BYTES = 8 * 1024**2
MOST_UNFINISHED = 5
KEPT = timedelta(days=7)
RESERVE = 256 * 1024**2  # bytes that stay free for everything else: the database first of all


class OffsetMismatch(Conflict):
    """`details["offset"]` is where to go on."""

    code = "offset_mismatch"

    def __init__(self, offset: int) -> None:
        super().__init__(
            counted(
                "{n:,} byte has come so far: go on from there.",
                "{n:,} bytes have come so far: go on from there.",
                n=offset,
            )
        )
        self.details = {"offset": offset}


class FileChanged(Conflict):
    code = "file_changed"


def begin(
    user_id: UUID,
    *,
    name: str,
    size: int,
    fingerprint: str = "",
    form: str = "",
    mapping: Mapping[str, str] | None = None,
    data_dir: Path,
    limit: int,
    quota: int | None = None,
    reserve: int = RESERVE,
    free: Callable[[Path], int] = free_bytes,
) -> Upload:
    """Announce a file of `size` bytes, at most `limit`; all that the user has stored and announced may have `quota`.

    Raises BadInput for an empty file or a format or field that there is not, TooLarge, OverQuota, StorageFull where the
    disk has no room for what all users have announced, Conflict where the user has too many uploads under way.
    """
    check_choice(form, mapping or {})
    if size < 1:
        raise BadInput(text("The file is empty."))
    if size > limit:
        raise TooLarge(
            counted(
                "The file has {n:,} byte; at most {limit:,} are taken. Bring a part of it, or Parquet.",
                "The file has {n:,} bytes; at most {limit:,} are taken. Bring a part of it, or Parquet.",
                n=size,
                limit=limit,
            )
        )
    with as_user(user_id), transaction.atomic():
        storage.wait_for_turn(user_id)
        if unfinished(user_id).count() >= MOST_UNFINISHED:
            raise Conflict(
                counted(
                    "{n} upload is under way already: finish or remove it first.",
                    "{n} uploads are under way already: finish or remove one of them first.",
                    n=MOST_UNFINISHED,
                )
            )
        storage.require_room(user_id, size, data_dir=data_dir, limit=quota)
        _require_disk(size, data_dir, free, reserve)
        upload: Upload = Upload.objects.create(
            owner_id=user_id,
            name=shown(name),
            size=size,
            fingerprint=fingerprint,
            form=form,
            mapping=dict(mapping or {}),
        )
    return upload


def append(
    user_id: UUID,
    upload_id: UUID,
    chunks: Iterable[bytes],
    *,
    offset: int,
    fingerprint: str,
    data_dir: Path,
    quota: int | None = None,
    reserve: int = RESERVE,
    free: Callable[[Path], int] = free_bytes,
) -> Upload:
    """Store a part that begins at `offset`. With the file's last byte the upload's `workload` is there, queued.

    Raises NotFound, FileChanged for another file than was begun, OffsetMismatch where something else is due, BadInput
    for more bytes than were announced, OverQuota and StorageFull where there is no room for what is still to come: an
    upload that went on has it kept, one after a break takes it anew; StorageFull too where the disk has no room beyond
    the reserve. Of a part that fails nothing is kept.
    """
    upload = found(user_id, upload_id)
    if upload.fingerprint != fingerprint:
        raise FileChanged(text("The file is not the one that this upload was begun with: begin anew."))
    if upload.workload_id is not None:
        return _finished(upload, offset)
    path = upload.path(data_dir)
    with _room():
        private(path.parent)
    with parts.held(path) as file, _room():
        upload = _due(user_id, upload_id, offset, file, data_dir)
        _check_reserve(free(data_dir), min(PART_BYTES, upload.size - offset), reserve)
        _renew(upload, data_dir, quota, free, reserve)
        length = parts.write(file, chunks, offset=offset, most=upload.size - offset)
        return _advance(upload, offset + length)


def found(user_id: UUID, upload_id: UUID) -> Upload:
    """Raises NotFound for an upload that is not the user's."""
    with as_user(user_id):
        upload: Upload | None = Upload.objects.for_user(user_id).select_related("workload").filter(id=upload_id).first()
    if upload is None:
        raise NotFound(text("There is no such upload among yours."))
    return upload


def unfinished(user_id: UUID) -> QuerySet[Upload]:
    """The user's uploads under way, newest first."""
    return Upload.objects.for_user(user_id).filter(workload=None).order_by("-created_at")


def discard(user_id: UUID, upload_id: UUID, data_dir: Path) -> None:
    """Forget an upload and what came of it so far; the workload that a finished one became stays."""
    upload = found(user_id, upload_id)
    with as_user(user_id):
        # Not where the last byte came meanwhile: then its bytes are the workload's.
        removed, _ = unfinished(user_id).filter(id=upload_id).delete()
        if not removed:
            Upload.objects.for_user(user_id).filter(id=upload_id).delete()
            return
    upload.path(data_dir).unlink(missing_ok=True)


def sweep(data_dir: Path, *, now: datetime | None = None) -> int:
    """Forget uploads of all users that are older than KEPT."""
    old = Upload.objects.filter(created_at__lt=(now or datetime.now(UTC)) - KEPT)
    for upload in old:
        discard(upload.owner_id, upload.id, data_dir)
    return len(old)


def check_choice(form: str, mapping: Mapping[str, str]) -> None:
    """Raise BadInput for a format or a field that there is not; what the file has is told by reading it."""
    choose((), form or None)
    check_fields(mapping)


def _finished(upload: Upload, offset: int) -> Upload:
    """The answer to a client that did not hear of the end: it may ask again from there."""
    if offset != upload.size:
        raise OffsetMismatch(upload.size)
    return upload


def _due(user_id: UUID, upload_id: UUID, offset: int, file: int, data_dir: Path) -> Upload:
    """The upload as it stands now that its file is held, if a part is due at `offset`."""
    try:
        upload = found(user_id, upload_id)
    except NotFound:
        _path(user_id, upload_id, data_dir).unlink(missing_ok=True)  # removed meanwhile; holding it made it anew
        raise
    if upload.workload_id is None and os.fstat(file).st_size < upload.offset:
        # The disk lost what the database remembers: go on from what is there.
        unfinished(user_id).filter(id=upload_id).update(offset=os.fstat(file).st_size)
        raise OffsetMismatch(os.fstat(file).st_size)
    if offset != upload.offset or upload.workload_id is not None:
        raise OffsetMismatch(upload.offset)
    return upload


def _advance(upload: Upload, offset: int) -> Upload:
    with as_user(upload.owner_id), transaction.atomic():
        mine = unfinished(upload.owner_id).filter(id=upload.id, offset=upload.offset)
        if not mine.update(offset=offset, touched_at=datetime.now(UTC)):
            raise NotFound(text("This upload was removed."))
        upload.offset = offset
        if offset == upload.size:
            _finish(upload)
    return upload


def _finish(upload: Upload) -> None:
    # The bytes stay where they are, whether or not this transaction succeeds: the reader takes them over.
    workload = Workload(
        id=upload.id,
        owner_id=upload.owner_id,
        name=upload.name,
        size=upload.size,
        form=upload.form,
        mapping=upload.mapping,
        raw_kept=True,
    )
    workload.save(force_insert=True)
    upload.workload = workload
    upload.save(update_fields=["workload"])
    claims.tell(workload)


def _path(user_id: UUID, upload_id: UUID, data_dir: Path) -> Path:
    return Upload(id=upload_id, owner_id=user_id).path(data_dir)


def _renew(upload: Upload, data_dir: Path, quota: int | None, free: Callable[[Path], int], reserve: int) -> None:
    """Keep the room for what is still to come, or take it anew."""
    user_id, left = upload.owner_id, upload.size - upload.offset
    with as_user(user_id), transaction.atomic():
        storage.wait_for_turn(user_id)
        mine = unfinished(user_id).filter(id=upload.id)
        lapsed = not mine.filter(storage.reserved()).exists()
        storage.require_room(user_id, left if lapsed else 0, data_dir=data_dir, limit=quota)
        if lapsed:
            _require_disk(left, data_dir, free, reserve)
        mine.update(touched_at=datetime.now(UTC))


def _require_disk(size: int, data_dir: Path, free: Callable[[Path], int], reserve: int) -> None:
    """In the caller's transaction, one at a time of all: what they leave for others is counted once."""
    storage.wait_for_everybody()
    if free(private(data_dir)) - _announced() - reserve < size:
        raise StorageFull(text("There is not enough room on the server's disk for this file."))


def _announced() -> int:
    """Bytes that the uploads of all users have still to bring, as far as room is kept for them."""
    left = Upload.objects.filter(storage.reserved()).aggregate(left=Sum(F("size") - F("offset")))["left"]
    return left or 0


def _check_reserve(free: int, size: int, reserve: int) -> None:
    """At each part: what was free when the upload began may be taken since, and not by uploads alone."""
    if free - size < reserve:
        raise StorageFull(
            text("There is not enough room on the server's disk now. Try again later: your upload is kept.")
        )


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull(text("There is no room left on the server's disk: this part was not kept.")) from error
        raise
