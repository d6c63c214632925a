"""One attempt at importing a claimed log: read in a thread without any database row, then stored in one transaction."""

import logging
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from django.db import transaction

from core.db import as_user
from core.exceptions import BadInput, Defect, NetraError, RunCancelled, StorageFull, StoreUnavailable
from core.files import convert_disk_full, private_dir
from core.i18n.text import text
from core.json_data import to_jsonable
from core.stream.append import Publish, publish_to_nobody
from workloads import import_queue
from workloads.analysis.opening import EMPTY_SUMMARY, LogSummary
from workloads.child_process import DEFAULT_LIMITS, ProcessLimits, fit_size
from workloads.files.base import StoredImport
from workloads.files.installed import get_log_files
from workloads.files.staging import get_staging_answers, get_staging_path, remove_leftovers
from workloads.import_queue import ImportJob
from workloads.ingest.database import source_to_json
from workloads.ingest.preview import Preview
from workloads.ingest.progress import ReportProgress, ignore_progress
from workloads.ingest.sandbox import PrecomputeRequest, ingest_in_child
from workloads.ingest.schema import LogSource
from workloads.log_figures import to_prices_json
from workloads.models import Workload, WorkloadState
from workloads.pricing.price_file import load_price_file
from workloads.storage import StorageQuotaExceeded, lock_user_storage, measure_storage

log = logging.getLogger(__name__)

