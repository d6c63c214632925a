"""Which reader holds which log: claimed with a lease that must be renewed, given back when a reader goes silent.

Across users, as readers work: what a user may see of it is in that user's rows and stream.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Subquery

from netra.core import stream
from netra.core.events import WorkloadChanged
from netra.core.exceptions import StorageFull
from netra.core.models import OwnedQuerySet
from netra.core.stream import Batch
from netra.language.text import quoted, text
from workloads.models import Workload, WorkloadState

MAX_LOSSES = 3
MOST_REQUEUED = 100
FIRST_RETRY, LAST_RETRY = timedelta(seconds=5), timedelta(minutes=10)  # after a reading that found no room on the disk

Told = Mapping[UUID, Batch]
"""What users were told, by user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A log taken up by a reader: all that the attempt needs to know, as plain data."""

    user_id: UUID
    workload_id: UUID
    attempt: int
    worker: str
    name: str
    size: int
    form: str
    mapping: Mapping[str, str]

    def workload(self) -> Workload:
        """The claimed row as far as it is needed to find its files; not to be saved."""
        return Workload(id=self.workload_id, owner_id=self.user_id)


def claim(worker: str, *, lease: timedelta) -> tuple[Claim | None, Told]:
    """Take up a queued log, or none: the oldest of the user who has waited longest for a turn.

    Of no user two at once, however many readers have nothing to do: the next in line has one for themselves.
    """
    now = datetime.now(UTC)
    turns = Workload.objects.filter(owner=OuterRef("owner")).values("owner").annotate(last=Max("started_at"))
    queue = Workload.objects.filter(~Exists(_read_of(OuterRef("owner"))), state=WorkloadState.QUEUED)
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
        told = tell(workload)
        # The owner's stream is locked by now: another reader has committed by now, or waits for us.
        if _read_of(workload.owner_id).count() > 1:
            transaction.set_rollback(True)
            return None, {}
        return _claim(workload), told


def renew(mine: Claim, *, lease: timedelta) -> bool:
    """Prolong the lease; False where the log is not this attempt's any more, or is gone."""
    return bool(_held(mine).update(lease_until=datetime.now(UTC) + lease))


def release(mine: Claim) -> Told:
    """Give a log back to the queue unread, as a reader that stops does."""
    with transaction.atomic():
        if not _held(mine).update(state=WorkloadState.QUEUED, lease_until=None):
            return {}
        return tell(Workload.objects.get(id=mine.workload_id))


def held(mine: Claim) -> Workload | None:
    """The log's row, locked, if it is still this attempt's. In the caller's transaction."""
    return _held(mine).select_for_update().first()


def is_held(mine: Claim) -> bool:
    """Whether the log is still this attempt's at this moment: it may have been deleted, or given to another reader."""
    return _held(mine).exists()


def sweep() -> Told:
    """Logs whose reader went silent go back to the queue; after MAX_LOSSES they count as unreadable."""
    told: dict[UUID, Batch] = {}
    dead = Workload.objects.filter(state=WorkloadState.READING, lease_until__lt=datetime.now(UTC))
    for workload_id in dead.values_list("id", flat=True):
        told |= _give_back(workload_id)
    return told


def requeue_without_room() -> Told:
    """Logs for which the disk had no room go back to the queue: the more often they were, the longer after."""
    told: dict[UUID, Batch] = {}
    now = datetime.now(UTC)
    for workload_id, attempt, started in _without_room().values_list("id", "attempt", "started_at")[:MOST_REQUEUED]:
        if started is not None and now - started < min(FIRST_RETRY * 2 ** min(attempt - 1, 10), LAST_RETRY):
            continue
        with transaction.atomic():
            workload: Workload | None = _without_room().select_for_update().filter(id=workload_id).first()
            if workload is not None:
                workload.state, workload.error, workload.error_code = WorkloadState.QUEUED, "", ""
                workload.save()
                told |= tell(workload)
    return told


def tell(workload: Workload) -> Told:
    """Tell the owner what state the log is in now, in the caller's transaction."""
    event = WorkloadChanged(workload_id=workload.id, name=workload.name, state=workload.state)
    return {workload.owner_id: stream.append(workload.owner_id, event)}


def keep_earlier(workload: Workload) -> None:
    """Leave a log that could not be read again as it was read before; its error says so."""
    workload.state = WorkloadState.READY
    workload.error = text(
        "This log could not be read again, so the earlier reading is still used. {why}", why=quoted(workload.error)
    )


def _give_back(workload_id: UUID) -> Told:
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
                keep_earlier(workload)
        workload.lease_until = None
        workload.save()
        return tell(workload)


def _without_room() -> OwnedQuerySet[Workload]:
    """Those with an earlier reading, which is still used, among them."""
    over = (WorkloadState.FAILED, WorkloadState.READY)
    return Workload.objects.filter(state__in=over, error_code=StorageFull.code, raw_kept=True)


def _read_of(owner: UUID | OuterRef) -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(owner=owner, state=WorkloadState.READING)


def _held(mine: Claim) -> OwnedQuerySet[Workload]:
    return Workload.objects.filter(
        id=mine.workload_id, attempt=mine.attempt, worker=mine.worker, state=WorkloadState.READING
    )


def _claim(workload: Workload) -> Claim:
    return Claim(
        user_id=workload.owner_id,
        workload_id=workload.id,
        attempt=workload.attempt,
        worker=workload.worker,
        name=workload.name,
        size=workload.size,
        form=workload.form,
        mapping=workload.mapping,
    )
