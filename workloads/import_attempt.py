"""One attempt at importing a claimed log: read in a thread, apart from all rows, then stored in one transaction."""

import errno
import logging
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from django.db import transaction

from core.exceptions import BadInput, Defect, NetraError, RunCancelled, StorageFull
from core.files import private_dir
from core.i18n.text import text
from core.json_data import to_jsonable
from core.stream.batches import Commits
from workloads import import_queue
from workloads.analysis.opening import EMPTY_SUMMARY, LogSummary
from workloads.child_process import DEFAULT_LIMITS, ProcessLimits, fit_size
from workloads.import_queue import ImportJob
from workloads.ingest.database import source_to_json
from workloads.ingest.preview import Preview
from workloads.ingest.sandbox import PrecomputeRequest, ingest_in_child
from workloads.ingest.schema import LogSource
from workloads.models import Upload, Workload, WorkloadState
from workloads.pricing.prices import Assumptions
from workloads.storage import StorageQuotaExceeded, lock_user_storage, measure_size, measure_storage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What came of it. Without a `source` it could not be read, and `error` says why."""

    source: LogSource | None = None
    summary: LogSummary = EMPTY_SUMMARY
    preview: Preview | None = None
    error: NetraError | None = None


@dataclass(slots=True)
class _PartialResult:
    """What is found of a log before it is read to its end, if it ever is."""

    preview: Preview | None = None
    summary: LogSummary = EMPTY_SUMMARY

    def set_preview(self, preview: Preview) -> None:
        self.preview = preview

    def set_summary(self, facts: LogSummary) -> None:
        self.summary = facts


def check_quota(claim: ImportJob, data_dir: Path, quota: int | None) -> ImportResult | None:
    """What comes of it unread, where what its user has stored leaves no room for what would be read."""
    remove_leftovers(claim.to_workload(), data_dir)  # of attempts before this one: they are not to count
    storage = measure_storage(claim.user_id, data_dir, quota)
    return (
        None
        if storage.has_room(1 - _measure_earlier_import(claim, data_dir))
        else ImportResult(error=StorageQuotaExceeded(storage, 0))
    )


def run_import(claim: ImportJob, data_dir: Path, stop: Event, limits: ProcessLimits = DEFAULT_LIMITS) -> ImportResult:
    """Read the log into a file of this attempt's own (`get_staging_path`). Blocks; `stop` ends it early, with RunCancelled."""
    if stop.is_set():
        raise RunCancelled("Reading was stopped before it began.")
    seen = _PartialResult()
    remove_leftovers(claim.to_workload(), data_dir)  # of attempts before this one
    _move_upload(claim.to_workload(), data_dir)
    try:
        source = _ingest_in_child(claim, data_dir, limits, stop, seen)
    except (BadInput, StorageFull) as error:
        return ImportResult(error=error, preview=seen.preview)
    except (RunCancelled, OSError):
        raise  # nothing that the log did: it is read another time
    except Exception:
        # A fault of ours, but of this log all the same: it would fail again, and others wait.
        log.exception("log %s could not be read", claim.workload_id)
        return ImportResult(error=Defect("reading failed"), preview=seen.preview)
    if stop.is_set():
        raise RunCancelled("Reading was stopped.")
    return ImportResult(source=source, summary=seen.summary, preview=seen.preview)


def store_result(claim: ImportJob, outcome: ImportResult, data_dir: Path, quota: int | None = None) -> Commits:
    """Put the outcome in place and tell the owner, if the log is still this attempt's; nothing is kept otherwise.

    What was read beyond the user's `quota` is not kept: that is the outcome then. Where only room was missing, an
    earlier reading of the log stays.
    """
    with transaction.atomic():
        lock_user_storage(claim.user_id)
        workload = import_queue.lock_workload(claim)
        if workload is None:
            return {}
        outcome = _enforce_quota(quota, outcome, claim, data_dir)
        workload.error_code = outcome.error.code if outcome.error else ""
        workload.error = _describe_error(outcome.error)
        workload.lease_until = None
        stays = workload.source is not None and isinstance(outcome.error, StorageQuotaExceeded | StorageFull)
        if stays:
            import_queue.keep_earlier_import(workload)
        else:
            _apply_result(outcome, workload)
        workload.save()
        told = import_queue.append_state_event(workload)
        if not stays:
            _move_into_place(claim, workload, data_dir)
        return told


