"""The queue of logs to import: claimed with a lease that must be renewed, requeued when a worker goes silent.

Works across users; what a user may see of it is in that user's rows and stream."""

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
from core.stream.batches import Batch, Commits
from workloads.models import Workload, WorkloadState

MAX_LOSSES = 3
MAX_REQUEUED = 100
MIN_RETRY_DELAY, MAX_RETRY_DELAY = (
    timedelta(seconds=5),
    timedelta(minutes=10),
)  # after a reading that found no room on the disk
"""What users were told, by user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """A log taken up by a reader: all that the attempt needs to know, as plain data."""

    user_id: UUID
    workload_id: UUID
    attempt: int
    worker: str
    name: str
    size: int
    form: str
    mapping: Mapping[str, str]

    def to_workload(self) -> Workload:
        """The claimed row as far as it is needed to find its files; not to be saved."""
        return Workload(id=self.workload_id, owner_id=self.user_id)


def claim_import(worker: str, *, lease: timedelta) -> tuple[ImportJob | None, Commits]:
    """Take up a queued log, or none: the oldest of the user who has waited longest for a turn.

    Of no user two at once, however many readers have nothing to do: the next in line has one for themselves.
    """
    now = datetime.now(UTC)
    turns = Workload.objects.filter(owner=OuterRef("owner")).values("owner").annotate(last=Max("started_at"))
    queue = Workload.objects.filter(~Exists(_filter_reading(OuterRef("owner"))), state=WorkloadState.QUEUED)
    queue = queue.annotate(turn=Subquery(turns.values("last")))
    candidate = queue.order_by(F("turn").asc(nulls_first=True), "created_at").values_list("id", flat=True).first()
    if candidate is None:
        return None, {}
    with transaction.atomic():
        taken = Workload.objects.filter(id=candidate, state=WorkloadState.QUEUED).update(
            state=WorkloadState.READING,
            attempt=F("attempt") + 1,
            worker=worker,
            lease_until=now + lease,
            started_at=now,
        )
        if not taken:
            return None, {}
        workload = Workload.objects.get(id=candidate)
        told = append_state_event(workload)
        # The owner's stream is locked by now: another reader has committed by now, or waits for us.
        if _filter_reading(workload.owner_id).count() > 1:
            transaction.set_rollback(True)
            return None, {}
        return _to_import_job(workload), told


def renew_lease(mine: ImportJob, *, lease: timedelta) -> bool:
    """Prolong the lease; False where the log is not this attempt's any more, or is gone."""
    return bool(_filter_current(mine).update(lease_until=datetime.now(UTC) + lease))


def release_import(mine: ImportJob) -> Commits:
    """Give a log back to the queue unread, as a reader that stops does."""
    with transaction.atomic():
        if not _filter_current(mine).update(state=WorkloadState.QUEUED, lease_until=None):
            return {}
        return append_state_event(Workload.objects.get(id=mine.workload_id))


def lock_workload(mine: ImportJob) -> Workload | None:
    """The log's row, locked, if it is still this attempt's. In the caller's transaction."""
    return _filter_current(mine).select_for_update().first()


def is_current(mine: ImportJob) -> bool:
    """Whether the log is still this attempt's at this moment: it may have been deleted, or given to another reader."""
    return _filter_current(mine).exists()


def reap_expired() -> Commits:
    """Logs whose reader went silent go back to the queue; after MAX_LOSSES they count as unreadable."""
    told: dict[UUID, Batch] = {}
    dead = Workload.objects.filter(state=WorkloadState.READING, lease_until__lt=datetime.now(UTC))
    for workload_id in dead.values_list("id", flat=True):
        told |= _requeue_lost(workload_id)
    return told


def requeue_after_full_disk() -> Commits:
    """Logs for which the disk had no room go back to the queue: the more often they were, the longer after."""
    told: dict[UUID, Batch] = {}
    now = datetime.now(UTC)
    for workload_id, attempt, started in _filter_disk_full().values_list("id", "attempt", "started_at")[:MAX_REQUEUED]:
        if started is not None and now - started < min(MIN_RETRY_DELAY * 2 ** min(attempt - 1, 10), MAX_RETRY_DELAY):
            continue
        with transaction.atomic():
            workload: Workload | None = _filter_disk_full().select_for_update().filter(id=workload_id).first()
            if workload is not None:
                workload.state, workload.error, workload.error_code = WorkloadState.QUEUED, "", ""
                workload.save()
                told |= append_state_event(workload)
    return told


def append_state_event(workload: Workload) -> Commits:
    """Tell the owner what state the log is in now, in the caller's transaction."""
    event = WorkloadChanged(workload_id=workload.id, name=workload.name, state=workload.state)
    return {workload.owner_id: append.append_events(workload.owner_id, event)}


def keep_earlier_import(workload: Workload) -> None:
    """Leave a log that could not be read again as it was read before; its error says so."""
    workload.state = WorkloadState.READY
    workload.error = text(
        "This log could not be read again, so the earlier reading is still used. {why}",
        why=verbatim_text(workload.error),
    )


def _requeue_lost(workload_id: UUID) -> Commits:
    with transaction.atomic():
        dead = Workload.objects.filter(state=WorkloadState.READING, lease_until__lt=datetime.now(UTC))
        workload: Workload | None = dead.select_for_update().filter(id=workload_id).first()
        if workload is None:
            return {}
        workload.losses += 1
        if workload.losses < MAX_LOSSES:
            workload.state = WorkloadState.QUEUED
        else:
            workload.error_code = "reader_lost"
            workload.error = text(
                "Reading this log was broken off again and again. Try once more, or bring a smaller part."
            )
            if workload.source is None:
                workload.state = WorkloadState.FAILED
            else:
                keep_earlier_import(workload)
        workload.lease_until = None
        workload.save()
        return append_state_event(workload)


def _filter_disk_full() -> OwnedQuerySet[Workload]:
    """Those with an earlier reading, which is still used, among them."""
    over = (WorkloadState.FAILED, WorkloadState.READY)
    return Workload.objects.filter(state__in=over, error_code=StorageFull.code, raw_kept=True)


def _filter_reading(owner: UUID | OuterRef) -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(owner=owner, state=WorkloadState.READING)


def _filter_current(mine: ImportJob) -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(
        id=mine.workload_id, attempt=mine.attempt, worker=mine.worker, state=WorkloadState.READING
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
    )
