"""The jobs that import logs, and what of a log they change: its attempt, its state, and the event about it.

It spans all users; what a user may see of it is in that user's rows and stream."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from core.db import as_all_users, as_user, retry_on_conflict
from core.events import WorkloadChanged
from core.exceptions import StorageFull, StoreUnavailable
from core.i18n.text import text, verbatim_text
from core.jobs.job import Job
from core.jobs.kinds import GiveUpReason
from core.jobs.queue import get_queue
from core.models import OwnedQuerySet
from core.stream import append
from core.stream.append import Publish, publish_to_nobody
from workloads.files.base import StoredImport, StoredPart
from workloads.ingest.progress import ReadingProgress, progress_to_json
from workloads.models import UNREADY_STATES, Workload, WorkloadState
from workloads.pricing.assumptions import NO_ASSUMPTIONS, Assumptions, read_assumptions

RETRIED_CODES = (StorageFull.code, StoreUnavailable.code)
"""Of imports that failed by no fault of the log: they are tried again until they succeed."""
IMPORT, IMPORT_AGAIN, FIGURES = "import", "import_again", "figures"
"""The kinds of jobs about a log, whose key is its id: read it, read it again when the disk has space, and compute its
figures again."""
# After an import for which the disk was full.
MIN_RETRY_DELAY, MAX_RETRY_DELAY = timedelta(seconds=5), timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """An attempt at importing a log, with all that it needs, as plain data."""

    user_id: UUID
    workload_id: UUID
    attempt: int
    name: str
    size: int
    form: str
    mapping: Mapping[str, str]
    assumptions: Assumptions = NO_ASSUMPTIONS
    parts: Sequence[StoredPart] | None = None
    imported: StoredImport | None = None

    def to_workload(self) -> Workload:
        """Return an unsaved Workload with what its files are found by."""
        return Workload(id=self.workload_id, owner_id=self.user_id, parts=self.parts, imported=self.imported)


def build_job(kind: str, workload: Workload) -> Job:
    """Return a job about a log. At most one of each kind and user runs at a time, so that nobody waits for one user's
    many logs."""
    return Job(kind=kind, key=str(workload.id), owner=workload.owner_id)


def build_retry(workload: Workload, delay: timedelta = timedelta()) -> Job:
    """Return a job that reads a log again after a delay. It waits for no other one."""
    job = build_job(IMPORT_AGAIN, workload)
    return replace(job, at_once=0, not_before=datetime.now(UTC) + delay)


def queue_figures(workload: Workload) -> None:
    """Let the figures of a log be computed again, in the transaction that changed its prices."""
    get_queue().enqueue(build_job(FIGURES, workload))


def queue_import(workload: Workload, *, publish: Publish) -> None:
    """Queue a log to be read, in the transaction that stores its state, and append that to its owner's stream."""
    get_queue().enqueue(build_job(IMPORT, workload))
    append_state_event(workload, publish=publish)


def abort_jobs(workload_id: UUID) -> None:
    """Remove the jobs about a log, in the transaction that deletes it. One that is running stops."""
    for kind in (IMPORT, IMPORT_AGAIN, FIGURES):
        get_queue().abort(kind, str(workload_id))


@retry_on_conflict
def begin_import(job: Job, *, publish: Publish = publish_to_nobody) -> ImportJob | None:
    """Begin an attempt at the job's log. Return None if the log is gone, or need not be read."""
    with as_all_users(), transaction.atomic():
        workload = _lock_unready(job)
        if workload is None:
            return None
        workload.state = WorkloadState.READING
        workload.attempt += 1
        workload.started_at = datetime.now(UTC)
        workload.progress = None
        workload.save(update_fields=["state", "attempt", "started_at", "progress"])
        append_state_event(workload, publish=publish)
        return _to_import_job(workload)


def is_current(job: ImportJob) -> bool:
    """Whether the log is still this attempt's: not deleted, and not given to another worker."""
    with as_user(job.user_id):
        return _filter_current(job).exists()


@retry_on_conflict
def store_progress(job: ImportJob, progress: ReadingProgress, *, publish: Publish = publish_to_nobody) -> None:
    """Store how far an attempt is, and append that to its owner's stream, if the log is still this attempt's."""
    with as_user(job.user_id), transaction.atomic():
        workload = lock_workload(job)
        if workload is not None:
            workload.progress = progress_to_json(progress)
            workload.save(update_fields=["progress"])
            append_state_event(workload, publish=publish)


def lock_workload(job: ImportJob) -> Workload | None:
    """Lock the log's row in the caller's transaction and return it, if it is still this attempt's."""
    return _filter_current(job).select_for_update().first()