def _apply_result(outcome: ImportResult, workload: Workload) -> None:
    workload.preview = to_jsonable(outcome.preview)
    workload.source = source_to_json(outcome.source) if outcome.source else None
    workload.extent, workload.spend = to_jsonable(outcome.summary.extent), to_jsonable(outcome.summary.spend)
    workload.state = WorkloadState.READY if outcome.source else WorkloadState.FAILED


def _enforce_quota(quota: int | None, outcome: ImportResult, claim: ImportJob, data_dir: Path) -> ImportResult:
    """The outcome, if its file, which lies beside the others and is counted, fits."""
    storage = measure_storage(claim.user_id, data_dir, quota)
    if outcome.source is None or storage.has_room(-_measure_earlier_import(claim, data_dir)):
        return outcome
    return ImportResult(error=StorageQuotaExceeded(storage, 0), preview=outcome.preview)


def _measure_earlier_import(claim: ImportJob, data_dir: Path) -> int:
    """Bytes of an earlier reading of the same log, in whose place this one comes."""
    workload = claim.to_workload()
    return measure_size(workload.get_path(data_dir)) + measure_size(workload.get_answers_dir(data_dir))


def _describe_error(error: NetraError | None) -> str:
    match error:
        case None:
            return ""
        case Defect():
            return text("This log could not be read because of an error on our side. It has been recorded.")
    return str(error)


def get_staging_path(claim: ImportJob, data_dir: Path) -> Path:
    """The file that an attempt reads into, beside the one that it may become."""
    path = claim.to_workload().get_path(data_dir)
    return path.with_name(f".{path.name}.{claim.attempt}")


def discard_staging(claim: ImportJob, data_dir: Path) -> None:
    """Remove this attempt's own file and answers, if they were not put in place."""
    get_staging_path(claim, data_dir).unlink(missing_ok=True)
    shutil.rmtree(_get_staging_answers(get_staging_path(claim, data_dir)), ignore_errors=True)


def remove_leftovers(workload: Workload, data_dir: Path) -> None:
    """Remove what attempts at reading a log left behind: their files and their working folders."""
    path = workload.get_path(data_dir)
    for left in path.parent.glob(f".*{path.name}.*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)  # its reader, if it is still at it, may be removing it too
        else:
            left.unlink(missing_ok=True)


def _ingest_in_child(
    claim: ImportJob, data_dir: Path, limits: ProcessLimits, stop: Event, seen: "_PartialResult"
) -> LogSource:
    out = get_staging_path(claim, data_dir)
    try:
        return ingest_in_child(
            claim.to_workload().get_raw_path(data_dir),
            private_dir(out.parent) / out.name,
            format=claim.form or None,
            mapping=claim.mapping,
            name=claim.name,
            limits=fit_size(limits, claim.size),
            stop=stop,
            seen=seen.set_preview,
            figures=PrecomputeRequest(
                assumptions=Assumptions(), answers_dir=_get_staging_answers(out), on_summary=seen.set_summary
            ),
        )
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(text("There is no room left on the disk: the log could not be read.")) from error
        raise


def _get_staging_answers(out: Path) -> Path:
    """Where answers about the file that an attempt reads into are kept until both are put in place."""
    return out.with_name(f"{out.name}.answers")


def _move_upload(workload: Workload, data_dir: Path) -> None:
    """The bytes of a finished upload become what was brought. Again after a crash it changes nothing."""
    raw, upload = workload.get_raw_path(data_dir), Upload(id=workload.id, owner_id=workload.owner_id).get_path(data_dir)
    private_dir(raw.parent)
    if upload.exists() and not raw.exists():
        os.replace(upload, raw)


def _move_into_place(claim: ImportJob, workload: Workload, data_dir: Path) -> None:
    path, kept, out = workload.get_path(data_dir), workload.get_answers_dir(data_dir), get_staging_path(claim, data_dir)
    shutil.rmtree(kept, ignore_errors=True)
    if workload.state == WorkloadState.READY:
        os.replace(out, path)
        if not kept.exists():
            os.replace(_get_staging_answers(out), kept)
    else:
        path.unlink(missing_ok=True)
