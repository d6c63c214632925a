"""Uploads in parts: started with a size, continued at an offset, and turned into a queued log by the last byte.

The upload's id becomes the log's id, so finishing twice has no further effect."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from core.db import as_all_users, as_user
from core.exceptions import BadInput, Conflict, NotFound, TooLarge
from core.files import convert_disk_full, free_bytes
from core.i18n.text import plural_text, text
from core.stream.append import Publish, publish_to_nobody
from workloads import import_queue, storage
from workloads.child_process import DEFAULT_LIMITS
from workloads.files.base import PartTarget, StoredPart
from workloads.files.installed import get_log_files
from workloads.ingest.detection import choose_format
from workloads.ingest.given_mapping import check_fields
from workloads.models import Upload, Workload, clean_file_name
from workloads.storage import check_disk_reserve, require_disk_room
from workloads.upload_parts import FileChanged, OffsetMismatch

PART_BYTES = 8 * 1024**2
MAX_UNFINISHED = 5
RETENTION = timedelta(days=7)
PART_NOT_SAVED = text("This part was not saved because the server's disk is full.")
DISK_RESERVE = DEFAULT_LIMITS.reserve  # bytes that stay free for everything else, mainly the database


def start_upload(
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
    reserve: int = DISK_RESERVE,
    free: Callable[[Path], int] = free_bytes,
) -> Upload:
    """Start the upload of a file of `size` bytes, at most `limit`; `quota` limits the user's storage.

    Raises BadInput for an empty file or an unknown format or field, TooLarge, StorageQuotaExceeded, StorageFull if the
    disk has no space for the uploads of all users, Conflict if the user has too many unfinished uploads.
    """
    check_format_choice(form, mapping or {})
    _check_size(size, limit)
    with as_user(user_id), transaction.atomic():
        storage.lock_user_storage(user_id)
        if list_unfinished(user_id).count() >= MAX_UNFINISHED:
            raise Conflict(
                plural_text(
                    "{n} upload is already in progress. Finish or remove it first.",
                    "{n} uploads are already in progress. Finish or remove one of them first.",
                    n=MAX_UNFINISHED,
                )
            )
        storage.require_room(user_id, size, data_dir=data_dir, limit=quota)
        if get_log_files(data_dir).are_on_disk:
            require_disk_room(size, data_dir, free, reserve)
        upload: Upload = Upload.objects.create(
            owner_id=user_id,
            name=clean_file_name(name),
            size=size,
            fingerprint=fingerprint,
            form=form,
            mapping=dict(mapping or {}),
        )
    return upload


def _check_size(size: int, limit: int) -> None:
    if size < 1:
        raise BadInput(text("The file is empty."))
    if size > limit:
        raise TooLarge(
            plural_text(
                "The file has {n:,} byte; the limit is {limit:,}. Upload part of it, or convert it to Parquet.",
                "The file has {n:,} bytes; the limit is {limit:,}. Upload part of it, or convert it to Parquet.",
                n=size,
                limit=limit,
            )
        )


def append_part(
    user_id: UUID,
    upload_id: UUID,
    chunks: Iterable[bytes],
    *,
    offset: int,
    fingerprint: str,
    data_dir: Path,
    quota: int | None = None,
    reserve: int = DISK_RESERVE,
    free: Callable[[Path], int] = free_bytes,
    publish: Publish = publish_to_nobody,
) -> Upload:
    """Store a part that begins at `offset`. The part with the file's last byte creates and queues the `workload`.

    Raises NotFound, FileChanged if the client sends another file, OffsetMismatch if it sends another part than the
    next, BadInput for more bytes than announced, StorageQuotaExceeded and StorageFull if there is no space for the
    rest, which an active upload has reserved and a paused one must reserve again. StorageFull also if the disk has no
    space beyond `reserve`, StoreUnavailable if the object store is away. Nothing of a failed part is stored.
    """
    upload = get_upload(user_id, upload_id)
    if upload.fingerprint != fingerprint:
        raise FileChanged(text("This is not the file that the upload was started with. Start a new upload."))
    if upload.workload_id is not None:
        return _confirm_finished(upload, offset)
    files = get_log_files(data_dir)
    with convert_disk_full(PART_NOT_SAVED), files.open_part(upload) as target:
        upload = _require_due(user_id, upload_id, offset, target)
        if files.are_on_disk:
            check_disk_reserve(free(data_dir), min(PART_BYTES, upload.size - offset), reserve)
        _renew_reservation(upload, data_dir, quota, free, reserve)
        length, stored = target.write(upload, chunks)
        try:
            return _advance_offset(upload, offset + length, stored, publish)
        except (NotFound, OffsetMismatch):
            target.discard()
            raise


def get_upload(user_id: UUID, upload_id: UUID) -> Upload:
    """Return one upload. Raises NotFound if the user has no such upload."""
    with as_user(user_id):
        upload: Upload = Upload.objects.select_related("workload").get_for(user_id, upload_id)
    return upload


def list_unfinished(user_id: UUID) -> QuerySet[Upload]:
    """Return the user's unfinished uploads, newest first."""
    return Upload.objects.for_user(user_id).filter(workload=None).order_by("-created_at")