def requeue_import(job: Job, *, publish: Publish = publish_to_nobody) -> bool:
    """Mark a log as queued again whose worker was lost or stops, in the caller's transaction. Return False if it need
    not be read."""
    workload = _lock_unready(job)
    if workload is None:
        return False
    if workload.state == WorkloadState.READING:
        workload.state = WorkloadState.QUEUED
        workload.save(update_fields=["state"])
        append_state_event(workload, publish=publish)
    return True


def give_up_import(job: Job, reason: GiveUpReason, *, publish: Publish = publish_to_nobody) -> None:
    """Mark a log as unreadable whose worker was lost too often, or needed too long, in the caller's transaction."""
    workload = _lock_unready(job)
    if workload is None:
        return
    workload.error_code = "reader_lost"
    workload.error = (
        text("Reading this log took too long and was stopped. Try again, or upload part of it.")
        if reason == "overtime"
        else text("Reading this log was interrupted repeatedly. Try again, or upload part of it.")
    )
    if workload.source is None:
        workload.state = WorkloadState.FAILED
    else:
        restore_earlier_import(workload)
    workload.save()
    append_state_event(workload, publish=publish)


def list_unread() -> Iterator[Job]:
    """Return a job for each log that is to be read, or is being read."""
    with as_all_users():
        rows = Workload.objects.filter(state__in=UNREADY_STATES).order_by("created_at").only("id", "owner_id")
        unread = list(rows)
    yield from (build_job(IMPORT, workload) for workload in unread)


def compute_retry_delay(attempt: int) -> timedelta:
    """Return how long to wait before a log is read again for which the disk was full; it doubles with each attempt."""
    factor: int = 2 ** min(max(attempt - 1, 0), 10)
    return min(MIN_RETRY_DELAY * factor, MAX_RETRY_DELAY)


def queue_retry(workload: Workload) -> None:
    """Let a log for which the disk was full be read again later, so that no user has to retry."""
    get_queue().enqueue(build_retry(workload, compute_retry_delay(workload.attempt)))


@retry_on_conflict
def retry_after_full_disk(job: Job, *, has_space: bool, publish: Publish = publish_to_nobody) -> bool:
    """Queue a log that failed because the disk was full to be read again, or look again later if it still is.

    Return whether it was queued.
    """
    with as_all_users(), transaction.atomic():
        rows = _filter_disk_full().filter(owner_id=job.owner, id=job.key)
        workload: Workload | None = rows.select_for_update().first()
        if workload is None:
            return False
        if not has_space:
            get_queue().enqueue(build_retry(workload, MIN_RETRY_DELAY))
            return False
        workload.state, workload.error, workload.error_code = WorkloadState.QUEUED, "", ""
        workload.save()
        queue_import(workload, publish=publish)
    return True


def list_disk_full() -> Iterator[Job]:
    """Return a job for each log that failed because the disk was full."""
    with as_all_users():
        failed = list(_filter_disk_full().only("id", "owner_id"))
    yield from map(build_retry, failed)


def append_state_event(workload: Workload, *, publish: Publish) -> None:
    """Append an event with the log's state to its owner's stream, in the caller's transaction."""
    event = WorkloadChanged(
        workload_id=workload.id, name=workload.name, state=workload.state, progress=workload.reading_progress
    )
    append.append_events(workload.owner_id, event, publish=publish)


def restore_earlier_import(workload: Workload) -> None:
    """Mark a log that could not be read again as ready, with its earlier import, and add that to its error."""
    workload.state = WorkloadState.READY
    workload.error = text(
        "This log could not be read again, so the previous version is still used. {why}",
        why=verbatim_text(workload.error),
    )


def _lock_unready(job: Job) -> Workload | None:
    rows = Workload.objects.filter(owner_id=job.owner, id=job.key, state__in=UNREADY_STATES)
    return rows.select_for_update().first()


def _filter_disk_full() -> OwnedQuerySet[Workload]:
    """Return the logs that failed because the disk was full, including those whose earlier import is still used."""
    finished = (WorkloadState.FAILED, WorkloadState.READY)
    return Workload.objects.filter(state__in=finished, error_code__in=RETRIED_CODES, raw_kept=True)


def _filter_current(job: ImportJob) -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(id=job.workload_id, attempt=job.attempt, state=WorkloadState.READING)


def _to_import_job(workload: Workload) -> ImportJob:
    return ImportJob(
        user_id=workload.owner_id,
        workload_id=workload.id,
        attempt=workload.attempt,
        name=workload.name,
        size=workload.size,
        form=workload.form,
        mapping=workload.mapping,
        assumptions=read_assumptions(workload.assumptions),
        parts=workload.parts,
        imported=workload.imported,
    )