SPACE_ERRORS = (StorageQuotaExceeded, StorageFull, StoreUnavailable)
"""After them an earlier import of the log is still used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """The result of an attempt. Without a `source` the log could not be read, and `error` says why. `stored` is what
    is in the object store of it, and `figures_error` why not all figures could be computed."""

    source: LogSource | None = None
    summary: LogSummary = EMPTY_SUMMARY
    preview: Preview | None = None
    error: NetraError | None = None
    stored: StoredImport | None = None
    figures_error: str = ""


@dataclass(slots=True)
class _PartialResult:
    """The results that the child has reported so far; it may be killed before it finishes."""

    preview: Preview | None = None
    summary: LogSummary = EMPTY_SUMMARY
    figures_error: str = ""

    def set_preview(self, preview: Preview) -> None:
        self.preview = preview

    def set_summary(self, summary: LogSummary) -> None:
        self.summary = summary

    def set_figures_error(self, error: str) -> None:
        self.figures_error = error


def check_quota(job: ImportJob, data_dir: Path, quota: int | None) -> ImportResult | None:
    """Return an error result if the user has no storage left for the log; None if there is space."""
    remove_leftovers(job.to_workload(), data_dir, before=job.attempt)  # they must not count
    storage = measure_storage(job.user_id, data_dir, quota)
    return (
        None
        if storage.has_room(1 - _measure_earlier_import(job, data_dir))
        else ImportResult(error=StorageQuotaExceeded(storage, 0))
    )


def run_import(
    job: ImportJob,
    data_dir: Path,
    stop: Event,
    limits: ProcessLimits = DEFAULT_LIMITS,
    *,
    price_file: Path | None = None,
    on_progress: ReportProgress = ignore_progress,
) -> ImportResult:
    """Read the log into this attempt's own file (`get_staging_path`), and store that. Blocks; setting `stop` raises
    RunCancelled. `on_progress` is called in this thread."""
    if stop.is_set():
        raise RunCancelled("Reading was stopped before it started.")
    partial, files, workload = _PartialResult(), get_log_files(data_dir), job.to_workload()
    remove_leftovers(workload, data_dir, before=job.attempt)
    try:
        with files.open_upload(workload, job.attempt) as raw:
            source = _ingest_in_child(
                job, raw, data_dir, limits, stop, partial=partial, price_file=price_file, on_progress=on_progress
            )
        stored = files.save_import(workload, job.attempt)
    except (BadInput, StorageFull, StoreUnavailable) as error:
        return ImportResult(error=error, preview=partial.preview)
    except (RunCancelled, OSError):
        raise  # not the fault of the log, so it will be read again
    except Exception as error:  # noqa: BLE001 - logged when the log is known to be there
        # This log triggers a bug of ours, and retrying would fail again while other logs wait. Or it is being deleted.
        fault = Defect("reading failed")
        fault.__cause__ = error
        return ImportResult(error=fault, preview=partial.preview)
    if stop.is_set():
        raise RunCancelled("Reading was stopped.")
    return ImportResult(
        source=source,
        summary=partial.summary,
        preview=partial.preview,
        stored=stored,
        figures_error=partial.figures_error,
    )


def store_result(
    job: ImportJob,
    result: ImportResult,
    data_dir: Path,
    quota: int | None = None,
    *,
    publish: Publish = publish_to_nobody,
) -> bool:
    """Store the result and append the log's new state to its owner's stream, if the log is still this attempt's. Return
    whether the attempt's files became the log's.

    If the imported log exceeds the user's `quota`, it is discarded and the error is stored. If only space was missing,
    an earlier import of the log stays.
    """
    with as_user(job.user_id), transaction.atomic():
        lock_user_storage(job.user_id)
        workload = import_queue.lock_workload(job)
        if workload is None:
            return False
        _log_faults(job, result)
        result = _enforce_quota(quota, result, job, data_dir)
        workload.error_code = result.error.code if result.error else ""
        workload.error = _describe_error(result.error)
        stays = workload.source is not None and isinstance(result.error, SPACE_ERRORS)
        replaced = workload.imported
        if stays:
            import_queue.restore_earlier_import(workload)
        else:
            _apply_result(result, workload)
        workload.save()
        if isinstance(result.error, StorageFull | StoreUnavailable):
            import_queue.queue_retry(workload)
        elif workload.figures_due and workload.state == WorkloadState.READY:
            import_queue.queue_figures(workload)  # its prices were changed while it was read
        import_queue.append_state_event(workload, publish=publish)
        if not stays:
            get_log_files(data_dir).place_import(workload, job.attempt, replaced)
    return not stays and result.stored is not None


def _log_faults(job: ImportJob, result: ImportResult) -> None:
    """Log bugs of ours. Not before the log is known to be there: its files are deleted before the row is."""
    if isinstance(result.error, Defect):
        log.error("log %s could not be read", job.workload_id, exc_info=result.error.__cause__)
    if result.figures_error:
        log.error("not all answers about a log could be computed: %s", result.figures_error)


def _apply_result(result: ImportResult, workload: Workload) -> None:
    workload.preview = to_jsonable(result.preview)
    workload.source = source_to_json(result.source) if result.source else None
    workload.imported = result.stored if result.source else None
    workload.extent, workload.spend = to_jsonable(result.summary.extent), to_jsonable(result.summary.spend)
    workload.prices = to_prices_json(result.summary)
    workload.state = WorkloadState.READY if result.source else WorkloadState.FAILED


def _enforce_quota(quota: int | None, result: ImportResult, job: ImportJob, data_dir: Path) -> ImportResult:
    """Return the result if its files fit the quota; else an error."""
    storage = measure_storage(job.user_id, data_dir, quota)
    needed = get_log_files(data_dir).measure_unplaced(result.stored) - _measure_earlier_import(job, data_dir)
    if result.source is None or storage.has_room(needed):
        return result
    return ImportResult(error=StorageQuotaExceeded(storage, 0), preview=result.preview)


def _measure_earlier_import(job: ImportJob, data_dir: Path) -> int:
    """Return the bytes of the earlier import of the same log, which this one replaces."""
    return get_log_files(data_dir).measure_import(job.to_workload())


def _describe_error(error: NetraError | None) -> str:
    match error:
        case None:
            return ""
        case Defect():
            return text("This log could not be read because of an error on our side. It has been recorded.")
    return str(error)


def discard_attempt(job: ImportJob, result: ImportResult | None, data_dir: Path, *, is_placed: bool) -> None:
    """Remove this attempt's files, unless they became the log's."""
    stored = None if result is None or is_placed else result.stored
    get_log_files(data_dir).discard_import(job.to_workload(), job.attempt, stored)


def _ingest_in_child(
    job: ImportJob,
    raw: Path,
    data_dir: Path,
    limits: ProcessLimits,
    stop: Event,
    *,
    partial: "_PartialResult",
    price_file: Path | None,
    on_progress: ReportProgress,
) -> LogSource:
    out = get_staging_path(job.to_workload(), job.attempt, data_dir)
    with convert_disk_full(text("The log could not be read because the disk is full.")):
        return ingest_in_child(
            raw,
            private_dir(out.parent) / out.name,
            format=job.form or None,
            mapping=job.mapping,
            name=job.name,
            limits=fit_size(limits, job.size),
            stop=stop,
            on_preview=partial.set_preview,
            on_progress=on_progress,
            precompute=PrecomputeRequest(
                assumptions=job.assumptions,
                price_file=load_price_file(price_file),
                answers_dir=get_staging_answers(out),
                on_summary=partial.set_summary,
                on_failure=partial.set_figures_error,
            ),
        )