def discard_upload(user_id: UUID, upload_id: UUID, data_dir: Path) -> None:
    """Delete an upload and its bytes. If it is finished, its log stays."""
    upload = get_upload(user_id, upload_id)
    with as_user(user_id):
        # Only if it is still unfinished: with the last byte its bytes became the workload's.
        with transaction.atomic():
            deleted, _ = list_unfinished(user_id).filter(id=upload_id).delete()
            if deleted:
                get_log_files(data_dir).delete_upload(upload)
                return
        Upload.objects.for_user(user_id).filter(id=upload_id).delete()


def discard_expired(data_dir: Path, *, now: datetime | None = None) -> int:
    """Delete the uploads of all users that are older than RETENTION. Returns how many."""
    with as_all_users():
        old = list(Upload.objects.filter(created_at__lt=(now or datetime.now(UTC)) - RETENTION))
    for upload in old:
        discard_upload(upload.owner_id, upload.id, data_dir)
    return len(old)


def check_format_choice(form: str, mapping: Mapping[str, str]) -> None:
    """Raise BadInput for an unknown format or field. Whether the file has the columns is known only when it is read."""
    choose_format((), form or None)
    check_fields(mapping)


def _confirm_finished(upload: Upload, offset: int) -> Upload:
    """Return the finished upload to a client that missed the last response and sends the part again."""
    if offset != upload.size:
        raise OffsetMismatch(upload.size)
    return upload


def _require_due(user_id: UUID, upload_id: UUID, offset: int, target: PartTarget) -> Upload:
    """Return the upload, read again where it was opened, if `offset` is where its next part begins."""
    try:
        upload = get_upload(user_id, upload_id)
    except NotFound:
        target.discard()  # deleted meanwhile; opening its file created it again
        raise
    if upload.workload_id is None and (size := target.get_size(upload)) < upload.offset:
        # The disk lost bytes that the database counts: continue from the bytes that are there.
        with as_user(user_id):
            list_unfinished(user_id).filter(id=upload_id).update(offset=size)
        raise OffsetMismatch(size)
    if offset != upload.offset or upload.workload_id is not None:
        raise OffsetMismatch(upload.offset)
    return upload


def _advance_offset(upload: Upload, offset: int, stored: tuple[StoredPart, ...], publish: Publish) -> Upload:
    parts = [*(upload.parts or ()), *stored] or None
    with as_user(upload.owner_id), transaction.atomic():
        current = list_unfinished(upload.owner_id).filter(id=upload.id, offset=upload.offset)
        if not current.update(offset=offset, parts=parts, touched_at=datetime.now(UTC)):
            raise _explain_lost_part(upload)
        upload.offset, upload.parts = offset, parts
        if offset == upload.size:
            _queue_workload(upload, publish)
    return upload


def _explain_lost_part(upload: Upload) -> NotFound | OffsetMismatch:
    """Return the error of a part that came too late: after the upload was removed, or beside the same part to another
    server."""
    current = Upload.objects.for_user(upload.owner_id).filter(id=upload.id).first()
    return NotFound(text("This upload was removed.")) if current is None else OffsetMismatch(current.offset)


def _queue_workload(upload: Upload, publish: Publish) -> None:
    # The bytes stay where they are, whether or not this transaction succeeds: the job that reads them moves a folder's.
    workload = Workload(
        id=upload.id,
        owner_id=upload.owner_id,
        name=upload.name,
        size=upload.size,
        form=upload.form,
        mapping=upload.mapping,
        parts=upload.parts,
        raw_kept=True,
    )
    workload.save(force_insert=True)
    upload.workload = workload
    upload.save(update_fields=["workload"])
    import_queue.queue_import(workload, publish=publish)


def _renew_reservation(
    upload: Upload, data_dir: Path, quota: int | None, free: Callable[[Path], int], reserve: int
) -> None:
    """Extend the reservation for the rest of the file, or reserve it again."""
    user_id, rest = upload.owner_id, upload.size - upload.offset
    with as_user(user_id), transaction.atomic():
        storage.lock_user_storage(user_id)
        current = list_unfinished(user_id).filter(id=upload.id)
        is_lapsed = not current.filter(storage.filter_reserved()).exists()
        storage.require_room(user_id, rest if is_lapsed else 0, data_dir=data_dir, limit=quota)
        if is_lapsed and get_log_files(data_dir).are_on_disk:
            require_disk_room(rest, data_dir, free, reserve)
        current.update(touched_at=datetime.now(UTC))
