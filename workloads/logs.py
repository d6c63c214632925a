"""A user's logs: list, rename, set prices, queue to be read again, add the sample, delete."""

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from core.db import as_user, retry_on_conflict
from core.events import WorkloadDeleted
from core.exceptions import Conflict, StorageFull
from core.files import draft_file, free_bytes, private_dir
from core.i18n.language import ENGLISH, Language
from core.i18n.text import text
from core.models import Event
from core.stream import append
from core.stream.append import Publish, lock_head, publish_to_nobody
from workloads import import_queue
from workloads.files.installed import get_log_files
from workloads.models import UNREADY_STATES, Workload, WorkloadState, clean_file_name
from workloads.pricing.assumptions import AssumptionsChange, apply_change, read_assumptions, to_assumptions_json
from workloads.pricing.price_file import load_price_file
from workloads.pricing.price_list import PriceList
from workloads.pricing.pricer import check_models
from workloads.sample.generator import write_sample
from workloads.storage import require_room
from workloads.uploads import check_format_choice


def list_logs(user_id: UUID) -> QuerySet[Workload]:
    """Return the user's logs, newest first."""
    return Workload.objects.for_user(user_id).order_by("-created_at", "id")


def get_log(user_id: UUID, workload_id: UUID) -> Workload:
    """Return one log. Raises NotFound if the user has no such log."""
    with as_user(user_id):
        workload: Workload = Workload.objects.get_for(user_id, workload_id)
    return workload


@retry_on_conflict
def rename_log(user_id: UUID, workload_id: UUID, name: str, *, publish: Publish = publish_to_nobody) -> Workload:
    with as_user(user_id), transaction.atomic():
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        workload.name = clean_file_name(name)
        workload.save(update_fields=["name"])
        import_queue.append_state_event(workload, publish=publish)
    return workload


@retry_on_conflict
def change_assumptions(
    user_id: UUID,
    workload_id: UUID,
    change: AssumptionsChange,
    *,
    price_file: Path | None = None,
    publish: Publish = publish_to_nobody,
) -> Workload:
    """Change what is kept with a log about its prices, names and answers. Every later question reads it.

    `price_file` is the operator's. Raises NotFound, or BadInput if the result is impossible or names a model that
    nobody knows.
    """
    price_list = PriceList(load_price_file(price_file))
    with as_user(user_id), transaction.atomic():
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        assumptions = apply_change(read_assumptions(workload.assumptions), change)
        if not change.keys() <= {"answers", "time_zone"}:  # which name no model
            check_models(assumptions, change.get("model_names") or (), price_list)
        workload.assumptions = to_assumptions_json(assumptions)
        # The spend under other prices is wrong; the table of prices stays until the worker has the new one.
        workload.spend, workload.figures_due = None, True
        workload.save(update_fields=["assumptions", "spend", "figures_due"])
        if workload.state == WorkloadState.READY:
            import_queue.queue_figures(workload)
        import_queue.append_state_event(workload, publish=publish)
    return workload


@retry_on_conflict
def reread_log(
    user_id: UUID,
    workload_id: UUID,
    *,
    form: str,
    mapping: Mapping[str, str],
    publish: Publish = publish_to_nobody,
) -> Workload:
    """Queue a log to be read with another format ("": detected from the columns) and mapping.

    The previous import is replaced when the new one is finished. It stays if the new one fails because storage is full;
    if it fails for another reason, only the uploaded file stays. Raises NotFound, BadInput for an unknown format or
    field, Conflict for a log that is being read, has no stored file or contains no table.
    """
    check_format_choice(form, mapping)
    with as_user(user_id), transaction.atomic():
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        if workload.state in UNREADY_STATES:
            raise Conflict(text("This log is still being read. Try again in a moment."))
        if not workload.raw_kept:
            raise Conflict(text("The uploaded file of this log is not stored. Upload it again."))
        if workload.has_no_table:
            raise Conflict(text("The file doesn't contain a table in any format. Upload another file."))
        workload.form, workload.mapping = form, dict(mapping)
        workload.state = WorkloadState.QUEUED
        workload.error_code = workload.error = ""
        workload.save()
        import_queue.queue_import(workload, publish=publish)
    return workload


def stop_rereading(user_id: UUID, workload_id: UUID, *, publish: Publish = publish_to_nobody) -> Workload:
    """Stop reading a log's file again, in one transaction: its earlier import is used on. A worker that is reading it
    loses it.

    Raises NotFound if the user has no such log, Conflict if it is not read again.
    """
    with as_user(user_id), transaction.atomic():
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        if workload.state not in UNREADY_STATES:
            raise Conflict(text("This log is not being read."))
        if workload.source is None:
            raise Conflict(text("This log was never read before, so there is no earlier version. Delete it instead."))
        import_queue.abort_jobs(workload_id)
        workload.state, workload.progress = WorkloadState.READY, None
        workload.save(update_fields=["state", "progress"])
        import_queue.append_state_event(workload, publish=publish)
    return workload


SAMPLE_NAME = text("Sample log (synthetic)")
SAMPLE_REQUESTS = 5_000  # few enough for a whole run in well under two seconds


def ensure_sample_file(data_dir: Path) -> Path:
    """Return the path of the installation's sample file, which is written first if it does not exist."""
    path = data_dir / "samples" / "usage.jsonl"
    if not path.exists():
        # Written as a whole; two processes that write it at the same time write the same bytes.
        private_dir(path.parent)
        with draft_file(path, replace=True, sync=False) as draft:
            write_sample(draft, requests=SAMPLE_REQUESTS)
    return path


def create_sample_log(
    user_id: UUID,
    data_dir: Path,
    language: Language = ENGLISH,
    *,
    quota: int | None = None,
    reserve: int = 0,
    publish: Publish = publish_to_nobody,
) -> Workload:
    """Create a copy of the sample for the user, named in their language, and queue it to be read.

    Raises StorageQuotaExceeded if it exceeds the user's quota, StorageFull if the disk has no space beyond `reserve`,
    StoreUnavailable.
    """
    if free_bytes(data_dir) < reserve:
        raise StorageFull(text("There is not enough space on the server's disk right now. Try again later."))
    sample = ensure_sample_file(data_dir)
    workload = Workload(
        owner_id=user_id, name=language.translate(SAMPLE_NAME), size=sample.stat().st_size, raw_kept=True
    )
    files = get_log_files(data_dir)
    try:
        files.save_upload(workload, sample)
        with as_user(user_id), transaction.atomic():
            require_room(user_id, workload.size, data_dir=data_dir, limit=quota)
            workload.save(force_insert=True)
            import_queue.queue_import(workload, publish=publish)
    except BaseException:
        files.discard_saved_upload(workload)
        raise
    return workload


def delete_log(user_id: UUID, workload_id: UUID, data_dir: Path, *, publish: Publish = publish_to_nobody) -> None:
    """Delete a log in one transaction, the caller's if there is one. A worker that is reading it loses it and stops.

    Raises NotFound if the user has no such log.
    """
    with as_user(user_id), transaction.atomic():
        workload: Workload = Workload.objects.select_for_update().get_for(user_id, workload_id)
        import_queue.abort_jobs(workload_id)
        lock_head(user_id)  # after the row and before what is deleted: all code that deletes locks in this order
        Event.objects.for_user(user_id).filter(type="workload_changed", payload__workload_id=str(workload_id)).delete()
        workload.delete()
        append.append_events(user_id, WorkloadDeleted(workload_id=workload_id), publish=publish)
        get_log_files(data_dir).delete_files(Workload(id=workload_id, owner_id=user_id))
