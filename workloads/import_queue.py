"""The queue of logs to import: claimed with a lease that must be renewed, requeued when a worker goes silent.

It spans all users; what a user may see of it is in that user's rows and stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Subquery

from core.events import WorkloadChanged
from core.exceptions import StorageFull
from core.i18n.text import text, verbatim_text
from core.models import OwnedQuerySet
from core.stream import append
from core.stream.append import Publish, publish_to_nobody
from workloads.models import Workload, WorkloadState
from workloads.pricing.assumptions import NO_ASSUMPTIONS, Assumptions, read_assumptions

MAX_LOSSES = 3
MAX_REQUEUED = 100
# After an import for which the disk was full.
MIN_RETRY_DELAY, MAX_RETRY_DELAY = timedelta(seconds=5), timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """A log claimed by a worker, with all that an attempt needs, as plain data."""

    user_id: UUID
    workload_id: UUID
    attempt: int
    worker: str
    name: str
    size: int
    form: str
    mapping: Mapping[str, str]
    assumptions: Assumptions = NO_ASSUMPTIONS

    def to_workload(self) -> Workload:
        """Return an unsaved Workload with the ids that its file paths are made of."""
        return Workload(id=self.workload_id, owner_id=self.user_id)


def claim_import(worker: str, *, lease: timedelta, publish: Publish = publish_to_nobody) -> ImportJob | None:
    """Claim the oldest queued log of the user whose last import started longest ago.

    At most one log of each user is read at a time, however many workers are idle, so that nobody waits for one user's
    many logs.
    """
    now = datetime.now(UTC)
    turns = Workload.objects.filter(owner=OuterRef("owner")).values("owner").annotate(last=Max("started_at"))
    queue = Workload.objects.filter(~Exists(_filter_reading(OuterRef("owner"))), state=WorkloadState.QUEUED)
    queue = queue.annotate(turn=Subquery(turns.values("last")))
    candidate = queue.order_by(F("turn").asc(nulls_first=True), "created_at").values_list("id", flat=True).first()
    if candidate is None:
        return None
    with transaction.atomic():
        is_claimed = Workload.objects.filter(id=candidate, state=WorkloadState.QUEUED).update(
            state=WorkloadState.READING,
            attempt=F("attempt") + 1,
            worker=worker,
            lease_until=now + lease,
            started_at=now,
        )
        if not is_claimed:
            return None
        workload = Workload.objects.get(id=candidate)
        append_state_event(workload, publish=publish)
        # The owner's stream is locked now: a competing worker has either committed or waits for this transaction.
        if _filter_reading(workload.owner_id).count() > 1:
            transaction.set_rollback(True)
            return None
        return _to_import_job(workload)


def renew_lease(job: ImportJob, *, lease: timedelta) -> bool:
    """Extend the lease. Returns False if the log was deleted or given to another worker."""
    return bool(_filter_current(job).update(lease_until=datetime.now(UTC) + lease))


def release_import(job: ImportJob, *, publish: Publish = publish_to_nobody) -> bool:
    """Requeue an unread log when its worker stops. Return False if the log is no longer this attempt's."""
    with transaction.atomic():
        if not _filter_current(job).update(state=WorkloadState.QUEUED, lease_until=None):
            return False
        append_state_event(Workload.objects.get(id=job.workload_id), publish=publish)
    return True


def lock_workload(job: ImportJob) -> Workload | None:
    """Lock the log's row in the caller's transaction and return it, if it is still this attempt's."""
    return _filter_current(job).select_for_update().first()


def reap_expired(*, publish: Publish = publish_to_nobody) -> int:
    """Requeue logs whose worker went silent; after MAX_LOSSES such attempts, mark the log as unreadable.

    Return the number of these logs.
    """
    return sum(_requeue_lost(workload_id, publish) for workload_id in _filter_expired().values_list("id", flat=True))


def requeue_after_full_disk(*, publish: Publish = publish_to_nobody) -> int:
    """Requeue logs that failed because the disk was full, with growing delays. Return how many."""
    requeued = 0
    now = datetime.now(UTC)
    for workload_id, attempt, started in _filter_disk_full().values_list("id", "attempt", "started_at")[:MAX_REQUEUED]:
        if started is not None and now - started < min(MIN_RETRY_DELAY * 2 ** min(attempt - 1, 10), MAX_RETRY_DELAY):
            continue
        with transaction.atomic():
            workload: Workload | None = _filter_disk_full().select_for_update().filter(id=workload_id).first()
            if workload is not None:
                workload.state, workload.error, workload.error_code = WorkloadState.QUEUED, "", ""
                workload.save()
                append_state_event(workload, publish=publish)
                requeued += 1
    return requeued


def append_state_event(workload: Workload, *, publish: Publish) -> None:
    """Append an event with the log's state to its owner's stream, in the caller's transaction."""
    event = WorkloadChanged(workload_id=workload.id, name=workload.name, state=workload.state)
    append.append_events(workload.owner_id, event, publish=publish)


def restore_earlier_import(workload: Workload) -> None:
    """Mark a log that could not be read again as ready, with its earlier import, and add that to its error."""
    workload.state = WorkloadState.READY
    workload.error = text(
        "This log could not be read again, so the previous version is still used. {why}",
        why=verbatim_text(workload.error),
    )


def _requeue_lost(workload_id: UUID, publish: Publish) -> bool:
    with transaction.atomic():
        workload: Workload | None = _filter_expired().select_for_update().filter(id=workload_id).first()
        if workload is None:
            return False
        workload.losses += 1
        if workload.losses < MAX_LOSSES:
            workload.state = WorkloadState.QUEUED
        else:
            workload.error_code = "reader_lost"
            workload.error = text("Reading this log was interrupted repeatedly. Try again, or upload part of it.")
            if workload.source is None:
                workload.state = WorkloadState.FAILED
            else:
                restore_earlier_import(workload)
        workload.lease_until = None
        workload.save()
        append_state_event(workload, publish=publish)
    return True


def _filter_expired() -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(state=WorkloadState.READING, lease_until__lt=datetime.now(UTC))


def _filter_disk_full() -> OwnedQuerySet[Workload]:
    """Return the logs that failed because the disk was full, including those whose earlier import is still used."""
    finished = (WorkloadState.FAILED, WorkloadState.READY)
    return Workload.objects.filter(state__in=finished, error_code=StorageFull.code, raw_kept=True)


def _filter_reading(owner: UUID | OuterRef) -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(owner=owner, state=WorkloadState.READING)


def _filter_current(job: ImportJob) -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(
        id=job.workload_id, attempt=job.attempt, worker=job.worker, state=WorkloadState.READING
    )


def _to_import_job(workload: Workload) -> ImportJob:
    return ImportJob(
        user_id=workload.owner_id,
        workload_id=workload.id,
        attempt=workload.attempt,
        worker=workload.worker,
        name=workload.name,
        size=workload.size,
        form=workload.form,
        mapping=workload.mapping,
        assumptions=read_assumptions(workload.assumptions),
    )
